"""Public data: health, versions, assets, instruments, quotes, trades, increments.

Sources: the service, asset, instrument and market-data pages of docs.truemarkets.co/apis/cefi, read 2026-11-20.
The body of ``versions`` is not published; public trades and increments are known from outside the pages only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tradewire.sandbox.exact import plain
from tradewire.sandbox.order import Side
from tradewire.sandbox.venues.truex import quoting, shapes
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.fields import ID, NAME, Fields
from tradewire.sandbox.venues.truex.instruments import ASSETS, Instrument
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.problems import Problem

__all__ = ["CURRENT", "OLDER", "PublicData", "clock_text"]

OLDER = "v2024_01_01"
CURRENT = "v2026_01_23"
SUNSET_DAY = "2026-08-05"
LARGEST_SIZE = 100


class PublicData:
    """Answers that need no key.

    Args:
        core: The venue's state.
        options: How the venue differs.
    """

    def __init__(self, core: ExchangeCore, options: TrueXOptions) -> None:
        self._core = core
        self._options = options

    def health(self) -> dict[str, Any]:
        """Return how the venue feels."""
        return {
            "status": "degraded" if self._core.is_degraded else "healthy",
            "timestamp": clock_text(self._core.now_ms()),
            "service": "rag",
        }

    def versions(self) -> dict[str, Any]:
        """Return the schema versions."""
        return {
            "versions": [
                {
                    "version": OLDER,
                    "status": "deprecated",
                    "default": self._options.default_version == OLDER,
                    "sunset": SUNSET_DAY,
                },
                {
                    "version": CURRENT,
                    "status": "current",
                    "default": self._options.default_version == CURRENT,
                },
            ]
        }

    def assets(self, query: Fields) -> list[dict[str, Any]]:
        """Return the assets."""
        asset_id, name = query.optional_text("id", ID), query.optional_text("name", NAME)
        return [
            shapes.asset(asset)
            for asset, number in ASSETS.items()
            if asset_id in {None, number} and name in {None, asset}
        ]

    def instruments(self, query: Fields) -> list[dict[str, Any]]:
        """Return the instruments; ``symbol`` finds those that contain it."""
        instrument_id, symbol = query.optional_text("id", ID), query.optional_text("symbol") or ""
        now_ms = self._core.now_ms()
        return [
            shapes.instrument(instrument, now_ms)
            for instrument in self._core.instruments.values()
            if instrument_id in {None, instrument.instrument_id} and symbol in instrument.symbol
        ]

    def quotes(self, query: Fields) -> list[dict[str, Any]]:
        """Return best prices and last trades."""
        instrument_id = query.optional_text("instrument_id", ID)
        return [
            shapes.quote(instrument, self._options.empty_side)
            for instrument in self._core.instruments.values()
            if instrument_id in {None, instrument.instrument_id}
        ]

    def compute_quote(self, fields: Fields, *, is_current: bool, is_singular: bool) -> dict[str, Any]:
        """Return what a quantity would trade at, in the form of each generation.

        Raises:
            Problem: 400 or 404.
        """
        instrument = self._instrument(fields)
        if is_singular and "side" not in fields.members and "qty_unit" not in fields.members:
            bought = quoting.of_quote(self._levels(instrument, Side.SELL), fields.amount("qty"))
            return {
                "quote": shapes.average(bought.notional, bought.quantity),
                "buy_amount": plain(bought.quantity),
            }
        side, unit = fields.one_of("side", ("BUY", "SELL")), fields.one_of("qty_unit", ("BASE", "QUOTE"))
        levels = self._levels(instrument, Side.SELL if side == "BUY" else Side.BUY)
        walk = quoting.of_base if unit == "BASE" else quoting.of_quote
        found = walk(levels, fields.amount("qty"))
        document = {
            "qty": plain(found.quantity),
            "price": shapes.average(found.notional, found.quantity),
        }
        if is_current:
            document |= {"notional": plain(found.notional), "notional_residual": plain(found.residual)}
        return document

    def trades(self, query: Fields) -> list[dict[str, Any]]:
        """Return the last public trades of an instrument, newest first.

        Raises:
            Problem: 400 or 404.
        """
        instrument = self._instrument(query)
        size = query.whole("size", LARGEST_SIZE, least=1, most=LARGEST_SIZE)
        newest = list(self._core.public_trades[instrument.symbol])[-size:]
        return [shapes.public_trade(trade, instrument) for trade in reversed(newest)]

    def _instrument(self, fields: Fields) -> Instrument:
        instrument = self._core.by_id.get(fields.text("instrument_id", ID))
        if instrument is None:
            raise Problem(404, "Unknown instrument")
        return instrument

    def _levels(self, instrument: Instrument, side: Side) -> list[tuple[Any, Any]]:
        return list(self._core.markets[instrument.symbol].engine.sides[side].visible())


def clock_text(now_ms: int) -> str:
    """Return a time as health replies carry it, in UTC."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
