"""Trading over WebSocket: a request goes out, its answer comes back, and then what it made happen.

Knows the order of the venue's words; which order a submit became is decided in ``acks``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tradewire._native import ExchangeEvent
from tradewire.errors import ConfigError, OutcomeUnknown, RequestError
from tradewire.model import Order
from tradewire.venues.exchange import dialect, errors
from tradewire.venues.exchange.acks import AckMatcher, Attributes, FeedEvent, Found
from tradewire.venues.exchange.known_account import Item

__all__ = ["WsOrderEntry"]

LOOKUP = "Exchange.open_orders(), then Exchange.executions()"


@dataclass(slots=True, eq=False)
class _Change:
    """An amend or a cancel under way."""

    order_id: str
    remaining: int | None
    """What an amend leaves open; ``None`` for a cancel."""
    future: asyncio.Future[Order]
    is_acked: bool = False

    def is_done_by(self, order: Order) -> bool:
        """Tell whether the order's new state shows this change, and not only an earlier one told late."""
        if not self.is_acked or order.order_id != self.order_id:
            return False
        is_small = self.remaining is not None and order.size - order.filled_size <= self.remaining
        return order.status.is_final or is_small


class WsOrderEntry:
    """The requests under way on one connection.

    Args:
        send: Sends a frame; raises ``NotSent``.
        found: Told the venue's id of a request once it is certain.
        doubted: Told of a request whose order cannot be told, even if it could a moment ago.
        timeout_s: Longest wait for an answer, and then for what it made happen.
        monotonic_ns: The clock of ``acks``.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        found: Callable[[str, str], None],
        doubted: Callable[[str, OutcomeUnknown], None],
        timeout_s: float,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._send = send
        self._found = found
        self._doubted = doubted
        self._timeout_s = timeout_s
        self._monotonic_ns = monotonic_ns
        self._placing: dict[str, asyncio.Future[str]] = {}
        self._changing: dict[str, _Change] = {}
        self._count = 0
        self.acks = AckMatcher()

    def check_free(self, request_id: str) -> None:
        """Refuse an id that is in use.

        Raises:
            ConfigError: A request with this id is under way: their answers could not be told apart.
        """
        if request_id in self._placing or self.acks.is_waiting(request_id):
            raise ConfigError(f"client_order_id {request_id} is in flight; give every order its own")

    def submit(self, request_id: str, attributes: Attributes, members: dict[str, Any]) -> asyncio.Future[str]:
        """Send a submit; the future becomes the venue's order id, or the error.

        Raises:
            ConfigError: The id is in use.
            NotSent: The connection is not live.
        """
        self.check_free(request_id)
        self._send(dialect.order_frame("submit_order", request_id, members))
        self.acks.sent(request_id, attributes)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._placing[request_id] = future
        return future

    async def placed(self, request_id: str, future: asyncio.Future[str]) -> str:
        """Wait until a submit is an order and return its id.

        Raises:
            Rejected: The venue said no.
            OutcomeUnknown: Nobody answered in time, or which order it became cannot be told.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await future
        except TimeoutError:
            self._placing.pop(request_id, None)
            self._take(self.acks.timed_out(request_id, self._monotonic_ns()))
            raise _unknown("submit_order", f"no answer within {self._timeout_s:g} s") from None
        finally:
            self._placing.pop(request_id, None)

    async def amend(self, order_id: str, remaining: int) -> Order:
        """Shrink an order, and return it once the venue has told its new state. Raises as ``cancel``."""
        return await self._change("amend_order", order_id, remaining, {"remaining": remaining})

    async def cancel(self, order_id: str) -> Order:
        """Cancel an order, and return it once the venue has told its end.

        Raises:
            NotSent: The connection is not live.
            Rejected: The venue said no.
            OutcomeUnknown: Nobody answered in time.
        """
        return await self._change("cancel_order", order_id, None, {})

    def on_ack(self, news: ExchangeEvent) -> Iterable[Item]:
        """Take an ``ack``."""
        request_id = news.request_id or ""
        self._take(self.acks.acked(request_id, self._monotonic_ns()))
        if request_id in self._changing:
            self._changing[request_id].is_acked = True
        return ()

    def on_reject(self, news: ExchangeEvent) -> Iterable[Item]:
        """Take a ``reject``."""
        request_id = news.request_id or ""
        error = dialect.rejection(news)
        is_certain = not isinstance(error, OutcomeUnknown)
        self._take(self.acks.refused(request_id, self._monotonic_ns(), is_certain=is_certain))
        self._fail(request_id, error)
        return ()

    def on_order(self, order: Order) -> None:
        """Take an order's new state: whoever changed it has been waiting for this."""
        for change in self._changing.values():
            if change.is_done_by(order) and not change.future.done():
                change.future.set_result(order)

    def identify(self, order_id: str, attributes: Attributes) -> str:
        """Return the request of an order never seen before; empty if there is none."""
        news = self.acks.seen(order_id, attributes, self._monotonic_ns())
        self._take(news)
        return next((one.request_id for one in news if isinstance(one, Found)), "")

    def rest_placed(self, attributes: Attributes, order_id: str) -> None:
        """Learn which order a submit over REST became."""
        self._take(self.acks.rest_placed(attributes, order_id, self._monotonic_ns()))

    def rest_failed(self, attributes: Attributes, *, is_certain: bool) -> None:
        """Learn that a submit over REST made no order, or, if that is not certain, perhaps one."""
        self._take(self.acks.rest_failed(attributes, self._monotonic_ns(), is_certain=is_certain))

    def missed(self) -> None:
        """Give up finding the orders of what is acknowledged: the events that name them may be lost."""
        self._take(self.acks.missed(self._monotonic_ns()))

    def disconnected(self) -> None:
        """Give up everything under way: nothing of it will be answered."""
        self._take(self.acks.disconnected(self._monotonic_ns()))
        for request_id in [*self._placing, *self._changing]:
            self._fail(request_id, _unknown("trading", "the connection was lost"))

    async def _change(self, op: str, order_id: str, remaining: int | None, members: dict[str, Any]) -> Order:
        self._count += 1
        # With a blank, which no client id has.
        request_id = f"{op} {self._count}"
        self._send(dialect.order_frame(op, request_id, {"order_id": order_id, **members}))
        self.acks.sent(request_id, None)
        future: asyncio.Future[Order] = asyncio.get_running_loop().create_future()
        self._changing[request_id] = _Change(order_id, remaining, future)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await future
        except TimeoutError:
            raise _unknown(op, f"no answer within {self._timeout_s:g} s") from None
        finally:
            del self._changing[request_id]

    def _take(self, news: list[FeedEvent]) -> None:
        for one in news:
            if isinstance(one, Found):
                future = self._placing.get(one.request_id)
                if future is not None and not future.done():
                    future.set_result(one.order_id)
                self._found(one.request_id, one.order_id)
            else:
                error = _unknown("submit_order", one.why)
                if not self._fail(one.request_id, error):
                    self._doubted(one.request_id, error)

    def _fail(self, request_id: str, error: RequestError) -> bool:
        """Give an error to whoever waits for the request; ``False`` if nobody does any more."""
        change = self._changing.get(request_id)
        future: asyncio.Future[Any] | None = change.future if change else self._placing.get(request_id)
        if future is None or future.done():
            return False
        future.set_exception(error)
        return True


def _unknown(op: str, message: str) -> OutcomeUnknown:
    return OutcomeUnknown(message, lookup=LOOKUP, venue=errors.VENUE, endpoint=f"WS {op}")
