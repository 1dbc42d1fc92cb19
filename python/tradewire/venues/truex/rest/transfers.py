"""Transfers onto and off the exchange. All of it needs credentials."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from msgspec import field

from tradewire.model import Page, Rows
from tradewire.protocol.arguments import Exact
from tradewire.protocol.request import Amount, Request, one_of
from tradewire.session.paging import every
from tradewire.venues.truex import replies
from tradewire.venues.truex.api import MAX_PAGE, HistoryQuery, VenueId, api, legacy
from tradewire.venues.truex.model import Transfer, TransferKind, TransferPlatform
from tradewire.venues.truex.rest.clients import Clients
from tradewire.venues.truex.rest.reference import Reference

__all__ = ["Transfers"]


class StartTransfer(Request, frozen=True):
    """A transfer to begin. What ``instructions`` hold depends on the platform and is not published for all."""

    kind: Annotated[TransferKind | str, one_of(TransferKind, str.upper)] = field(name="type")
    platform: Annotated[TransferPlatform | str, one_of(TransferPlatform, str.upper)]
    asset_id: str
    amount: Amount
    account_id: VenueId = field(name="client_id")
    instructions: Mapping[str, object] | None

    def body(self, members: dict[str, object]) -> object:
        """Return the body: all of it is nested."""
        return {"request": members}


class TransferRef(Request, frozen=True):
    """A transfer under way, or all of them."""

    transfer_id: VenueId | None


START_TRANSFER = api(
    "POST", "/v1/cefi/transfers", StartTransfer, replies.one(Transfer, replies.itself),
    group="account", source="apis/cefi/rest/v1/transfers", lookup="TrueX.active_transfers()",
    spellings=legacy("transfers", "transfer"),
)  # fmt: skip
TRANSFERS = api(
    "GET", "/v1/cefi/transfers", HistoryQuery, replies.rows(Transfer),
    group="account", source="apis/cefi/rest/v1/transfers/gettransfersplural",
    spellings=legacy("transfers", "transfer"),
)  # fmt: skip
ACTIVE_TRANSFERS = api(
    "GET", "/v1/cefi/transfers/active", TransferRef, replies.every(Transfer),
    group="account", source="apis/cefi/rest/v1/transfers", spellings=legacy("transfers/active", "transfer/active"),
)  # fmt: skip


class Transfers(Reference, Clients):
    """Transfers."""

    @START_TRANSFER.client_method
    async def start_transfer(
        self,
        kind: TransferKind | str,
        platform: TransferPlatform | str,
        asset: str,
        amount: Exact,
        *,
        account_id: str | None = None,
        instructions: Mapping[str, object] | None = None,
    ) -> Transfer:
        """Begin a transfer onto or off the exchange.

        Args:
            kind: ``deposit`` or ``withdraw``.
            platform: ``fiat``, ``crypto`` or ``internal``.
            asset: For instance ``BTC``.
            amount: Units of it.
            account_id: Which account; the client's own if left out.
            instructions: Passed on as it is: what the platform needs is not published for all. An internal
                deposit takes ``{"transfer_id": ...}`` of the custodian.

        Raises:
            BadRequest: Something is malformed. What the venue looks into and refuses, a withdrawal of more than is
                available for instance, comes back as a transfer with status ``rejected`` and no reason.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``active_transfers()``, then
                ``transfers()``.
        """
        await self._learn_names()
        asset_id, account_id = self._directory.asset_id(asset), account_id or await self.account_id()
        request = StartTransfer(kind, platform, asset_id, amount, account_id, instructions)
        return await self._rest.call(START_TRANSFER, request)

    @TRANSFERS.documents
    async def transfers(
        self, *, end_ns: int | None = None, page: int = 1, limit: int = MAX_PAGE, cursor: str = ""
    ) -> Page[Transfer]:
        """Return a page of the transfers begun in the 24 hours before ``end_ns``, newest first.

        Args:
            end_ns: Before this time, nanoseconds UTC; now if left out.
            page: From 1; page n takes n requests under the newer version, which pages by cursor.
            limit: 1 to 100.
            cursor: ``Page.next_cursor`` of the page before, instead of ``page``.
        """
        query = HistoryQuery(end_ns=self._end_ns(end_ns), limit=limit, cursor=cursor)
        return await self._page(TRANSFERS, query, replies.itself, page)

    async def iter_transfers(self, *, end_ns: int | None = None) -> AsyncIterator[Transfer]:
        """Yield every transfer begun in the 24 hours before ``end_ns``, newest first; one request per hundred."""
        before_ns = self._end_ns(end_ns)
        async for transfer in every(
            lambda page, cursor: self.transfers(end_ns=before_ns, page=page, cursor=cursor)
        ):
            yield transfer

    @ACTIVE_TRANSFERS.client_method
    async def active_transfers(self, transfer_id: str | None = None) -> Rows[Transfer]:
        """Return transfers that are under way.

        Args:
            transfer_id: Only this one.
        """
        return await self._rest.call(ACTIVE_TRANSFERS, TransferRef(transfer_id))
