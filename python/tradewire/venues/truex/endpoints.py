"""One row per REST operation of TrueX, with its current path; deprecated spellings are values of the same row.

Source: docs.truemarkets.co/apis (REST 1.0.5 and before), the vendor's tools and, where its pages are silent, live
clients; read 2026-11-20. Paths marked so in a method's docstring are not confirmed by any page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from tradewire.errors import FrameError, OrderNotFound, UnreadableRow
from tradewire.model import Rows
from tradewire.protocol.endpoint import Access, Effect, Endpoint, Params
from tradewire.protocol.mismatch import first_mismatch, mismatch
from tradewire.venues.truex import ids, model, parse, requests, shapes
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.errors import VENUE
from tradewire.wire import Accepted, Reader, WireRows

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
HTTP_OK = 200
CURRENT, LEGACY = "/v1/cefi", "/api/v1"

RowT = TypeVar("RowT")


def _page(shape: type[RowT]) -> Callable[[bytes], WireRows[RowT]]:
    reader = Reader(shape)
    return lambda body: shapes.Body(body).rows(reader)


def _list(shape: Any, build: Callable[[Any], Any]) -> Callable[[bytes], Any]:
    read = _page(shape)
    return lambda body: read(body).build(build)


def _only(body: bytes) -> msgspec.Raw | None:
    """Return the one object of a body, ``None`` for a body without content."""
    raws = shapes.Body(body).raws
    if len(raws) > 1:
        raise FrameError(f"one object was asked for, {len(raws)} came", kind="wrong_shape")
    return raws[0] if raws else None


def _one(shape: Any, build: Callable[[Any], Any]) -> Callable[[bytes], Any]:
    reader = Reader(shape)

    def decode(body: bytes) -> Any:
        raw = _only(body)
        if raw is None:
            raise FrameError("a reply without content", kind="wrong_shape", excerpt=body[:200])
        return reader.one(raw, build)

    return decode


def _whole(row: shapes.OrderRow) -> shapes.OrderRow:
    """Return an order of REST, which says what was ordered."""
    if row.info is None:
        raise FrameError("an order without order_info", kind="wrong_shape")
    return row


_orders = Reader(shapes.OrderRow)
_accepted = Reader(shapes.AcceptedRow)
_order = _one(shapes.OrderRow, _whole)


def _found_order(body: bytes) -> shapes.OrderRow:
    """Read an order that was asked for; no content means that there is no such order."""
    raw = _only(body)
    if raw is None:
        raise OrderNotFound("no such order: the reply is empty", http_status=HTTP_OK, venue=VENUE)
    return _orders.one(raw, _whole)


def _placed_order(body: bytes) -> shapes.OrderRow | Accepted:
    """Read the reply to a placed order: the order, or at least its ids, if the rest cannot be read."""
    raw = _only(body)
    if raw is None:
        raise FrameError("a reply without content", kind="wrong_shape", excerpt=body[:200])
    try:
        return _orders.one(raw, _readable)
    except UnreadableRow as fault:
        ids = _accepted.one(raw, _same)
        return Accepted(order_id=ids.id, client_order_id=ids.external_id, fault=fault)


def _readable(row: shapes.OrderRow) -> shapes.OrderRow:
    # Names of ids make no order unreadable, and all else is judged here.
    parse.order(_whole(row), Directory())
    return row


def _same(value: RowT) -> RowT:
    return value


def _nothing(_request: None) -> Params:
    return Params()


def _placed(request: requests.PlaceOrder, row: shapes.OrderRow | Accepted) -> str:
    wanted = request.wanted
    if isinstance(row, Accepted):
        return mismatch(client_order_id=(wanted.client_order_id, row.client_order_id))
    info = _whole(row).info
    if info is None:
        return ""
    # A market order is given a price by the venue.
    price = None if wanted.price is None else info.price
    return mismatch(
        client_order_id=(wanted.client_order_id, row.external_id),
        account_id=(request.account_id, row.account_id),
        instrument_id=(request.instrument_id, info.instrument_id),
        side=(wanted.side.upper(), info.side.upper()),
        size=(wanted.size, info.qty or None),
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


def _same_orders(request: requests.OrderRef, rows: WireRows[shapes.OrderRow]) -> str:
    # States of one order; by a client id the first may be from before an amendment, and not say so.
    is_theirs = request.id_type == ids.EXCHANGE
    return first_mismatch(_same_order(request, row) for row in rows) if is_theirs else ""


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
VERSIONS: Endpoint[None, Rows[model.SchemaVersion]] = _row(
    "GET", "versions", "apis/institutional/true-markets-cefi-rest", "public", Effect.READ, _nothing,
    _list(shapes.VersionRow, parse.version),
)  # fmt: skip
ASSETS: Endpoint[requests.NameQuery, Rows[model.Asset]] = _row(
    "GET", "assets", "apis/cefi-direct/rest/v1/assets/getassets", "public", Effect.READ,
    requests.NameQuery.params, _list(shapes.AssetRow, parse.asset), "asset",
)  # fmt: skip
INSTRUMENTS: Endpoint[requests.NameQuery, Rows[model.Instrument]] = _row(
    "GET", "instruments", f"{_V1}/instruments/getinstruments", "public", Effect.READ,
    requests.NameQuery.params, _list(shapes.InstrumentRow, parse.instrument), "instrument",
)  # fmt: skip
QUOTES: Endpoint[requests.TradesQuery, WireRows[shapes.QuoteRow]] = _row(
    "GET", "markets/quote", f"{_V1}/market-data/getmarketdata", "public", Effect.READ,
    requests.TradesQuery.params, _page(shapes.QuoteRow), "market/quote",
)  # fmt: skip
COMPUTE_QUOTE: Endpoint[requests.QuoteRequest, model.Quote] = _row(
    "POST", "markets/quote", "apis/cefi-direct/rest/v1/market-data/postmarketsquote", "public", Effect.READ,
    requests.QuoteRequest.params, _one(shapes.QuotedRow, parse.quote), "market/quote",
)  # fmt: skip
PUBLIC_TRADES: Endpoint[requests.TradesQuery, WireRows[shapes.Tape]] = _row(
    "GET", "markets/trade", f"{_V1}/market-data/getmarketdata", "public", Effect.READ,
    requests.TradesQuery.params, _page(shapes.Tape), "market/trade", has_legacy=False,
)  # fmt: skip
INCREMENTS: Endpoint[None, Rows[model.PublicIncrement]] = _row(
    "GET", "markets/increment", "documentation/exchange/cefi/information/increment_sizes", "public",
    Effect.READ, _nothing, _list(shapes.IncrementRow, parse.increment), "market/increment", has_legacy=False,
)  # fmt: skip
CLIENTS: Endpoint[requests.ClientsQuery, Rows[model.Client]] = _row(
    "GET", "clients", "apis/cefi-direct/rest/v1/clients/getclients", "account", Effect.READ,
    requests.ClientsQuery.params, _list(shapes.ClientRow, parse.client), "client",
)  # fmt: skip
UPDATE_CLIENT: Endpoint[requests.UpdateClient, model.Client] = _row(
    "PATCH", "clients", f"{_V1}/clients/patchclient", "account", Effect.REPEATABLE,
    requests.UpdateClient.params, _one(shapes.ClientRow, parse.client), "client",
    lookup="TrueX.clients(account_id={request.account_id!r})",
    mismatch=_same_client,
)  # fmt: skip
PLACE_ORDER: Endpoint[requests.PlaceOrder, shapes.OrderRow | Accepted] = _row(
    "POST", "orders", _ORDER_PAGES, "orders", Effect.ONCE, requests.PlaceOrder.params,
    _placed_order, "order",
    lookup="TrueX.order_status(client_order_id={request.wanted.client_order_id!r})",
    mismatch=_placed, is_placing=True,
)  # fmt: skip
AMEND_ORDER: Endpoint[requests.AmendOrder, shapes.OrderRow] = _row(
    "PATCH", "orders", _ORDER_PAGES, "orders", Effect.ONCE, requests.AmendOrder.params,
    _order, "order", lookup="TrueX.order_status({request.order_id!r})",
    mismatch=_amended,
)  # fmt: skip
CANCEL_ORDER: Endpoint[requests.OrderRef, shapes.OrderRow] = _row(
    "DELETE", "orders/{ref_id}", f"{_ORDER_PAGES}/cancelorders", "orders", Effect.REPEATABLE,
    requests.OrderRef.params, _order, "order/{ref_id}",
    lookup="TrueX.order_status({request.named})", is_cancel=True,
    mismatch=_same_order,
)  # fmt: skip
ORDERS: Endpoint[requests.OrdersQuery, WireRows[shapes.OrderRow]] = _row(
    "GET", "orders/list", f"{_ORDER_PAGES}/getorderslist", "orders", Effect.READ,
    requests.OrdersQuery.params, _page(shapes.OrderRow), "order",
)  # fmt: skip
ACTIVE_ORDERS: Endpoint[requests.NameQuery, WireRows[shapes.OrderRow]] = _row(
    "GET", "orders/active", f"{_ORDER_PAGES}/getordersactive", "orders", Effect.READ,
    requests.NameQuery.params, _page(shapes.OrderRow), "order/active",
)  # fmt: skip
ORDER_STATUS: Endpoint[requests.OrderRef, shapes.OrderRow] = _row(
    "GET", "orders/status/{ref_id}", "apis/institutional/get-order-status", "orders", Effect.READ,
    requests.OrderRef.params, _found_order, "order/status/{ref_id}",
    mismatch=_same_order,
)  # fmt: skip
TRADES: Endpoint[requests.HistoryQuery, WireRows[shapes.TradeRow]] = _row(
    "GET", "orders/trades", _ORDER_PAGES, "orders", Effect.READ, requests.HistoryQuery.params,
    _page(shapes.TradeRow), "order/trade",
)  # fmt: skip
ACTIVITY: Endpoint[requests.OrderRef, WireRows[shapes.OrderRow]] = _row(
    "GET", "orders/activity/{ref_id}", _ORDER_PAGES, "orders", Effect.READ, requests.OrderRef.params,
    _page(shapes.OrderRow), has_legacy=False,
    mismatch=_same_orders,
)  # fmt: skip
BALANCES: Endpoint[requests.BalancesQuery, WireRows[shapes.AccountRow]] = _row(
    "GET", "balances", f"{_V1}/balances/getbalances", "account", Effect.READ, requests.BalancesQuery.params,
    _page(shapes.AccountRow), "balance",
)  # fmt: skip
START_TRANSFER: Endpoint[requests.StartTransfer, model.Transfer] = _row(
    "POST", "transfers", f"{_V1}/transfers", "account", Effect.ONCE, requests.StartTransfer.params,
    _one(shapes.TransferRow, parse.transfer), "transfer", lookup="TrueX.active_transfers()",
)  # fmt: skip
TRANSFERS: Endpoint[requests.HistoryQuery, WireRows[shapes.TransferRow]] = _row(
    "GET", "transfers", f"{_V1}/transfers/gettransfersplural", "account", Effect.READ,
    requests.HistoryQuery.params, _page(shapes.TransferRow), "transfer",
)  # fmt: skip
ACTIVE_TRANSFERS: Endpoint[requests.TransferRef, WireRows[shapes.TransferRow]] = _row(
    "GET", "transfers/active", f"{_V1}/transfers", "account", Effect.READ, requests.TransferRef.params,
    _page(shapes.TransferRow), "transfer/active",
)  # fmt: skip
