"""The REST endpoints of the toy exchange: one typed row each, and what becomes of its replies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, TypeVar

from tradewire.errors import (
    AuthRejected,
    BadRequest,
    OrderNotFound,
    OutcomeUnknown,
    RemoteProtocolError,
    RequestError,
)
from tradewire.model import (
    Balance,
    BookSnapshot,
    Fill,
    Level,
    Liquidity,
    Market,
    Order,
    OrderStatus,
    OrderType,
    Page,
    Side,
    TimeInForce,
)
from tradewire.protocol.endpoint import Access, Api, Effect, Reply
from tradewire.protocol.new_order import NewOrder
from tradewire.protocol.request import NOT_SENT, Checked, Name, Request, TimeMs
from tradewire.session.rest_dialect import Attempt, DefaultRestDialect
from tradewire.transport.seam import HttpReply

__all__ = [
    "BALANCES", "BOOK", "CANCEL", "FILLS", "MARKETS", "NAMED_ORDER", "OPEN_ORDERS", "ORDER", "PLACE", "RATES_PER_S",
    "TIME", "VENUE", "FillsQuery", "MarketQuery", "NamedOrder", "OrderId", "PlaceOrder", "RestRules", "fill", "order",
]  # fmt: skip

VENUE = "toy"
RATES_PER_S = {"public": 1000.0, "account": 1000.0}
NS_PER_MS = 1_000_000
OPEN, SERVER_ERROR = "open", 500
BuiltT = TypeVar("BuiltT")

api = Api("https://toy.example", "2026-11-28", public_group="public", access=Access.KEYED)


def reply(build: Callable[[Any], BuiltT], shape: str) -> Reply[BuiltT]:
    """Return how a JSON reply is read."""

    def decode(body: bytes) -> BuiltT:
        try:
            return build(json.loads(body))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise RemoteProtocolError(f"not the documented shape: {error!r}") from error

    return Reply(decode, shape)


def order(row: Mapping[str, Any]) -> Order:
    """Build an order."""
    return Order(
        order_id=row["order_id"],
        client_order_id=row["client_order_id"],
        market=row["market"],
        side=Side(row["side"]),
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=Decimal(row["price"]),
        size=Decimal(row["size"]),
        filled_size=Decimal(row["filled"]),
        filled_notional=Decimal(row["value"]),
        status=OrderStatus(row["status"]),
        created_at_ns=row["created_ms"] * NS_PER_MS,
        updated_at_ns=row["updated_ms"] * NS_PER_MS,
    )


def fill(row: Mapping[str, Any]) -> Fill:
    """Build a fill; the exchange takes no fees."""
    return Fill(
        trade_id=row["trade_id"],
        order_id=row["order_id"],
        client_order_id=row["client_order_id"],
        market=row["market"],
        side=Side(row["side"]),
        price=Decimal(row["price"]),
        size=Decimal(row["size"]),
        liquidity=Liquidity(row["liquidity"]),
        fee=Decimal(0),
        fee_asset="USD",
        time_ns=row["time_ms"] * NS_PER_MS,
    )


def _market(row: Mapping[str, Any]) -> Market:
    return Market(
        symbol=row["symbol"],
        base=row["base"],
        quote=row["quote"],
        tick_size=Decimal(row["tick"]),
        lot_size=Decimal(row["lot"]),
        min_size=Decimal(row["lot"]),
    )


def _book(row: Mapping[str, Any]) -> BookSnapshot:
    bids, asks = (
        tuple(Level(Decimal(price), Decimal(size)) for price, size in row[side]) for side in ("bids", "asks")
    )
    return BookSnapshot(market=row["market"], bids=bids, asks=asks, time_ns=row["time_ms"] * NS_PER_MS)


def _balance(row: Mapping[str, Any]) -> Balance:
    return Balance(asset=row["asset"], available=Decimal(row["available"]), locked=Decimal(row["locked"]))


class MarketQuery(Request, frozen=True):
    """A question about a market."""

    market: Name


class FillsQuery(Request, frozen=True):
    """Our trades in a market."""

    market: Name
    after_ms: TimeMs = 0


class OrderId(Request, frozen=True):
    """An order, by the exchange's id."""

    order_id: Name


class NamedOrder(Request, frozen=True):
    """An order, by our id."""

    client_order_id: Name


class PlaceOrder(NewOrder, frozen=True, kw_only=True):
    """A new order."""

    type: Annotated[OrderType, NOT_SENT]
    time_in_force: Annotated[TimeInForce, NOT_SENT]
    post_only: Annotated[bool, NOT_SENT]
    size: Checked
    price: Checked | None
    size_asset: Annotated[str, NOT_SENT] = ""


TIME = api(
    "GET", "/time", NoneType, reply(lambda row: int(row["time_ms"]) * NS_PER_MS, "time_ms"),
    group="public", source="time",
)  # fmt: skip
MARKETS = api(
    "GET", "/markets", NoneType, reply(lambda rows: tuple(map(_market, rows)), "[market]"),
    group="public", source="markets",
)  # fmt: skip
BOOK = api("GET", "/book", MarketQuery, reply(_book, "bids, asks"), group="public", source="book")
OPEN_ORDERS = api(
    "GET", "/orders", NoneType, reply(lambda rows: tuple(map(order, rows)), "[order]"),
    group="account", source="orders",
)  # fmt: skip
ORDER = api("GET", "/orders/{order_id}", OrderId, reply(order, "order"), group="account", source="orders")
NAMED_ORDER = api("GET", "/order", NamedOrder, reply(order, "order"), group="account", source="orders")
FILLS = api(
    "GET",
    "/fills",
    FillsQuery,
    reply(lambda rows: Page(map(fill, rows)), "[fill]"),
    group="account",
    source="fills",
)
BALANCES = api(
    "GET", "/balances", NoneType, reply(lambda rows: tuple(map(_balance, rows)), "[balance]"),
    group="account", source="balances",
)  # fmt: skip
PLACE = api(
    "POST", "/orders", PlaceOrder, reply(order, "order"), group="account", source="orders", is_placing=True,
    lookup="Toy.open_orders({request.market!r})",
)  # fmt: skip
CANCEL = api(
    "DELETE", "/orders/{order_id}", OrderId, reply(order, "order"), group="account", source="orders",
    effect=Effect.REPEATABLE, is_cancel=True, lookup="Toy.order(..., {request.order_id!r})",
)  # fmt: skip
ERRORS: dict[str, type[BadRequest | AuthRejected | OrderNotFound]] = {
    "unknown_key": AuthRejected,
    "no_such_order": OrderNotFound,
}


class RestRules(DefaultRestDialect):
    """The toy exchange as ``session.rest`` sees it."""

    name = VENUE
    api = api
    time = TIME

    def __init__(self, key: str) -> None:
        self._key = key

    def headers(self, attempt: Attempt) -> Mapping[str, str]:
        """Return the headers of a request."""
        return {} if attempt.endpoint.access is Access.PUBLIC else {"x-toy-key": self._key}

    def error_from_reply(self, attempt: Attempt, reply: HttpReply) -> RequestError | None:
        """Return what the exchange complains about."""
        if reply.status < 400:
            return None
        endpoint = attempt.endpoint.name
        if reply.status >= SERVER_ERROR:
            return OutcomeUnknown(f"status {reply.status}", venue=VENUE, endpoint=endpoint)
        row = json.loads(reply.body)
        kind = ERRORS.get(row["error"], BadRequest)
        return kind(row["error"], http_status=reply.status, venue=VENUE, endpoint=endpoint)
