"""Everything about money but trading: wallets, transfers, loans, deposits, withdrawals, pools."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tradewire.sandbox.venues.coinex.auth import Keyring
from tradewire.sandbox.venues.coinex.core import ExchangeCore
from tradewire.sandbox.venues.coinex.treasury.books import AMM, LENDING, LIQUIDATION, REBATES, Books
from tradewire.sandbox.venues.coinex.treasury.chains import Chains
from tradewire.sandbox.venues.coinex.treasury.deposits import Deposits
from tradewire.sandbox.venues.coinex.treasury.loans import Loans
from tradewire.sandbox.venues.coinex.treasury.pools import Pools
from tradewire.sandbox.venues.coinex.treasury.referrals import Referrals
from tradewire.sandbox.venues.coinex.treasury.settings import Settings
from tradewire.sandbox.venues.coinex.treasury.subs import SubAccounts
from tradewire.sandbox.venues.coinex.treasury.transfers import Transfers
from tradewire.sandbox.venues.coinex.treasury.withdrawals import Withdrawals

__all__ = ["Treasury"]

HOUSE_DEPOSIT = Decimal(10) ** 15


class Treasury:
    """The venue's money.

    Args:
        core: The spot markets.
        keyring: The traders.
        seed: Makes the addresses.
        step_ms: How long deposits and withdrawals are in each state.
        now_ms: When the venue opens.
        remembers: Says whether an account's history is kept.
        tell: Hears of every wallet and asset whose balance changed, with the time.
        usable: Returns how much of a wallet's asset may leave it.
        on_frozen: Hears of every sub-account that was frozen.
    """

    def __init__(
        self,
        core: ExchangeCore,
        keyring: Keyring,
        *,
        seed: int,
        step_ms: int,
        now_ms: int,
        remembers: Callable[[str], bool],
        tell: Callable[[str, str, int], None],
        usable: Callable[[str, str], Decimal],
        on_frozen: Callable[[str], None],
    ) -> None:
        self._keyring = keyring
        rules = core.rules
        assets = sorted({asset for one in rules.values() for asset in (one.base, one.quote)})
        self.books = Books(core.ledger, rules, remembers, tell, usable)
        self.chains = Chains(seed, assets)
        self.loans = Loans(core, self.books)
        self.transfers = Transfers(self.books, self.loans)
        self.deposits = Deposits(self.books, self.chains, step_ms)
        self.withdrawals = Withdrawals(self.books, self.chains, self.deposits, lambda: keyring.names, step_ms)
        self.settings = Settings()
        self.referrals = Referrals(core, self.books)
        self.subs = SubAccounts(keyring, self.books, on_frozen)
        self.pools = Pools(self.books, (one for one in rules.values() if one.has_pool), now_ms)
        core.listen(self.books.on_event, _ignore)
        core.listen(self.referrals.on_event, _ignore)
        for house in (LENDING, LIQUIDATION, AMM, REBATES):
            for asset in assets:
                core.ledger.deposit(house, asset, HOUSE_DEPOSIT)

    def is_trader(self, name: str) -> bool:
        """Say whether there is a trader of this name."""
        return name in self._keyring.names

    def advance(self, now_ms: int) -> None:
        """Let everything happen that is due until now."""
        self.deposits.advance(now_ms)
        self.withdrawals.advance(now_ms)
        self.loans.advance(now_ms)
        self.pools.advance(now_ms)
        self.referrals.advance(now_ms)


def _ignore(_market: str, _now_ms: int) -> None:
    pass
