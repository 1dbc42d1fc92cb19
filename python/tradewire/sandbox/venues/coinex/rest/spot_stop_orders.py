"""Stop orders of spot markets, of the spot and the margin accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from tradewire.sandbox.exact import exactly, plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.core import FEE_RATES
from tradewire.sandbox.venues.coinex.fields import Items, Market, MarketType, Number, TriggerPriceType
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.order_terms import SPOT_TERMS, SpotTerms
from tradewire.sandbox.venues.coinex.stop_orders import StopOrderHandlers, stop_parts
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder
from tradewire.sandbox.venues.coinex.wallets import (
    margin_market_of,
    margin_wallet,
    market_type_of,
    market_type_of_id,
    spot_wallet,
    spot_wallets,
)

__all__ = ["SpotStopOrders", "pushed_stop_of"]


class SpotStopOrders(StopOrderHandlers, Handlers):
    """The stop orders of page group ``spot/order``."""

    @route("POST", "/v2/spot/stop-order", group="spot-put", action="place")
    @exactly
    def place(
        self,
        call: Call,
        terms: Annotated[SpotTerms, SPOT_TERMS],
        market_type: MarketType,
        trigger_price: Number,
        trigger_price_type: TriggerPriceType = PriceKind.MARK,
    ) -> Json:
        """Take a new stop order; captured orders that did not say which price they watch report the mark price."""
        market = terms.market
        stop = StopOrder(
            stop_id=self.core.stops.next_id(),
            account=self.wallet(call, market, market_type),
            market=market.name,
            side=terms.side,
            kind=terms.type_,
            quantity=terms.quantity,
            price=terms.limit,
            trigger_price=self.limit_of(market, trigger_price),
            price_kind=trigger_price_type,
            in_quote=terms.is_in_quote,
            hidden=terms.is_hide,
            self_trade=terms.stp_mode,
            client_id=terms.client_id,
        )
        return self.added(call, market, stop)

    @route(
        "POST",
        "/v2/spot/cancel-batch-stop-order",
        group="spot-cancel-batch",
        action="cancel",
        cost="stop_ids",
    )
    def cancel_batch(self, call: Call, market: Market, stop_ids: Items) -> list[Json]:
        """Cancel stop orders of the spot and the margin account, each by itself."""
        in_margin = self.core.stops.live[margin_wallet(call.account, market.name)]
        items = [
            {
                "market": market.name,
                "market_type": market_type_of_id(one, in_margin),
                "stop_id": one,
            }
            for one in stop_ids
        ]
        return self.run_batch(self.cancel, call, items)

    def wallet(self, call: Call, market: MarketRules, market_type: str) -> str:
        """Return the wallet that pays."""
        return spot_wallet(call.account, market, market_type)

    def wallets(self, call: Call, market: MarketRules | None, market_type: str) -> list[str]:
        """Return the wallets of a market type."""
        return spot_wallets(call.account, self.core.rules, market, market_type)

    def shown(self, stop: StopOrder) -> Json:
        """Return a stop order as replies carry it."""
        rules = self.core.rules[stop.market]
        return stop_parts(stop) | {
            "market_type": market_type_of(stop.account),
            "ccy": rules.quote if stop.in_quote else rules.base,
            "trigger_price_type": stop.price_kind.value,
        }

    def watched(self, market: MarketRules, kind: PriceKind) -> Decimal:  # noqa: ARG002 - all kinds are one on spot
        """Return the last price."""
        return self.core.last_price(market.name)


def pushed_stop_of(stop: StopOrder) -> Json:
    """Return a stop order as pushes of spot carry it, without the kind of price it watches."""
    return stop_parts(stop) | {
        "margin_market": margin_market_of(stop.account),
        "taker_fee_rate": plain(FEE_RATES.taker),
        "maker_fee_rate": plain(FEE_RATES.maker),
        "status": stop.status.value,
    }
