"""From the wire's shapes to the words of the face.

Source: the pages of docs.truemarkets.co/apis/cefi, read 2026-11-20.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tradewire.errors import FrameError
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
from tradewire.protocol.arguments import EXACT
from tradewire.session.live_order import LiveOrder
from tradewire.venues.truex import model, shapes
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.increments import increment_at

__all__ = [
    "asset",
    "balance",
    "best_quote",
    "client",
    "fill",
    "health",
    "increment",
    "instrument",
    "market",
    "order",
    "progress",
    "quote",
    "trade",
    "transfer",
    "version",
]

NS_PER_S = 1_000_000_000
ZERO = Decimal(0)
ACTIVE = "ACTIVE"
EXTREMES = (
    Decimal("-170141183460469231731.687303715884105728"),
    Decimal("170141183460469231731.687303715884105727"),
)
"""Ends of the engine's numbers: the price of a side that is empty."""
_STATUSES: dict[shapes.OrderState, OrderStatus] = {
    "INITIALIZED": OrderStatus.PENDING,
    "NEW_PENDING": OrderStatus.PENDING,
    "ACTIVE": OrderStatus.OPEN,
    "MODIFY_PENDING": OrderStatus.OPEN,
    "CANCEL_PENDING": OrderStatus.OPEN,
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELLED,
    "REJECTED": OrderStatus.REJECTED,
}
_ROLES = {"TAKER": Liquidity.TAKER, "MAKER": Liquidity.MAKER}


def health(row: shapes.HealthRow) -> model.Health:
    """Build the service's health; its time is UTC to the second."""
    try:
        now = datetime.strptime(row.timestamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise FrameError(f"not a time: {row.timestamp[:40]!r}", kind="wrong_shape") from None
    return model.Health(
        is_healthy=row.status == "healthy", now_ns=int(now.timestamp()) * NS_PER_S, service=row.service
    )


def version(row: shapes.VersionRow) -> model.SchemaVersion:
    """Build a schema version."""
    return model.SchemaVersion(
        version=row.version, status=row.status, is_default=row.default, sunset=row.sunset
    )


def asset(row: shapes.AssetRow) -> model.Asset:
    """Build an asset."""
    name = row.fields.name or row.info.name or row.name or row.id
    return model.Asset(asset_id=row.id, name=name, status=row.status)


def instrument(row: shapes.InstrumentRow) -> model.Instrument:
    """Build an instrument."""
    return model.Instrument(
        instrument_id=row.id,
        symbol=row.info.symbol,
        base_asset_id=row.info.base_asset_id,
        quote_asset_id=row.info.quote_asset_id,
        status=row.status,
        reference_price=Decimal(row.info.reference_price),
        price_limit_window_s=Decimal(row.info.price_limit_window_secs),
        price_limit_share=Decimal(row.info.price_limit_percent),
        price_band_share=Decimal(row.info.price_bands_percent),
        notional_24h=Decimal(row.stats.last_24hr_notional),
        size_24h=Decimal(row.stats.last_24hr_quantity),
    )


def market(known: model.Instrument, directory: Directory) -> Market:
    """Build a market of the common face, with the tick and lot of its reference price."""
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
    price = Decimal(row.price)
    return None if not price or price in EXTREMES else Level(price, Decimal(row.qty))


def best_quote(row: shapes.QuoteRow, directory: Directory) -> BestQuote:
    """Build best prices; over the stream the instrument comes without its symbol."""
    return BestQuote(
        market=row.symbol or directory.symbol(row.id),
        bid=_level(row.info.best_bid),
        ask=_level(row.info.best_ask),
        time_ns=int(row.info.last_update),
    )


def quote(row: shapes.QuotedRow) -> model.Quote:
    """Build a computed quote, of any version."""
    return model.Quote(
        size=Decimal(row.buy_amount or row.qty),
        price=Decimal(row.quote or row.price),
        notional=None if row.notional is None else Decimal(row.notional),
        notional_residual=None if row.notional_residual is None else Decimal(row.notional_residual),
    )


def increment(row: shapes.IncrementRow) -> model.PublicIncrement:
    """Build a row of the increment table."""
    return model.PublicIncrement(
        price_from=Decimal(row.price_from),
        price_to=None if row.price_to is None else Decimal(row.price_to),
        tick_size=Decimal(row.price_increment),
        lot_size=Decimal(row.qty_increment),
        min_notional=Decimal(row.min_notional),
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
        price=Decimal(price),
        size=Decimal(size),
        time_ns=int(row.timestamp) or time_ns,
    )


def client(row: shapes.ClientRow) -> model.Client:
    """Build a client; the organisation's id once stood a level higher."""
    prevention = row.info.self_trade_prevention
    known = {mode.value for mode in model.SelfTradePrevention}
    return model.Client(
        account_id=row.id,
        status=row.status,
        organization_id=row.info.organization_id or row.organization_id,
        mnemonic=row.info.mnemonic,
        kind=row.info.type,
        maker_fee_tier=row.info.maker_fee_tier,
        taker_fee_tier=row.info.taker_fee_tier,
        self_trade_prevention=model.SelfTradePrevention(prevention) if prevention in known else None,
    )


def order(row: shapes.OrderRow, directory: Directory) -> Order:
    """Build an order, of REST or of the drop copy.

    Raises:
        FrameError: It does not say what was ordered.
    """
    info, modified = row.info, row.modify_info or row.modify
    if info is None:
        raise FrameError(f"order {row.id[:40]} without order_info", kind="wrong_shape")
    size = Decimal(info.qty)
    price = None if info.price is None else Decimal(info.price)
    kind = OrderType.LIMIT if info.type == "LIMIT" else OrderType.MARKET
    if modified is not None:
        size = size if modified.new_qty is None else Decimal(modified.new_qty)
        price = price if modified.new_price is None else Decimal(modified.new_price)
        kind = OrderType.MARKET if modified.new_type == "MARKET" else kind
    return Order(
        order_id=row.id,
        client_order_id=row.external_id,
        market=directory.symbol(info.instrument_id),
        side=Side(info.side.lower()),
        type=kind,
        time_in_force=TimeInForce(info.tif.lower()),
        post_only="ALO" in info.exec_inst_flags,
        price=price,
        size=size,
        filled_size=row.executed,
        filled_notional=_value(row),
        status=_status(row),
        created_at_ns=int(row.timestamp),
        updated_at_ns=int(row.update_timestamp) or int(row.timestamp),
        reason=row.text,
    )


def progress(row: shapes.OrderRow, known: LiveOrder) -> Order:
    """Build a report that does not say what was ordered, of an order of which that is known."""
    last = known.report
    return Order(
        order_id=row.id,
        client_order_id=row.external_id or known.client_order_id,
        market=known.market,
        side=known.side,
        type=last.type if last else OrderType.MARKET if known.price is None else OrderType.LIMIT,
        time_in_force=last.time_in_force if last else TimeInForce.GTC,
        post_only=last is not None and last.post_only,
        price=known.price,
        size=known.size,
        filled_size=row.executed,
        filled_notional=_value(row),
        status=_status(row),
        created_at_ns=int(row.timestamp) or (last.created_at_ns if last else known.sent_at_ns),
        updated_at_ns=int(row.update_timestamp) or int(row.timestamp),
        reason=row.text,
    )


def _status(row: shapes.OrderRow) -> OrderStatus:
    """Return an order's status; the venue has no word for a part filled one."""
    status = _STATUSES[row.status]
    return OrderStatus.PARTIALLY_FILLED if status is OrderStatus.OPEN and row.executed else status


def _value(row: shapes.OrderRow) -> Decimal:
    return EXACT.multiply(row.executed, Decimal(row.executed_vwap or "0"))


def fill(row: shapes.TradeRow, directory: Directory, side: Side | None, client_order_id: str) -> Fill:
    """Build a fill; the trade names neither side nor our id, which are its order's. The fee is in quote units."""
    symbol = directory.symbol(row.instrument_id)
    price, size = Decimal(row.trade_price), Decimal(row.trade_qty)
    return Fill(
        trade_id=row.match_id,
        order_id=row.order_id,
        client_order_id=client_order_id,
        market=symbol,
        side=side,
        price=price,
        size=size,
        liquidity=_ROLES.get(row.liq_flag),
        fee=EXACT.multiply(EXACT.multiply(price, size), Decimal(row.trade_fee_rate)),
        fee_asset=directory.quote_asset(symbol),
        time_ns=int(row.timestamp),
    )


def balance(account: shapes.AccountRow, row: shapes.BalanceRow, directory: Directory) -> model.AssetBalance:
    """Build one asset of a client."""
    return model.AssetBalance(
        account_id=account.id,
        asset_id=row.asset_id,
        asset=directory.asset(row.asset_id),
        total=Decimal(row.balance),
        unsettled=Decimal(row.unsettled),
        order_hold=Decimal(row.order_hold),
        transfer_hold=Decimal(row.transfer_hold),
    )


def transfer(row: shapes.TransferRow) -> model.Transfer:
    """Build a transfer."""
    return model.Transfer(
        transfer_id=row.id,
        status=row.status,
        kind=row.request.type,
        platform=row.request.platform,
        asset_id=row.request.asset_id,
        account_id=row.request.client_id,
        amount=Decimal(row.request.amount),
    )
