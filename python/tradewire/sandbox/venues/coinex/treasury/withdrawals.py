"""Withdrawals: asked for, looked at, sent, confirmed. What is under way is frozen; cancelling works until it is sent.

One goes from state to state with the venue's clock, or as the control surface says. A withdrawal to an address that
the venue gave out arrives there as a deposit; one to another user of the venue costs nothing and needs no chain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, pairwise

from tradewire.sandbox.exact import ZERO, exactly, floored, plain
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.treasury.books import FEES, Books, Kind
from tradewire.sandbox.venues.coinex.treasury.chains import FEE_ASSET, FEE_IN_CET, Chains
from tradewire.sandbox.venues.coinex.treasury.deposits import INTER_USER, ON_CHAIN, Deposits

__all__ = ["STATUSES", "Wish", "Withdrawal", "Withdrawals"]

EARLY = ("created", "audit_required", "audited")
"""States in which it can be cancelled."""
ORDER = (*EARLY, "processing", "confirming", "finished")
NEXT: Mapping[str, str] = dict(pairwise(ORDER))
GIVEN_UP = ("cancelled", "failed")
STATUSES = (*ORDER, *GIVEN_UP, "cancellation_failed")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    method: str
    asset: str
    amount: Decimal
    address: str
    chain: str = ""
    memo: str = ""
    fee_asset: str = ""
    remark: str = ""


@dataclass(slots=True)
class Withdrawal:
    """One withdrawal; ``frozen`` is what it holds of each asset while it is under way."""

    withdraw_id: int
    trader: str
    wish: Wish
    actual: Decimal
    """What arrives."""
    fee: Decimal
    fee_asset: str
    created_ms: int
    since_ms: int
    frozen: Mapping[str, Decimal]
    status: str = "created"
    tx_id: str = ""
    confirmations: int = 0


class Withdrawals:
    """All withdrawals of the venue.

    Args:
        books: Where the money is.
        chains: The networks.
        deposits: Where payments to other traders go.
        traders: Says who has an account here.
        step_ms: How long a withdrawal is in each state.
    """

    def __init__(
        self,
        books: Books,
        chains: Chains,
        deposits: Deposits,
        traders: Callable[[], Collection[str]],
        step_ms: int,
    ) -> None:
        self._books = books
        self._chains = chains
        self._deposits = deposits
        self._traders = traders
        self._step_ms = step_ms
        self._ids = count(1)
        self._withdrawals: dict[int, Withdrawal] = {}
        self._open: dict[int, Withdrawal] = {}

    def of(self, trader: str) -> Sequence[Withdrawal]:
        """Return a trader's withdrawals, oldest first."""
        return [one for one in self._withdrawals.values() if one.trader == trader]

    @exactly
    def ask(self, trader: str, wish: Wish, now_ms: int) -> Withdrawal:
        """Freeze what it takes and begin.

        Raises:
            Refusal: The asset does not go that way now, the amount is too small or has too many decimals, a memo or
                the payee is missing, or there is less.
        """
        fee, fee_asset = self._to_user(trader, wish) if wish.method == INTER_USER else self._on_chain(wish)
        is_inside = fee_asset == wish.asset
        frozen = {wish.asset: wish.amount} if is_inside else {wish.asset: wish.amount, fee_asset: fee}
        held: list[str] = []
        try:
            for asset, amount in frozen.items():
                self._books.hold(trader, asset, amount, now_ms)
                held.append(asset)
        except Exception:
            for asset in held:
                self._books.release(trader, asset, frozen[asset], now_ms)
            raise
        made = Withdrawal(
            next(self._ids), trader, wish, wish.amount - fee if is_inside else wish.amount, fee, fee_asset,
            now_ms, now_ms, frozen,
        )  # fmt: skip
        self._withdrawals[made.withdraw_id] = self._open[made.withdraw_id] = made
        return made

    def cancel(self, trader: str, withdraw_id: int, now_ms: int) -> None:
        """Give back what a withdrawal has frozen.

        Raises:
            Refusal: The trader has none with this number, or it is too late.
        """
        found = self._withdrawals.get(withdraw_id)
        if found is None or found.trader != trader:
            raise invalid(f"withdraw_id {withdraw_id} not found")
        if found.status not in EARLY:
            raise invalid(f"withdrawal {withdraw_id} is {found.status} and can no longer be cancelled")
        self._enter(found, "cancelled", now_ms)

    def set_status(self, withdraw_id: int, status: str, now_ms: int) -> Withdrawal:
        """Let a withdrawal that is under way go on, or end, as the control surface says.

        Raises:
            KeyError: None with this number is under way.
            ValueError: There is no such status.
        """
        if status not in STATUSES:
            raise ValueError(f"status must be one of {', '.join(STATUSES)}, got {status!r}")
        found = self._open[withdraw_id]
        self._enter(found, status, now_ms)
        return found

    def advance(self, now_ms: int) -> None:
        """Bring every withdrawal to where it is by now."""
        for one in list(self._open.values()):
            while one.status in NEXT and now_ms - one.since_ms >= self._step_ms:
                self._enter(one, NEXT[one.status], one.since_ms + self._step_ms)

    def _on_chain(self, wish: Wish) -> tuple[Decimal, str]:
        """Check a withdrawal over a chain; return its fee and in which asset that is paid."""
        chain = self._chains.asset(wish.asset).chain(wish.chain)
        if not chain.withdraw_enabled:
            raise invalid(f"withdrawals of {wish.asset} over {chain.name} are suspended")
        if wish.amount < chain.least_withdrawal:
            raise invalid(f"amount must be at least {plain(chain.least_withdrawal)}")
        if wish.amount != floored(wish.amount, Decimal(1), chain.places):
            raise invalid(f"amount has more than {chain.places} decimals")
        if chain.needs_memo and not wish.memo:
            raise invalid(f"memo is required for {chain.name}")
        fee_asset = wish.fee_asset or wish.asset
        if fee_asset == wish.asset:
            return chain.fee, fee_asset
        if fee_asset != FEE_ASSET or FEE_ASSET not in self._chains.assets:
            raise invalid(f"fee_ccy must be {wish.asset} or {FEE_ASSET}")
        return FEE_IN_CET, FEE_ASSET

    def _to_user(self, trader: str, wish: Wish) -> tuple[Decimal, str]:
        if not self._chains.asset(wish.asset).inter_transfer_enabled:
            raise invalid(f"transfers of {wish.asset} between users are suspended")
        if wish.address == trader or wish.address not in self._traders():
            raise invalid("to_address is no other user of this venue")
        return ZERO, wish.asset

    def _enter(self, one: Withdrawal, status: str, at_ms: int) -> None:
        one.status, one.since_ms = status, at_ms
        if status == "confirming" and one.wish.method == ON_CHAIN:
            one.tx_id = self._chains.digest("withdrawal", str(one.withdraw_id))
            one.confirmations = 1
        elif status == "finished":
            self._finish(one, at_ms)
        elif status in GIVEN_UP:
            for asset, amount in one.frozen.items():
                self._books.release(one.trader, asset, amount, at_ms)
        if status in GIVEN_UP or status == "finished":
            del self._open[one.withdraw_id]

    def _finish(self, one: Withdrawal, now_ms: int) -> None:
        ledger, wish = self._books.ledger, one.wish
        if wish.method == INTER_USER:
            ledger.pay(one.trader, wish.address, wish.asset, one.actual, ZERO)
        else:
            ledger.withdraw(one.trader, wish.asset, one.actual)
            ledger.pay(one.trader, FEES, one.fee_asset, one.fee, ZERO)
        for asset, amount in one.frozen.items():
            self._books.note(one.trader, asset, -amount, Kind.WITHDRAW, now_ms)
        if wish.method == INTER_USER:
            self._deposits.receive(wish.address, wish.asset, one.actual, now_ms)
            return
        one.tx_id = one.tx_id or self._chains.digest("withdrawal", str(one.withdraw_id))
        one.confirmations = self._chains.assets[wish.asset].chain(wish.chain).confirmations
        payee = self._chains.owner(wish.asset, wish.chain, wish.address)
        if payee:
            self._deposits.arrive(
                payee, wish.asset, wish.chain, one.actual, now_ms, address=wish.address, tx_id=one.tx_id
            )
