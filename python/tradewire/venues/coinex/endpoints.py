"""One row per REST endpoint of CoinEx. The rest of the venue's 131 follow the same pattern.

Source: https://docs.coinex.com/api/v2, read 2026-11-20; the page of each row stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import RequestError
from tradewire.model import Balance, BookSnapshot, Fill, Market, Order, Page, Ticker
from tradewire.protocol.endpoint import Access, Effect, Endpoint, Params
from tradewire.venues.coinex import errors, parse, requests, shapes

__all__ = [
    "AMEND_ORDER",
    "BALANCES",
    "BOOK",
    "CANCEL_ALL",
    "CANCEL_BY_CLIENT_ORDER_ID",
    "CANCEL_ORDER",
    "CLOSED_ORDERS",
    "FILLS",
    "MARKETS",
    "OPEN_ORDERS",
    "ORDER",
    "ORDER_FILLS",
    "PING",
    "PLACE_ORDER",
    "TICKERS",
    "TIME",
    "TRADES",
]

DOCS = "https://docs.coinex.com/api/v2"
READ_ON = "2026-11-20"
NS_PER_MS = 1_000_000

ShapeT = TypeVar("ShapeT")
ModelT = TypeVar("ModelT")


def _reader(shape: type[ShapeT]) -> Callable[[bytes], ShapeT]:
    """Return a typed decoder whose failures are the venue's fault."""
    decoder = msgspec.json.Decoder(shape)

    def read(body: bytes) -> ShapeT:
        return codec.decode_as(body, decoder)

    return read


def _one(shape: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Callable[[bytes], ModelT]:
    read = _reader(shapes.Envelope[shape])  # type: ignore[valid-type]  # a shape chosen at import

    def decode(body: bytes) -> ModelT:
        return build(read(body).data)

    return decode


def _all(row: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Callable[[bytes], tuple[ModelT, ...]]:
    # The venue may send null for an empty list.
    read: Callable[[bytes], Any] = _reader(shapes.Envelope[list[row] | None])  # type: ignore[valid-type]  # as above

    def decode(body: bytes) -> tuple[ModelT, ...]:
        return tuple(build(item) for item in read(body).data or ())

    return decode


def _page(row: type[ShapeT], build: Callable[[ShapeT], ModelT]) -> Callable[[bytes], Page[ModelT]]:
    read: Callable[[bytes], Any] = _reader(shapes.PagedEnvelope[list[row] | None])  # type: ignore[valid-type]  # as above

    def decode(body: bytes) -> Page[ModelT]:
        reply = read(body)
        items = tuple(build(item) for item in reply.data or ())
        return Page(items, reply.pagination.has_next, reply.pagination.total)

    return decode


def _no_params(_request: None) -> Params:
    return Params()


def _empty_body(_body: bytes) -> None:
    """Accept whatever a successful reply carries: there is nothing in it to read."""


def _finished(row: shapes.OrderRow) -> Order:
    return parse.order(row, is_finished=True)


def _time_ns(reply: shapes.TimeReply) -> int:
    return reply.timestamp * NS_PER_MS


_read_batch = _reader(shapes.Envelope[list[msgspec.Raw]])
_read_item = _reader(shapes.BatchItem)
_read_order = _reader(shapes.OrderRow)


def _cancelled_batch(body: bytes) -> tuple[Order | RequestError, ...]:
    """Read what became of each order; one that failed says nothing about the others."""
    return tuple(_cancelled(bytes(raw)) for raw in _read_batch(body).data)


def _cancelled(item: bytes) -> Order | RequestError:
    result = _read_item(item)
    if result.order_id is not None:
        return _finished(_read_order(item))
    if result.code:
        return errors.by_code(CANCEL_BY_CLIENT_ORDER_ID.name, shapes.Failure(result.code, result.message))
    return _finished(_read_order(bytes(result.data)))


def _row(
    method: str,
    path: str,
    page: str,
    rate_group: str,
    effect: Effect,
    encode: Callable[[Any], Params],
    decode: Callable[[bytes], Any],
    **more: Any,
) -> Endpoint[Any, Any]:
    access = Access.PUBLIC if rate_group == "ip" else Access.SIGNED
    source = f"{DOCS}/{page}"
    return Endpoint(method, path, access, effect, rate_group, encode, decode, source, READ_ON, **more)


PING: Endpoint[None, None] = _row(
    "GET", "/v2/ping", "common/http/ping", "ip", Effect.READ, _no_params, _empty_body
)
TIME: Endpoint[None, int] = _row(
    "GET", "/v2/time", "common/http/time", "ip", Effect.READ, _no_params, _one(shapes.TimeReply, _time_ns)
)
MARKETS: Endpoint[requests.MarketsQuery, tuple[Market, ...]] = _row(
    "GET", "/v2/spot/market", "spot/market/http/list-market", "ip", Effect.READ,
    requests.MarketsQuery.params, _all(shapes.MarketRow, parse.market),
)  # fmt: skip
TICKERS: Endpoint[requests.MarketsQuery, tuple[Ticker, ...]] = _row(
    "GET", "/v2/spot/ticker", "spot/market/http/list-market-ticker", "ip", Effect.READ,
    requests.MarketsQuery.params, _all(shapes.TickerRow, parse.ticker),
)  # fmt: skip
BOOK: Endpoint[requests.DepthQuery, BookSnapshot] = _row(
    "GET", "/v2/spot/depth", "spot/market/http/list-market-depth", "ip", Effect.READ,
    requests.DepthQuery.params, _one(shapes.DepthReply, parse.book),
)  # fmt: skip
TRADES: Endpoint[requests.TradesQuery, tuple[shapes.DealRow, ...]] = _row(
    "GET", "/v2/spot/deals", "spot/market/http/list-market-deals", "ip", Effect.READ,
    requests.TradesQuery.params, _all(shapes.DealRow, lambda row: row),
)  # fmt: skip
PLACE_ORDER: Endpoint[requests.PlaceOrder, Order] = _row(
    "POST", "/v2/spot/order", "spot/order/http/put-order", "spot-put", Effect.ONCE,
    requests.PlaceOrder.params, _one(shapes.OrderRow, parse.order),
    lookup="CoinEx.open_orders(client_order_id={request.client_order_id!r}), then "
    "CoinEx.closed_orders(client_order_id={request.client_order_id!r})",
)  # fmt: skip
AMEND_ORDER: Endpoint[requests.AmendOrder, Order] = _row(
    "POST", "/v2/spot/modify-order", "spot/order/http/modify-order", "spot-put", Effect.ONCE,
    requests.AmendOrder.params, _one(shapes.OrderRow, parse.order),
    lookup="CoinEx.order({request.market!r}, {request.order_id!r})",
)  # fmt: skip
CANCEL_ORDER: Endpoint[requests.OrderRef, Order] = _row(
    "POST", "/v2/spot/cancel-order", "spot/order/http/cancel-order", "spot-cancel", Effect.REPEATABLE,
    requests.OrderRef.body, _one(shapes.OrderRow, _finished),
    lookup="CoinEx.order({request.market!r}, {request.order_id!r})", is_cancel=True,
)  # fmt: skip
CANCEL_BY_CLIENT_ORDER_ID: Endpoint[requests.ClientOrderIdRef, tuple[Order | RequestError, ...]] = _row(
    "POST", "/v2/spot/cancel-order-by-client-id", "spot/order/http/cancel-order-by-client-id",
    "spot-cancel-batch", Effect.REPEATABLE, requests.ClientOrderIdRef.params, _cancelled_batch,
    lookup="CoinEx.open_orders(client_order_id={request.client_order_id!r})", is_cancel=True,
)  # fmt: skip
CANCEL_ALL: Endpoint[requests.CancelAll, None] = _row(
    "POST", "/v2/spot/cancel-all-order", "spot/order/http/cancel-all-order", "spot-cancel-batch",
    Effect.REPEATABLE, requests.CancelAll.params, _empty_body,
    lookup="CoinEx.open_orders({request.market!r})", is_cancel=True,
)  # fmt: skip
ORDER: Endpoint[requests.OrderRef, Order] = _row(
    "GET", "/v2/spot/order-status", "spot/order/http/get-order-status", "spot-query", Effect.READ,
    requests.OrderRef.query, _one(shapes.OrderRow, parse.order),
)  # fmt: skip
OPEN_ORDERS: Endpoint[requests.OrdersQuery, Page[Order]] = _row(
    "GET", "/v2/spot/pending-order", "spot/order/http/list-pending-order", "spot-query", Effect.READ,
    requests.OrdersQuery.params, _page(shapes.OrderRow, parse.order),
)  # fmt: skip
CLOSED_ORDERS: Endpoint[requests.OrdersQuery, Page[Order]] = _row(
    "GET", "/v2/spot/finished-order", "spot/order/http/list-finished-order", "spot-history", Effect.READ,
    requests.OrdersQuery.params, _page(shapes.OrderRow, _finished),
)  # fmt: skip
FILLS: Endpoint[requests.FillsQuery, Page[Fill]] = _row(
    "GET", "/v2/spot/user-deals", "spot/deal/http/list-user-deals", "spot-history", Effect.READ,
    requests.FillsQuery.params, _page(shapes.UserDealRow, parse.fill),
)  # fmt: skip
ORDER_FILLS: Endpoint[requests.OrderRef, Page[Fill]] = _row(
    "GET", "/v2/spot/order-deals", "spot/deal/http/list-user-order-deals", "spot-history", Effect.READ,
    requests.OrderRef.paged_query, _page(shapes.UserDealRow, parse.fill),
)  # fmt: skip
BALANCES: Endpoint[None, tuple[Balance, ...]] = _row(
    "GET", "/v2/assets/spot/balance", "assets/balance/http/get-spot-balance", "account-query", Effect.READ,
    _no_params, _all(shapes.BalanceRow, parse.balance),
)  # fmt: skip
