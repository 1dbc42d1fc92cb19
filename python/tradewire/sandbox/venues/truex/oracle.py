"""The oracle of TrueX, and where it helps: books as sent, ledgers, transfers, status, health."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tradewire.sandbox.exact import exactly, plain
from tradewire.sandbox.venue import Answer, ControlHandler
from tradewire.sandbox.venues.truex import shapes
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.depth import Depth, PushedStates, look
from tradewire.sandbox.venues.truex.instruments import ASSETS, STATUSES
from tradewire.sandbox.venues.truex.rest.balances import holdings
from tradewire.sandbox.venues.truex.transfers import Transfers

__all__ = ["Oracle"]

OK = 200
NOT_FOUND = 404
UINT32 = 0xFFFFFFFF
STATUS_WORDS = {"ACTIVE": "open", "FILLED": "filled", "CANCELED": "cancelled", "REJECTED": "rejected"}


class Oracle:
    """The venue's own knowledge.

    Args:
        core: Its state.
        transfers: Money in and out.
        pushed: The books sent, by symbol.
    """

    def __init__(self, core: ExchangeCore, transfers: Transfers, pushed: Mapping[str, PushedStates]) -> None:
        self._core = core
        self._transfers = transfers
        self._pushed = pushed

    def routes(self) -> Mapping[tuple[str, str], ControlHandler]:
        """Return the control requests of TrueX.

        GET  book?symbol=[&checksum=]      the book now, or exactly as it was sent (with or without the zeros)
        GET  ledger?client_id=             balances, every order with its state, executions; oldest first
        POST transfer    {"id": "...", "status": "PENDING"}      or COMPLETED, FAILED
        POST instrument  {"symbol": "BTC-PYUSD", "status": "HALTED"}
        POST service     {"degraded": true}
        """
        return {
            ("GET", "book"): self._book,
            ("GET", "ledger"): self._ledger,
            ("POST", "transfer"): self._push_transfer,
            ("POST", "instrument"): self._set_status,
            ("POST", "service"): self._set_service,
        }

    def book(self, symbol: str, checksum: int | None = None) -> dict[str, Any] | None:
        """Return the public book now, or the one sent with ``checksum``; ``None`` if none is remembered.

        Raises:
            KeyError: There is no such instrument.
        """
        if checksum is None:
            return _shown(look(self._core.markets[symbol].engine))
        state = self._pushed[symbol].find(checksum & UINT32)
        return _shown(state) if state else None

    def ledger_of(self, client_id: str) -> dict[str, Any]:
        """Return a client as the venue has it.

        Raises:
            KeyError: There is no such client.
        """
        client = self._core.directory.clients[client_id]
        return {
            "holdings": holdings(self._core, self._transfers, client),
            "orders": [
                shapes.report(ticket)
                for ticket in self._core.tickets.values()
                if ticket.client_id == client_id
            ],
            "trades": [
                shapes.execution(done) for done in self._core.executions if done.ticket.client_id == client_id
            ],
        }

    @exactly
    def account_of(self, client_id: str) -> dict[str, Any]:
        """Return a client in words that all venues share."""
        ledger, names = self.ledger_of(client_id), {number: name for name, number in ASSETS.items()}
        return {
            "orders": [
                {
                    "order_id": row["id"],
                    "status": STATUS_WORDS[row["status"]],
                    "filled_size": row["executed_qty"],
                }
                for row in ledger["orders"]
            ],
            "fills": [
                {
                    "order_id": row["order_id"],
                    "trade_id": row["match_id"],
                    "price": row["trade_price"],
                    "size": row["trade_qty"],
                    "fee": plain(
                        Decimal(row["trade_price"])
                        * Decimal(row["trade_qty"])
                        * Decimal(row["trade_fee_rate"])
                    ),
                    "liquidity": row["liq_flag"].lower(),
                }
                for row in ledger["trades"]
            ],
            "balances": {names[row["asset_id"]]: _held(row) for row in ledger["holdings"]["balances"]},
        }

    def _book(self, query: Mapping[str, Any]) -> Answer:
        book = self.book(query["symbol"], int(query["checksum"]) if "checksum" in query else None)
        if book is None:
            return NOT_FOUND, {"error": "no such book was sent, or it is no longer remembered"}
        return OK, book

    def _ledger(self, query: Mapping[str, Any]) -> Answer:
        return OK, self.ledger_of(query["client_id"])

    def _push_transfer(self, document: Mapping[str, Any]) -> Answer:
        return OK, self._transfers.push(int(document["id"]), document["status"]).document()

    def _set_status(self, document: Mapping[str, Any]) -> Answer:
        if document["status"] not in STATUSES:
            raise ValueError(f"status is one of {', '.join(STATUSES)}")
        self._core.set_status(self._core.instruments[document["symbol"]], document["status"])
        return OK, {"symbol": document["symbol"], "status": document["status"]}

    def _set_service(self, document: Mapping[str, Any]) -> Answer:
        self._core.is_degraded = bool(document["degraded"])
        return OK, {"degraded": self._core.is_degraded}


def _shown(state: Depth) -> dict[str, Any]:
    return {
        "bids": [list(level) for level in state.bids],
        "asks": [list(level) for level in state.asks],
        "checksum": state.checksum,
    }


def _held(row: Mapping[str, str]) -> dict[str, str]:
    locked = Decimal(row["order_hold"]) + Decimal(row["transfer_hold"])
    return {"available": plain(Decimal(row["balance"]) - locked), "locked": plain(locked)}
