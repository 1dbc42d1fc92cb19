"""What the clients of a bot do, seen from outside: orders that are sent, books that are watched, frames that come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from tradewire.model import Order, OrderStatus
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import OrderTracker
from tradewire.session.watched_book import BookSubscription
from tradewire.testing.web_sockets import Streams
from tradewire.transport.seam import WsConnection, WsListener

__all__ = ["ObservedStreams", "Observer", "SentOrder"]


@dataclass(slots=True)
class SentOrder:
    """An order that a client sent, or took back from its journal.

    Attributes:
        at_s: When, seconds since the run began.
        order: What follows it, always as new as the last report.
        unknown_then: Orders with the same market, side and size whose fate was unknown at that moment.
    """

    at_s: float
    order: LiveOrder
    unknown_then: tuple[SentOrder, ...] = ()

    def __str__(self) -> str:
        placed = self.order.placed
        price = "market price" if placed.price is None else placed.price
        return f"{placed.side} {placed.size} {placed.market} at {price}, sent at {self.at_s:.3f} s"


class Observer:
    """Sees what every client does, whoever made it, while it is ``installed``.

    Args:
        now_s: Seconds since the run began.
        note: Is told what happens, in words.

    Attributes:
        sent: Orders in the order they were sent.
        trackers: Who follows them, one for each account of each client.
        books: Every book that was watched.
    """

    def __init__(self, now_s: Callable[[], float], note: Callable[[str], None]) -> None:
        self._now_s = now_s
        self._note = note
        self.sent: list[SentOrder] = []
        self.trackers: dict[OrderTracker, None] = {}
        self.books: list[BookSubscription[Any, Any]] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """See what happens in this process from now on."""
        register, watch = OrderTracker.register, BookSubscription.__init__
        make = OrderTracker.__init__

        def made(tracker: OrderTracker, *args: Any, **options: Any) -> None:
            make(tracker, *args, **options)
            self.trackers[tracker] = None

        def registered(tracker: OrderTracker, placed: Order, **options: Any) -> LiveOrder:
            order = register(tracker, placed, **options)
            self._take(order)
            return order

        def watched(subscription: BookSubscription[Any, Any], *args: Any, **options: Any) -> None:
            watch(subscription, *args, **options)
            self.books.append(subscription)

        with (
            mock.patch.object(OrderTracker, "__init__", made),
            mock.patch.object(OrderTracker, "register", registered),
            mock.patch.object(BookSubscription, "__init__", watched),
        ):
            yield

    def _take(self, order: LiveOrder) -> None:
        placed = order.placed
        terms = (placed.market, placed.side, placed.size)
        doubtful = tuple(
            one
            for one in self.sent
            if _is_unknown(one.order)
            and (one.order.placed.market, one.order.placed.side, one.order.placed.size) == terms
        )
        self.sent.append(SentOrder(self._now_s(), order, doubtful))
        self._note(f"send {placed.side} {placed.size} {placed.market} at {placed.price}")


def _is_unknown(order: LiveOrder) -> bool:
    """Return whether nothing says what became of it: it is being asked for, or its client was closed meanwhile."""
    return order.status is OrderStatus.UNKNOWN or (
        order.status is OrderStatus.PENDING and not order.waiting_for
    )


class ObservedStreams:
    """Opens WebSockets and says when a frame comes, and when it was taken; see ``transport.seam.WsTransport``.

    Args:
        streams: Opens them.
        before: Called with each frame before the client takes it.
        after: Called once it did.
    """

    def __init__(self, streams: Streams, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._streams = streams
        self._before = before
        self._after = after

    async def connect(
        self,
        url: str,
        listener: WsListener,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_frame_bytes: int,
    ) -> WsConnection:
        """Open ``url`` and deliver its messages to ``listener``."""
        return await self._streams.connect(
            url,
            _ObservedListener(listener, self._before, self._after),
            headers=headers,
            timeout_s=timeout_s,
            max_frame_bytes=max_frame_bytes,
        )


class _ObservedListener:
    def __init__(self, listener: WsListener, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._listener = listener
        self._before = before
        self._after = after

    def on_frame(self, data: bytes, received_at_ns: int) -> None:
        self._before()
        self._listener.on_frame(data, received_at_ns)
        self._after()

    def on_closed(self, code: int, reason: str) -> None:
        self._listener.on_closed(code, reason)
