"""An account's own trades in spot markets."""

from __future__ import annotations

from collections.abc import Callable

from tradewire.sandbox.exact import plain
from tradewire.sandbox.order import Order, Side, Trade
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.fields import Id, Market, MarketType, OneSide, Page, Paged, Span
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.wallets import margin_market_of, spot_wallet

__all__ = ["SpotDeals", "user_deal_of"]


class SpotDeals(Handlers):
    """Page group ``spot/deal``; newest first."""

    topic = "fills"

    @route("GET", "/v2/spot/user-deals", group="spot-history")
    def user_deals(
        self,
        call: Call,
        market: Market,
        market_type: MarketType,
        span: Span,
        page: Page,
        side: OneSide | None = None,
    ) -> Paged:
        """Return the account's trades."""
        return self._paged(
            call,
            market,
            market_type,
            page,
            lambda trade, order: side in {None, order.side} and trade.at_ms in span,
        )

    @route("GET", "/v2/spot/order-deals", group="spot-history")
    def order_deals(
        self, call: Call, market: Market, market_type: MarketType, order_id: Id, page: Page
    ) -> Paged:
        """Return the trades of one order."""
        return self._paged(call, market, market_type, page, lambda _, order: order.order_id == order_id)

    def _paged(
        self,
        call: Call,
        market: MarketRules,
        market_type: str,
        page: Page,
        fits: Callable[[Trade, Order], bool],
    ) -> Paged:
        wallet = spot_wallet(call.account, market, market_type)
        newest_first = reversed(self.reads.view().user_deals.get(wallet, ()))
        return page.of(
            [
                user_deal_of(trade, order, market)
                for trade, order in newest_first
                if trade.market == market.name and fits(trade, order)
            ]
        )


def user_deal_of(trade: Trade, order: Order, rules: MarketRules) -> Json:
    """Return a trade as the owner of ``order`` sees it; the push has ``client_id`` besides."""
    is_maker = order is trade.maker
    return {
        "deal_id": trade.trade_id,
        "created_at": trade.at_ms,
        "order_id": order.order_id,
        "market": trade.market,
        "margin_market": margin_market_of(order.account),
        "side": order.side.value,
        "price": plain(trade.price),
        "amount": plain(trade.quantity),
        "role": "maker" if is_maker else "taker",
        "fee": plain(trade.maker_fee if is_maker else trade.taker_fee),
        "fee_ccy": rules.base if order.side is Side.BUY else rules.quote,
    }
