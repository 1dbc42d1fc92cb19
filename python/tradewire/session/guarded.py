"""A client as its guard sees it: what it trades, what it was made with, and where it reports to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tradewire.protocol import events
from tradewire.session.made_with import in_words

if TYPE_CHECKING:
    from tradewire.session.guard import Guard

__all__ = ["Guarded", "Reports"]


class Reports(Protocol):
    """Where a client says what happens to it."""

    def publish_event(self, event: events.Event, /) -> None:
        """Publish an event."""

    def report(self, error: Exception, /) -> None:
        """Report an error that no one waits for."""


class Guarded:
    """A client as its guard sees it.

    Args:
        guard: Its guard.
        product: What it trades.
        journal: Where it writes its orders, an absolute path.
        arguments: What it was made with.
        session: Returns where it reports to.
    """

    def __init__(
        self,
        guard: Guard,
        product: str,
        journal: Path,
        arguments: Mapping[str, object],
        session: Callable[[], Reports],
    ) -> None:
        self.guard = guard
        self.product = product
        self.journal = journal
        self._arguments = arguments
        self._session = session

    def made_with(self) -> dict[str, object]:
        """Return what it was made with, in words; holds keys."""
        return in_words(self._arguments)

    async def join(self) -> None:
        """Have it guarded from now on; raises as ``Guard.join``."""
        await self.guard.join(self)

    async def leave(self, failed: str) -> None:
        """Have it guarded no longer."""
        await self.guard.leave(self, failed)

    def tell(self, event: events.Event) -> None:
        """Publish what happened to the guard."""
        self._session().publish_event(event)

    def report(self, error: Exception) -> None:
        """Report an error that no one waits for."""
        self._session().report(error)
