"""What clients ask about themselves: orders, executions, activity, balances, transfers, settings.

Sources: the order, balance, transfer and client pages of docs.truemarkets.co/apis/cefi, read 2026-11-20. Of the
filter language of the order list only the known-good form is taken: columns, each with ``$in``. The order of
lists is not published: newest first. What activity looks like is not published: an order's states, oldest first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tradewire.sandbox.exact import ZERO, exactly, plain
from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.venues.truex import shapes
from tradewire.sandbox.venues.truex.clients import Client, Key, Prevention
from tradewire.sandbox.venues.truex.core import ExchangeCore, OwnRecords
from tradewire.sandbox.venues.truex.fields import ID, NAME, Fields, read_json
from tradewire.sandbox.venues.truex.instruments import ASSETS
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.paging import Page, page
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.venues.truex.records import Ticket
from tradewire.sandbox.venues.truex.transfers import Transfers

__all__ = ["Queries"]

MS_PER_S = 1000
NS_PER_MS = 1_000_000
COLUMNS: dict[str, Callable[[Ticket], str]] = {
    "id": lambda ticket: str(ticket.order.order_id),
    "status": lambda ticket: ticket.status,
    "external_id": lambda ticket: ticket.external_id,
    "client_id": lambda ticket: ticket.client_id,
    "instrument_id": lambda ticket: ticket.instrument.instrument_id,
    "side": lambda ticket: str(ticket.info["side"]),
    "type": lambda ticket: str(ticket.info["type"]),
}


class Queries:
    """The clients' questions.

    Args:
        core: The venue's state.
        transfers: Money in and out.
        options: How far histories reach.
        reads: Orders and executions, perhaps as they were some time ago.
    """

    def __init__(
        self,
        core: ExchangeCore,
        transfers: Transfers,
        options: TrueXOptions,
        reads: LaggingReads[OwnRecords],
    ) -> None:
        self._core = core
        self._transfers = transfers
        self._options = options
        self._reads = reads

    def clients(self, key: Key, query: Fields) -> list[dict[str, Any]]:
        """Return the clients of a key."""
        client_id, mnemonic = query.optional_text("id", ID), query.optional_text("mnemonic")
        return [
            shapes.client(client)
            for client in key.clients.values()
            if client_id in {None, client.client_id} and mnemonic in {None, client.mnemonic}
        ]

    def set_client(self, key: Key, fields: Fields) -> dict[str, Any]:
        """Change a client's settings and return it.

        Raises:
            Problem: 400 or 403.
        """
        client = key.clients.get(fields.text("id", ID))
        if client is None:
            raise Problem(403, "Invalid client")
        mode = fields.inner("info").one_of("self_trade_prevention", [mode.value for mode in Prevention])
        client.self_trade_prevention = Prevention(mode)
        return shapes.client(client)

    def orders(self, key: Key, query: Fields) -> Page:
        """Return orders that the filter lets through, newest first."""
        wanted = _read_filter(query.optional_text("query"))
        oldest_ms = self._core.now_ms() - self._options.order_history_s * MS_PER_S
        return page(
            [
                (str(ticket.order.order_id), shapes.order(ticket))
                for ticket in reversed(self._reads.view().tickets.values())
                if ticket.client_id in key.clients
                and ticket.created_ms >= oldest_ms
                and all(COLUMNS[column](ticket) in values for column, values in wanted)
            ],
            query,
        )

    def active(self, key: Key, query: Fields) -> list[dict[str, Any]]:
        """Return open orders, oldest first."""
        order_id, records = query.optional_text("id", ID), self._reads.view()
        return [
            shapes.order(ticket)
            for client_id in key.clients
            for ticket in records.open_tickets.get(client_id, {}).values()
            if order_id in {None, str(ticket.order.order_id)}
        ]

    def executions(self, key: Key, query: Fields) -> Page:
        """Return executions in the window that ends with ``timestamp``, newest first."""
        oldest_ms, newest_ms = self._window(query)
        return page(
            [
                (f"{done.match_id}:{done.ticket.order.order_id}", shapes.execution(done))
                for done in reversed(self._reads.view().executions)
                if done.ticket.client_id in key.clients and oldest_ms < done.at_ms <= newest_ms
            ],
            query,
        )

    def find(self, key: Key, reference: str, id_type: str) -> Ticket:
        """Return an order of a client of ``key`` by exchange id, or by client id for ``id_type`` ``client``.

        Raises:
            Problem: 404.
        """
        ticket = self._reads.view().find(key.clients, reference, by_client=id_type == "client")
        if ticket is None:
            raise Problem(404, f"Order {reference} is unknown")
        return ticket

    @exactly
    def balances(self, key: Key, query: Fields) -> list[dict[str, Any]]:
        """Return the holdings of each client of a key."""
        client_id = query.optional_text("client_id", ID)
        asset_id, name = query.optional_text("asset_id", ID), query.optional_text("asset_name", NAME)
        return [
            self.holdings(client, asset_id, name)
            for client in key.clients.values()
            if client_id in {None, client.client_id}
        ]

    @exactly
    def holdings(self, client: Client, asset_id: str | None, name: str | None) -> dict[str, Any]:
        """Return what a client has, of one asset or of all."""
        core, owner = self._core, client.client_id
        quotes = {instrument.quote for instrument in core.instruments.values()}
        balances = []
        for asset, held in sorted(core.ledger.accounts.get(owner, {}).items()):
            if asset_id not in {None, ASSETS[asset]} or name not in {None, asset}:
                continue
            balances.append(
                {
                    "asset_id": ASSETS[asset],
                    "balance": plain(held.available + held.frozen),
                    "unsettled": plain(core.settlement.amounts.get((owner, asset), ZERO)),
                    "order_hold": plain(core.orders_hold(owner, asset)),
                    "transfer_hold": plain(self._transfers.held(owner, asset)),
                    "state": "ACTIVE",
                }
            )
        return {
            "id": owner,
            "status": "INVALID",
            "unsettled_fees": plain(core.settlement.fees_of(owner)),
            "fees_hold": plain(sum((core.fees_held(owner, quote) for quote in quotes), ZERO)),
            "balances": balances,
        }

    def transfers(self, key: Key, query: Fields) -> Page:
        """Return transfers begun in the window that ends with ``timestamp``, newest first."""
        oldest_ms, newest_ms = self._window(query)
        return page(
            [
                (str(transfer.transfer_id), transfer.document())
                for transfer in reversed(self._transfers.all.values())
                if transfer.client_id in key.clients and oldest_ms < transfer.created_ms <= newest_ms
            ],
            query,
        )

    def active_transfers(self, key: Key, query: Fields) -> list[dict[str, Any]]:
        """Return transfers under way."""
        transfer_id = query.optional_text("transfer_id", ID)
        return [
            transfer.document()
            for transfer in self._transfers.active()
            if transfer.client_id in key.clients and transfer_id in {None, str(transfer.transfer_id)}
        ]

    def _window(self, query: Fields) -> tuple[int, int]:
        newest_ms = query.whole("timestamp") // NS_PER_MS
        return newest_ms - self._options.reference_window_s * MS_PER_S, newest_ms


def _read_filter(text: str | None) -> list[tuple[str, list[str]]]:
    if text is None:
        return []
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
