"""Transfers between a trader's own wallets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.treasury.books import Books
from tradewire.sandbox.venues.coinex.treasury.loans import Loans
from tradewire.sandbox.venues.coinex.wallets import futures_wallet, margin_wallet

__all__ = ["ACCOUNT_TYPES", "Transfer", "Transfers"]

ACCOUNT_TYPES = ("SPOT", "MARGIN", "FUTURES")


@dataclass(frozen=True, slots=True)
class Transfer:
    """One that was made; it takes no time."""

    at_ms: int
    source: str
    target: str
    asset: str
    amount: Decimal
    margin_market: str


class Transfers:
    """Moves money between the wallets of a trader."""

    def __init__(self, books: Books, loans: Loans) -> None:
        self._books = books
        self._loans = loans
        self._made: defaultdict[str, list[Transfer]] = defaultdict(list)

    def made(self, trader: str) -> Sequence[Transfer]:
        """Return a trader's transfers, oldest first."""
        return self._made[trader]

    def make(
        self, trader: str, source: str, target: str, asset: str, amount: Decimal, market: str, now_ms: int
    ) -> None:
        """Move money; account types are those of ``ACCOUNT_TYPES``, ``market`` is that of a margin account.

        Raises:
            Refusal: Neither side is the spot account, or both are; there is less; or what would be left of a margin
                account does not cover its loans.
        """
        if (source == "SPOT") == (target == "SPOT"):
            raise invalid("one of from_account_type and to_account_type must be SPOT, and one another")
        other = source if target == "SPOT" else target
        if (other == "MARGIN") != bool(market):
            raise invalid("market goes with MARGIN, and with nothing else")
        wallet = margin_wallet(trader, market) if market else futures_wallet(trader)
        payer, payee = (trader, wallet) if source == "SPOT" else (wallet, trader)
        if market:
            self._loans.require_asset(market, asset)
            if payer == wallet:
                self._loans.require_cover(trader, market, without={asset: amount})
        self._books.move(payer, payee, asset, amount, now_ms)
        self._made[trader].append(Transfer(now_ms, source, target, asset, amount, market))
