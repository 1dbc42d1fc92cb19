"""What the operator may do: users, markets and their life cycle, trading on and off, messages, reset.

Source: the project's ``admin.rs``, ``settlement.rs`` and ``accounts.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from tradewire.sandbox.venues.exchange.book import Book
from tradewire.sandbox.venues.exchange.core import ExchangeCore
from tradewire.sandbox.venues.exchange.events import resync_required
from tradewire.sandbox.venues.exchange.fields import Switch, Text, Whole
from tradewire.sandbox.venues.exchange.records import Market, Message, User
from tradewire.sandbox.venues.exchange.refusals import Refusal
from tradewire.sandbox.venues.exchange.trading import Trading

__all__ = ["MarketChanges", "MarketSpec", "Operating"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSpec:
    """A market as the operator wants it; in the order of its published definition, as arrays carry it."""

    market_id: Text
    display_name: Text | None = None
    base_asset: Text
    quote_asset: Text
    tick_size: Whole
    min_order_quantity: Whole
    reference_price: Whole | None = None
    enabled: Switch


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketChanges:
    """What the operator wants otherwise of a market."""

    display_name: Text | None = None
    tick_size: Whole | None = None
    min_order_quantity: Whole | None = None
    reference_price: Whole | None = None
    enabled: Switch | None = None


class Operating:
    """The operator's commands."""

    def __init__(
        self, core: ExchangeCore, trading: Trading, *, pushes_markets: bool, revives_settled: bool = False
    ) -> None:
        self._core = core
        self._trading = trading
        self._pushes_markets = pushes_markets
        self._revives_settled = revives_settled

    def add_user(self, username: str) -> User:
        """Provision a trader.

        Raises:
            Refusal: The name is blank or taken.
        """
        name = username.strip()
        if not name:
            raise Refusal(400, "username is required")
        if name in self._core.by_name:
            raise Refusal(409, "username already exists")
        user = self._core.new_user(name)
        self._core.storage.commit()
        return user

    def reset(self) -> dict[str, int]:
        """Erase orders, positions and fills; users, markets, messages and sequences stay."""
        core = self._core
        orders = [order for book in core.books.values() for order in list(book.orders.values())]
        for order in orders:
            self._trading.pull(order)
        fills = {fill.fill_id for own in core.fills.values() for fill in own}
        for fill_id in fills:
            core.storage.drop("fill", fill_id)
        positions = [key for key, position in core.positions.items() if position.is_listed]
        for trader_id, market in core.positions:
            core.storage.drop("position", f"{trader_id} {market}")
        core.fills.clear()
        core.positions.clear()
        core.finished.clear()
        core.events.system(None, resync_required("account", "admin reset all users"))
        core.storage.commit()
        return {
            "cleared_orders": len(orders),
            "cleared_positions": len(positions),
            "cleared_fills": len(fills),
        }

    def set_trading(self, *, is_enabled: bool) -> dict[str, Any]:
        """Start or stop trading everywhere; resting orders stay."""
        core = self._core
        core.trading_enabled = is_enabled
        core.controls_updated_us = core.now_us()
        core.keep_controls()
        core.storage.commit()
        return core.controls()

    def put_market(self, wanted: MarketSpec) -> Market:
        """Create a market, or replace its definition.

        Raises:
            Refusal: It is settled, or the definition makes no sense.
        """
        core = self._core
        market_id, base, quote = (
            text.strip() for text in (wanted.market_id, wanted.base_asset, wanted.quote_asset)
        )
        known = core.markets.get(market_id)
        # The server looks for the settled market before it trims the id.
        looked_for = wanted.market_id if self._revives_settled else market_id
        if known is not None and known.status == "settled" and looked_for == market_id:
            raise Refusal(409, "market already settled")
        for text, message in (
            (market_id, "market id is required"),
            (base, "base asset is required"),
            (quote, "quote asset is required"),
        ):
            if not text:
                raise Refusal(400, message)
        if market_id != f"{base}-{quote}":
            raise Refusal(400, f"market id must match {base}-{quote}")
        _check_steps(wanted.tick_size, wanted.min_order_quantity)
        now_us = core.now_us()
        market = Market(
            market_id,
            (wanted.display_name or "").strip() or market_id,
            base,
            quote,
            wanted.tick_size,
            wanted.min_order_quantity,
            wanted.reference_price,
            None if known is None else known.settlement_price,
            "enabled" if wanted.enabled else "disabled",
            now_us if known is None else known.created_at_us,
            now_us,
        )
        core.markets[market_id] = market
        core.books.setdefault(market_id, Book())
        self._put(market)
        core.storage.commit()
        return market

    def patch_market(self, market_id: str, changes: MarketChanges) -> Market:
        """Change some of a market's definition.

        Raises:
            Refusal: It is not there, is settled, or the change makes no sense.
        """
        core, market = self._core, self._market(market_id)
        if market.status == "settled":
            raise Refusal(409, "market already settled")
        tick_size = market.tick_size if changes.tick_size is None else changes.tick_size
        minimum = (
            market.min_order_quantity if changes.min_order_quantity is None else changes.min_order_quantity
        )
        _check_steps(tick_size, minimum)
        if changes.display_name is not None:
            market.display_name = changes.display_name.strip() or market.market_id
        market.tick_size, market.min_order_quantity = tick_size, minimum
        if changes.reference_price is not None:
            market.reference_price = changes.reference_price
        if changes.enabled is not None:
            market.status = "enabled" if changes.enabled else "disabled"
        market.updated_at_us = core.now_us()
        self._put(market)
        core.storage.commit()
        return market

    def delete_market(self, market_id: str) -> str:
        """Drop a market without open orders, and its sequence with it; return its id. Positions and fills stay.

        Raises:
            Refusal: It is not there, or orders rest in it.
        """
        market_id = market_id.strip()
        if not market_id:
            raise Refusal(400, "market id is required")
        core = self._core
        self._market(market_id)
        if core.books[market_id].orders:
            raise Refusal(409, "cannot delete market with open orders")
        del core.markets[market_id], core.books[market_id]
        core.events.forget(market_id)
        core.storage.drop("market", market_id)
        if self._pushes_markets:
            core.events.market({"type": "market_deleted", "market_id": market_id})
        core.storage.commit()
        return market_id

    def settle(self, market_id: str, price: int, announcement: str | None) -> dict[str, Any]:
        """Close a market for good: cancel everything, close every position at ``price``, say so.

        Raises:
            Refusal: The price is zero, the market is not there or settled already, or a profit is too large.
        """
        if price == 0:
            raise Refusal(400, "settlement price must be greater than zero")
        core = self._core
        market = self._market(market_id)
        if market.status == "settled":
            raise Refusal(409, "market already settled")
        now_us = core.now_us()
        flat = {
            key: replace(position)
            for key, position in core.positions.items()
            if key[1] == market_id and position.net_quantity
        }
        closed = [position.settle(price, now_us) for position in flat.values()]
        orders = list(core.books[market_id].orders.values())
        for order in orders:
            self._trading.pull(order)
        for (trader_id, _), position in flat.items():
            core.put_position(trader_id, position)
        market.status = "settled"
        market.settlement_price = price
        market.updated_at_us = now_us
        self._put(market)
        terms = f"{price} {market.quote_asset} per {market.base_asset}."
        self._announce(
            level="info",
            body=(announcement or "").strip() or f"Market {market.display_name} settled at {terms}",
            target=None,
            market=market_id,
            title=f"{market.display_name} settled",
        )
        core.storage.commit()
        return {
            "market": market.shape(),
            "canceled_orders": len(orders),
            "affected_traders": len(closed),
            "settled_quantity": sum(closed),
            "settlement_price": price,
        }

    def send(
        self,
        *,
        level: str,
        body: str,
        target_username: str | None = None,
        market: str | None = None,
        title: str | None = None,
    ) -> Message:
        """Send a message to one trader or to all.

        Raises:
            Refusal: It is blank, or there is no such trader.
        """
        if not body.strip():
            raise Refusal(400, "message body is required")
        core = self._core
        target = None
        if target_username is not None:
            target = core.by_name.get(target_username.strip())
            if target is None:
                raise Refusal(404, "target user not found")
        message = self._announce(level=level, body=body.strip(), target=target, market=market, title=title)
        core.storage.commit()
        return message

    def _announce(
        self, *, level: str, body: str, target: User | None, market: str | None, title: str | None
    ) -> Message:
        core = self._core
        message = Message(
            core.new_id(),
            None if target is None else target.username,
            None if target is None else target.trader_id,
            market,
            level,
            None if title is None else title.strip(),
            body,
            core.now_us(),
        )
        core.messages.append(message)
        core.storage.put("message", message.message_id, partial(asdict, message))
        core.events.system(message.target_trader_id, {"type": "admin_message", "message": message.shape()})
        return message

    def _market(self, market_id: str) -> Market:
        market = self._core.markets.get(market_id)
        if market is None:
            raise Refusal(404, "market not found")
        return market

    def _put(self, market: Market) -> None:
        self._core.keep_market(market)
        if self._pushes_markets:
            self._core.events.market({"type": "market_state", "market": market.shape()})


def _check_steps(tick_size: int, minimum: int) -> None:
    if tick_size == 0:
        raise Refusal(400, "tick size must be greater than zero")
    if minimum == 0:
        raise Refusal(400, "minimum order quantity must be greater than zero")
