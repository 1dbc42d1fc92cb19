"""Several items in one request: one outcome for each, in the order in which they were given.

An item that makes no sense is not sent, and does not keep the others back. A failure of the whole request is the
outcome of every item in it, so that whoever asks has one place to look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Generic, TypeVar

from tradewire.errors import ConfigError, NotSent, OutcomeUnknown, RemoteProtocolError, RequestError
from tradewire.model import Order
from tradewire.protocol.dialect import FrameEvent
from tradewire.protocol.new_order import NewOrder
from tradewire.session.account import AccountConnection
from tradewire.session.line import Line
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import failed

__all__ = ["Shared", "check_count", "each_outcome", "fitting", "listed", "placed_together", "send_together"]

ItemT = TypeVar("ItemT")
AskedT = TypeVar("AskedT")
ResultT = TypeVar("ResultT")
OrderT = TypeVar("OrderT", bound=NewOrder)
EventT = TypeVar("EventT", bound=FrameEvent)


def listed(items: Iterable[ItemT]) -> list[ItemT]:
    """Return the items of a batch.

    Raises:
        ConfigError: It is no list of them.
    """
    if not isinstance(items, Iterable):
        raise ConfigError(f"a batch must be a list of its items, got a {type(items).__name__}")
    return list(items)


def check_count(items: Sequence[object], most: int) -> None:
    """Refuse a batch of no items, or of more than ``most``.

    Raises:
        ConfigError: It is one.
    """
    if not 1 <= len(items) <= most:
        raise ConfigError(f"a batch has 1 to {most} items, got {len(items)}; send several")


async def each_outcome(
    items: Iterable[ItemT],
    build: Callable[[ItemT], AskedT],
    send: Callable[[Sequence[AskedT]], Awaitable[Sequence[ResultT | RequestError]]],
    *,
    most: int,
) -> tuple[ResultT | RequestError, ...]:
    """Return what became of each item.

    Args:
        items: They.
        build: Returns what is sent of one; raises ``ConfigError`` for one that makes no sense.
        send: Sends what was built and returns the outcome of each, in this order.
        most: How many one request may have.

    Raises:
        ConfigError: There is none, or there are more than ``most``.
    """
    given = listed(items)
    check_count(given, most)
    outcomes: list[ResultT | RequestError | None] = []
    asked: list[AskedT] = []
    for item in given:
        try:
            asked.append(build(item))
            outcomes.append(None)
        except ConfigError as error:
            outcomes.append(_not_sent(error))
    results: list[ResultT | RequestError] = []
    if asked:
        try:
            results = list(await send(asked))
        except RequestError as error:
            results = [error] * len(asked)
    sent = iter(results)
    return tuple(next(sent) if outcome is None else outcome for outcome in outcomes)


def fitting(
    asked: Sequence[AskedT],
    results: Sequence[ResultT],
    mismatch: Callable[[AskedT, ResultT], str],
    *,
    venue: str,
    endpoint: str,
) -> list[ResultT | OutcomeUnknown]:
    """Return the results, with ``OutcomeUnknown`` in place of one that contradicts its item.

    Raises:
        RemoteProtocolError: There are not as many as items.
    """
    if len(asked) != len(results):
        raise RemoteProtocolError(f"a batch of {len(asked)} must have as many results, got {len(results)}")
    found: list[ResultT | OutcomeUnknown] = []
    for item, result in zip(asked, results, strict=True):
        if difference := mismatch(item, result):
            message = f"the result belongs to another item: {difference}"
            found.append(OutcomeUnknown(message, venue=venue, endpoint=endpoint))
        else:
            found.append(result)
    return found


class Shared(Generic[ResultT]):
    """One request that several wait for, each for a result of its own. It ends when nobody waits any more.

    Args:
        reply: Waits for the results.
    """

    def __init__(self, reply: Coroutine[object, object, Sequence[ResultT | RequestError]]) -> None:
        loop = asyncio.get_running_loop()
        self.task: asyncio.Task[Sequence[ResultT | RequestError]] = asyncio.Task(reply, loop=loop)
        self._waiting = 0

    async def result(self, place: int) -> ResultT:
        """Wait for one result; raises the ``RequestError`` that it may be."""
        self._waiting += 1
        try:
            results = await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self.task.done():
                self.task.cancel()
                await asyncio.wait([self.task])
        outcome = results[place]
        if isinstance(outcome, RequestError):
            raise outcome
        return outcome


def send_together(
    account_of: Callable[[OrderT], AccountConnection[EventT]],
    orders: Sequence[OrderT],
    begin: Callable[[], Coroutine[object, object, Sequence[Order | RequestError]]],
) -> tuple[tuple[LiveOrder, ...], Shared[Order]]:
    """Send orders in one request without waiting; return what follows each, and what they wait for.

    Each is followed to its own fate, as an order that was sent alone: one whose outcome is unknown is asked for, and
    nothing is sent twice.

    Args:
        account_of: Returns what follows one.
        orders: They, every value checked.
        begin: Writes the request, unless something has to be waited for, and returns what waits for the results.

    Raises:
        ConfigError: A live order, or another one of these, has the client order id, or the client is closed.
    """
    names = [order.client_order_id for order in orders]
    for place, (order, name) in enumerate(zip(orders, names, strict=True)):
        account_of(order).tracker.check_new(name)
        if name in names[:place]:
            raise ConfigError(f"client_order_id must differ between the items of a batch, got {name} twice")
    shared = Shared(_written(account_of, orders, begin))
    live = [
        account_of(order).submitted(order.as_sent, partial(shared.result, place), is_intended=True)
        for place, order in enumerate(orders)
    ]
    return tuple(live), shared


def _written(
    account_of: Callable[[OrderT], AccountConnection[EventT]],
    orders: Sequence[OrderT],
    begin: Callable[[], Coroutine[object, object, Sequence[Order | RequestError]]],
) -> Coroutine[object, object, Sequence[Order | RequestError]]:
    """Begin once the intent of every order is in the journal, where there is one; else nothing is sent."""
    for order in orders:
        if (fault := account_of(order).intend(order.as_sent)) is not None:
            return failed(fault)
    return begin()


async def placed_together(
    orders: Sequence[LiveOrder],
    shared: Shared[Order],
    account_of: Callable[[LiveOrder], AccountConnection[EventT]],
    line: Line,
) -> list[Order | RequestError]:
    """Wait until the venue has orders that were sent together, and return the report of each, or why there is none.

    Cancelled while they still stand in ``line`` for their rate limit, none of them is sent.
    """
    try:
        # All at once: an error that nobody waits for is reported as such.
        found = await asyncio.gather(
            *(account_of(order).placed(order) for order in orders), return_exceptions=True
        )
    except asyncio.CancelledError:
        # Who gave up must not find them at the venue later: what still stands in line is not sent.
        line.withdraw(shared.task)
        raise
    outcomes: list[Order | RequestError] = []
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, RequestError):
            raise one
        outcomes.append(one)
    return outcomes


def _not_sent(error: ConfigError) -> NotSent:
    """Return the outcome of an item that was found wrong before anything was sent."""
    not_sent = NotSent(str(error))
    not_sent.__cause__ = error
    return not_sent
