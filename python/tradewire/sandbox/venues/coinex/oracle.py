"""The oracle of CoinEx: books now and as pushed, an account's ledger, a market's status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tradewire.sandbox.venue import Answer, ControlHandler

__all__ = ["account_of", "routes"]

STATUSES = {
    "open": "open",
    "part_filled": "open",
    "filled": "filled",
    "part_canceled": "cancelled",
    "canceled": "cancelled",
}
OK = 200
NOT_FOUND = 404


class OracleSource(Protocol):
    """What is asked of the venue."""

    def book(self, market: str, limit: int, interval: str) -> dict[str, Any]:
        """Return the book now."""

    def pushed_book(
        self, market: str, limit: int, interval: str, *, updated_at: int, checksum: int
    ) -> dict[str, Any] | None:
        """Return a book as it was pushed."""

    def ledger_of(self, access_id: str) -> dict[str, Any]:
        """Return what the venue knows of an account."""

    def wallets_of(self, access_id: str) -> dict[str, Any]:
        """Return what is in each wallet of an account."""

    def set_status(self, market: str, status: str) -> None:
        """Open or close a market."""


def routes(venue: OracleSource) -> Mapping[tuple[str, str], ControlHandler]:
    """Return the control requests of CoinEx.

    GET  book?market=&limit=&interval=[&updated_at=&checksum=]
    GET  ledger?access_id=
    GET  wallets?access_id=
    POST market   {"market": "BTCUSDT", "status": "bidding"}
    """

    def book(query: Mapping[str, Any]) -> Answer:
        market, limit, interval = query["market"], int(query.get("limit", "50")), query.get("interval", "0")
        if "updated_at" not in query:
            return OK, venue.book(market, limit, interval)
        marks = {"updated_at": int(query["updated_at"]), "checksum": int(query["checksum"])}
        pushed = venue.pushed_book(market, limit, interval, **marks)
        if pushed is None:
            return NOT_FOUND, {"error": "no such book was pushed, or it is no longer remembered"}
        return OK, pushed

    def ledger(query: Mapping[str, Any]) -> Answer:
        return OK, venue.ledger_of(query["access_id"])

    def wallets(query: Mapping[str, Any]) -> Answer:
        return OK, venue.wallets_of(query["access_id"])

    def market(document: Mapping[str, Any]) -> Answer:
        venue.set_status(document["market"], document["status"])
        return OK, {"market": document["market"], "status": document["status"]}

    return {
        ("GET", "book"): book,
        ("GET", "ledger"): ledger,
        ("GET", "wallets"): wallets,
        ("POST", "market"): market,
    }


def account_of(ledger: Mapping[str, Any]) -> dict[str, Any]:
    """Return an account in words that all venues share."""
    return {
        "orders": [
            {
                "order_id": str(row["order_id"]),
                "status": STATUSES[row["status"]],
                "filled_size": row["filled_amount"],
            }
            for row in ledger["orders"]
        ],
        "fills": [
            {
                "order_id": str(row["order_id"]),
                "trade_id": str(row["deal_id"]),
                "price": row["price"],
                "size": row["amount"],
                "fee": row["fee"],
                "liquidity": row["role"],
            }
            for row in ledger["deals"]
        ],
        "balances": {
            asset: {"available": held["available"], "locked": held["frozen"]}
            for asset, held in ledger["balances"].items()
        },
    }
