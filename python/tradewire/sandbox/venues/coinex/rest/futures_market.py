"""Futures markets: this sandbox has none."""

from __future__ import annotations

from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import unreadable
from tradewire.sandbox.venues.coinex.fields import Text
from tradewire.sandbox.venues.coinex.handlers import Handlers, Json

__all__ = ["FuturesMarket"]


class FuturesMarket(Handlers):
    """Page group ``futures/market``."""

    @route("GET", "/v2/futures/market", topic="markets")
    def markets(self, market: Text = "") -> list[Json]:
        """Return the markets; a name is refused as the live venue refuses unknown ones."""
        if market:
            raise unreadable("invalid argument")
        return []
