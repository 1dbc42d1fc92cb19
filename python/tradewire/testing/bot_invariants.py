"""What must be true of a bot whatever happened: functions of a run, to call, to hand to ``chaos``, and to add to.

An invariant is a function of the run, async or not, that yields or returns what is wrong in words: nothing, ``None``,
``True`` and an empty list say that it holds; ``False`` and an ``AssertionError`` say that it does not. It is called
when the faults have ended, again and again until it holds or the time for that is over.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from tradewire.errors import TradewireError
from tradewire.model import AccountKind, OrderStatus
from tradewire.session.live_order import LiveOrder
from tradewire.session.orders import CLIENT_CLOSED, OrderTracker
from tradewire.testing.invariants import holdings_differ
from tradewire.testing.venue_setup import Ledger, LedgerOrder

if TYPE_CHECKING:
    from tradewire.testing.bot_run import BotRun

__all__ = [
    "STANDARD", "Broken", "Invariant", "Verdict", "books_equal_venue", "broken_now", "caught_up", "fills_equal_venue",
    "holdings_equal_venue", "no_double_send", "no_open_orders", "nothing_dropped", "orders_settled", "rate_limits_kept",
]  # fmt: skip

Verdict: TypeAlias = "Iterable[str] | bool | None"
Invariant: TypeAlias = "Callable[[BotRun], Verdict | Awaitable[Verdict]]"
UNSETTLED: Final = frozenset({OrderStatus.PENDING, OrderStatus.UNKNOWN})


class Broken(NamedTuple):
    """An invariant that does not hold, and how."""

    invariant: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.detail}"


async def broken_now(
    run: BotRun, invariants: Iterable[Invariant], *, is_first_enough: bool = False
) -> list[Broken]:
    """Return what does not hold at this moment: all of it, or what is found first."""
    found: list[Broken] = []
    for invariant in invariants:
        name = getattr(invariant, "__name__", repr(invariant))
        try:
            verdict = invariant(run)
            if inspect.isawaitable(verdict):
                verdict = await verdict
            if isinstance(verdict, str):
                verdict = [verdict]
            details = [] if verdict is None or verdict is True else [] if verdict is False else list(verdict)
            if verdict is False:
                details = ["it returned False"]
        except AssertionError as error:
            details = [str(error) or "an assertion failed"]
        found += [Broken(name, str(detail)) for detail in details]
        if found and is_first_enough:
            break
    return found


def books_equal_venue(run: BotRun) -> Iterator[str]:
    """Every book that is watched is synced and exactly the venue's.

    While faults strike, every book that says it is synced is compared after each frame besides, by the run itself.
    """
    for subscription in run.observer.books:
        book = subscription.book
        if subscription.is_closed:
            if subscription.error is not None:
                yield f"watching {book.market} ended with {subscription.error!r}"
        elif not book.is_synced:
            yield f"{book!r} is not synced: {book.reason}"
        elif not run.is_present_book(book):
            yield f"{book!r} is not the venue's present one"


def orders_settled(run: BotRun) -> Iterator[str]:
    """Every order that an open client knows is as the venue has it, no fate is unknown, and it knows every open one.

    An order that rests at the venue and that no open client follows is reported, too: a bot that restarted without its
    journal, for instance, has left it behind.
    """
    ledger, trackers = run.ledger, _open_trackers(run)
    for tracker in trackers:
        for order in tracker.live:
            if order.status in UNSETTLED:
                yield f"{order!r} is {order.status}, {order.waiting_for or 'and nothing is awaited'}: {order.error!r}"
    for order_id, theirs in ledger.orders.items():
        ours = [found for one in trackers if (found := _known(one, ledger, order_id)) is not None]
        if not ours and trackers and theirs.status is OrderStatus.OPEN:
            yield f"{theirs} rests at the venue, and no client follows it"
        for live in ours:
            if not _is_as(run, live, theirs):
                yield f"{live!r}, the venue has {theirs}"


def no_double_send(run: BotRun) -> Iterator[str]:
    """No order was sent twice: neither by a client, nor by the bot while the fate of the first was unknown.

    Two orders of the same market, side and size count as one sent twice if the second left while the first was of
    unknown fate (``OutcomeUnknown``), or its client was closed before it was known, and the venue took both. Wait for
    ``order.finished()``, or ask with ``open_orders()``, before replacing an order of unknown fate.
    """
    ledger = run.ledger
    taken = ledger.orders
    for sent in run.observer.sent:
        for earlier in sent.unknown_then:
            ids = ledger.name_of(earlier.order.order_id), ledger.name_of(sent.order.order_id)
            if all(order_id in taken for order_id in ids):
                yield (
                    f"{sent} was sent again: an equal one, sent at {earlier.at_s:.3f} s, was of unknown fate then; "
                    f"the venue took both, {ids[0]} and {ids[1]}"
                )
    placed = Counter((one.order.market, one.order.side, one.order.placed.size) for one in run.observer.sent)
    accepted = Counter((order.market, order.side, order.size) for order in taken.values())
    for terms, times in accepted.items():
        if 0 < placed[terms] < times:
            market, side, size = terms
            yield f"{side} {size} {market} was sent {placed[terms]} times, and the venue took {times}"


def fills_equal_venue(run: BotRun) -> Iterator[str]:
    """Every order that an open client knows has the fills that the venue has of it, to the last digit."""
    ledger, trackers = run.ledger, _open_trackers(run)
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for (order_id, _), (price, size) in ledger.fills.items():
        filled, notional = sums.get(order_id, (Decimal(0), Decimal(0)))
        sums[order_id] = filled + size, notional + price * size
    for order_id, theirs in sums.items():
        for tracker in trackers:
            live = _known(tracker, ledger, order_id)
            if live is not None and (live.filled_size, live.filled_notional) != theirs:
                yield f"{live!r} has filled {live.filled_size} for {live.filled_notional}, the venue says {theirs}"


async def holdings_equal_venue(run: BotRun) -> list[str]:
    """Balances, or positions where the venue has those, are the venue's when ``run.client`` asks for them."""
    if run.is_closed:
        return []
    try:
        return [one.detail for one in await holdings_differ(run.client, run.account)]
    except TradewireError as error:
        return [f"they cannot be read: {error!r}"]


def caught_up(run: BotRun) -> Iterator[str]:
    """``CaughtUp`` came since the account's stream was subscribed last, if it ever was."""
    if not run.is_caught_up() and not run.is_closed:
        yield "no CaughtUp since the account was subscribed last"


def nothing_dropped(run: BotRun) -> Iterator[str]:
    """No queue of ``run.client`` overflowed: whoever iterates kept up."""
    if dropped := run.client.stream_metrics.dropped:
        yield f"{dropped} items were dropped from full queues"


def rate_limits_kept(run: BotRun) -> Iterator[str]:
    """The venue refused no request as too frequent, besides those that a fault made it refuse."""
    if refused := run.refused_as_too_frequent:
        yield f"{refused} requests were refused as too frequent"


def no_open_orders(run: BotRun) -> Iterator[str]:
    """Nothing of ours rests at the venue: for a bot that is to cancel everything before it ends. Not a standard one."""
    for order in run.ledger.open_orders:
        yield f"{order} still rests at the venue"


STANDARD: Final[tuple[Invariant, ...]] = (
    books_equal_venue,
    orders_settled,
    no_double_send,
    fills_equal_venue,
    holdings_equal_venue,
    caught_up,
    nothing_dropped,
    rate_limits_kept,
)
"""What ``chaos`` looks at unless told otherwise; add your own: ``invariants=[*STANDARD, mine]``."""


def _open_trackers(run: BotRun) -> list[OrderTracker]:
    return [one for one in run.observer.trackers if one.refusal != CLIENT_CLOSED]


def _known(tracker: OrderTracker, ledger: Ledger, order_id: str) -> LiveOrder | None:
    """Return what a client knows of an order, by its id or by one that nothing at the venue tells from it."""
    names = [order_id, *(other for other, ours in ledger.others.items() if ours == order_id)]
    found = [order for name in names if (order := tracker.order(name)) is not None]
    return found[0] if found and found[0].account is not AccountKind.MARGIN else None


def _is_as(run: BotRun, live: LiveOrder, theirs: LedgerOrder) -> bool:
    """Tell whether what a client knows is what the venue has."""
    if live.status is OrderStatus.NOT_FOUND and not run.is_known_end(theirs.order_id):
        return live.filled_size == theirs.filled_size
    coarse = OrderStatus.OPEN if live.status is OrderStatus.PARTIALLY_FILLED else live.status
    return (coarse, live.filled_size) == (theirs.status, theirs.filled_size)
