"""What only the operator may do: users, markets, trading on and off, messages."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from tradewire.sandbox.routing import Reader, route, struct
from tradewire.sandbox.venues.exchange.fields import Level, Switch, Text, Whole
from tradewire.sandbox.venues.exchange.handlers import Handlers, Json
from tradewire.sandbox.venues.exchange.operating import MarketChanges, MarketSpec

__all__ = ["Admin"]

RECENT_MESSAGES = 50
SPEC = struct(MarketSpec)
Spec: TypeAlias = Annotated[MarketSpec, SPEC]
Specs: TypeAlias = Annotated[
    list[MarketSpec],
    Reader(lambda fields, name: [SPEC.read(one, "") for one in fields.objects(name, SPEC.members)]),
]
Changes: TypeAlias = Annotated[MarketChanges, struct(MarketChanges)]


class Admin(Handlers):
    """Group ``admin``; faults of a trader's requests spare them."""

    action = "public"

    @route("POST", "/api/v1/admin/users", group="admin", status=201)
    def add_user(self, username: Text) -> Json:
        """Provision a trader."""
        return {"profile": self.profile(self.operating.add_user(username))}

    @route("POST", "/api/v1/admin/users/reset", group="admin")
    def reset(self) -> Json:
        """Erase orders, positions and fills."""
        return dict(self.operating.reset())

    @route("GET", "/api/v1/admin/state", group="admin")
    def state(self) -> Json:
        """Return switches, markets and recent messages."""
        return {
            "controls": self.core.controls(),
            "markets": self.markets(),
            "recent_messages": self.messages(),
            "persistence": self.core.storage.health(),
        }

    @route("POST", "/api/v1/admin/trading/start", group="admin")
    def start(self) -> Json:
        """Start trading everywhere."""
        return {"controls": self.operating.set_trading(is_enabled=True)}

    @route("POST", "/api/v1/admin/trading/stop", group="admin")
    def stop(self) -> Json:
        """Stop trading everywhere."""
        return {"controls": self.operating.set_trading(is_enabled=False)}

    @route("GET", "/api/v1/admin/markets", group="admin")
    def listed(self) -> list[Json]:
        """Return every market."""
        return self.markets()

    @route("POST", "/api/v1/admin/markets", group="admin")
    def put_market(self, wanted: Spec) -> Json:
        """Create a market, or replace its definition."""
        return self.operating.put_market(wanted).shape()

    @route("PATCH", "/api/v1/admin/markets/{market_id}", group="admin")
    def patch_market(self, market_id: Text, changes: Changes) -> Json:
        """Change some of a market's definition."""
        return self.operating.patch_market(market_id, changes).shape()

    @route("DELETE", "/api/v1/admin/markets/{market_id}", group="admin")
    def delete_market(self, market_id: Text) -> Json:
        """Drop a market without open orders."""
        return {"market_id": self.operating.delete_market(market_id)}

    @route("POST", "/api/v1/admin/markets/{market_id}/settle", group="admin")
    def settle(self, market_id: Text, settlement_price: Whole, announcement: Text | None = None) -> Json:
        """Close a market for good."""
        return self.operating.settle(market_id, settlement_price, announcement)

    @route("POST", "/api/v1/admin/config/load", group="admin")
    def load(self, *, trading_enabled: Switch | None = None, markets: Specs) -> Json:
        """Put several markets, and trading on or off."""
        if trading_enabled is not None:
            self.operating.set_trading(is_enabled=trading_enabled)
        loaded = [self.operating.put_market(one).shape() for one in markets]
        return {"controls": self.core.controls(), "markets": loaded or self.markets()}

    @route("GET", "/api/v1/admin/messages", group="admin")
    def messages(self, limit: Whole = RECENT_MESSAGES) -> list[Json]:
        """Return messages, newest first."""
        return [message.shape() for message in self.core.messages[::-1][:limit]]

    @route("POST", "/api/v1/admin/messages", group="admin")
    def send(
        self,
        *,
        target_username: Text | None = None,
        market: Text | None = None,
        level: Level,
        title: Text | None = None,
        body: Text,
    ) -> Json:
        """Send a message to one trader or to all."""
        return self.operating.send(
            level=level, body=body, target_username=target_username, market=market, title=title
        ).shape()
