"""One row per REST endpoint of CoinEx. The rest of the venue's 131 follow the same pattern.

Source: https://docs.coinex.com/api/v2, read 2026-11-20; the page of each row stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tradewire.errors import RequestError
from tradewire.model import Balance, BookSnapshot, Fill, Market, Order, Page, Rows, Ticker
from tradewire.protocol.endpoint import Access, Effect, Endpoint, Params
from tradewire.protocol.mismatch import first_mismatch, mismatch
from tradewire.venues.coinex import parse, replies, requests, shapes
from tradewire.wire import Accepted, WireRows

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


def _no_params(_request: None) -> Params:
    return Params()


def _time_ns(reply: shapes.TimeReply) -> int:
    return reply.timestamp * NS_PER_MS


def _placed(request: requests.PlaceOrder, order: Order | Accepted) -> str:
    if isinstance(order, Accepted):
        return mismatch(client_order_id=(request.client_order_id, order.client_order_id))
    return mismatch(
        client_order_id=(request.client_order_id, order.client_order_id),
        market=(request.market, order.market),
        side=(request.side, order.side),
        size=(request.size, order.size),
        price=(request.price, order.price),
    )


def _same_order(request: requests.OrderRef | requests.AmendOrder, order: Order) -> str:
    # Whether the reply to an amend has the new price and size already is not published.
    return mismatch(
        order_id=(str(requests.check_order_id(request.order_id)), order.order_id),
        market=(request.market, order.market),
    )


def _same_client_order_id(
    request: requests.ClientOrderIdRef, results: tuple[Order | RequestError, ...]
) -> str:
    client_order_id = requests.check_client_order_id(request.client_order_id)
    return first_mismatch(
        mismatch(
            client_order_id=(client_order_id, order.client_order_id),
            market=(request.market, order.market),
        )
        for order in results
        if isinstance(order, Order)
    )


def _same_market(request: requests.OrdersQuery | requests.FillsQuery, found: Page[Order] | Page[Fill]) -> str:
    return first_mismatch(mismatch(market=(request.market, item.market)) for item in found.items)


def _same_fills(request: requests.OrderRef, found: Page[Fill]) -> str:
    order_id = str(requests.check_order_id(request.order_id))
    return first_mismatch(
        mismatch(order_id=(order_id, fill.order_id), market=(request.market, fill.market))
        for fill in found.items
    )


def _same_book(request: requests.DepthQuery, book: BookSnapshot) -> str:
    return mismatch(market=(request.market, book.market))


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
    "GET", "/v2/ping", "common/http/ping", "ip", Effect.READ, _no_params, replies.nothing
)
TIME: Endpoint[None, int] = _row(
    "GET",
    "/v2/time",
    "common/http/time",
    "ip",
    Effect.READ,
    _no_params,
    replies.one(shapes.TimeReply, _time_ns),
)
MARKETS: Endpoint[requests.MarketsQuery, Rows[Market]] = _row(
    "GET", "/v2/spot/market", "spot/market/http/list-market", "ip", Effect.READ,
    requests.MarketsQuery.params, replies.every(shapes.MarketRow, parse.market),
)  # fmt: skip
TICKERS: Endpoint[requests.MarketsQuery, Rows[Ticker]] = _row(
    "GET", "/v2/spot/ticker", "spot/market/http/list-market-ticker", "ip", Effect.READ,
    requests.MarketsQuery.params, replies.every(shapes.TickerRow, parse.ticker),
)  # fmt: skip
BOOK: Endpoint[requests.DepthQuery, BookSnapshot] = _row(
    "GET", "/v2/spot/depth", "spot/market/http/list-market-depth", "ip", Effect.READ,
    requests.DepthQuery.params, replies.one(shapes.DepthReply, parse.book),
    mismatch=_same_book,
)  # fmt: skip
TRADES: Endpoint[requests.TradesQuery, WireRows[shapes.DealRow]] = _row(
    "GET", "/v2/spot/deals", "spot/market/http/list-market-deals", "ip", Effect.READ,
    requests.TradesQuery.params, replies.rows(shapes.DealRow),
)  # fmt: skip
PLACE_ORDER: Endpoint[requests.PlaceOrder, Order | Accepted] = _row(
    "POST", "/v2/spot/order", "spot/order/http/put-order", "spot-put", Effect.ONCE,
    requests.PlaceOrder.params, replies.placed,
    lookup="CoinEx.open_orders(client_order_id={request.client_order_id!r}), then "
    "CoinEx.closed_orders(client_order_id={request.client_order_id!r})",
    mismatch=_placed, is_placing=True,
)  # fmt: skip
AMEND_ORDER: Endpoint[requests.AmendOrder, Order] = _row(
    "POST", "/v2/spot/modify-order", "spot/order/http/modify-order", "spot-put", Effect.ONCE,
    requests.AmendOrder.params, replies.one(shapes.OrderRow, parse.order),
    lookup="CoinEx.order({request.market!r}, {request.order_id!r})",
    mismatch=_same_order,
)  # fmt: skip
CANCEL_ORDER: Endpoint[requests.OrderRef, Order] = _row(
    "POST", "/v2/spot/cancel-order", "spot/order/http/cancel-order", "spot-cancel", Effect.REPEATABLE,
    requests.OrderRef.body, replies.one(shapes.OrderRow, parse.finished_order),
    lookup="CoinEx.order({request.market!r}, {request.order_id!r})", is_cancel=True,
    mismatch=_same_order,
)  # fmt: skip
CANCEL_BY_CLIENT_ORDER_ID: Endpoint[requests.ClientOrderIdRef, tuple[Order | RequestError, ...]] = _row(
    "POST", "/v2/spot/cancel-order-by-client-id", "spot/order/http/cancel-order-by-client-id",
    "spot-cancel-batch", Effect.REPEATABLE, requests.ClientOrderIdRef.params, replies.cancelled_batch,
    lookup="CoinEx.open_orders(client_order_id={request.client_order_id!r})", is_cancel=True,
    mismatch=_same_client_order_id,
)  # fmt: skip
CANCEL_ALL: Endpoint[requests.CancelAll, None] = _row(
    "POST", "/v2/spot/cancel-all-order", "spot/order/http/cancel-all-order", "spot-cancel-batch",
    Effect.REPEATABLE, requests.CancelAll.params, replies.nothing,
    lookup="CoinEx.open_orders({request.market!r})", is_cancel=True,
)  # fmt: skip
ORDER: Endpoint[requests.OrderRef, Order] = _row(
    "GET", "/v2/spot/order-status", "spot/order/http/get-order-status", "spot-query", Effect.READ,
    requests.OrderRef.query, replies.order,
    mismatch=_same_order,
)  # fmt: skip
OPEN_ORDERS: Endpoint[requests.OrdersQuery, Page[Order]] = _row(
    "GET", "/v2/spot/pending-order", "spot/order/http/list-pending-order", "spot-query", Effect.READ,
    requests.OrdersQuery.params, replies.page(shapes.OrderRow, parse.order),
    mismatch=_same_market,
)  # fmt: skip
CLOSED_ORDERS: Endpoint[requests.OrdersQuery, Page[Order]] = _row(
    "GET", "/v2/spot/finished-order", "spot/order/http/list-finished-order", "spot-history", Effect.READ,
    requests.OrdersQuery.params, replies.page(shapes.OrderRow, parse.finished_order),
    mismatch=_same_market,
)  # fmt: skip
FILLS: Endpoint[requests.FillsQuery, Page[Fill]] = _row(
    "GET", "/v2/spot/user-deals", "spot/deal/http/list-user-deals", "spot-history", Effect.READ,
    requests.FillsQuery.params, replies.page(shapes.UserDealRow, parse.fill),
    mismatch=_same_market,
)  # fmt: skip
ORDER_FILLS: Endpoint[requests.OrderRef, Page[Fill]] = _row(
    "GET", "/v2/spot/order-deals", "spot/deal/http/list-user-order-deals", "spot-history", Effect.READ,
    requests.OrderRef.paged_query, replies.page(shapes.UserDealRow, parse.fill),
    mismatch=_same_fills,
)  # fmt: skip
BALANCES: Endpoint[None, Rows[Balance]] = _row(
    "GET", "/v2/assets/spot/balance", "assets/balance/http/get-spot-balance", "account-query", Effect.READ,
    _no_params, replies.every(shapes.BalanceRow, parse.balance),
)  # fmt: skip
