"""Orders created, modified, canceled, and asked for.

Of the filter language of the order list only the known-good form is taken: columns, each with ``$in``. The order of
lists is not published: newest first. What activity looks like is not published: an order's states, oldest first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from tradewire.sandbox.routing import nested, route
from tradewire.sandbox.venues.truex import shapes
from tradewire.sandbox.venues.truex.clients import Key
from tradewire.sandbox.venues.truex.fields import (
    ExternalId,
    Fields,
    Id,
    IdType,
    Ignored,
    Nanoseconds,
    Reference,
    Text,
    read_json,
)
from tradewire.sandbox.venues.truex.handlers import MS_PER_S, Call, Handlers, Json
from tradewire.sandbox.venues.truex.paging import Page, Paging
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.venues.truex.records import Ticket
from tradewire.sandbox.venues.truex.trading import Modification, NewOrder

__all__ = ["Orders"]

COLUMNS: dict[str, Callable[[Ticket], str]] = {
    "id": lambda ticket: str(ticket.order.order_id),
    "status": lambda ticket: ticket.status,
    "external_id": lambda ticket: ticket.external_id,
    "client_id": lambda ticket: ticket.client_id,
    "instrument_id": lambda ticket: ticket.instrument.instrument_id,
    "side": lambda ticket: str(ticket.info["side"]),
    "type": lambda ticket: str(ticket.info["type"]),
}


class Orders(Handlers):
    """Group ``Orders``."""

    topic = "orders"

    @route("POST", "/v1/cefi/orders", group="orders", action="place", spellings=("/api/v1/order",))
    def create(
        self, call: Call, external_id: ExternalId, info: Annotated[NewOrder, nested("info", NewOrder)]
    ) -> Json:
        """Take a new order."""
        return self.trading.create(call.key, external_id, info)

    @route("PATCH", "/v1/cefi/orders", group="orders", action="amend", spellings=("/api/v1/order",))
    def modify(
        self,
        call: Call,
        info: Annotated[Modification, nested("info", Modification)],
        id_: Id | None = None,
        external_id: ExternalId | None = None,
    ) -> Json:
        """Change price and total quantity of an order."""
        return self.trading.modify(call.key, id_, external_id, info)

    @route(
        "DELETE",
        "/v1/cefi/orders/{ref_id}",
        group="orders",
        action="cancel",
        spellings=("/api/v1/order/{ref_id}",),
    )
    def cancel(self, call: Call, ref_id: Reference, id_type: IdType = "exchange") -> Json:
        """Take an open order out."""
        return self.trading.cancel(call.key, ref_id, id_type)

    @route("GET", "/v1/cefi/orders/list", group="orders", spellings=("/v1/cefi/orders", "/api/v1/order"))
    def listed(self, call: Call, page: Paging, query: Text | None = None) -> Page:
        """Return orders that the filter lets through, newest first."""
        wanted = [] if query is None else _read_filter(query)
        oldest_ms = self.core.now_ms() - self.options.order_history_s * MS_PER_S
        return page(
            [
                (str(ticket.order.order_id), shapes.order(ticket))
                for ticket in reversed(self.reads.view().tickets.values())
                if ticket.client_id in call.key.clients
                and ticket.created_ms >= oldest_ms
                and all(COLUMNS[column](ticket) in values for column, values in wanted)
            ]
        )

    @route("GET", "/v1/cefi/orders/active", group="orders", spellings=("/api/v1/order/active",))
    def active(self, call: Call, id_: Id | None = None, _cursor: Ignored = None) -> list[Json]:
        """Return open orders, oldest first, all of them."""
        records = self.reads.view()
        return [
            shapes.order(ticket)
            for client_id in call.key.clients
            for ticket in records.open_tickets.get(client_id, {}).values()
            if id_ in {None, str(ticket.order.order_id)}
        ]

    @route(
        "GET", "/v1/cefi/orders/status/{ref_id}", group="orders", spellings=("/api/v1/order/status/{ref_id}",)
    )
    def status(self, call: Call, ref_id: Reference, id_type: IdType = "exchange") -> list[Json]:
        """Return an order."""
        return [shapes.order(self._find(call.key, ref_id, id_type))]

    @route("GET", "/v1/cefi/orders/activity/{ref_id}", group="orders")
    def activity(self, call: Call, ref_id: Reference, id_type: IdType = "exchange") -> list[Json]:
        """Return an order's states, oldest first."""
        return self._find(call.key, ref_id, id_type).activity

    @route("GET", "/v1/cefi/orders/trades", group="orders", topic="fills", spellings=("/api/v1/order/trade",))
    def trades(self, call: Call, timestamp: Nanoseconds, page: Paging) -> Page:
        """Return executions in the window that ends with ``timestamp``, newest first."""
        window_ms = self.window_ms(timestamp)
        return page(
            [
                (f"{done.match_id}:{done.ticket.order.order_id}", shapes.execution(done))
                for done in reversed(self.reads.view().executions)
                if done.ticket.client_id in call.key.clients and done.at_ms in window_ms
            ]
        )

    def _find(self, key: Key, reference: str, id_type: str) -> Ticket:
        ticket = self.reads.view().find(key.clients, reference, by_client=id_type == "client")
        if ticket is None:
            raise Problem(404, f"Order {reference} is unknown")
        return ticket


def _read_filter(text: str) -> list[tuple[str, list[str]]]:
    columns = read_json(text).get("columns")
    if not isinstance(columns, list):
        raise Problem(400, "query.columns must be an array")
    return [_read_column(column) for column in columns]


def _read_column(column: Any) -> tuple[str, list[str]]:
    if not isinstance(column, dict):
        raise Problem(400, "query.columns must hold objects")
    name = Fields(column, "query.columns.").one_of("name", COLUMNS)
    terms = column.get("filter")
    if not (
        isinstance(terms, list)
        and len(terms) == 1
        and isinstance(terms[0], dict)
        and set(terms[0]) == {"$in"}
    ):
        raise Problem(400, "query.columns.filter must be an array of one $in")
    return name, Fields(terms[0], "query.columns.filter.").texts("$in")
