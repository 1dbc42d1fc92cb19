"""The oracle of CoinEx: books now and as pushed, an account's ledger, a market's status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tradewire.sandbox.exact import plain
from tradewire.sandbox.ledger import Balance, Ledger
from tradewire.sandbox.venue import Answer, ControlHandler
from tradewire.sandbox.venues.coinex.core import ExchangeCore, TradingCore
from tradewire.sandbox.venues.coinex.depth import DepthKey, DepthPublisher, PushedState, look
from tradewire.sandbox.venues.coinex.habits import Habits
from tradewire.sandbox.venues.coinex.market_data import DEPTH_INTERVALS, DEPTH_LIMITS
from tradewire.sandbox.venues.coinex.orders import status_of
from tradewire.sandbox.venues.coinex.rest.spot_deals import user_deal_of
from tradewire.sandbox.venues.coinex.rest.spot_orders import order_of
from tradewire.sandbox.venues.coinex.wallets import margin_wallet, owner_of

__all__ = ["BookOracle", "account_of", "ledger_of", "routes", "wallets_of"]

STATUSES = {
    "open": "open",
    "part_filled": "open",
    "filled": "filled",
    "part_canceled": "cancelled",
    "canceled": "cancelled",
}
OK = 200
NOT_FOUND = 404


class BookOracle:
    """The books of one product, now and as they were pushed, in the text of depth pushes.

    Args:
        core: Where they are.
        depth: Who pushed them.
        habits: How numbers are spelled.
        now_ms: The time.
    """

    def __init__(
        self, core: TradingCore[Any, Any], depth: DepthPublisher, habits: Habits, now_ms: Callable[[], int]
    ) -> None:
        self.core = core
        self._depth = depth
        self._habits = habits
        self._now_ms = now_ms

    def book(self, market: str, limit: int, interval: str) -> dict[str, Any]:
        """Return the book now.

        Raises:
            ValueError: There is no such market, limit or interval.
        """
        key = self._key(market, limit, interval)
        return _shown(look(key, self.core, self._habits, self._now_ms()))

    def pushed(
        self, market: str, limit: int, interval: str, updated_at: int, checksum: int
    ) -> dict[str, Any] | None:
        """Return exactly the book that was pushed with these marks, or ``None`` if none is remembered.

        Raises:
            ValueError: There is no such market, limit or interval.
        """
        state = self._depth.recall(self._key(market, limit, interval), updated_at, checksum & 0xFFFFFFFF)
        return _shown(state) if state else None

    def _key(self, market: str, limit: int, interval: str) -> DepthKey:
        if market not in self.core.rules or limit not in DEPTH_LIMITS or interval not in DEPTH_INTERVALS:
            raise ValueError(f"no book of {market!r}, limit {limit}, interval {interval!r}")
        return DepthKey(market, limit, interval)


class OracleSource(Protocol):
    """What is asked of the venue; ``product`` is ``spot`` or ``futures``."""

    def book(self, market: str, limit: int, interval: str, *, product: str) -> dict[str, Any]:
        """Return the book now."""

    def pushed_book(
        self, market: str, limit: int, interval: str, *, updated_at: int, checksum: int, product: str
    ) -> dict[str, Any] | None:
        """Return a book as it was pushed."""

    def sent_book(self, market: str, marks: Mapping[str, Any], *, product: str) -> dict[str, Any] | None:
        """Return a book as it was pushed, by the marks a client knows."""

    def ledger_of(self, access_id: str, *, product: str) -> dict[str, Any]:
        """Return what the venue knows of an account."""

    def account(self, *, product: str) -> dict[str, Any]:
        """Return the default trader's account in words that all venues share."""

    def wallets_of(self, access_id: str) -> dict[str, Any]:
        """Return what is in each wallet of an account."""

    def set_status(self, market: str, status: str, *, product: str) -> None:
        """Open or close a market."""


def routes(venue: OracleSource) -> Mapping[tuple[str, str], ControlHandler]:
    """Return the control requests of CoinEx. Those about books, orders or a market take ``product``, spot by default.

    GET  book?market=&limit=&interval=[&updated_at=&checksum=]
    GET  sent_book?market=&checksum=&limit=&time_ms=
    GET  ledger?access_id=
    GET  account
    GET  wallets?access_id=
    POST market   {"market": "BTCUSDT", "status": "bidding"}
    """

    def book(query: Mapping[str, Any]) -> Answer:
        market, limit, interval = query["market"], int(query.get("limit", "50")), query.get("interval", "0")
        product = _product(query)
        if "updated_at" not in query:
            return OK, venue.book(market, limit, interval, product=product)
        updated_at, checksum = int(query["updated_at"]), int(query["checksum"])
        return _found(
            venue.pushed_book(
                market, limit, interval, updated_at=updated_at, checksum=checksum, product=product
            )
        )

    def sent_book(query: Mapping[str, Any]) -> Answer:
        return _found(venue.sent_book(query["market"], query, product=_product(query)))

    def ledger(query: Mapping[str, Any]) -> Answer:
        return OK, venue.ledger_of(query["access_id"], product=_product(query))

    def account(query: Mapping[str, Any]) -> Answer:
        return OK, venue.account(product=_product(query))

    def wallets(query: Mapping[str, Any]) -> Answer:
        return OK, venue.wallets_of(query["access_id"])

    def market(document: Mapping[str, Any]) -> Answer:
        venue.set_status(document["market"], document["status"], product=_product(document))
        return OK, {"market": document["market"], "status": document["status"]}

    return {
        ("GET", "book"): book,
        ("GET", "sent_book"): sent_book,
        ("GET", "ledger"): ledger,
        ("GET", "account"): account,
        ("GET", "wallets"): wallets,
        ("POST", "market"): market,
    }


def _product(asked: Mapping[str, Any]) -> str:
    product: str = asked.get("product", "spot")
    return product


def _found(book: dict[str, Any] | None) -> Answer:
    if book is None:
        return NOT_FOUND, {"error": "no such book was pushed, or it is no longer remembered"}
    return OK, book


def _shown(state: PushedState) -> dict[str, Any]:
    return {
        "bids": [list(level) for level in state.bids],
        "asks": [list(level) for level in state.asks],
        "checksum": state.checksum,
        "updated_at": state.updated_at_ms,
        "last": state.last,
    }


def ledger_of(core: ExchangeCore, trader: str) -> dict[str, Any]:
    """Return the spot account as the venue has it, with orders and deals of margin wallets; oldest first."""
    wallets = [trader, *(margin_wallet(trader, name) for name in core.rules)]
    live = {key: order for wallet in wallets for key, order in core.live[wallet].items()}
    finished = [order for wallet in wallets for order in core.finished[wallet].values()]
    orders = sorted([*finished, *live.values()], key=lambda order: order.order_id)
    return {
        "balances": _held(core.ledger.accounts[trader]),
        "orders": [
            {
                **order_of(order, core.rules[order.market]),
                "status": status_of(order, is_live=order.order_id in live),
            }
            for order in orders
        ],
        "deals": [
            {**user_deal_of(trade, order, core.rules[trade.market]), "client_id": order.client_id}
            for wallet in wallets
            for trade, order in core.user_deals[wallet]
        ],
    }


def wallets_of(ledger: Ledger, trader: str) -> dict[str, dict[str, dict[str, str]]]:
    """Return what each wallet of a trader holds by asset."""
    return {
        name.partition("/")[2] or "spot": _held(wallet)
        for name, wallet in sorted(ledger.accounts.items())
        if owner_of(name) == trader
    }


def _held(wallet: Mapping[str, Balance]) -> dict[str, dict[str, str]]:
    return {
        asset: {"available": plain(held.available), "frozen": plain(held.frozen)}
        for asset, held in sorted(wallet.items())
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
