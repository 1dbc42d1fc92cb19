"""Money that moves besides trading, and what is told of it: spot transactions, and who hears of new balances.

Accounts of the venue itself have names that begin with ``venue/``.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradewire.sandbox.exact import exactly
from tradewire.sandbox.ledger import Ledger, Shortfall
from tradewire.sandbox.order import Event, Order, Side, Trade, Traded
from tradewire.sandbox.venues.coinex.codes import Code, Refusal
from tradewire.sandbox.venues.coinex.markets import MarketRules

__all__ = [
    "AMM",
    "FEES",
    "INTEREST",
    "LENDING",
    "LIQUIDATION",
    "REBATES",
    "Books",
    "Kind",
    "Transaction",
    "short",
]

LENDING = "venue/lending"
"""Lends, and gets back."""
INTEREST = "venue/interest"
FEES = "venue/fees"
"""Fees of withdrawals; those of trades are the ledger's own."""
LIQUIDATION = "venue/liquidation"
"""Takes over margin accounts that cannot cover their loans."""
AMM = "venue/amm"
"""Pays what pools earn."""
REBATES = "venue/rebates"
KEPT_TRANSACTIONS = 100_000


class Kind(StrEnum):
    """What a transaction of the spot account was for."""

    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"
    TRADE = "trade"
    MAKER_CASH_BACK = "maker_cash_back"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One change of a spot balance, and the balance after it."""

    at_ms: int
    asset: str
    change: Decimal
    balance: Decimal
    kind: Kind


class Books:
    """The ledger with a memory.

    Args:
        ledger: Where the balances are.
        rules: The spot markets.
        remembers: Says whether an account's transactions are kept.
        tell: Hears of every wallet and asset whose balance changed here, with the time.
        usable: Returns how much of a wallet's asset may leave it, which can be less than what is available.
    """

    def __init__(
        self,
        ledger: Ledger,
        rules: Mapping[str, MarketRules],
        remembers: Callable[[str], bool],
        tell: Callable[[str, str, int], None],
        usable: Callable[[str, str], Decimal],
    ) -> None:
        self.ledger = ledger
        self._usable = usable
        self._rules = rules
        self.tell = tell
        self._remembers = remembers
        self._transactions: defaultdict[str, deque[Transaction]] = defaultdict(
            lambda: deque(maxlen=KEPT_TRANSACTIONS)
        )

    def transactions(self, account: str) -> Sequence[Transaction]:
        """Return an account's transactions, oldest first."""
        return self._transactions[account]

    def move(self, payer: str, payee: str, asset: str, amount: Decimal, now_ms: int) -> None:
        """Move what is available from wallet to wallet.

        Raises:
            Refusal: It is not.
        """
        if amount > self._usable(payer, asset):
            raise short()
        self.ledger.move(payer, payee, asset, amount)
        self.tell(payer, asset, now_ms)
        self.tell(payee, asset, now_ms)

    def hold(self, wallet: str, asset: str, amount: Decimal, now_ms: int) -> None:
        """Freeze what is available.

        Raises:
            Refusal: It is not.
        """
        try:
            self.ledger.hold(wallet, asset, amount)
        except Shortfall:
            raise short() from None
        self.tell(wallet, asset, now_ms)

    def release(self, wallet: str, asset: str, amount: Decimal, now_ms: int) -> None:
        """Give back what was frozen."""
        self.ledger.release(wallet, asset, amount)
        self.tell(wallet, asset, now_ms)

    @exactly
    def note(self, account: str, asset: str, change: Decimal, kind: Kind, now_ms: int) -> None:
        """Write down a change of a spot balance after it was made."""
        if change:
            held = self.ledger.balance(account, asset)
            self._transactions[account].append(
                Transaction(now_ms, asset, change, held.available + held.frozen, kind)
            )
            self.tell(account, asset, now_ms)

    def on_event(self, event: Event) -> None:
        """Write down what a trade changed."""
        if isinstance(event, Traded):
            for order in (event.trade.maker, event.trade.taker):
                if "/" not in order.account and self._remembers(order.account):
                    self._note_trade(event.trade, order)

    @exactly
    def _note_trade(self, trade: Trade, order: Order) -> None:
        fee = trade.maker_fee if order is trade.maker else trade.taker_fee
        rules = self._rules[trade.market]
        if order.side is Side.BUY:
            changes = {rules.base: trade.quantity - fee, rules.quote: -trade.value}
        else:
            changes = {rules.base: -trade.quantity, rules.quote: trade.value - fee}
        for asset, change in changes.items():
            held = self.ledger.balance(order.account, asset)
            self._transactions[order.account].append(
                Transaction(trade.at_ms, asset, change, held.available + held.frozen, Kind.TRADE)
            )


def short() -> Refusal:
    """Return the refusal of what the balance does not cover."""
    return Refusal(Code.BALANCE_NOT_ENOUGH, "balance not enough")
