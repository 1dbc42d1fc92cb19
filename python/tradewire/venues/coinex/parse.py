"""Shapes to models: the only place where CoinEx's words become ours."""

from __future__ import annotations

from decimal import Decimal

from tradewire.errors import RemoteProtocolError
from tradewire.model import (
    Balance,
    BookSnapshot,
    Fill,
    Level,
    Liquidity,
    Market,
    Order,
    OrderStatus,
    OrderType,
    Side,
    Ticker,
    TimeInForce,
    Trade,
)
from tradewire.protocol.arguments import EXACT
from tradewire.venues.coinex import shapes

__all__ = ["balance", "book", "fill", "market", "order", "order_words", "ticker", "trade", "wire_type"]

NS_PER_MS = 1_000_000
MAX_PRECISION = 40
"""Decimals no market comes near; beyond it the reply is broken."""
SHOWN_CHARACTERS = 50
MODULO_CRC = 0xFFFFFFFF

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
    "filled": OrderStatus.FILLED,
    "part_canceled": OrderStatus.CANCELLED,
    "canceled": OrderStatus.CANCELLED,
}


def order_words(word: str) -> tuple[OrderType, TimeInForce, bool]:
    """Return type, time in force and post-only of the venue's order type, in whatever case.

    Raises:
        RemoteProtocolError: The word is new to us.
    """
    try:
        return _WORDS[word.lower()]
    except KeyError:
        raise RemoteProtocolError(f"unknown order type {word[:SHOWN_CHARACTERS]!r}") from None


def wire_type(order_type: OrderType, time_in_force: TimeInForce, *, post_only: bool) -> str:
    """Return the venue's order type: it holds time in force and post-only as well."""
    if order_type is OrderType.MARKET:
        return "market"
    if post_only:
        return "maker_only"
    return "limit" if time_in_force is TimeInForce.GTC else time_in_force.value


def _side(word: str) -> Side:
    try:
        return Side(word.lower())
    except ValueError:
        raise RemoteProtocolError(f"unknown side {word[:SHOWN_CHARACTERS]!r}") from None


def _check_finite(*numbers: Decimal) -> None:
    """Refuse "NaN" and "Infinity", which are decimals to a decoder and poison to a ledger."""
    for number in numbers:
        if not number.is_finite():
            raise RemoteProtocolError(f"a quantity is {number}")


def market(row: shapes.MarketRow) -> Market:
    """Read a market's rules; its steps are powers of ten."""
    _check_finite(row.min_amount, row.maker_fee_rate, row.taker_fee_rate)
    if not (0 <= row.base_ccy_precision <= MAX_PRECISION and 0 <= row.quote_ccy_precision <= MAX_PRECISION):
        raise RemoteProtocolError(f"{row.market[:SHOWN_CHARACTERS]} has an absurd precision")
    return Market(
        symbol=row.market,
        base=row.base_ccy,
        quote=row.quote_ccy,
        tick_size=Decimal(1).scaleb(-row.quote_ccy_precision, EXACT),
        lot_size=Decimal(1).scaleb(-row.base_ccy_precision, EXACT),
        min_size=row.min_amount,
        maker_fee_rate=row.maker_fee_rate,
        taker_fee_rate=row.taker_fee_rate,
        is_tradable=row.status == "online" and row.is_api_trading_available,
        status=row.status,
    )


def ticker(row: shapes.TickerRow) -> Ticker:
    """Read a market's last day."""
    _check_finite(row.last, row.open, row.high, row.low, row.volume, row.value)
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
    """Read the top of a book."""
    depth = reply.depth
    for side in (depth.bids, depth.asks):
        for level in side:
            _check_finite(*level)
    if depth.last is not None:
        _check_finite(depth.last)
    return BookSnapshot(
        market=reply.market,
        bids=tuple(Level(price, size) for price, size in depth.bids),
        asks=tuple(Level(price, size) for price, size in depth.asks),
        time_ns=depth.updated_at * NS_PER_MS,
        last=depth.last,
        checksum=_checksum(depth.checksum),
    )


def _checksum(sent: int | str | None) -> int | None:
    """Read a CRC-32, which comes signed or unsigned, as a number or as text."""
    if sent is None:
        return None
    try:
        return int(sent) & MODULO_CRC
    except ValueError:
        raise RemoteProtocolError(f"no checksum: {str(sent)[:SHOWN_CHARACTERS]!r}") from None


def trade(symbol: str, row: shapes.DealRow) -> Trade:
    """Read a public trade, which does not name its market."""
    _check_finite(row.price, row.amount)
    return Trade(
        trade_id=str(row.deal_id),
        market=symbol,
        side=_side(row.side),
        price=row.price,
        size=row.amount,
        time_ns=row.created_at * NS_PER_MS,
    )


def order(row: shapes.OrderRow, *, is_finished: bool = False) -> Order:
    """Read an order. Where the venue sends no status it follows from the amounts and from where it was found."""
    _check_finite(row.amount, row.price, row.unfilled_amount, row.filled_amount, row.filled_value)
    order_type, time_in_force, post_only = order_words(row.type)
    return Order(
        order_id=str(row.order_id),
        client_order_id=row.client_id,
        market=row.market,
        side=_side(row.side),
        type=order_type,
        time_in_force=time_in_force,
        post_only=post_only,
        price=None if order_type is OrderType.MARKET else row.price,
        size=row.amount,
        filled_size=row.filled_amount,
        filled_notional=row.filled_value,
        status=_status(row, is_finished=is_finished),
        created_at_ns=row.created_at * NS_PER_MS,
        updated_at_ns=max(row.updated_at, row.created_at) * NS_PER_MS,
        size_asset=row.ccy,
    )


def _status(row: shapes.OrderRow, *, is_finished: bool) -> OrderStatus:
    if row.status:
        try:
            return _STATUS[row.status.lower()]
        except KeyError:
            raise RemoteProtocolError(f"unknown order status {row.status[:SHOWN_CHARACTERS]!r}") from None
    if row.unfilled_amount == 0:
        return OrderStatus.FILLED
    # Orders that take at once never rest: what they did not fill is gone.
    if is_finished or order_words(row.type)[1] is not TimeInForce.GTC:
        return OrderStatus.CANCELLED
    return OrderStatus.PARTIALLY_FILLED if row.filled_amount > 0 else OrderStatus.OPEN


def fill(row: shapes.UserDealRow) -> Fill:
    """Read one of our trades."""
    _check_finite(row.price, row.amount, *(() if row.fee is None else (row.fee,)))
    role = row.role.lower()
    return Fill(
        trade_id=str(row.deal_id),
        order_id=str(row.order_id),
        client_order_id=row.client_id,
        market=row.market,
        side=_side(row.side),
        price=row.price,
        size=row.amount,
        liquidity=Liquidity(role) if role in {"maker", "taker"} else None,
        fee=row.fee,
        fee_asset=row.fee_ccy,
        time_ns=row.created_at * NS_PER_MS,
    )


def balance(row: shapes.BalanceRow) -> Balance:
    """Read one asset of the account."""
    _check_finite(row.available, row.frozen)
    return Balance(asset=row.ccy, available=row.available, locked=row.frozen)
