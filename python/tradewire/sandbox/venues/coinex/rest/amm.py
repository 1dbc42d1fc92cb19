"""Pools of automated market making."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.fields import Market, Number, Page, Paged, Span
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.money import MoneyHandlers, newest_first
from tradewire.sandbox.venues.coinex.rest.balances import stake_of
from tradewire.sandbox.venues.coinex.rest.transfers import PLACES
from tradewire.sandbox.venues.coinex.treasury.pools import Income

__all__ = ["Amm"]


class Amm(MoneyHandlers):
    """Page group ``assets/amm``."""

    @route("POST", "/v2/assets/amm/add-liquidity", group="account-modify", action="amend")
    def add(self, call: Call, market: Market, base_ccy_amount: Number, quote_ccy_amount: Number) -> Json:
        """Take what fits the pool's ratio."""
        pools = self.treasury(call).pools
        base, quote = base_ccy_amount.of(PLACES), quote_ccy_amount.of(PLACES)
        return stake_of(market.name, pools.add(call.account, market.name, base, quote, call.now_ms))

    @route("POST", "/v2/assets/amm/remove-liquidity", group="account-modify", action="amend")
    def remove(self, call: Call, market: Market) -> Json:
        """Give back the whole part."""
        stake = self.treasury(call).pools.remove(call.account, market.name, call.now_ms)
        return stake_of(market.name, stake)

    @route("GET", "/v2/assets/amm/liquidity-pool", group="account-query")
    def pools(self, call: Call, market: Market | None = None) -> list[Json]:
        """Return what the pools have. The venue's reply is not published: this is our guess."""
        pools = self.treasury(call).pools
        return [
            {
                "market": name,
                "base_ccy": pool.rules.base,
                "quote_ccy": pool.rules.quote,
                "base_ccy_amount": plain(base),
                "quote_ccy_amount": plain(quote),
                "amm_type": "infinite",
            }
            for name, pool in pools.pools.items()
            if market is None or market.name == name
            for base, quote in [pools.amounts(pool)]
        ]

    @route("GET", "/v2/assets/amm/income-history", group="account-history")
    def incomes(self, call: Call, market: Market, span: Span, page: Page) -> Paged:
        """Return what each day brought."""

        def show(row: Income) -> Json:
            return {
                "created_at": row.at_ms,
                "market": row.market,
                "base_ccy": market.base,
                "quote_ccy": market.quote,
                "base_ccy_amount": plain(row.base),
                "quote_ccy_amount": plain(row.quote),
                "liquidity": plain(row.liquidity),
                "liquidity_proportion": plain(row.proportion),
                "fee_dividend": plain(row.dividend),
            }

        incomes = self.treasury(call).pools.incomes(call.account)
        return newest_first(incomes, lambda row: row.market == market.name and row.at_ms in span, show, page)
