"""Public data: assets, instruments, quotes, trades, increments.

Public trades and increments are known from outside the pages only; the names of their members are a guess.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from tradewire.sandbox.exact import plain
from tradewire.sandbox.order import Side
from tradewire.sandbox.routing import Reader, route
from tradewire.sandbox.venues.truex import quoting, shapes
from tradewire.sandbox.venues.truex.fields import Amount, Deferred, Id, Name, Text
from tradewire.sandbox.venues.truex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.truex.increments import BUCKETS, MIN_NOTIONAL, price_text, quantity_text
from tradewire.sandbox.venues.truex.instruments import ASSETS, Instrument

__all__ = ["MarketData"]

LARGEST_SIZE = 100
Size: TypeAlias = Annotated[int, Reader(lambda fields, name: fields.whole(name, least=1, most=LARGEST_SIZE))]
SideAndUnit: TypeAlias = Annotated[Deferred, Reader(Deferred, ("side", "qty_unit"))]
"""Which side, in which unit; the oldest generation asks without either."""


class MarketData(Handlers):
    """Groups ``Assets``, ``Instruments`` and ``Market Data``."""

    @route("GET", "/v1/cefi/assets", spellings=("/api/v1/asset",))
    def assets(self, id_: Id | None = None, name: Name | None = None) -> list[Json]:
        """Return the assets; where the name sits is unconfirmed."""
        return [
            {"id": number, "status": "ACTIVE", "fields": {"name": asset}}
            for asset, number in ASSETS.items()
            if id_ in {None, number} and name in {None, asset}
        ]

    @route("GET", "/v1/cefi/instruments", topic="markets", spellings=("/api/v1/instrument",))
    def instruments(self, id_: Id | None = None, symbol: Text = "") -> list[Json]:
        """Return the instruments; ``symbol`` finds those that contain it."""
        now_ms = self.core.now_ms()
        return [
            shapes.instrument(instrument, now_ms)
            for instrument in self.core.instruments.values()
            if id_ in {None, instrument.instrument_id} and symbol in instrument.symbol
        ]

    @route("GET", "/v1/cefi/markets/quote", spellings=("/api/v1/market/quote",))
    def quotes(self, instrument_id: Id | None = None) -> list[Json]:
        """Return best prices and last trades."""
        return [
            shapes.quote(instrument, self.options.empty_side)
            for instrument in self.core.instruments.values()
            if instrument_id in {None, instrument.instrument_id}
        ]

    @route("POST", "/v1/cefi/markets/quote", spellings=("/api/v1/market/quote",))
    def compute_quote(self, call: Call, instrument_id: Id, qty: Amount, how: SideAndUnit) -> Json:
        """Return what a quantity would trade at, in the form of each generation."""
        instrument, fields = self.core.instrument_of(instrument_id), how.fields
        if call.is_singular and not (fields.has("side") or fields.has("qty_unit")):
            bought = quoting.of_quote(self._levels(instrument, Side.SELL), qty)
            price = shapes.average(bought.notional, bought.quantity)
            return {"quote": price, "buy_amount": plain(bought.quantity)}
        side, unit = fields.one_of("side", ("BUY", "SELL")), fields.one_of("qty_unit", ("BASE", "QUOTE"))
        levels = self._levels(instrument, Side.SELL if side == "BUY" else Side.BUY)
        found = (quoting.of_base if unit == "BASE" else quoting.of_quote)(levels, qty)
        document = {"qty": plain(found.quantity), "price": shapes.average(found.notional, found.quantity)}
        if call.is_current:
            document |= {"notional": plain(found.notional), "notional_residual": plain(found.residual)}
        return document

    @route("GET", "/v1/cefi/markets/trade", spellings=("/api/v1/market/trade",))
    def trades(self, instrument_id: Id, size: Size = LARGEST_SIZE) -> list[Json]:
        """Return the last public trades of an instrument, newest first."""
        symbol = self.core.instrument_of(instrument_id).symbol
        return [
            {
                "instrument_id": instrument_id,
                "match_id": str(trade.trade_id),
                "price": price_text(trade.price),
                "qty": quantity_text(trade.quantity, trade.price),
                "timestamp": shapes.nanoseconds(trade.at_ms),
            }
            for trade in list(self.core.public_trades[symbol])[: -size - 1 : -1]
        ]

    @route("GET", "/v1/cefi/markets/increment", spellings=("/api/v1/market/increment",))
    def increments(self) -> list[Json]:
        """Return the increment table; the operation is known from a release note only."""
        ceilings = [None, *(bucket.start for bucket in BUCKETS)]
        return [
            {
                "price_from": plain(bucket.start),
                "price_to": None if ceiling is None else plain(ceiling - bucket.tick),
                "price_increment": plain(bucket.tick),
                "qty_increment": plain(bucket.lot),
                "min_notional": plain(MIN_NOTIONAL),
            }
            for bucket, ceiling in zip(BUCKETS, ceilings, strict=False)
        ]

    def _levels(self, instrument: Instrument, side: Side) -> list[tuple[Decimal, Decimal]]:
        levels: Any = self.core.markets[instrument.symbol].engine.sides[side].visible()
        return list(levels)
