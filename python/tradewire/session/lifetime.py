"""Clients close with ``async with``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

from tradewire.session.account import AccountConnection
from tradewire.session.live_order import LiveOrder
from tradewire.session.raw import RawRequests
from tradewire.transport.seam import HttpTransport

__all__ = ["AccountClient", "AccountStreams", "AsyncCloseable"]


class AsyncCloseable(ABC):
    """An object whose ``close`` is awaited at the end of an ``async with`` block, however it ends."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection and leave no task behind. Safe to call twice."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class AccountStreams:
    """The streams of a client, of which one carries its account."""

    account: AccountConnection[Any]

    async def close(self, cancel_within_s: float = 0.0) -> None:
        """Cancel live orders of ours within that time, close every connection and leave no task behind."""
        await self.account.close(cancel_within_s)


class AccountClient(RawRequests, AsyncCloseable):
    """A client of one account."""

    _http: HttpTransport
    # The mixins of a client name its own kind of ``AccountStreams``.
    _streams: Any
    _cancel_within_s: float

    @property
    def live_orders(self) -> tuple[LiveOrder, ...]:
        """Orders of ours that are not final, as far as this client has heard of them."""
        streams: AccountStreams = self._streams
        return streams.account.tracker.live

    async def close(self) -> None:
        """Cancel what is to be cancelled, close every connection and leave no task behind. Safe to call twice."""
        await self._streams.close(self._cancel_within_s)
        await self._http.close()
