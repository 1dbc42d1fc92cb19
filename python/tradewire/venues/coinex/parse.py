"""Shapes to models: the only place where CoinEx's words become ours, of REST and the stream.

A word that is new to us never loses what stands beside it: an unknown status is decided by the amounts, an unknown
order type is ``None`` with the venue's word beside it. An unknown side or account is refused, because what it would
mean cannot be concluded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

import msgspec

from tradewire.decimals import EXACT
from tradewire.errors import RemoteProtocolError
from tradewire.model import (
    AccountKind,
    Balance,
    BestQuote,
    BookSnapshot,
    Fill,
    Level,
    Liquidity,
    Market,
    Order,
    OrderStatus,
    OrderType,
    Ticker,
    TimeInForce,
    Trade,
)
from tradewire.venues.coinex import shapes

__all__ = [
    "account_of",
    "balance",
    "best_quote",
    "book",
    "fill",
    "finished_order",
    "first",
    "market",
    "name_unit",
    "order",
    "order_words",
    "ticker",
    "trade",
    "wire_type",
]

NS_PER_MS = 1_000_000
MAX_PRECISION = 40
"""Decimals no market comes near; beyond it the reply is broken."""
SHOWN_CHARACTERS = 50
MODULO_CRC = 0xFFFFFFFF
ZERO = Decimal(0)

ReportT = TypeVar("ReportT", bound=Order | Fill)

_WORDS: dict[str, tuple[OrderType, TimeInForce, bool]] = {
    "limit": (OrderType.LIMIT, TimeInForce.GTC, False),
    "gtc": (OrderType.LIMIT, TimeInForce.GTC, False),
    "market": (OrderType.MARKET, TimeInForce.IOC, False),
    "maker_only": (OrderType.LIMIT, TimeInForce.GTC, True),
    "ioc": (OrderType.LIMIT, TimeInForce.IOC, False),
    "fok": (OrderType.LIMIT, TimeInForce.FOK, False),
}

_STATUS = {
    "open": OrderStatus.OPEN,
    "part_filled": OrderStatus.PARTIALLY_FILLED,
    # Its name in the venue's own example until about 2026-09-07.
    "part_deal": OrderStatus.PARTIALLY_FILLED,
    "filled": OrderStatus.FILLED,
    "part_canceled": OrderStatus.CANCELLED,
    "canceled": OrderStatus.CANCELLED,
}
_ACCOUNTS = {
    "": AccountKind.SPOT,
    "spot": AccountKind.SPOT,
    "margin": AccountKind.MARGIN,
    "futures": AccountKind.FUTURES,
}


def order_words(word: str) -> tuple[OrderType | None, TimeInForce | None, bool]:
    """Return type, time in force and post-only of the venue's order type, in whatever case; a new word has none."""
    return _WORDS.get(word.lower(), (None, None, False))


def wire_type(order_type: OrderType, time_in_force: TimeInForce, *, post_only: bool) -> str:
    """Return the venue's order type: it holds time in force and post-only as well."""
    if order_type is OrderType.MARKET:
        return "market"
    if post_only:
        return "maker_only"
    return "limit" if time_in_force is TimeInForce.GTC else time_in_force.value


def account_of(row: shapes.OrderRow | shapes.UserDealRow | shapes.StopOrderRow) -> AccountKind:
    """Return whose report it is. Over the stream only ``margin_market`` tells."""
    if row.margin_market:
        return AccountKind.MARGIN
    try:
        return _ACCOUNTS[row.market_type.lower()]
    except KeyError:
        raise RemoteProtocolError(
            f"market_type must be SPOT, MARGIN or FUTURES, got {row.market_type[:SHOWN_CHARACTERS]!r}"
        ) from None


def first(*spellings: Decimal | None) -> Decimal | None:
    """Return the value of a field that has more than one name."""
    return next((value for value in spellings if value is not None), None)


def market(row: shapes.MarketRow) -> Market:
    """Read a market's rules; its steps are powers of ten."""
    if not (0 <= row.base_ccy_precision <= MAX_PRECISION and 0 <= row.quote_ccy_precision <= MAX_PRECISION):
        raise RemoteProtocolError(f"precision must be 0 to {MAX_PRECISION}, got more for {row.market}")
    return Market(
        symbol=row.market,
        base=row.base_ccy,
        quote=row.quote_ccy,
        tick_size=Decimal(1).scaleb(-row.quote_ccy_precision, EXACT),
        lot_size=Decimal(1).scaleb(-row.base_ccy_precision, EXACT),
        min_size=row.min_amount,
        maker_fee_rate=row.maker_fee_rate,
        taker_fee_rate=row.taker_fee_rate,
        is_tradable=row.status.lower() == "online" and row.is_api_trading_available,
        status=row.status,
    )


def ticker(row: shapes.TickerRow) -> Ticker:
    """Read a market's last day."""
    return Ticker(
        market=row.market,
        last=row.last,
        open=row.open,
        high=row.high,
        low=row.low,
        volume=row.volume,
        quote_volume=row.value,
    )


def book(reply: shapes.DepthReply) -> BookSnapshot:
    """Read the top of a book. A level of size zero is none."""
    depth = reply.depth
    return BookSnapshot(
        market=reply.market,
        bids=_levels(depth.bids),
        asks=_levels(depth.asks),
        time_ns=depth.updated_at * NS_PER_MS,
        last=depth.last,
        checksum=_checksum(depth.checksum),
    )


def _levels(side: list[tuple[Decimal, Decimal]] | None) -> tuple[Level, ...]:
    return tuple(Level(price, size) for price, size in side or () if size)


def _checksum(sent: str) -> int | None:
    """Read a CRC-32, which comes signed or unsigned, as a number or as text."""
    if not sent:
        return None
    digits = sent.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= SHOWN_CHARACTERS):
        raise RemoteProtocolError(f"checksum must be an integer, got {sent[:SHOWN_CHARACTERS]!r}")
    return int(sent) & MODULO_CRC


def best_quote(row: shapes.BboRow) -> BestQuote:
    """Read best bid and ask."""
    return BestQuote(
        market=row.market,
        bid=_level(row.best_bid_price, row.best_bid_size),
        ask=_level(row.best_ask_price, row.best_ask_size),
        time_ns=row.updated_at * NS_PER_MS,
    )


def _level(price: Decimal | None, size: Decimal | None) -> Level | None:
    return None if price is None or not size else Level(price, size)


def trade(symbol: str, row: shapes.DealRow) -> Trade:
    """Read a public trade, which does not name its market."""
    return Trade(
        trade_id=row.deal_id,
        market=symbol,
        side=row.side,
        price=row.price,
        size=row.amount,
        time_ns=row.created_at * NS_PER_MS,
    )


def order(row: shapes.OrderRow, *, event: str = "", is_finished: bool = False) -> Order:
    """Read an order of REST or the stream.

    Args:
        row: It.
        event: What a push says happened to it.
        is_finished: Where it was found proves that it is.

    Raises:
        RemoteProtocolError: Its side or account is a new word, or how much is filled is not stated.
    """
    order_type, time_in_force, post_only = order_words(row.type)
    unfilled = first(row.unfilled_amount, row.unfill_amount)
    filled, notional = _filled(row, order_type, unfilled)
    if unfilled is None and order_type is OrderType.LIMIT:
        unfilled = EXACT.subtract(row.amount, filled)
    if unfilled is None:
        raise RemoteProtocolError("an order must have unfilled_amount or be a limit order with filled_amount")
    is_market = order_type is OrderType.MARKET
    base_fee, quote_fee, discount_fee = _fees(row)
    return Order(
        order_id=row.order_id,
        client_order_id=row.client_id,
        market=row.market,
        side=row.side,
        type=order_type,
        time_in_force=time_in_force,
        post_only=post_only,
        # Reported back as 0 for orders without a price.
        price=None if is_market or not row.price else row.price,
        size=row.amount,
        filled_size=filled,
        filled_notional=notional,
        status=_status(row, unfilled, filled, time_in_force, event=event.lower(), is_finished=is_finished),
        created_at_ns=row.created_at * NS_PER_MS,
        updated_at_ns=max(row.updated_at, row.created_at) * NS_PER_MS,
        account=account_of(row),
        size_asset=row.ccy,
        unfilled_size=unfilled,
        base_fee=base_fee,
        quote_fee=quote_fee,
        discount_fee=discount_fee,
        # Zero while there was no fill.
        last_fill_price=first(row.last_filled_price, row.last_fill_price) or None,
        last_fill_size=first(row.last_filled_amount, row.last_fill_amount) or None,
        venue_type=row.type,
        venue_status=row.status,
        realized_pnl=row.realized_pnl if isinstance(row, shapes.FuturesOrderRow) else None,
    )


def _fees(row: shapes.OrderRow) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return an order's fees in base, quote and the venue's token. Futures have one, and name its asset."""
    if not isinstance(row, shapes.FuturesOrderRow):
        return (
            first(row.base_fee, row.base_ccy_fee),
            first(row.quote_fee, row.quote_ccy_fee),
            first(row.discount_fee, row.discount_ccy_fee),
        )
    if row.fee is None or not row.fee_ccy:
        return None, None, None
    if row.market.endswith(row.fee_ccy):
        return None, row.fee, None
    return (row.fee, None, None) if row.market.startswith(row.fee_ccy) else (None, None, row.fee)


def finished_order(row: shapes.OrderRow) -> Order:
    """Read an order found where only finished ones are."""
    return order(row, is_finished=True)


def _filled(
    row: shapes.OrderRow, order_type: OrderType | None, unfilled: Decimal | None
) -> tuple[Decimal, Decimal]:
    """Return base and quote units filled. Older pushes lack the first; of a limit order it is what is not unfilled."""
    filled, notional = row.filled_amount, first(row.filled_value, row.fill_value)
    if filled is None and notional is not None and not notional:
        filled = ZERO
    if filled is None and order_type is OrderType.LIMIT and unfilled is not None:
        filled = EXACT.subtract(row.amount, unfilled)
    if filled is None:
        raise RemoteProtocolError("filled_amount must be there where it does not follow from other amounts")
    if notional is None and filled:
        raise RemoteProtocolError(f"filled_value must be there where {filled} is filled")
    return filled, notional or ZERO


def _status(
    row: shapes.OrderRow,
    unfilled: Decimal,
    filled: Decimal,
    time_in_force: TimeInForce | None,
    *,
    event: str,
    is_finished: bool,
) -> OrderStatus:
    """Return the status the venue says; where it says none, or a new word, what amounts and place prove."""
    known = _STATUS.get(row.status.lower())
    if known is not None:
        return known
    if not unfilled:
        return OrderStatus.FILLED
    # Orders that take at once never rest: what they did not fill is gone. Of a push the event says so, too.
    takes_at_once = time_in_force in {TimeInForce.IOC, TimeInForce.FOK}
    if is_finished or event == "finish" or (takes_at_once and not (event or row.status)):
        return OrderStatus.CANCELLED
    return OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.OPEN


def fill(row: shapes.UserDealRow) -> Fill:
    """Read one of our trades."""
    role = row.role.lower()
    return Fill(
        trade_id=row.deal_id,
        order_id=row.order_id,
        client_order_id=row.client_id,
        market=row.market,
        side=row.side,
        price=row.price,
        size=row.amount,
        liquidity=Liquidity(role) if role in {"maker", "taker"} else None,
        fee=row.fee,
        fee_asset=row.fee_ccy,
        time_ns=row.created_at * NS_PER_MS,
        account=account_of(row),
        position_id=row.position_id if isinstance(row, shapes.FuturesUserDealRow) else "",
    )


def name_unit(report: ReportT, rules: Market | None) -> ReportT:
    """Return a report of an order or a fill with the asset its size counts, which pushes do not name.

    A limit order, a fill and whatever is of futures count base units. A market order of spot counts what its amounts
    prove: as long as nothing is filled they prove nothing.
    """
    if rules is None or report.size_asset:
        return report
    is_futures = report.account is AccountKind.FUTURES
    if is_futures or isinstance(report, Fill) or report.type is OrderType.LIMIT:
        return msgspec.structs.replace(report, size_asset=rules.base)
    done = None if report.unfilled_size is None else EXACT.subtract(report.size, report.unfilled_size)
    fitting = [
        asset
        for asset, amount in ((rules.base, report.filled_size), (rules.quote, report.filled_notional))
        if done and amount == done
    ]
    return msgspec.structs.replace(report, size_asset=fitting[0]) if len(fitting) == 1 else report


def balance(row: shapes.BalanceRow) -> Balance:
    """Read one asset of the account."""
    return Balance(
        asset=row.ccy,
        available=row.available,
        locked=row.frozen,
        account=AccountKind.MARGIN if row.margin_market else AccountKind.SPOT,
        margin_market=row.margin_market,
        updated_at_ns=row.updated_at * NS_PER_MS,
    )
