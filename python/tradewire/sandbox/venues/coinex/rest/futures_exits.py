"""Take-profit and stop-loss of positions, for the whole of one or parts of it."""

from __future__ import annotations

from tradewire.sandbox.exact import exactly
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import invalid, unreadable
from tradewire.sandbox.venues.coinex.fields import Id, Market, MarketType, Number, TriggerPriceType
from tradewire.sandbox.venues.coinex.futures.handlers import PositionHandlers
from tradewire.sandbox.venues.coinex.futures.positions import Position, Purpose
from tradewire.sandbox.venues.coinex.futures.protection import Guard
from tradewire.sandbox.venues.coinex.futures.shapes import position_of
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.order_terms import executed
from tradewire.sandbox.venues.coinex.stops import PriceKind

__all__ = ["FuturesExits"]


class FuturesExits(PositionHandlers):
    """The exits of page group ``futures/position``."""

    @route("POST", "/v2/futures/set-position-stop-loss", group="futures-put")
    def set_stop_loss(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        stop_loss_type: TriggerPriceType,
        stop_loss_price: Number,
        stop_loss_amount: Number | None = None,
    ) -> Json:
        """Close a position, or a part of it, when it has lost so much."""
        position = self.position(call, market, market_type)
        terms = stop_loss_type, stop_loss_price, stop_loss_amount
        return self._set(call, market, position, Purpose.STOP_LOSS, *terms)

    @route("POST", "/v2/futures/set-position-take-profit", group="futures-put")
    def set_take_profit(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        take_profit_type: TriggerPriceType,
        take_profit_price: Number,
        take_profit_amount: Number | None = None,
    ) -> Json:
        """Close a position, or a part of it, when it has won so much."""
        position = self.position(call, market, market_type)
        terms = take_profit_type, take_profit_price, take_profit_amount
        return self._set(call, market, position, Purpose.TAKE_PROFIT, *terms)

    @route("POST", "/v2/futures/modify-position-stop-loss", group="futures-put")
    def modify_stop_loss(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        stop_loss_id: Id,
        stop_loss_type: TriggerPriceType | None = None,
        stop_loss_price: Number | None = None,
        stop_loss_amount: Number | None = None,
    ) -> Json:
        """Change a stop-loss, which keeps its id."""
        position = self.position(call, market, market_type)
        guard = self._found(position, Purpose.STOP_LOSS, stop_loss_id)
        return self._modify(market, guard, stop_loss_type, stop_loss_price, stop_loss_amount)

    @route("POST", "/v2/futures/modify-position-take-profit", group="futures-put")
    def modify_take_profit(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        take_profit_id: Id,
        take_profit_type: TriggerPriceType | None = None,
        take_profit_price: Number | None = None,
        take_profit_amount: Number | None = None,
    ) -> Json:
        """Change a take-profit, which keeps its id."""
        position = self.position(call, market, market_type)
        guard = self._found(position, Purpose.TAKE_PROFIT, take_profit_id)
        return self._modify(market, guard, take_profit_type, take_profit_price, take_profit_amount)

    @route("POST", "/v2/futures/cancel-position-stop-loss", group="futures-put")
    def cancel_stop_loss(
        self, call: Call, market: Market, market_type: MarketType, stop_loss_id: Id = 0
    ) -> Json:
        """Cancel a stop-loss, or all of the position."""
        return self._cancel(self.position(call, market, market_type), Purpose.STOP_LOSS, stop_loss_id)

    @route("POST", "/v2/futures/cancel-position-take-profit", group="futures-put")
    def cancel_take_profit(
        self, call: Call, market: Market, market_type: MarketType, take_profit_id: Id = 0
    ) -> Json:
        """Cancel a take-profit, or all of the position."""
        return self._cancel(self.position(call, market, market_type), Purpose.TAKE_PROFIT, take_profit_id)

    @exactly
    def _set(
        self,
        call: Call,
        market: MarketRules,
        position: Position,
        purpose: Purpose,
        kind: PriceKind,
        price: Number,
        amount: Number | None,
    ) -> Json:
        size = None if amount is None else amount.of(market.base_places)
        if size is not None and size > position.amount:
            raise invalid("the amount is more than the position has")
        at = price.of(market.quote_places)
        executed(market, lambda: self.desk.protection.set(position, purpose, kind, at, size, call.now_ms))
        return self._told(position, call.now_ms)

    @exactly
    def _modify(
        self,
        market: MarketRules,
        guard: Guard,
        kind: PriceKind | None,
        price: Number | None,
        amount: Number | None,
    ) -> Json:
        if kind is None and price is None and amount is None:
            raise unreadable("type, price or amount is required")
        size = None if amount is None else amount.of(market.base_places)
        if size is not None and size > guard.position.amount:
            raise invalid("the amount is more than the position has")
        at = None if price is None else price.of(market.quote_places)
        executed(market, lambda: self.desk.protection.modify(guard, kind, at, size))
        return self._told(guard.position, self.desk.now_ms())

    def _cancel(self, position: Position, purpose: Purpose, guard_id: int) -> Json:
        found = self.desk.protection.of(position, purpose)
        for guard in [self._found(position, purpose, guard_id)] if guard_id else found:
            self.desk.protection.cancel(guard)
        return self._told(position, self.desk.now_ms())

    def _told(self, position: Position, now_ms: int) -> Json:
        position.updated_ms = now_ms
        self.core.positions.observe(position, "update")
        self.core.publish(position.market, now_ms)
        return position_of(self.desk, position)

    def _found(self, position: Position, purpose: Purpose, guard_id: int) -> Guard:
        guard = self.desk.protection.find(position, purpose, guard_id)
        if guard is None:
            raise invalid(f"there is no {purpose.value} of this id")
        return guard
