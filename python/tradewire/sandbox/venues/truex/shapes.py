"""The documents that replies and pushes share: orders, executions, instruments, quotes.

All ids and numbers are strings. Sources: the order, instrument, market-data and client pages of
docs.truemarkets.co/apis/cefi, read 2026-11-20. The quantity traded goes out under the published misspelling and
under its right name. What is unconfirmed: where an asset's name sits.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Context, Decimal
from typing import Any, Literal

from tradewire.sandbox.exact import plain
from tradewire.sandbox.order import Side, Trade
from tradewire.sandbox.venues.truex.increments import price_text, quantity_text
from tradewire.sandbox.venues.truex.instruments import ASSETS, Instrument
from tradewire.sandbox.venues.truex.records import Execution, Ticket

__all__ = [
    "average",
    "execution",
    "instrument",
    "nanoseconds",
    "no_level",
    "order",
    "quote",
    "report",
    "trade_push",
]

NS_PER_MS = 1_000_000
ROUGH = Context(prec=120, rounding=ROUND_DOWN)
EIGHTEEN_PLACES = Decimal(1).scaleb(-18)
EXTREMES = {
    Side.BUY: "-170141183460469231731.687303715884105728",
    Side.SELL: "170141183460469231731.687303715884105727",
}


def nanoseconds(ms: int) -> str:
    """Return a time as the venue writes it."""
    return str(ms * NS_PER_MS)


def average(value: Decimal, quantity: Decimal) -> str:
    """Return the average price, cut to 18 decimals; ``"0"`` of nothing."""
    if not quantity:
        return "0"
    return plain(ROUGH.quantize(ROUGH.divide(value, quantity), EIGHTEEN_PLACES))


def order(ticket: Ticket, status: str | None = None) -> dict[str, Any]:
    """Return the order object, showing ``status`` instead of its own if given."""
    matched, price = ticket.order, ticket.order.price or Decimal(0)
    executed = quantity_text(matched.filled, price) if matched.filled else "0"
    return {
        "id": str(matched.order_id),
        "status": status or ticket.status,
        "order_info": ticket.info,
        **({} if ticket.modify_info is None else {"modify_info": ticket.modify_info}),
        "external_id": ticket.external_id,
        "ref_external_id": ticket.ref_external_id,
        "pending_qty": "0",
        "leaves_qty": quantity_text(matched.remaining, price) if ticket.is_open else "0",
        "exeuted_qty": executed,
        "executed_qty": executed,
        "executed_vwap": average(matched.filled_value, matched.filled),
        "timestamp": nanoseconds(ticket.created_ms),
        "update_timestamp": nanoseconds(ticket.updated_ms),
    }


def report(ticket: Ticket) -> dict[str, Any]:
    """Return an order report of the ``DROPCOPY`` channel; its published shape could not be read."""
    return {**order(ticket), "client_id": ticket.client_id, "text": ticket.text}


def execution(done: Execution) -> dict[str, Any]:
    """Return one side of a trade."""
    return {
        "client_id": done.ticket.client_id,
        "instrument_id": done.ticket.instrument.instrument_id,
        "order_id": str(done.ticket.order.order_id),
        "trade_price": price_text(done.price),
        "trade_qty": quantity_text(done.quantity, done.price),
        "trade_fee_rate": plain(done.fee_rate),
        "liq_flag": done.liquidity,
        "match_id": str(done.match_id),
        "timestamp": nanoseconds(done.at_ms),
    }


def trade_push(trade: Trade, traded: Instrument) -> dict[str, Any]:
    """Return a trade as the ``TRADE`` channel carries it; ``id`` is what the vendor's own code reads."""
    return {
        "id": traded.instrument_id,
        "match_id": str(trade.trade_id),
        "trade_price": price_text(trade.price),
        "trade_qty": quantity_text(trade.quantity, trade.price),
        "liq_flag": "TAKER",
    }


def instrument(shown: Instrument, now_ms: int) -> dict[str, Any]:
    """Return an instrument with its last 24 hours."""
    notional, quantity = shown.volume.totals(now_ms)
    return {
        "id": shown.instrument_id,
        "status": shown.status,
        "info": {
            "symbol": shown.symbol,
            "reference_price": price_text(shown.reference_price),
            "base_asset_id": ASSETS[shown.base],
            "quote_asset_id": ASSETS[shown.quote],
            "price_limit_window_secs": str(shown.price_limit_window_s),
            "price_limit_percent": plain(shown.price_limit_percent),
            "price_bands_percent": plain(shown.price_bands_percent),
        },
        "stats": {"last_24hr_notional": plain(notional), "last_24hr_quantity": plain(quantity)},
    }


def no_level(side: Side, empty_side: Literal["zero", "extremes"]) -> dict[str, str]:
    """Return what stands for the best level of an empty side."""
    return {
        "price": EXTREMES[side] if empty_side == "extremes" else "0",
        "qty": "0",
        "order_count": "0",
    }


def quote(shown: Instrument, empty_side: Literal["zero", "extremes"]) -> dict[str, Any]:
    """Return best prices and last trade of an instrument."""
    info: dict[str, Any] = {
        "last_trade": {
            "price": price_text(shown.last_price) if shown.last_price else "0",
            "qty": quantity_text(shown.last_quantity, shown.last_price) if shown.last_price else "0",
            "timestamp": nanoseconds(shown.last_trade_ms),
        }
    }
    for name, side in (("best_bid", Side.BUY), ("best_ask", Side.SELL)):
        best = shown.best[side]
        level = no_level(side, empty_side)
        if best is not None:
            price, quantity, orders = best
            level = {
                "price": price_text(price),
                "qty": quantity_text(quantity, price),
                "order_count": str(orders),
            }
        info[name] = {**level, "last_update": nanoseconds(shown.best_ms[side])}
    info["last_update"] = nanoseconds(shown.last_update_ms)
    return {"id": shown.instrument_id, "symbol": shown.symbol, "info": info}
