"""From the wire's shapes, of REST and pushes alike, to the words of the common interface.

Source: the pages of docs.truemarkets.co/apis/cefi, read 2026-11-20.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from tradewire.decimals import EXACT
from tradewire.errors import FrameError, UnreadableRow
from tradewire.model import (
    BestQuote,
    Fill,
    Level,
    Liquidity,
    Market,
    Order,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
    Trade,
)
from tradewire.session.live_order import LiveOrder
from tradewire.venues.truex import shapes
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.increments import increment_at
from tradewire.venues.truex.model import Instrument
from tradewire.wire import Accepted

__all__ = ["accepted", "best_quote", "fill", "market", "order", "progress", "trade"]

ZERO = Decimal(0)
ACTIVE = "ACTIVE"
EXTREMES = (
    Decimal("-170141183460469231731.687303715884105728"),
    Decimal("170141183460469231731.687303715884105727"),
)
"""Ends of the engine's numbers: the price of a side that is empty."""
_STATUSES: dict[str, OrderStatus] = {
    "INITIALIZED": OrderStatus.PENDING,
    "NEW_PENDING": OrderStatus.PENDING,
    "ACTIVE": OrderStatus.OPEN,
    "MODIFY_PENDING": OrderStatus.OPEN,
    "CANCEL_PENDING": OrderStatus.OPEN,
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELLED,
    "REJECTED": OrderStatus.REJECTED,
}
_TYPES = {"LIMIT": OrderType.LIMIT, "MARKET": OrderType.MARKET}
_TIMES_IN_FORCE = {member.name: member for member in TimeInForce}
MODIFY_PENDING = "MODIFY_PENDING"
_ROLES = {"TAKER": Liquidity.TAKER, "MAKER": Liquidity.MAKER}


def market(known: Instrument, directory: Directory) -> Market:
    """Build a market of the common interface, with the tick and lot of its reference price."""
    step = increment_at(known.reference_price)
    return Market(
        symbol=known.symbol,
        base=directory.asset(known.base_asset_id),
        quote=directory.asset(known.quote_asset_id),
        tick_size=step.tick,
        lot_size=step.lot,
        min_size=step.lot,
        is_tradable=known.status == ACTIVE,
        status=known.status,
    )


def _level(row: shapes.BestRow) -> Level | None:
    price = row.price
    return None if not price or price in EXTREMES else Level(price, row.qty or ZERO)


def best_quote(row: shapes.QuoteRow, directory: Directory) -> BestQuote:
    """Build best prices; over the stream the instrument comes without its symbol."""
    return BestQuote(
        market=row.symbol or directory.symbol(row.id),
        bid=_level(row.info.best_bid),
        ask=_level(row.info.best_ask),
        time_ns=row.info.last_update,
    )


def trade(row: shapes.Tape, directory: Directory, time_ns: int = 0, symbol: str = "") -> Trade:
    """Build a public trade. The venue does not tell the taker's side.

    Raises:
        FrameError: It has neither of the names of a price or a size.
    """
    price, size = row.trade_price or row.price, row.trade_qty or row.qty
    if not (price and size):
        raise FrameError(f"a trade without price or size: {row.match_id[:40]}", kind="wrong_shape")
    return Trade(
        trade_id=row.match_id,
        market=symbol or directory.symbol(row.instrument_id or row.id),
        side=None,
        price=price,
        size=size,
        time_ns=row.timestamp or time_ns,
    )


def order(row: shapes.OrderRow, directory: Directory, known: LiveOrder | None = None) -> Order:
    """Build an order, of REST or of the drop copy.

    Args:
        row: It.
        directory: Names the ids.
        known: The same order as far as it is followed: a change that is not confirmed yet leaves its size and price.

    Raises:
        FrameError: It does not say what was ordered, or its side is a new word.
    """
    info = row.info
    if info is None:
        raise FrameError(f"order {row.id[:40]} without order_info", kind="wrong_shape")
    symbol = directory.symbol(info.instrument_id)
    kind, size, price = _valid(row, info, known)
    return Order(
        order_id=row.id,
        client_order_id=row.external_id,
        market=symbol,
        side=info.side,
        type=kind,
        time_in_force=_TIMES_IN_FORCE.get(info.tif.upper()),
        post_only="ALO" in (info.exec_inst_flags or ()),
        price=price,
        size=size,
        filled_size=row.executed,
        filled_notional=_value(row),
        status=_status(row, size),
        created_at_ns=row.timestamp,
        updated_at_ns=row.update_timestamp or row.timestamp,
        size_asset=directory.base_asset(symbol),
        reason=row.text,
        venue_type=" ".join(filter(None, (info.type, info.tif))),
        venue_status=row.status,
    )


def _valid(
    row: shapes.OrderRow, info: shapes.OrderInfo, known: LiveOrder | None
) -> tuple[OrderType | None, Decimal, Decimal | None]:
    """Return type, size and price that hold: those of the latest change, unless it is still to be confirmed."""
    kind, size, price = _TYPES.get(info.type.upper()), info.qty or ZERO, info.price
    changed = row.modify_info or row.modify
    if changed is None:
        return kind, size, price
    if row.status.upper() == MODIFY_PENDING:
        if known is not None:
            last = known.report
            return (kind if last is None else last.type), known.size, known.price
        # What is open and what is done together were the size, whatever is wanted now.
        return kind, size if row.leaves_qty is None else EXACT.add(row.leaves_qty, row.executed), price
    if changed.new_type:
        kind = _TYPES.get(changed.new_type.upper(), kind)
    return kind, changed.new_qty or size, changed.new_price or price


def progress(row: shapes.OrderRow, known: LiveOrder) -> Order:
    """Build a report that does not say what was ordered, of an order of which that is known."""
    last = known.report or known.placed
    return replace(
        last,
        order_id=row.id,
        client_order_id=row.external_id or known.client_order_id,
        filled_size=row.executed,
        filled_notional=_value(row),
        status=_status(row, last.size),
        created_at_ns=row.timestamp or last.created_at_ns or known.sent_at_ns,
        updated_at_ns=row.update_timestamp or row.timestamp,
        reason=row.text,
        venue_status=row.status,
        received_at_ns=0,
    )


def _status(row: shapes.OrderRow, size: Decimal) -> OrderStatus:
    """Return an order's status; the venue has no word for a part filled one. A new word is decided by amounts."""
    known = _STATUSES.get(row.status.upper())
    if known is None and size and row.executed >= size:
        return OrderStatus.FILLED
    status = OrderStatus.OPEN if known is None else known
    return OrderStatus.PARTIALLY_FILLED if status is OrderStatus.OPEN and row.executed else status


def accepted(fault: UnreadableRow, row: shapes.AcceptedRow) -> Accepted:
    """Build what is left of an order that cannot be read. How much of it traded, and so its end, is not known."""
    status = _STATUSES.get(row.status.upper(), OrderStatus.OPEN)
    if status not in {OrderStatus.PENDING, OrderStatus.REJECTED}:
        status = OrderStatus.OPEN
    return Accepted(order_id=row.id, client_order_id=row.external_id, fault=fault, status=status)


def _value(row: shapes.OrderRow) -> Decimal:
    return EXACT.multiply(row.executed, row.executed_vwap or ZERO)


def fill(row: shapes.TradeRow, directory: Directory, side: Side | None, client_order_id: str) -> Fill:
    """Build a fill; the trade names neither side nor our id, which are its order's. The fee is in quote units."""
    symbol = directory.symbol(row.instrument_id)
    price, size = row.trade_price, row.trade_qty
    return Fill(
        trade_id=row.match_id,
        order_id=row.order_id,
        client_order_id=client_order_id,
        market=symbol,
        side=side,
        price=price,
        size=size,
        liquidity=_ROLES.get(row.liq_flag.upper()),
        fee=None
        if row.trade_fee_rate is None
        else EXACT.multiply(EXACT.multiply(price, size), row.trade_fee_rate),
        fee_asset=directory.quote_asset(symbol),
        time_ns=row.timestamp,
        size_asset=directory.base_asset(symbol),
    )
