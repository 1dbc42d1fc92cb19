"""Deposits: seen on their chain, confirmed step by step, credited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from tradewire.sandbox.venues.coinex.treasury.books import Books, Kind
from tradewire.sandbox.venues.coinex.treasury.chains import Chains

__all__ = ["INTER_USER", "ON_CHAIN", "Deposit", "Deposits"]

ON_CHAIN = "on_chain"
INTER_USER = "inter_user"
NEXT: Mapping[str, str] = {"processing": "confirming", "confirming": "finished"}
OPENING = "opening balance"


@dataclass(slots=True)
class Deposit:
    """One deposit. ``too_small``, ``cancelled`` and ``exception`` are ends without a credit."""

    deposit_id: int
    trader: str
    method: str
    asset: str
    chain: str
    amount: Decimal
    address: str
    tx_id: str
    created_ms: int
    status: str
    since_ms: int
    confirmations: int = 0
    remark: str = ""


class Deposits:
    """All deposits of the venue.

    Args:
        books: Where the money is.
        chains: The networks.
        step_ms: How long a deposit is in each state.
    """

    def __init__(self, books: Books, chains: Chains, step_ms: int) -> None:
        self._books = books
        self._chains = chains
        self._step_ms = step_ms
        self._ids = count(1)
        self._deposits: dict[int, Deposit] = {}
        self._open: dict[int, Deposit] = {}

    def of(self, trader: str) -> Sequence[Deposit]:
        """Return a trader's deposits, oldest first."""
        return [deposit for deposit in self._deposits.values() if deposit.trader == trader]

    def open_account(self, trader: str, asset: str, amount: Decimal, now_ms: int) -> None:
        """Give a trader the money that an account begins with."""
        deposit = self._note(trader, ON_CHAIN, asset, self._chains.add(asset).chains[0].name, amount, now_ms)
        deposit.remark = OPENING
        self._finish(deposit, now_ms)

    def arrive(
        self,
        trader: str,
        asset: str,
        chain: str,
        amount: Decimal,
        now_ms: int,
        *,
        address: str = "",
        tx_id: str = "",
    ) -> Deposit:
        """Take note of a payment on its chain.

        Raises:
            Refusal: There is no such network.
        """
        network = self._chains.asset(asset).chain(chain)
        address = address or self._chains.address(trader, asset, chain).address
        deposit = self._note(trader, ON_CHAIN, asset, chain, amount, now_ms)
        deposit.address = address
        deposit.tx_id = tx_id or self._chains.digest("deposit", str(deposit.deposit_id))
        if amount < network.least_deposit:
            deposit.status = "too_small"
        else:
            self._open[deposit.deposit_id] = deposit
        return deposit

    def receive(self, trader: str, asset: str, amount: Decimal, now_ms: int) -> None:
        """Take note of what another trader of the venue has paid already."""
        deposit = self._note(trader, INTER_USER, asset, "", amount, now_ms)
        deposit.status = "finished"
        self._books.note(trader, asset, amount, Kind.DEPOSIT, now_ms)

    def set_status(self, deposit_id: int, status: str, now_ms: int) -> Deposit:
        """Let a deposit that is under way end, or go on, as the control surface says.

        Raises:
            KeyError: None with this number is under way.
            ValueError: There is no such status.
        """
        deposit = self._open[deposit_id]
        if status not in {*NEXT, "finished", "cancelled", "exception", "too_small"}:
            raise ValueError(f"no status {status!r} of a deposit")
        self._enter(deposit, status, now_ms)
        return deposit

    def advance(self, now_ms: int) -> None:
        """Bring every deposit to where it is by now."""
        for deposit in list(self._open.values()):
            while deposit.status in NEXT and now_ms - deposit.since_ms >= self._step_ms:
                self._enter(deposit, NEXT[deposit.status], deposit.since_ms + self._step_ms)

    def _note(
        self, trader: str, method: str, asset: str, chain: str, amount: Decimal, now_ms: int
    ) -> Deposit:
        deposit = Deposit(
            next(self._ids), trader, method, asset, chain, amount, "", "", now_ms, "processing", now_ms
        )
        self._deposits[deposit.deposit_id] = deposit
        return deposit

    def _enter(self, deposit: Deposit, status: str, at_ms: int) -> None:
        deposit.status, deposit.since_ms = status, at_ms
        if status == "confirming":
            deposit.confirmations = 1
        elif status == "finished":
            self._finish(deposit, at_ms)
        if status not in NEXT:
            del self._open[deposit.deposit_id]

    def _finish(self, deposit: Deposit, now_ms: int) -> None:
        deposit.status = "finished"
        deposit.confirmations = self._chains.assets[deposit.asset].chain(deposit.chain).confirmations
        self._books.ledger.deposit(deposit.trader, deposit.asset, deposit.amount)
        self._books.note(deposit.trader, deposit.asset, deposit.amount, Kind.DEPOSIT, now_ms)
