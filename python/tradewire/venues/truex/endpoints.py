"""One row per REST operation of TrueX, with its current path; deprecated spellings are values of the same row.

Source: docs.truemarkets.co/apis (REST 1.0.5 and before), the vendor's tools and, where its pages are silent, live
clients; read 2026-11-20. Paths marked so in a method's docstring are not confirmed by any page.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from tradewire.errors import FrameError
from tradewire.protocol.endpoint import Access, Effect, Endpoint, Params
from tradewire.protocol.mismatch import first_mismatch, mismatch
from tradewire.venues.truex import ids, model, parse, requests, shapes

__all__ = [
    "ACTIVE_ORDERS",
    "ACTIVE_TRANSFERS",
    "ACTIVITY",
    "AMEND_ORDER",
    "ASSETS",
    "BALANCES",
    "CANCEL_ORDER",
    "CLIENTS",
    "COMPUTE_QUOTE",
    "HEALTH",
    "INCREMENTS",
    "INSTRUMENTS",
    "ORDERS",
    "ORDER_STATUS",
    "PLACE_ORDER",
    "PUBLIC_TRADES",
    "QUOTES",
    "START_TRANSFER",
    "TRADES",
    "TRANSFERS",
    "UPDATE_CLIENT",
    "VERSIONS",
]

DOCS = "https://docs.truemarkets.co"
READ_ON = "2026-11-20"
CURRENT, LEGACY = "/v1/cefi", "/api/v1"

RowT = TypeVar("RowT")


def _page(row: type[RowT]) -> Callable[[bytes], shapes.Rows[RowT]]:
    read: Callable[[bytes], shapes.Rows[RowT]] = shapes.read_rows(row)
    return read


_read_orders = _page(shapes.OrderRow)


def _orders(body: bytes) -> shapes.Rows[shapes.OrderRow]:
    rows = _read_orders(body)
    for row in rows.items:
        _whole(row)
    return rows


def _list(row: Any, build: Callable[[Any], Any]) -> Callable[[bytes], Any]:
    read = shapes.read_rows(row)
    return lambda body: tuple(build(item) for item in read(body).items)


def _one(row: Any, build: Callable[[Any], Any]) -> Callable[[bytes], Any]:
    read = shapes.read_rows(row)

    def decode(body: bytes) -> Any:
        items = read(body).items
        if len(items) != 1:
            raise FrameError(f"one object was asked for, {len(items)} came", kind="wrong_shape")
        return build(items[0])

    return decode


def _whole(row: shapes.OrderRow) -> shapes.OrderRow:
    """Return an order of REST, which says what was ordered."""
    if row.info is None:
        raise FrameError("an order without order_info", kind="wrong_shape")
    return row


def _same(value: RowT) -> RowT:
    return value


def _nothing(_request: None) -> Params:
    return Params()


def _placed(request: requests.PlaceOrder, row: shapes.OrderRow) -> str:
    wanted, info = request.wanted, _whole(row).info
    if info is None:
        return ""
    # A market order is given a price by the venue.
    price = None if info.price is None or wanted.price is None else Decimal(info.price)
    return mismatch(
        client_order_id=(wanted.client_order_id, row.external_id),
        account_id=(request.account_id, row.account_id),
        instrument_id=(request.instrument_id, info.instrument_id),
        side=(wanted.side.upper(), info.side),
        size=(wanted.size, Decimal(info.qty) or None),
        price=(wanted.price, price),
    )


def _amended(request: requests.AmendOrder, row: shapes.OrderRow) -> str:
    # Which of its client ids, sizes and prices the reply has until the change is confirmed is not published.
    return mismatch(order_id=(request.order_id, row.id))


def _same_order(request: requests.OrderRef, row: shapes.OrderRow) -> str:
    if request.id_type == ids.EXCHANGE:
        return mismatch(order_id=(request.ref_id, row.id))
    if row.ref_external_id:
        # An amended order had other client ids before and is found by each of them.
        return ""
    return mismatch(client_order_id=(request.ref_id, row.external_id))


def _same_orders(request: requests.OrderRef, rows: shapes.Rows[shapes.OrderRow]) -> str:
    # States of one order; by a client id the first may be from before an amendment, and not say so.
    is_theirs = request.id_type == ids.EXCHANGE
    return first_mismatch(_same_order(request, row) for row in rows.items) if is_theirs else ""


def _same_client(request: requests.UpdateClient, client: model.Client) -> str:
    return mismatch(account_id=(request.account_id, client.account_id))


def _row(
    method: str,
    noun: str,
    page: str,
    rate_group: str,
    effect: Effect,
    encode: Callable[[Any], Params],
    decode: Callable[[bytes], Any],
    singular: str = "",
    *,
    has_legacy: bool = True,
    **more: Any,
) -> Endpoint[Any, Any]:
    spellings = [f"{LEGACY}/{noun}"] if has_legacy else []
    spellings += [f"{LEGACY}/{singular}"] if singular else []
    access = Access.PUBLIC if rate_group == "public" else Access.SIGNED
    return Endpoint(
        method, f"{CURRENT}/{noun}", access, effect, rate_group, encode, decode, f"{DOCS}/{page}", READ_ON,
        spellings=tuple(spellings), **more,
    )  # fmt: skip


_V1 = "apis/cefi/rest/v1"
_ORDER_PAGES = f"{_V1}/orders"

HEALTH: Endpoint[None, model.Health] = _row(
    "GET", "health", f"{_V1}/service/getservicehealth", "public", Effect.READ, _nothing,
    _one(shapes.HealthRow, parse.health),
)  # fmt: skip
VERSIONS: Endpoint[None, tuple[model.SchemaVersion, ...]] = _row(
    "GET", "versions", "apis/institutional/true-markets-cefi-rest", "public", Effect.READ, _nothing,
    _list(shapes.VersionRow, parse.version),
)  # fmt: skip
ASSETS: Endpoint[requests.NameQuery, tuple[model.Asset, ...]] = _row(
    "GET", "assets", "apis/cefi-direct/rest/v1/assets/getassets", "public", Effect.READ,
    requests.NameQuery.params, _list(shapes.AssetRow, parse.asset), "asset",
)  # fmt: skip
INSTRUMENTS: Endpoint[requests.NameQuery, tuple[model.Instrument, ...]] = _row(
    "GET", "instruments", f"{_V1}/instruments/getinstruments", "public", Effect.READ,
    requests.NameQuery.params, _list(shapes.InstrumentRow, parse.instrument), "instrument",
)  # fmt: skip
QUOTES: Endpoint[requests.TradesQuery, tuple[shapes.QuoteRow, ...]] = _row(
    "GET", "markets/quote", f"{_V1}/market-data/getmarketdata", "public", Effect.READ,
    requests.TradesQuery.params, _list(shapes.QuoteRow, _same), "market/quote",
)  # fmt: skip
COMPUTE_QUOTE: Endpoint[requests.QuoteRequest, model.Quote] = _row(
    "POST", "markets/quote", "apis/cefi-direct/rest/v1/market-data/postmarketsquote", "public", Effect.READ,
    requests.QuoteRequest.params, _one(shapes.QuotedRow, parse.quote), "market/quote",
)  # fmt: skip
PUBLIC_TRADES: Endpoint[requests.TradesQuery, tuple[shapes.Tape, ...]] = _row(
    "GET", "markets/trade", f"{_V1}/market-data/getmarketdata", "public", Effect.READ,
    requests.TradesQuery.params, _list(shapes.Tape, _same), "market/trade", has_legacy=False,
)  # fmt: skip
INCREMENTS: Endpoint[None, tuple[model.PublicIncrement, ...]] = _row(
    "GET", "markets/increment", "documentation/exchange/cefi/information/increment_sizes", "public",
    Effect.READ, _nothing, _list(shapes.IncrementRow, parse.increment), "market/increment", has_legacy=False,
)  # fmt: skip
CLIENTS: Endpoint[requests.ClientsQuery, tuple[model.Client, ...]] = _row(
    "GET", "clients", "apis/cefi-direct/rest/v1/clients/getclients", "account", Effect.READ,
    requests.ClientsQuery.params, _list(shapes.ClientRow, parse.client), "client",
)  # fmt: skip
UPDATE_CLIENT: Endpoint[requests.UpdateClient, model.Client] = _row(
    "PATCH", "clients", f"{_V1}/clients/patchclient", "account", Effect.REPEATABLE,
    requests.UpdateClient.params, _one(shapes.ClientRow, parse.client), "client",
    lookup="TrueX.clients(account_id={request.account_id!r})",
    mismatch=_same_client,
)  # fmt: skip
PLACE_ORDER: Endpoint[requests.PlaceOrder, shapes.OrderRow] = _row(
    "POST", "orders", _ORDER_PAGES, "orders", Effect.ONCE, requests.PlaceOrder.params,
    _one(shapes.OrderRow, _whole), "order",
    lookup="TrueX.order_status(client_order_id={request.wanted.client_order_id!r})",
    mismatch=_placed,
)  # fmt: skip
AMEND_ORDER: Endpoint[requests.AmendOrder, shapes.OrderRow] = _row(
    "PATCH", "orders", _ORDER_PAGES, "orders", Effect.ONCE, requests.AmendOrder.params,
    _one(shapes.OrderRow, _whole), "order", lookup="TrueX.order_status({request.order_id!r})",
    mismatch=_amended,
)  # fmt: skip
CANCEL_ORDER: Endpoint[requests.OrderRef, shapes.OrderRow] = _row(
    "DELETE", "orders/{ref_id}", f"{_ORDER_PAGES}/cancelorders", "orders", Effect.REPEATABLE,
    requests.OrderRef.params, _one(shapes.OrderRow, _whole), "order/{ref_id}",
    lookup="TrueX.order_status({request.named})", is_cancel=True,
    mismatch=_same_order,
)  # fmt: skip
ORDERS: Endpoint[requests.OrdersQuery, shapes.Rows[shapes.OrderRow]] = _row(
    "GET", "orders/list", f"{_ORDER_PAGES}/getorderslist", "orders", Effect.READ,
    requests.OrdersQuery.params, _orders, "order",
)  # fmt: skip
ACTIVE_ORDERS: Endpoint[requests.NameQuery, shapes.Rows[shapes.OrderRow]] = _row(
    "GET", "orders/active", f"{_ORDER_PAGES}/getordersactive", "orders", Effect.READ,
    requests.NameQuery.params, _orders, "order/active",
)  # fmt: skip
ORDER_STATUS: Endpoint[requests.OrderRef, shapes.OrderRow] = _row(
    "GET", "orders/status/{ref_id}", "apis/institutional/get-order-status", "orders", Effect.READ,
    requests.OrderRef.params, _one(shapes.OrderRow, _whole), "order/status/{ref_id}",
    mismatch=_same_order,
)  # fmt: skip
TRADES: Endpoint[requests.HistoryQuery, shapes.Rows[shapes.TradeRow]] = _row(
    "GET", "orders/trades", _ORDER_PAGES, "orders", Effect.READ, requests.HistoryQuery.params,
    _page(shapes.TradeRow), "order/trade",
)  # fmt: skip
ACTIVITY: Endpoint[requests.OrderRef, shapes.Rows[shapes.OrderRow]] = _row(
    "GET", "orders/activity/{ref_id}", _ORDER_PAGES, "orders", Effect.READ, requests.OrderRef.params,
    _orders, has_legacy=False,
    mismatch=_same_orders,
)  # fmt: skip
BALANCES: Endpoint[requests.BalancesQuery, tuple[shapes.AccountRow, ...]] = _row(
    "GET", "balances", f"{_V1}/balances/getbalances", "account", Effect.READ, requests.BalancesQuery.params,
    _list(shapes.AccountRow, _same), "balance",
)  # fmt: skip
START_TRANSFER: Endpoint[requests.StartTransfer, model.Transfer] = _row(
    "POST", "transfers", f"{_V1}/transfers", "account", Effect.ONCE, requests.StartTransfer.params,
    _one(shapes.TransferRow, parse.transfer), "transfer", lookup="TrueX.active_transfers()",
)  # fmt: skip
TRANSFERS: Endpoint[requests.HistoryQuery, shapes.Rows[shapes.TransferRow]] = _row(
    "GET", "transfers", f"{_V1}/transfers/gettransfersplural", "account", Effect.READ,
    requests.HistoryQuery.params, _page(shapes.TransferRow), "transfer",
)  # fmt: skip
ACTIVE_TRANSFERS: Endpoint[requests.TransferRef, shapes.Rows[shapes.TransferRow]] = _row(
    "GET", "transfers/active", f"{_V1}/transfers", "account", Effect.READ, requests.TransferRef.params,
    _page(shapes.TransferRow), "transfer/active",
)  # fmt: skip
