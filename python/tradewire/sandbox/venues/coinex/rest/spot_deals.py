"""An account's own trades in spot markets."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.order import Order, Side, Trade
from tradewire.sandbox.venues.coinex.deals import DealHandlers
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.wallets import margin_market_of, spot_wallet

__all__ = ["SpotDeals", "user_deal_of"]


class SpotDeals(DealHandlers, Handlers):
    """Page group ``spot/deal``."""

    def wallet(self, call: Call, market: MarketRules, market_type: str) -> str:
        """Return the wallet that paid."""
        return spot_wallet(call.account, market, market_type)

    def shown(self, trade: Trade, order: Order) -> Json:
        """Return a trade as replies carry it."""
        return user_deal_of(trade, order, self.core.rules[trade.market])


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
