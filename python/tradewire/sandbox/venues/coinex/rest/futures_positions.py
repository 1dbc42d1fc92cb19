"""Positions: listed, closed, margined, and their histories. A position that is not there is refused with 3639."""

from __future__ import annotations

from collections.abc import Iterable

from tradewire.sandbox.exact import exactly, plain
from tradewire.sandbox.order import Kind, Side
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import invalid, unreadable
from tradewire.sandbox.venues.coinex.core import MarketClosed
from tradewire.sandbox.venues.coinex.fields import (
    ChosenMargin,
    ClientId,
    Flag,
    Id,
    Market,
    MarketType,
    Number,
    OrderKind,
    Page,
    Paged,
    SignedNumber,
    Span,
)
from tradewire.sandbox.venues.coinex.futures.adjusting import MarginRow
from tradewire.sandbox.venues.coinex.futures.handlers import PositionHandlers, require_futures
from tradewire.sandbox.venues.coinex.futures.margins import SETTLE, Setting
from tradewire.sandbox.venues.coinex.futures.positions import MarginMode, Position, Purpose
from tradewire.sandbox.venues.coinex.futures.shapes import futures_order_of, position_of
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.markets import ONLINE, MarketRules
from tradewire.sandbox.venues.coinex.order_terms import executed, refusal_of

__all__ = ["FuturesPositions", "PositionHistories"]


class FuturesPositions(PositionHandlers):
    """Page group ``futures/position``."""

    @route("POST", "/v2/futures/close-position", group="futures-put", action="place", topic="orders")
    @exactly
    def close(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        type_: OrderKind,
        price: Number | None = None,
        amount: Number | None = None,
        client_id: ClientId = "",
        is_hide: Flag = False,
    ) -> Json:
        """Take an order that can only reduce; without an amount it closes what no other closing order is there for."""
        position = self.position(call, market, market_type)
        if market.status != ONLINE:
            raise refusal_of(MarketClosed(), market)
        if price is None and type_ is not Kind.MARKET:
            raise unreadable("price is required")
        closable = self.core.closable(position)
        size = closable if amount is None else amount.of(market.base_places)
        if not 0 < size <= closable:
            raise invalid(f"amount must be at most {plain(closable)}, which is what can be closed")
        is_all = amount is None and type_ is Kind.MARKET
        order = self.core.new_order(
            call.account,
            market.name,
            Side.SELL if position.is_long else Side.BUY,
            size,
            price=None if price is None or type_ is Kind.MARKET else price.of(market.quote_places),
            kind=type_,
            purpose=Purpose.CLOSE_ALL if is_all else Purpose.NONE,
        )
        order.client_id, order.hidden = client_id, is_hide
        executed(market, lambda: self.core.place(order, call.now_ms))
        return futures_order_of(order)

    @route("POST", "/v2/futures/adjust-position-margin", group="futures-put")
    @exactly
    def adjust_margin(
        self, call: Call, market: Market, market_type: MarketType, amount: SignedNumber
    ) -> Json:
        """Add margin to an isolated position, or remove it."""
        position = self.position(call, market, market_type)
        executed(market, lambda: self.desk.adjusting.add_margin(position, amount, call.now_ms))
        return position_of(self.desk, position)

    @route("POST", "/v2/futures/adjust-position-leverage", group="futures-put", topic="")
    @exactly
    def adjust_leverage(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        margin_mode: ChosenMargin,
        leverage: Id,
    ) -> Json:
        """Choose margin mode and leverage of a market, for the position that is there, too."""
        require_futures(market_type)
        rules = self.core.rules[market.name]
        if leverage not in rules.leverages:
            raise invalid(f"leverage must be one of {', '.join(map(str, rules.leverages))}")
        held = self.core.positions.open_position(call.account, market.name)
        if held is not None and held.amount > rules.most(leverage):
            raise invalid(f"leverage is too high for a position of {plain(held.amount)}")
        setting = Setting(MarginMode(margin_mode), leverage)
        executed(market, lambda: self.desk.adjusting.set(call.account, market.name, setting, call.now_ms))
        return {"margin_mode": margin_mode, "leverage": leverage}

    @route("GET", "/v2/futures/pending-position", group="futures-account")
    def pending(self, call: Call, market_type: MarketType, page: Page, market: Market | None = None) -> Paged:
        """Return open positions, newest first."""
        require_futures(market_type)
        held = self.core.margins.positions[call.account].values()
        return page.of(self._listed(held, market), with_total=True)

    @route("GET", "/v2/futures/finished-position", group="futures-history")
    def finished(
        self, call: Call, market_type: MarketType, span: Span, page: Page, market: Market | None = None
    ) -> Paged:
        """Return positions that were closed in a span of time, newest first."""
        require_futures(market_type)
        done = (one for one in self.core.positions.finished[call.account] if one.updated_ms in span)
        return page.of(self._listed(done, market))

    def _listed(self, positions: Iterable[Position], market: MarketRules | None) -> list[Json]:
        newest_first = sorted(positions, key=lambda one: one.position_id, reverse=True)
        wanted = (one for one in newest_first if market is None or one.market == market.name)
        return [
            position_of(self.desk, one) | ({"finished_type": one.finished_type} if one.finished_type else {})
            for one in wanted
        ]


class PositionHistories(PositionHandlers):
    """The histories of page group ``futures/position``: each row is of one position."""

    topic = ""

    @route("GET", "/v2/futures/position-margin-history", group="futures-history")
    def margins(
        self, call: Call, market: Market, market_type: MarketType, position_id: Id, span: Span, page: Page
    ) -> Paged:
        """Return changes of margin and leverage, newest first."""
        require_futures(market_type)
        rows = self.desk.adjusting.margin_rows[call.account]
        return page.of(_rows(rows, market, position_id, span))

    @route("GET", "/v2/futures/position-settle-history", group="futures-history")
    def results(
        self, call: Call, market: Market, market_type: MarketType, position_id: Id, span: Span, page: Page
    ) -> Paged:
        """Return what each trade that reduced the position has brought, newest first; nothing else settles here."""
        require_futures(market_type)
        rows = self.desk.adjusting.result_rows[call.account]
        return page.of(_rows(rows, market, position_id, span))

    @route("GET", "/v2/futures/position-funding-history", group="futures-history")
    def funding(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        span: Span,
        page: Page,
        position_id: Id = 0,
    ) -> Paged:
        """Return what funding brought, or cost if below zero, newest first."""
        require_futures(market_type)
        return page.of(
            [
                {
                    "market": market.name,
                    "market_type": "FUTURES",
                    "position_id": one.position.position_id,
                    "ccy": SETTLE,
                    "side": "long" if one.size > 0 else "short",
                    "margin_mode": one.position.mode.value,
                    "open_interest": plain(abs(one.size)),
                    "settle_price": plain(one.mark),
                    "funding_rate": plain(one.rate),
                    "funding_value": plain(one.value),
                    "created_at": one.at_ms,
                }
                for one in reversed(self.desk.funding.payments[call.account])
                if one.position.market == market.name
                and position_id in {0, one.position.position_id}
                and one.at_ms in span
            ]
        )

    @route("GET", "/v2/futures/position-adl-history", group="futures-history")
    def deleveraged(
        self, market: Market, market_type: MarketType, position_id: Id, span: Span, page: Page
    ) -> Paged:
        """Return nothing: nobody is ever deleveraged here."""
        del market, position_id, span
        require_futures(market_type)
        return page.of([])


def _rows(rows: Iterable[MarginRow], market: MarketRules, position_id: int, span: range) -> list[Json]:
    return [
        {
            "market": market.name,
            "market_type": "FUTURES",
            "position_id": position_id,
            "margin_mode": row.mode.value,
            "leverage": str(row.leverage),
            "liq_price": plain(row.liquidation_price),
            "bkr_price": plain(row.bankruptcy_price),
            "settle_price": plain(row.price),
            "open_interest": plain(abs(row.size)),
            "margin_avbl": plain(row.margin),
            "margin_change": plain(row.change),
            "created_at": row.at_ms,
        }
        for row in reversed([*rows])
        if row.position.position_id == position_id
        and row.position.market == market.name
        and row.at_ms in span
    ]
