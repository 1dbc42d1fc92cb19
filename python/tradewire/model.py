"""The words of the common interface: what a bot sees, the same for every venue.

Prices, sizes and amounts are ``decimal.Decimal``, exact as the venue wrote them. Times are ``int``
nanoseconds UTC (``_ns``). Nothing here knows a venue's spelling; a venue's ``parse`` room builds these.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from enum import StrEnum
from typing import NamedTuple, Self, TypeVar

import msgspec

from tradewire.decimals import EXACT
from tradewire.errors import UnreadableRow

__all__ = [
    "AccountKind",
    "Balance",
    "BestQuote",
    "BookSnapshot",
    "Candle",
    "CandleInterval",
    "Fill",
    "Level",
    "Liquidity",
    "Market",
    "Order",
    "OrderStatus",
    "OrderType",
    "Page",
    "Position",
    "Rows",
    "Side",
    "StpMode",
    "Ticker",
    "TimeInForce",
    "Trade",
    "sent_order",
    "stamp",
    "unreadable_rows",
]

_ZERO = Decimal(0)
_AVERAGE = Context(prec=28)
"""Digits of a quotient, which has no last one."""


class AccountKind(StrEnum):
    """Which of a holder's accounts a report is about."""

    SPOT = "spot"
    MARGIN = "margin"
    """Borrowed money, held apart by market."""
    FUTURES = "futures"
    """Positions that settle in profit and loss instead of assets."""


class Side(StrEnum):
    """Side of an order, or of the taker in a trade."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How an order is priced."""

    LIMIT = "limit"
    MARKET = "market"


class TimeInForce(StrEnum):
    """How long an order lives."""

    GTC = "gtc"
    """Good till cancelled."""

    IOC = "ioc"
    """Immediate or cancel: what does not fill at once is cancelled."""

    FOK = "fok"
    """Fill or kill: all at once or nothing."""


class StpMode(StrEnum):
    """Self-trade prevention: which of one's own two orders gives way."""

    NONE = "none"
    """Neither: they trade with each other."""
    CANCEL_TAKER = "cancel_taker"
    CANCEL_MAKER = "cancel_maker"
    CANCEL_BOTH = "cancel_both"


class Liquidity(StrEnum):
    """One's part in a trade."""

    MAKER = "maker"
    TAKER = "taker"


class OrderStatus(StrEnum):
    """Life cycle of an order."""

    PENDING = "pending"
    """Sent, not yet confirmed by the venue."""

    OPEN = "open"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    """Finished before it was filled; ``filled_size`` tells how much was."""

    REJECTED = "rejected"
    NOT_FOUND = "not_found"
    """The venue knows no such order, so it never arrived or ended without a fill. Concluded, not reported: any later
    report or fill of the order takes its place. ``reason`` says what it was concluded from."""

    UNKNOWN = "unknown"
    """Sent, and no proof of its fate: ask the venue."""

    is_final: bool
    """Nothing can happen to the order any more."""


_FINAL = frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.NOT_FOUND})
for _status in OrderStatus:
    # Asked twenty times for every order: a member of the member costs half of a property.
    _status.is_final = _status in _FINAL


class Level(NamedTuple):
    """One price level."""

    price: Decimal
    """Quote units per base unit."""
    size: Decimal
    """Base units."""


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """A market and its rules."""

    symbol: str
    """Its name, in the venue's spelling: what every ``market`` argument takes."""
    base: str
    """The base asset."""
    quote: str
    """The quote asset, in which prices are counted."""
    tick_size: Decimal
    """Prices are multiples of this."""
    lot_size: Decimal
    """Sizes are multiples of this."""
    min_size: Decimal
    """Least size of an order, base units."""
    maker_fee_rate: Decimal | None = None
    """Of the notional; below zero for a rebate; ``None`` where the venue does not tell."""
    taker_fee_rate: Decimal | None = None
    """Of the notional; ``None`` where the venue does not tell."""
    is_tradable: bool = True
    """Orders are taken right now, over the API."""
    status: str = ""
    """The venue's own word."""


class Ticker(msgspec.Struct, frozen=True, kw_only=True):
    """A market's last 24 hours."""

    market: str
    """The market, in the venue's spelling."""
    last: Decimal
    """Price of the latest trade."""
    open: Decimal
    """Price of the first trade."""
    high: Decimal
    """Highest price."""
    low: Decimal
    """Lowest price."""
    volume: Decimal
    """Base units traded."""
    quote_volume: Decimal
    """Quote units traded."""


class CandleInterval(StrEnum):
    """How long a candle lasts."""

    MINUTE = "1m"
    MINUTES_3 = "3m"
    MINUTES_5 = "5m"
    MINUTES_15 = "15m"
    MINUTES_30 = "30m"
    HOUR = "1h"
    HOURS_2 = "2h"
    HOURS_4 = "4h"
    HOURS_6 = "6h"
    HOURS_12 = "12h"
    DAY = "1d"
    DAYS_3 = "3d"
    WEEK = "1w"

    @property
    def duration_ns(self) -> int:
        """Nanoseconds from the start of a candle to that of the next."""
        return int(self.value[:-1]) * _UNITS_NS[self.value[-1]]


_MINUTE_NS = 60 * 1_000_000_000
_UNITS_NS = {"m": _MINUTE_NS, "h": 60 * _MINUTE_NS, "d": 1440 * _MINUTE_NS, "w": 7 * 1440 * _MINUTE_NS}


class Candle(msgspec.Struct, frozen=True, kw_only=True):
    """What was traded in one interval."""

    market: str
    """The market, in the venue's spelling."""
    interval: CandleInterval
    """How long it lasts."""
    start_ns: int
    """The venue's time at which it begins, UTC."""
    open: Decimal
    """Price of the first trade."""
    high: Decimal
    """Highest price."""
    low: Decimal
    """Lowest price."""
    close: Decimal
    """Price of the latest trade."""
    volume: Decimal
    """Base units traded."""
    quote_volume: Decimal
    """Quote units traded."""
    is_closed: bool
    """Nothing can be added any more: it had ended, a second before by the venue's clock at least, when it was asked
    for."""


class BestQuote(msgspec.Struct, frozen=True, kw_only=True):
    """Best bid and best ask; ``None`` where a side is empty."""

    market: str
    """The market, in the venue's spelling."""
    bid: Level | None
    """The best bid with its size."""
    ask: Level | None
    """The best ask with its size."""
    time_ns: int
    """The venue's time, UTC."""


class BookSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A book at one moment, best levels first."""

    market: str
    """The market, in the venue's spelling."""
    bids: tuple[Level, ...]
    """Highest first."""
    asks: tuple[Level, ...]
    """Lowest first."""
    time_ns: int
    """The venue's time, UTC."""
    last: Decimal | None = None
    """Price of the latest trade; ``None`` where the venue does not tell."""
    checksum: int | None = None
    """The venue's CRC-32 over the levels, as it writes it; ``None`` where it has none."""


class Received(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a venue reported. Two that say the same are equal, whenever they arrived."""

    received_at_ns: int = 0
    """Our time when it arrived, UTC; 0 for one that did not."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._said() == other._said()

    def __hash__(self) -> int:
        return hash(self._said())

    def _said(self) -> tuple[object, ...]:
        fields = self.__struct_fields__
        return tuple([getattr(self, field) for field in fields if field != "received_at_ns"])


class Trade(Received, frozen=True, kw_only=True):
    """A public trade."""

    trade_id: str
    """The venue's id."""
    market: str
    """The market, in the venue's spelling."""
    side: Side | None
    """The taker's side; ``None`` where the venue does not tell and it cannot be concluded."""
    price: Decimal
    """Quote units per base unit."""
    size: Decimal
    """Base units."""
    time_ns: int
    """The venue's time, UTC."""


class Order(Received, frozen=True, kw_only=True):
    """An order as the venue described it at one moment. ``session.orders.LiveOrder`` follows one through time."""

    order_id: str
    """The venue's id."""
    client_order_id: str
    """Our own id, as the venue has it; empty where there is none."""
    market: str
    """The market, in the venue's spelling."""
    side: Side
    """``buy`` or ``sell``."""
    type: OrderType | None
    """``None`` where the venue's word is new to us; ``venue_type`` has it."""
    time_in_force: TimeInForce | None
    """``None`` where the venue's word is new to us."""
    post_only: bool
    """It only makes: it never takes liquidity."""
    price: Decimal | None
    """``None`` for market orders."""
    size: Decimal
    """Units of ``size_asset``."""
    filled_size: Decimal
    """Base units."""
    filled_notional: Decimal
    """Quote units traded."""
    status: OrderStatus
    """Where the venue's word is new to us, what the amounts prove: never a final one unless all is filled."""
    created_at_ns: int
    """The venue's time, UTC; 0 where it does not tell."""
    updated_at_ns: int
    """The venue's time, UTC."""
    account: AccountKind = AccountKind.SPOT
    """Which of the holder's accounts it is about."""
    size_asset: str = ""
    """Asset ``size`` is counted in. Empty where the venue does not tell: base units, save for a market order, whose
    unit is then not known."""
    unfilled_size: Decimal | None = None
    """What is left of ``size``, in its unit, in the venue's own count; ``None`` where it does not tell."""
    base_fee: Decimal | None = None
    """Fees so far in base units; ``None`` where the venue does not tell."""
    quote_fee: Decimal | None = None
    """Fees so far in quote units."""
    discount_fee: Decimal | None = None
    """Fees so far in the venue's own token."""
    last_fill_price: Decimal | None = None
    """Price of the latest fill; ``None`` where there is none or the venue does not tell."""
    last_fill_size: Decimal | None = None
    """Base units of the latest fill."""
    reason: str = ""
    """Why it was refused or cancelled, where the venue tells."""
    venue_type: str = ""
    """The venue's own word for type and time in force."""
    venue_status: str = ""
    """The venue's own word for the status, where it has one."""
    realized_pnl: Decimal | None = None
    """What its fills brought by closing a position; ``None`` where the venue does not tell."""

    @property
    def average_price(self) -> Decimal | None:
        """Quote units per base unit over all fills, to 28 digits; ``None`` while nothing is filled."""
        return _AVERAGE.divide(self.filled_notional, self.filled_size) if self.filled_size else None

    @property
    def remaining(self) -> Decimal | None:
        """What is left of ``size``, in its unit; ``None`` where neither the venue nor the unit tells."""
        if self.unfilled_size is not None:
            return self.unfilled_size
        is_base, is_quote = self.market.startswith(self.size_asset), self.market.endswith(self.size_asset)
        if self.type is OrderType.LIMIT or (is_base and not is_quote):
            return EXACT.subtract(self.size, self.filled_size)
        return EXACT.subtract(self.size, self.filled_notional) if is_quote and not is_base else None


def sent_order(
    *,
    market: str,
    side: Side,
    size: Decimal,
    price: Decimal | None,
    client_order_id: str,
    order_id: str = "",
    type: OrderType | None = None,  # noqa: A002 - the field's word for it
    time_in_force: TimeInForce | None = TimeInForce.GTC,
    post_only: bool = False,
    size_asset: str = "",
    account: AccountKind = AccountKind.SPOT,
) -> Order:
    """Return an order as it is sent: ``PENDING``, of which the venue has said nothing."""
    return Order(
        order_id=order_id,
        client_order_id=client_order_id,
        market=market,
        side=side,
        type=type or (OrderType.MARKET if price is None else OrderType.LIMIT),
        time_in_force=time_in_force,
        post_only=post_only,
        price=price,
        size=size,
        filled_size=_ZERO,
        filled_notional=_ZERO,
        status=OrderStatus.PENDING,
        created_at_ns=0,
        updated_at_ns=0,
        account=account,
        size_asset=size_asset,
    )


class Fill(Received, frozen=True, kw_only=True):
    """One of our trades."""

    trade_id: str
    """The venue's; both sides of a trade may share it, so a fill is known by order and trade together."""
    order_id: str
    """The venue's id of our order."""
    client_order_id: str
    """Our own id of it; empty where the venue does not tell and it cannot be concluded."""
    market: str
    """The market, in the venue's spelling."""
    side: Side | None
    """``None`` where the venue does not tell and it cannot be concluded."""
    price: Decimal
    """Quote units per base unit."""
    size: Decimal
    """Base units."""
    liquidity: Liquidity | None
    """``None`` where the venue does not tell."""
    fee: Decimal | None
    """Units of ``fee_asset``, below zero for a rebate; ``None`` where the venue does not tell."""
    fee_asset: str
    """The asset ``fee`` is counted in; empty where the venue does not tell."""
    time_ns: int
    """The venue's time, UTC."""
    account: AccountKind = AccountKind.SPOT
    """Which of the holder's accounts it is about."""
    size_asset: str = ""
    """The base asset; empty where the venue does not name it."""
    position_id: str = ""
    """The venue's id of the position it changed, of futures."""


class Position(Received, frozen=True, kw_only=True):
    """A position in a market that settles in profit and loss instead of assets."""

    market: str
    """The market, in the venue's spelling."""
    size: Decimal
    """Above zero when long, below when short."""
    average_price: Decimal | None
    """As the venue rounds it; ``None`` when flat."""
    realized_pnl: Decimal
    """What closing parts of it has brought so far."""
    updated_at_ns: int
    """The venue's time of the last fill, UTC."""
    account: AccountKind = AccountKind.FUTURES
    """Which of the holder's accounts it is about."""

    def unrealized_pnl(self, mark: Decimal | int) -> Decimal:
        """Return what closing at ``mark`` would add to ``realized_pnl``."""
        return (
            Decimal(0)
            if self.average_price is None
            else EXACT.multiply(EXACT.subtract(Decimal(mark), self.average_price), self.size)
        )


class Balance(Received, frozen=True, kw_only=True):
    """One asset of an account."""

    asset: str
    """The asset, in the venue's spelling."""
    available: Decimal
    """Units of ``asset`` that nothing holds."""
    locked: Decimal
    """Held by open orders, transfers or withdrawals."""
    account: AccountKind = AccountKind.SPOT
    """Which of the holder's accounts it is about."""
    margin_market: str = ""
    """The market a margin account is held for."""
    updated_at_ns: int = 0
    """The venue's time, UTC; 0 where it does not tell."""

    @property
    def total(self) -> Decimal:
        """Available and locked together."""
        return EXACT.add(self.available, self.locked)


ItemT = TypeVar("ItemT")


class Rows(tuple[ItemT, ...]):  # noqa: SLOT001 - a tuple cannot have slots of its own
    """A list of the venue: a tuple of all that could be read.

    Attributes:
        unreadable: The rows that could not. What they are about is not known: while there are any, that an order or
            a fill is not among the items proves nothing.
    """

    unreadable: tuple[UnreadableRow, ...]

    def __new__(cls, items: Iterable[ItemT] = (), unreadable: Iterable[UnreadableRow] = ()) -> Self:
        """Return the items as they are, with what could not be read beside them."""
        rows = super().__new__(cls, items)
        rows.unreadable = tuple(unreadable)
        return rows


def unreadable_rows(found: object) -> tuple[UnreadableRow, ...]:
    """Return the rows of a list of the venue that could not be read; none for a list that was made here."""
    return found.unreadable if isinstance(found, Rows) else ()


class Page(Rows[ItemT]):
    """One page of a list: a sequence of its items, with what says whether there are more.

    Attributes:
        has_next: There is another page.
        total: Items on all pages together; ``None`` where the venue does not tell.
        next_cursor: What the next page is asked for with, where the venue gives that.
        unreadable: Rows of this page that could not be read, see ``Rows``.
    """

    has_next: bool
    total: int | None
    next_cursor: str

    def __new__(
        cls,
        items: Iterable[ItemT] = (),
        has_next: bool = False,
        total: int | None = None,
        next_cursor: str = "",
        unreadable: Iterable[UnreadableRow] = (),
    ) -> Self:
        """Return the items as a page."""
        page = super().__new__(cls, items, unreadable)
        page.has_next = has_next
        page.total = total
        page.next_cursor = next_cursor
        return page

    @property
    def items(self) -> tuple[ItemT, ...]:
        """Its items, without what a page has besides."""
        return tuple(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple):
            return NotImplemented
        has_all = not isinstance(other, Page) or vars(self) == vars(other)
        return has_all and super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        # A tuple has its own, which would look at the items alone.
        return not self == other

    # Equal pages have equal items, and a page equals the tuple of its items.
    __hash__ = Rows.__hash__

    def __repr__(self) -> str:
        more = "".join(f", {name}={value!r}" for name, value in vars(self).items() if value)
        return f"Page({super().__repr__()}{more})"


def stamp(response: object, received_at_ns: int) -> None:
    """Note in what was just read from a venue when it arrived, over REST or the stream; a list is gone through."""
    if isinstance(response, Received):
        # No one else has it yet: frozen it is from here on.
        if not response.received_at_ns:
            msgspec.structs.force_setattr(response, "received_at_ns", received_at_ns)
    elif isinstance(response, tuple):
        for item in response:
            stamp(item, received_at_ns)
