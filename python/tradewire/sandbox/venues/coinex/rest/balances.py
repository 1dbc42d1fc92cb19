"""What an account has, in all its wallets."""

from __future__ import annotations

from tradewire.sandbox.exact import plain
from tradewire.sandbox.ledger import Balance
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.fields import Asset, Page, Paged, Span, TransactionKind
from tradewire.sandbox.venues.coinex.handlers import Call, Json
from tradewire.sandbox.venues.coinex.money import MoneyHandlers, newest_first, worth_of
from tradewire.sandbox.venues.coinex.treasury.books import Transaction
from tradewire.sandbox.venues.coinex.treasury.loans import Loans
from tradewire.sandbox.venues.coinex.treasury.pools import Stake
from tradewire.sandbox.venues.coinex.wallets import financial_wallet, margin_wallet

__all__ = ["Balances", "balance_of", "stake_of"]


class Balances(MoneyHandlers):
    """Page group ``assets/balance``."""

    topic = "balances"

    @route("GET", "/v2/assets/spot/balance", group="account-query")
    def spot(self, call: Call) -> list[Json]:
        """Return what the account has or had."""
        return self._wallet(call, call.account)

    @route("GET", "/v2/assets/financial/balance", group="account-query")
    def financial(self, call: Call) -> list[Json]:
        """Return what is saved."""
        return self._wallet(call, financial_wallet(call.account))

    @route("GET", "/v2/assets/margin/balance", group="account-query")
    def margin(self, call: Call) -> list[Json]:
        """Return every margin account that has, had or owes something."""
        loans = self.treasury(call).loans
        return [
            self._margin_account(call.account, market, loans)
            for market in self.core.rules
            if margin_wallet(call.account, market) in self.core.ledger.accounts
        ]

    @route("GET", "/v2/assets/amm/liquidity", group="account-query", topic="")
    def liquidity(self, call: Call) -> list[Json]:
        """Return the account's parts of pools."""
        treasury = self.treasury(call)
        return [
            stake_of(market, stake) | {"base_ccy": pool.rules.base, "quote_ccy": pool.rules.quote}
            for market, stake in treasury.pools.stakes(call.account).items()
            for pool in [treasury.pools.pools[market]]
        ]

    @route("GET", "/v2/assets/credit/info", group="account-query", topic="")
    def credit(self, call: Call) -> Json:
        """Return the state of a credit account: nobody has a credit line here, so that all of it may be withdrawn."""
        equity = plain(worth_of(self.core, [call.account]))
        return {
            "equity": equity,
            "repaid": "0",
            "risk_rate": "0",
            "withdrawal_risk": "0",
            "withdrawal_value": equity,
        }

    @route("GET", "/v2/assets/spot/transcation-history", group="account-history", topic="")
    def transactions(
        self, call: Call, type_: TransactionKind, span: Span, page: Page, ccy: Asset = ""
    ) -> Paged:
        """Return what changed the spot account, of one kind."""

        def fits(row: Transaction) -> bool:
            return row.kind.value == type_ and ccy in {"", row.asset} and row.at_ms in span

        def show(row: Transaction) -> Json:
            return {
                "created_at": row.at_ms,
                "ccy": row.asset,
                "change": plain(row.change),
                "balance": plain(row.balance),
                "type": row.kind.value,
            }

        return newest_first([*self.treasury(call).books.transactions(call.account)], fits, show, page)

    def _wallet(self, call: Call, wallet: str) -> list[Json]:
        self.treasury(call)
        held = self.core.ledger.accounts.get(wallet, {})
        return [balance_of(asset, balance) for asset, balance in sorted(held.items())]

    def _margin_account(self, account: str, market: str, loans: Loans) -> Json:
        rules, wallet = self.core.rules[market], margin_wallet(account, market)
        held = {
            "base_ccy": self.core.ledger.balance(wallet, rules.base),
            "quote_ccy": self.core.ledger.balance(wallet, rules.quote),
        }
        assets = {"base_ccy": rules.base, "quote_ccy": rules.quote}
        risk, price = loans.risk(account, market), loans.liquidation_price(account, market)
        return {
            "margin_account": market,
            **assets,
            "available": {side: plain(balance.available) for side, balance in held.items()},
            "frozen": {side: plain(balance.frozen) for side, balance in held.items()},
            "repaid": {
                side: plain(loans.principal(account, market, asset)) for side, asset in assets.items()
            },
            "interest": {
                side: plain(loans.interest(account, market, asset)) for side, asset in assets.items()
            },
            "risk_rate": "" if risk is None else plain(risk),
            "liq_price": "" if price is None else plain(price),
        }


def balance_of(asset: str, balance: Balance) -> Json:
    """Return one element of the balance list."""
    return {"ccy": asset, "available": plain(balance.available), "frozen": plain(balance.frozen)}


def stake_of(market: str, stake: Stake) -> Json:
    """Return a part of a pool."""
    return {
        "market": market,
        "base_ccy_amount": plain(stake.base),
        "quote_ccy_amount": plain(stake.quote),
        "liquidity_proportion": plain(stake.proportion),
    }
