"""The account, its settings and its fees."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.codes import UnknownMarket
from tradewire.sandbox.venues.coinex.core import FEE_RATES
from tradewire.sandbox.venues.coinex.fields import AccountType, Flag, Market
from tradewire.sandbox.venues.coinex.futures.markets import FUTURES_FEE_RATES, futures_rules
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.money import MoneyHandlers

__all__ = ["Account"]


class Account(MoneyHandlers):
    """Page group ``account``."""

    @route("GET", "/v2/account/info", group="account-query")
    def info(self, call: Call) -> Json:
        """Return who asks. The venue's reply is not published: this is our guess."""
        treasury = self.treasury(call)
        return {
            "user_name": call.account,
            "is_sub_account": bool(treasury.subs.parent_of(call.account)),
            "cet_discount_enabled": treasury.settings.pays_fees_in_cet(call.account),
        }

    @route("GET", "/v2/account/trade-fee-rate", group="account-query")
    def trade_fee_rate(self, market: Market, market_type: AccountType) -> Json:
        """Return what trading costs: one rate for spot and margin, one for futures."""
        if market_type == "FUTURES" and market.name not in futures_rules():
            raise UnknownMarket(market.name)
        rates = FUTURES_FEE_RATES if market_type == "FUTURES" else FEE_RATES
        return {
            "market": market.name,
            "maker_rate": plain(rates.maker),
            "taker_rate": plain(rates.taker),
        }

    @route("POST", "/v2/account/settings", group="account-modify", action="amend")
    def settings(self, call: Call, cet_discount_enabled: Flag | None = None) -> Json:
        """Change settings. The discount is noted and not given: fees are paid in what is received."""
        if cet_discount_enabled is not None:
            self.treasury(call).settings.pay_fees_in_cet(call.account, wanted=cet_discount_enabled)
        return {}
