"""A guard's two sides in one process: the bot's ``Guard``, and the ``Watch`` of the other one, over a socket pair."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tradewire
from support.witness import PATIENCE_S
from tradewire.guard.watch import Watch
from tradewire.protocol import events
from tradewire.protocol.guard_lines import Join
from tradewire.registry import find_product, product_names
from tradewire.session.guarded import Guarded
from tradewire.transport.guard_link import connected

__all__ = ["PRODUCTS", "Account", "Pair", "Reports", "damage", "until"]

PRODUCTS = product_names()[:2]


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - whatever it is
            await asyncio.sleep(0.005)


def damage(path: Path) -> None:
    """Make a journal unreadable before its end."""
    path.write_bytes(b"00000000 {}\n" + path.read_bytes())


class Account:
    """An account of a venue as the guard's clients see it.

    Attributes:
        failures: Raised by what is asked next, one by one.
        cleared: How often everything was cancelled.
        listed: How many own orders each next listing shows as open; then none.
        entered: Set to let a cancelling go on that is to wait.
    """

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.cleared = 0
        self.listed: list[int] = []
        self.entered = asyncio.Event()
        self.entered.set()
        self.journals: list[Path] = []
        self.prefixes: set[str] = set()

    def client(self, **options: Any) -> Any:
        """Make a client."""

        async def reconcile(*, cancel: bool) -> Any:
            self._fail()
            assert cancel
            self.journals.append(options["journal"].path)
            await self.entered.wait()
            self.cleared += 1
            return SimpleNamespace(orders=(1, 2))

        async def cancel_own(*, prefix: str) -> int:
            self._fail()
            self.prefixes.add(prefix)
            return self.listed.pop(0) if self.listed else 0

        async def open_orders() -> tuple[()]:
            self._fail()
            return ()

        async def close() -> None:
            pass

        return SimpleNamespace(
            reconcile=reconcile, cancel_own=cancel_own, open_orders=open_orders, close=close
        )

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


class Reports:
    """Where a client says what happens to it."""

    def __init__(self) -> None:
        self.events: list[events.Event] = []
        self.errors: list[Exception] = []

    def publish_event(self, event: events.Event, /) -> None:
        self.events.append(event)

    def report(self, error: Exception, /) -> None:
        self.errors.append(error)

    def has(self, kind: type[events.Event]) -> bool:
        return any(isinstance(event, kind) for event in self.events)


class Pair:
    """A bot and its guard.

    Args:
        journal: The bot's.
        guard: Its side; ``attach`` finds the other one.
        monkeypatch: Makes it do so.
    """

    def __init__(
        self, journal: tradewire.Journal, guard: tradewire.Guard, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.journal = journal
        self.guard = guard
        self.said: list[str] = []
        self.accounts = {name: Account() for name in PRODUCTS}
        self.reports = {name: Reports() for name in PRODUCTS}
        self.clients = [self.client(name) for name in PRODUCTS]
        self.watches: list[Watch] = []
        self.connections: list[asyncio.Task[object]] = []
        monkeypatch.setattr("tradewire.transport.guard_link.attach", self._attach)
        monkeypatch.setattr("tradewire.guard.clearing.READ_LAG_S", 0.0)

    @property
    def watch(self) -> Watch:
        """The newest guard's side."""
        return self.watches[-1]

    def client(self, product: str) -> Guarded:
        """Return a client of the bot."""
        client_class: Any = find_product(product).client_class
        return self.guard.of(client_class, {"journal": self.journal}, lambda: self.reports[product])

    def make_of(self, join: Join) -> Callable[..., Any]:
        """Return what makes the guard's client."""
        return self.accounts[join.product].client

    async def close(self) -> None:
        """End both."""
        for client in self.clients:
            await client.leave("")
        for watch in self.watches:
            await watch.close()

    def _attach(self, journal: Path) -> socket.socket:
        assert journal == self.journal.path.absolute()
        ours, theirs = socket.socketpair()
        watch = Watch(self.said.append, self.make_of)
        self.watches.append(watch)
        self.connections.append(asyncio.ensure_future(connected(theirs, watch.link)))
        return ours
