"""What must be true whatever happened: each invariant looks at the venue's own ledger and at what the client says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from tradewire.model import Order, OrderStatus
from tradewire.testing.trader_bot import UNSETTLED, Bot
from tradewire.testing.venue_setup import Ledger, LedgerOrder, VenueSetup

__all__ = ["Difference", "Invariant", "differences", "holdings_differ"]


class Invariant(StrEnum):
    """What can be broken."""

    SENT_TWICE = "order sent twice"
    NEVER_SENT = "order never sent"
    WRONG_STATE = "wrong state of an order"
    UNKNOWN_LEFT = "unknown left"
    ORDER_NOT_REPORTED = "order not reported"
    REPORTED_BACKWARDS = "report of a finished order undone"
    FILL_NOT_REPORTED = "fill not reported"
    FILL_REPORTED_TWICE = "fill reported twice"
    FILL_INVENTED = "fill invented"
    ITERATED_OTHERWISE = "iterator and callback differ"
    FALSE_BOOK = "false book"
    BOOK_NOT_SYNCED = "book not synced in the end"
    WRONG_POSITION = "wrong position"
    STREAM_ENDED = "stream ended"
    NOT_CAUGHT_UP = "never told to have caught up"
    UNEXPECTED_ERROR = "unexpected error"
    HOLDINGS_DIFFER = "balances or positions differ"
    DOES_NOT_ADD_UP = "the venue's ledger does not add up"
    DROPPED = "something was dropped from a queue"
    TOO_FREQUENT = "rate limit exceeded"
    SECRET_SHOWN = "secret shown"  # noqa: S105 - a name
    CLOSE_HANGS = "close hangs"
    TASK_LEFT = "task left"
    COMPLAINT = "complaint of loop or interpreter"


class Difference(NamedTuple):
    """One invariant broken, and how."""

    invariant: Invariant
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.detail}"


def differences(setup: VenueSetup, bot: Bot) -> list[Difference]:
    """Return what the client holds otherwise than the venue at this moment."""
    ledger = setup.ledger()
    return [
        *_sent(bot, ledger),
        *_states(setup, bot, ledger),
        *_reports(setup, bot, ledger),
        *_fills(bot, ledger),
        *_book(setup, bot),
        *_holdings(bot),
    ]


async def holdings_differ(client: Any, account: Mapping[str, Any]) -> list[Difference]:
    """Return where balances or positions, as the client reads them, are not the venue's.

    Args:
        client: The client, which has ``balances`` or ``positions`` as its venue has.
        account: What the venue says of its default trader, see ``sandbox.venue.Venue.account``.
    """
    if "positions" in account:
        found = {row.market: str(row.size) for row in await client.positions() if row.size}
        theirs = {market: row["size"] for market, row in account["positions"].items() if Decimal(row["size"])}
    else:
        found = {row.asset: f"{row.available} {row.locked}" for row in await client.balances()}
        theirs = {asset: f"{row['available']} {row['locked']}" for asset, row in account["balances"].items()}
    return [
        Difference(Invariant.HOLDINGS_DIFFER, f"{name}: {found.get(name)}, the venue says {theirs.get(name)}")
        for name in sorted(found.keys() | theirs.keys())
        if _numbers(found.get(name)) != _numbers(theirs.get(name))
    ]


def _numbers(text: str | None) -> list[Decimal]:
    return [Decimal(part) for part in (text or "").split()]


def _sent(bot: Bot, ledger: Ledger) -> Iterator[Difference]:
    accepted = Counter(order.size for order in ledger.orders.values())
    for size, times in accepted.items():
        if times > 1:
            yield Difference(Invariant.SENT_TWICE, f"{times} orders of size {size}, sent once")
        if size not in bot.sent:
            yield Difference(Invariant.NEVER_SENT, f"the venue has an order of size {size}")


def _states(setup: VenueSetup, bot: Bot, ledger: Ledger) -> Iterator[Difference]:
    by_size = {order.size: order for order in ledger.orders.values()}
    for size, live in bot.live.items():
        theirs = by_size.get(size)
        if live.status in UNSETTLED:
            is_there = (
                "does not have it" if theirs is None else f"has it as {theirs.status}, {theirs.order_id}"
            )
            yield Difference(
                Invariant.UNKNOWN_LEFT, f"{live!r} of size {size}; the venue {is_there}; {live.error!r}"
            )
        elif theirs is None:
            if not live.status.is_final or live.filled_size:
                yield Difference(Invariant.WRONG_STATE, f"{live!r}; the venue never had it")
        elif not _fits(setup, live.status, live.filled_size, theirs) or (
            ledger.name_of(live.order_id),
            live.filled_notional,
        ) != (theirs.order_id, theirs.filled_notional):
            yield Difference(
                Invariant.WRONG_STATE,
                f"{live!r}, notional {live.filled_notional}, {live.error!r}; the venue has {theirs}",
            )


def _reports(setup: VenueSetup, bot: Bot, ledger: Ledger) -> Iterator[Difference]:
    last: dict[str, Order] = {}
    for report in bot.heard.orders:
        order_id = ledger.name_of(report.order_id)
        before = last.get(order_id)
        # What was only concluded gives way to any later report.
        was_final = (
            before is not None and before.status.is_final and before.status is not OrderStatus.NOT_FOUND
        )
        if before is not None and was_final and not report.status.is_final:
            text = f"{order_id}: {before.status}, then {report.status}"
            yield Difference(Invariant.REPORTED_BACKWARDS, text)
        last[order_id] = report
    for order_id, theirs in ledger.orders.items():
        told, method = last.get(order_id), "send_order" if theirs.size in bot.live else "place_order"
        if told is None:
            if theirs.status is not OrderStatus.REJECTED:
                yield Difference(Invariant.ORDER_NOT_REPORTED, f"{theirs} of {method}, never")
        elif not _fits(setup, told.status, told.filled_size, theirs):
            yield Difference(
                Invariant.ORDER_NOT_REPORTED,
                f"{theirs} of {method}; told last: {told.status}, filled {told.filled_size}",
            )


def _fills(bot: Bot, ledger: Ledger) -> Iterator[Difference]:
    heard = Counter((ledger.name_of(fill.order_id), fill.trade_id) for fill in bot.heard.fills)
    figures = {
        (ledger.name_of(fill.order_id), fill.trade_id): (fill.price, fill.size) for fill in bot.heard.fills
    }
    for key, theirs in ledger.fills.items():
        if not heard[key]:
            yield Difference(Invariant.FILL_NOT_REPORTED, f"trade {key[1]} of {ledger.orders[key[0]]}")
        elif heard[key] > 1:
            yield Difference(
                Invariant.FILL_REPORTED_TWICE, f"trade {key[1]} of order {key[0]}: {heard[key]} times"
            )
        if figures.get(key, theirs) != theirs:
            yield Difference(Invariant.FILL_INVENTED, f"{key} is {figures[key]}, the venue says {theirs}")
    if bot.heard.iterated != bot.heard.fills:
        counts = f"{len(bot.heard.iterated)} iterated, {len(bot.heard.fills)} called back"
        yield Difference(Invariant.ITERATED_OTHERWISE, counts)
    for key in heard.keys() - ledger.fills.keys():
        yield Difference(Invariant.FILL_INVENTED, f"trade {key[1]} of order {key[0]}")


def _book(setup: VenueSetup, bot: Bot) -> Iterator[Difference]:
    book = bot.book_watch.book
    if not book.is_synced:
        yield Difference(Invariant.BOOK_NOT_SYNCED, repr(book))
    elif not setup.is_so(book):
        yield Difference(Invariant.FALSE_BOOK, f"{book!r} is not the venue's present one")


def _holdings(bot: Bot) -> Iterator[Difference]:
    difference = bot.holds_otherwise()
    if difference:
        yield Difference(Invariant.WRONG_POSITION, difference)


def _fits(setup: VenueSetup, status: OrderStatus, filled_size: Decimal, theirs: LedgerOrder) -> bool:
    """Tell whether status and size filled are the venue's."""
    if status is OrderStatus.NOT_FOUND and setup.forgets(theirs):
        return filled_size == theirs.filled_size
    coarse = OrderStatus.OPEN if status is OrderStatus.PARTIALLY_FILLED else status
    return (coarse, filled_size) == (theirs.status, theirs.filled_size)
