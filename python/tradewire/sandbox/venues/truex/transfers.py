"""Money in and out: transfers through their life cycle.

A deposit arrives when it is completed. A withdrawal freezes its amount at once and leaves with its completion;
one that is not covered is ``REJECTED`` from the start. States change by time, or on the control surface's word.
The shapes of ``instructions`` are not published: any object is taken.

Source: docs.truemarkets.co/apis/cefi/rest/v1/transfers and the vendor's tools, read 2026-11-20.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.ledger import Shortfall
from tradewire.sandbox.routing import Reader
from tradewire.sandbox.venues.truex.clients import Key
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.fields import Amount, Fields, Given, Id, one_of
from tradewire.sandbox.venues.truex.instruments import ASSETS
from tradewire.sandbox.venues.truex.problems import Problem

__all__ = ["FINAL", "NewTransfer", "Transfer", "Transfers"]

FINAL = frozenset({"COMPLETED", "FAILED", "REJECTED"})
MEMBERS = frozenset({"amount", "asset_id", "client_id", "type", "platform", "instructions"})
NEXT = {"INITIALIZED": "PENDING", "PENDING": "COMPLETED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransfer:
    """``request`` of a new transfer."""

    client_id: Id
    asset_id: Id
    type_: Annotated[str, one_of("DEPOSIT", "WITHDRAW")]
    platform: Annotated[str, one_of("FIAT", "CRYPTO", "INTERNAL")]
    amount: Amount
    instructions: Annotated[Any, Reader(Fields.inner)] = None
    given: Given


@dataclass(slots=True, eq=False)
class Transfer:
    """One transfer."""

    transfer_id: int
    client_id: str
    asset: str
    amount: Decimal
    is_withdrawal: bool
    request: dict[str, Any]
    status: str
    created_ms: int
    due_ms: int

    def document(self) -> dict[str, Any]:
        """Return it as the venue shows it."""
        return {"id": str(self.transfer_id), "status": self.status, "request": self.request}


class Transfers:
    """All transfers of the venue.

    Args:
        core: Where the balances are.
        step_ms: How long each state lasts; ``None``: until ``push`` says otherwise.
    """

    def __init__(self, core: ExchangeCore, step_ms: int | None) -> None:
        self.all: dict[int, Transfer] = {}
        self._core = core
        self._step_ms = step_ms

    def initiate(self, key: Key, request: NewTransfer) -> dict[str, Any]:
        """Begin a transfer and return it.

        Raises:
            Problem: 400, 403 or 404.
        """
        client_id, kind = request.client_id, request.type_
        if client_id not in key.clients:
            raise Problem(403, "Invalid client")
        asset = next((name for name, number in ASSETS.items() if number == request.asset_id), None)
        if asset is None:
            raise Problem(404, "Unknown asset")
        if request.instructions is None and request.platform == "INTERNAL" and kind == "DEPOSIT":
            raise Problem(400, "request.instructions is required")
        now_ms = self._core.now_ms()
        transfer = Transfer(
            self._core.next_id(),
            client_id,
            asset,
            request.amount,
            kind == "WITHDRAW",
            {name: value for name, value in request.given.items() if name in MEMBERS},
            "INITIALIZED",
            now_ms,
            now_ms + (self._step_ms or 0),
        )
        if transfer.is_withdrawal:
            try:
                self._core.ledger.hold(client_id, asset, request.amount)
            except Shortfall:
                transfer.status = "REJECTED"
        self.all[transfer.transfer_id] = transfer
        return transfer.document()

    def advance(self) -> None:
        """Push on what has been long enough in its state."""
        if self._step_ms is None:
            return
        now_ms = self._core.now_ms()
        for transfer in self.active():
            if now_ms >= transfer.due_ms:
                self.push(transfer.transfer_id, NEXT[transfer.status])
                transfer.due_ms = now_ms + self._step_ms

    def push(self, transfer_id: int, status: str) -> Transfer:
        """Bring a transfer to ``PENDING``, ``COMPLETED`` or ``FAILED``.

        Raises:
            KeyError: There is none.
            ValueError: It is final already, or the state does not follow.
        """
        transfer = self.all[transfer_id]
        if transfer.status in FINAL or status not in {*NEXT.values(), "FAILED"} or status == transfer.status:
            raise ValueError(f"transfer {transfer_id} is {transfer.status} and cannot become {status}")
        ledger = self._core.ledger
        if transfer.is_withdrawal and status == "COMPLETED":
            ledger.withdraw(transfer.client_id, transfer.asset, transfer.amount)
        elif transfer.is_withdrawal and status == "FAILED":
            ledger.release(transfer.client_id, transfer.asset, transfer.amount)
        elif status == "COMPLETED":
            ledger.deposit(transfer.client_id, transfer.asset, transfer.amount)
        transfer.status = status
        return transfer

    def active(self) -> list[Transfer]:
        """Return what is under way."""
        return [transfer for transfer in self.all.values() if transfer.status not in FINAL]

    @exactly
    def held(self, client_id: str, asset: str) -> Decimal:
        """Return what withdrawals under way have frozen."""
        return sum(
            (
                transfer.amount
                for transfer in self.active()
                if transfer.is_withdrawal and (transfer.client_id, transfer.asset) == (client_id, asset)
            ),
            ZERO,
        )
