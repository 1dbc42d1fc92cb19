"""Money in and out, as clients begin and see it."""

from __future__ import annotations

from typing import Annotated

from tradewire.sandbox.routing import nested, route
from tradewire.sandbox.venues.truex.fields import Id, Nanoseconds
from tradewire.sandbox.venues.truex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.truex.paging import Page, Paging
from tradewire.sandbox.venues.truex.transfers import NewTransfer

__all__ = ["MoneyTransfers"]


class MoneyTransfers(Handlers):
    """Group ``Transfers``."""

    @route("POST", "/v1/cefi/transfers", group="account", action="amend", spellings=("/api/v1/transfer",))
    def begin(self, call: Call, request: Annotated[NewTransfer, nested("request", NewTransfer)]) -> Json:
        """Begin a transfer and return it."""
        return self.transfers.initiate(call.key, request)

    @route("GET", "/v1/cefi/transfers", group="account", spellings=("/api/v1/transfer",))
    def listed(self, call: Call, timestamp: Nanoseconds, page: Paging) -> Page:
        """Return transfers begun in the window that ends with ``timestamp``, newest first."""
        window_ms = self.window_ms(timestamp)
        return page(
            [
                (str(transfer.transfer_id), transfer.document())
                for transfer in reversed(self.transfers.all.values())
                if transfer.client_id in call.key.clients and transfer.created_ms in window_ms
            ]
        )

    @route("GET", "/v1/cefi/transfers/active", group="account", spellings=("/api/v1/transfer/active",))
    def active(self, call: Call, transfer_id: Id | None = None) -> list[Json]:
        """Return transfers under way."""
        return [
            transfer.document()
            for transfer in self.transfers.active()
            if transfer.client_id in call.key.clients and transfer_id in {None, str(transfer.transfer_id)}
        ]
