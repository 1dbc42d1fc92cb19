"""Watches one bot: hears its beats, and acts when they stop or its process ends.

Knows the bot's word and what to do about it; venues and journals are ``clearing``'s.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from enum import IntEnum
from pathlib import Path

from tradewire.errors import GuardFailed, TradewireError
from tradewire.guard.clearing import MakeClient, Say, Snapshot, clear
from tradewire.protocol import guard_lines as lines
from tradewire.transport.guard_link import GuardLink

__all__ = ["Exit", "Watch"]

PROBE_WITHIN_S = 20.0
"""How long a venue may take to answer the first question, which shows that the keys are good."""


class Exit(IntEnum):
    """How a guard ends: its exit status."""

    IN_ORDER = 0
    """The bot closed in good order, and nothing was to be cancelled."""
    ACTED = 1
    """The bot did not, or wanted it so: the venues have confirmed that nothing of it is open."""
    REFUSED = 2
    """It could not guard: an argument, the journal or a key is not good."""
    LEFT = 3
    """It was stopped, or could not read the journal: orders of the bot may be open."""


class Watch:
    """One bot's guard. Give it a link, then wait for ``ended``.

    Args:
        say: Writes a line for people.
        make_of: Returns what makes the client of a product from what the bot's was made with, or from the environment.
        journal: The bot's journal; ``None`` to believe the bot.
        mute_s: How long the bot may be mute; ``None`` for as long as it says itself.
        at_close: ``leave`` or ``cancel``; ``None`` for what the bot says.
        prefix: Beginning of its client order ids; ``None`` for what the bot says.
    """

    def __init__(
        self,
        say: Say,
        make_of: Callable[[lines.Join], MakeClient],
        *,
        journal: Path | None = None,
        mute_s: float | None = None,
        at_close: str | None = None,
        prefix: str | None = None,
    ) -> None:
        self._say = say
        self._make_of = make_of
        self._journal = journal
        self._mute_s = mute_s
        self._at_close = at_close
        self._prefix = prefix
        self._accounts: dict[str, MakeClient] = {}
        self.link = GuardLink(self._on_line, self._on_lost)
        self.ended: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self._heard_s = 0.0
        self._is_watching = False
        self._has_acted = False
        self._exit = Exit.IN_ORDER
        self._is_alive = True
        # What the bot asks for, and what it is found to be, is dealt with one by one.
        self._work: asyncio.Queue[Callable[[], object]] = asyncio.Queue()
        self._worker = asyncio.get_running_loop().create_task(self._do())
        self._timer: asyncio.TimerHandle | None = None
        self.is_acting = False

    @property
    def has_bot(self) -> bool:
        """A bot is there and guarded."""
        return self._is_alive and bool(self._accounts)

    async def close(self) -> None:
        """Stop, whatever is open."""
        if self._timer is not None:
            self._timer.cancel()
        self._worker.cancel()
        await asyncio.wait([self._worker])
        self.link.close()

    # The bot's word.

    def _on_line(self, line: bytes) -> None:
        self._heard_s = time.monotonic()
        if not line:
            self.link.send(lines.BEAT)
            return
        message = lines.from_bot(line)
        match message:
            case lines.Hello():
                self._greet(message)
            case lines.Join():
                self._later(lambda: self._join(message))
            case lines.Leave():
                # Now, and not when its turn comes: should the bot go at once, it has left all the same.
                make = self._accounts.pop(message.product, None)
                self._later(lambda: self._leave(message, make))
            case lines.Resume():
                self._later(self._resume)
            case lines.Dismiss():
                self._accounts.clear()
                self._is_watching = False
                self._end()

    def _on_lost(self, reason: str) -> None:
        """Take that the bot's process has ended, or closed its end after its clients had left."""
        self._is_alive = self._is_watching = False
        accounts = dict(self._accounts)
        if accounts:
            self._act(f"the bot is gone: {reason}", accounts)
        self._later(self._end)

    def _greet(self, hello: lines.Hello) -> None:
        if hello.version != lines.VERSION:
            self._refuse(
                f"the bot speaks version {hello.version}, this guard {lines.VERSION}; give both the same tradewire"
            )
            return
        theirs = Path(hello.journal)
        if self._journal is not None and self._journal != theirs:
            self._refuse(f"this guard is for {self._journal}, the bot's journal is {theirs}")
            return
        self._journal = theirs
        self._mute_s = hello.mute_s if self._mute_s is None else self._mute_s
        self._at_close = hello.at_close if self._at_close is None else self._at_close
        self._prefix = hello.prefix if self._prefix is None else self._prefix
        self._say(
            f"guard {os.getpid()} of bot {hello.pid}, journal {theirs}: may be mute for {self._mute_s:g} s, orders of "
            f"a client that closes in good order: {self._at_close}"
            + (f", prefix {self._prefix!r}" * bool(self._prefix))
        )
        self._ready()

    async def _join(self, message: lines.Join) -> None:
        try:
            make = self._make_of(message)
            await self._probe(make)
        except TradewireError as error:
            self._refuse(f"{message.product}: {error}")
            return
        self._accounts[message.product] = make
        self._say(f"guards {message.product}")
        self._ready()
        if not self._is_watching and not self._has_acted:
            self._watch()

    async def _probe(self, make: MakeClient) -> None:
        """Ask for the open orders, which loads everything, and shows that the keys are good before it is too late."""
        client = make()
        try:
            async with asyncio.timeout(PROBE_WITHIN_S):
                await client.open_orders()
        except TimeoutError:
            raise GuardFailed(f"the venue has not answered within {PROBE_WITHIN_S:g} s") from None
        finally:
            await client.close()

    async def _leave(self, message: lines.Leave, make: MakeClient | None) -> None:
        if make is not None and message.failed:
            self._exit = self._exit or Exit.ACTED
            await self._clear(f"the bot's client was left with {message.failed}", {message.product: make})
        elif make is not None and self._at_close == "cancel":
            await self._clear("the bot's client has closed and is to leave nothing", {message.product: make})
        self._is_watching = self._is_watching and bool(self._accounts)
        self._say(f"guards {message.product} no longer")
        self.link.send(lines.line_of(lines.Done(message.product)))

    async def _resume(self) -> None:
        await self._clear("the bot is to trade again", dict(self._accounts))
        self._has_acted = False
        self._ready()
        self._watch()

    def _ready(self) -> None:
        self.link.send(lines.line_of(lines.Ready(os.getpid(), self._mute_s or 0.0)))

    def _refuse(self, reason: str) -> None:
        self._say(f"refuses: {reason}")
        self.link.send(lines.line_of(lines.Refused(reason)))

    # The bot's silence.

    def _watch(self) -> None:
        self._is_watching = True
        self._heard_s = time.monotonic()
        self._look()

    def _look(self) -> None:
        """Look whether the bot has been mute for too long; what it has sent was read before this is called."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._is_watching:
            return
        assert self._mute_s is not None
        left_s = self._heard_s + self._mute_s - time.monotonic()
        if left_s <= 0:
            self._is_watching = False
            self._act(f"the bot has been mute for {self._mute_s:g} s", dict(self._accounts))
            return
        self._timer = asyncio.get_running_loop().call_later(left_s, self._look)

    # What is to be done.

    def _act(self, why: str, accounts: Mapping[str, MakeClient]) -> None:
        self._has_acted, self._exit = True, self._exit or Exit.ACTED
        self.link.send(lines.line_of(lines.Acted(why)))
        # Now, and not when its turn comes: another run of the bot may begin to write.
        snapshot = self._snapshot()
        self._later(lambda: self._clear(why, accounts, snapshot))

    def _snapshot(self) -> Snapshot | TradewireError:
        assert self._journal is not None
        try:
            return Snapshot(self._journal, is_dead=not self._is_alive)
        except TradewireError as error:
            return error

    async def _clear(
        self, why: str, accounts: Mapping[str, MakeClient], snapshot: Snapshot | TradewireError | None = None
    ) -> None:
        self._say(f"{why}: cancels what it has open on {', '.join(accounts)}")
        self.is_acting = True
        began_s = time.monotonic()
        try:
            snapshot = snapshot or self._snapshot()
            if isinstance(snapshot, TradewireError):
                raise snapshot
            found = await clear(snapshot, accounts, self._prefix or "", self._say)
        except TradewireError as error:
            self._say(f"CANNOT CANCEL: {error}; look at the venue for orders that are open")
            self._exit = Exit.LEFT
            return
        finally:
            self.is_acting = False
        text = "\n".join(map(str, found.values()))
        orders = sum(len(one.orders) for one in found.values())
        self._say(f"{text}\nnothing of the bot is open any more, after {time.monotonic() - began_s:.1f} s")
        self.link.send(lines.line_of(lines.Cleared(orders, text)))

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(self._exit)

    def _later(self, work: Callable[[], object]) -> None:
        self._work.put_nowait(work)

    async def _do(self) -> None:
        while True:
            work = await self._work.get()
            try:
                done = work()
                if asyncio.iscoroutine(done):
                    await done
            except Exception as error:
                # A bug must not end the guard.
                self._say(f"failed: {type(error).__name__}: {error}")
