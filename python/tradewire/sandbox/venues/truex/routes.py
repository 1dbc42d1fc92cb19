"""Every operation of the venue: its paths of each generation, whether it is signed, and its rule.

Source: docs.truemarkets.co/apis/cefi and /apis/cefi-direct, read 2026-11-20. Unconfirmed: the plural paths of
public trades and increments, and the path of an order's activity.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tradewire.sandbox.venues.truex import shapes
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.fields import REFERENCE, Fields
from tradewire.sandbox.venues.truex.publicdata import PublicData
from tradewire.sandbox.venues.truex.queries import Queries
from tradewire.sandbox.venues.truex.rest import Call, Row
from tradewire.sandbox.venues.truex.trading import Trading
from tradewire.sandbox.venues.truex.transfers import Transfers

__all__ = ["rows"]

ID_TYPES = ("exchange", "client")
DEGRADED = 503


def rows(
    core: ExchangeCore, public: PublicData, trading: Trading, queries: Queries, transfers: Transfers
) -> Iterator[Row]:
    """Yield the operations."""
    yield from _public(core, public)
    yield Row("GET", "clients", "client", True, lambda call: queries.clients(call.key, call.query))
    yield Row("PATCH", "clients", "client", True, lambda call: queries.set_client(call.key, call.fields))
    yield from _orders(trading, queries)
    yield Row("GET", "balances", "balance", True, lambda call: queries.balances(call.key, call.query))
    yield Row("POST", "transfers", "transfer", True, lambda call: transfers.initiate(call.key, call.fields))
    yield Row("GET", "transfers", "transfer", True, lambda call: queries.transfers(call.key, call.query))
    yield Row(
        "GET", "transfers/active", "transfer/active", True,
        lambda call: queries.active_transfers(call.key, call.query),
    )  # fmt: skip


def _public(core: ExchangeCore, public: PublicData) -> Iterator[Row]:
    def compute(call: Call) -> dict[str, Any]:
        return public.compute_quote(call.fields, is_current=call.is_current, is_singular=call.is_singular)

    yield Row(
        "GET", "health", None, False, lambda _: public.health(),
        lambda: DEGRADED if core.is_degraded else 200,
    )  # fmt: skip
    yield Row("GET", "versions", None, False, lambda _: public.versions())
    yield Row("GET", "assets", "asset", False, lambda call: public.assets(call.query))
    yield Row("GET", "instruments", "instrument", False, lambda call: public.instruments(call.query))
    yield Row("GET", "markets/quote", "market/quote", False, lambda call: public.quotes(call.query))
    yield Row("POST", "markets/quote", "market/quote", False, compute)
    yield Row("GET", "markets/trade", "market/trade", False, lambda call: public.trades(call.query))
    yield Row("GET", "markets/increment", "market/increment", False, lambda _: shapes.increments())


def _orders(trading: Trading, queries: Queries) -> Iterator[Row]:
    def cancel(call: Call) -> dict[str, Any]:
        return trading.cancel(call.key, *_reference(call))

    def status(call: Call) -> list[dict[str, Any]]:
        return [shapes.order(queries.find(call.key, *_reference(call)))]

    def activity(call: Call) -> list[dict[str, Any]]:
        return queries.find(call.key, *_reference(call)).activity

    yield Row("POST", "orders", "order", True, lambda call: trading.create(call.key, call.fields))
    yield Row("PATCH", "orders", "order", True, lambda call: trading.modify(call.key, call.fields))
    yield Row("DELETE", "orders/{ref_id}", "order/{ref_id}", True, cancel)
    yield Row("GET", "orders/list", "order", True, lambda call: queries.orders(call.key, call.query))
    yield Row("GET", "orders", None, True, lambda call: queries.orders(call.key, call.query))
    yield Row("GET", "orders/active", "order/active", True, lambda call: queries.active(call.key, call.query))
    yield Row("GET", "orders/status/{ref_id}", "order/status/{ref_id}", True, status)
    yield Row(
        "GET", "orders/trades", "order/trade", True, lambda call: queries.executions(call.key, call.query)
    )
    yield Row("GET", "orders/activity/{ref_id}", None, True, activity)


def _reference(call: Call) -> tuple[str, str]:
    id_type = call.query.optional_one_of("id_type", ID_TYPES) or "exchange"
    return Fields(call.path).text("ref_id", REFERENCE), id_type
