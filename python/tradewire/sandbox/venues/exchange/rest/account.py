"""A trader's own account: profile, positions, open orders, fills, rank."""

from __future__ import annotations

from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.exchange import leaderboard
from tradewire.sandbox.venues.exchange.fields import Text, Whole
from tradewire.sandbox.venues.exchange.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.exchange.positions import POSITION_LIMIT

__all__ = ["Account"]


class Account(Handlers):
    """Group ``account``."""

    @route("GET", "/api/v1/user", group="trader")
    def user(self, call: Call) -> Json:
        """Return the profile."""
        return self.profile(call.user)

    @route("GET", "/api/v1/positions", group="trader", topic="positions")
    @route("GET", "/api/v1/balance", group="trader", topic="positions")
    def positions(self, call: Call) -> list[Json]:
        """Return positions, under an undocumented name too."""
        return [position.shape() for position in self.core.positions_of(call.user.trader_id)]

    @route("GET", "/api/v1/portfolio", group="trader", topic="positions")
    def portfolio(self, call: Call) -> Json:
        """Return positions with their limit."""
        return {
            "trader_id": call.user.trader_id,
            "position_limit": POSITION_LIMIT,
            "positions": self.positions(call),
        }

    @route("GET", "/api/v1/leaderboard", group="trader")
    @route("GET", "/api/v1/admin/leaderboard", group="admin", action="public")
    def leaderboard(self, limit: Whole | None = None) -> list[Json]:
        """Return every trader, best first."""
        return leaderboard.rows(self.core, limit)

    @route("GET", "/api/v1/open-orders", group="trader", topic="orders")
    def open_orders(self, call: Call, market: Text | None = None) -> list[Json]:
        """Return orders that rest."""
        return [order.shape() for order in self.reads.view().open_orders(call.user.trader_id, market)]

    @route("GET", "/api/v1/fills", group="trader", topic="fills")
    def fills(self, call: Call, market: Text | None = None) -> list[Json]:
        """Return executions."""
        return [fill.shape() for fill in self.reads.view().fills(call.user.trader_id, market)]
