"""Who owns what: available and frozen balances per account and asset, fees taken, deposits made.

Knows no orders and no markets. Refuses to let a balance go below zero, and proves on demand that nothing
appeared or vanished: over all accounts, balances plus fees plus withdrawals equal deposits. A clearing account,
through which results of open positions pass, may owe; it has to hold exactly what its market says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.exact import ZERO, exactly

__all__ = ["Balance", "DoesNotAddUp", "Ledger", "Shortfall"]


class Shortfall(Exception):
    """The balance does not cover it; nothing has changed."""


class DoesNotAddUp(AssertionError):
    """Money appeared or vanished: a fault of the sandbox itself."""


@dataclass(slots=True)
class Balance:
    """One account's holding of one asset."""

    available: Decimal = ZERO
    frozen: Decimal = ZERO


class Ledger:
    """All balances of one venue."""

    def __init__(self) -> None:
        self.accounts: dict[str, dict[str, Balance]] = {}
        self.deposits: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.withdrawals: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.fees: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self._clearing: dict[str, tuple[str, Callable[[], Decimal]]] = {}

    def open_clearing(self, account: str, asset: str, expected: Callable[[], Decimal]) -> None:
        """Let ``account`` owe ``asset``; ``expected`` says what it has to hold whenever the books are checked."""
        self._clearing[account] = asset, expected

    def balance(self, account: str, asset: str) -> Balance:
        """Return the holding, empty if there was none."""
        return self.accounts.setdefault(account, {}).setdefault(asset, Balance())

    @exactly
    def deposit(self, account: str, asset: str, amount: Decimal) -> None:
        """Bring ``amount`` in from outside."""
        _require_not_negative(amount)
        self.balance(account, asset).available += amount
        self.deposits[asset] += amount

    @exactly
    def withdraw(self, account: str, asset: str, amount: Decimal) -> None:
        """Take frozen ``amount`` out of the venue.

        Raises:
            Shortfall: Less than that is frozen.
        """
        self._take_frozen(account, asset, amount)
        self.withdrawals[asset] += amount

    @exactly
    def hold(self, account: str, asset: str, amount: Decimal) -> None:
        """Freeze ``amount``.

        Raises:
            Shortfall: Less than that is available.
        """
        _require_not_negative(amount)
        balance = self.balance(account, asset)
        if balance.available < amount and account not in self._clearing:
            raise Shortfall
        balance.available -= amount
        balance.frozen += amount

    @exactly
    def release(self, account: str, asset: str, amount: Decimal) -> None:
        """Make frozen ``amount`` available again.

        Raises:
            Shortfall: Less than that is frozen.
        """
        self._take_frozen(account, asset, amount)
        self.balance(account, asset).available += amount

    @exactly
    def pay(self, payer: str, payee: str, asset: str, amount: Decimal, fee: Decimal) -> None:
        """Move frozen ``amount`` of ``payer`` to ``payee``, who loses ``fee`` of it to the venue.

        Raises:
            Shortfall: Less than that is frozen.
        """
        self._take_frozen(payer, asset, amount)
        self.balance(payee, asset).available += amount - fee
        self.fees[asset] += fee

    @exactly
    def move(self, payer: str, payee: str, asset: str, amount: Decimal) -> None:
        """Move available ``amount`` of ``payer`` to ``payee``, at once and without a fee.

        Raises:
            Shortfall: Less than that is available.
        """
        self.hold(payer, asset, amount)
        self.pay(payer, payee, asset, amount, fee=ZERO)

    @exactly
    def charge(self, account: str, asset: str, fee: Decimal) -> None:
        """Take ``fee`` from what ``account`` has available.

        Raises:
            Shortfall: Less than that is available.
        """
        self.hold(account, asset, fee)
        self.pay(account, account, asset, fee, fee)

    @exactly
    def assert_adds_up(self) -> None:
        """Prove that balances plus fees plus withdrawals equal deposits, for every asset, exactly.

        Raises:
            DoesNotAddUp: They do not, a balance is negative, or a clearing account holds what it should not. Cost: one
                pass over all accounts.
        """
        for account, (asset, expected) in self._clearing.items():
            if (owned := self.balance(account, asset)) != Balance(due := expected()):
                raise DoesNotAddUp(f"{account} owns {owned} of {asset} and should own {due}")
        held: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for account, assets in self.accounts.items():
            for asset, balance in assets.items():
                if (balance.available < 0 and account not in self._clearing) or balance.frozen < 0:
                    raise DoesNotAddUp(f"{account} owns {balance} of {asset}")
                held[asset] += balance.available + balance.frozen
        for asset in held.keys() | self.deposits.keys() | self.fees.keys() | self.withdrawals.keys():
            if held[asset] + self.fees[asset] + self.withdrawals[asset] != self.deposits[asset]:
                raise DoesNotAddUp(
                    f"{asset}: {held[asset]} held, {self.fees[asset]} fees, "
                    f"{self.withdrawals[asset]} withdrawn, {self.deposits[asset]} deposited"
                )

    def _take_frozen(self, account: str, asset: str, amount: Decimal) -> None:
        _require_not_negative(amount)
        balance = self.balance(account, asset)
        if balance.frozen < amount:
            raise Shortfall
        balance.frozen -= amount


def _require_not_negative(amount: Decimal) -> None:
    if amount < 0:
        raise ValueError(f"a ledger moves amounts of at least zero, not {amount}")
