"""Transfers between our own accounts: spot, margin, futures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import AccountKind, Page
from tradewire.protocol.arguments import Exact, member
from tradewire.protocol.request import Amount, Name, Request, TimeMs, one_of
from tradewire.session.paging import every
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import AccountWord, Limit, PageNumber, Part, api
from tradewire.venues.coinex.model_assets import TransferRecord, TransferStatus

__all__ = ["Transfers"]


class MakeTransfer(Request, frozen=True):
    """Money from one of our accounts to another."""

    source: AccountWord = field(name="from_account_type")
    target: AccountWord = field(name="to_account_type")
    asset: Name = field(name="ccy")
    amount: Amount
    market: Name | None

    def __post_init__(self) -> None:
        """Refuse what the venue does not do: one side is the spot account, and a margin account has a market."""
        if (self.source == AccountKind.SPOT) == (self.target == AccountKind.SPOT):
            raise ConfigError("one of source and target must be spot, and the other must not")
        if (AccountKind.MARGIN in (self.source, self.target)) != (self.market is not None):
            raise ConfigError("market goes with a margin account, and with no other")


class TransfersQuery(Request, frozen=True):
    """A page of transfers."""

    asset: Name = field(name="ccy")
    account: AccountWord = field(name="transfer_type")
    status: Annotated[TransferStatus | str, one_of(TransferStatus)] | None = None
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    page: PageNumber = 1
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse an account that every transfer has on one side."""
        if self.account == AccountKind.SPOT:
            raise ConfigError("account must be margin or futures: spot is one side of every transfer")


TRANSFER = api(
    "POST", "/v2/assets/transfer", MakeTransfer, replies.nothing("{}"),
    group="account-modify", source="assets/transfer/http/transfer",
    lookup="CoinEx.transfers({request.asset!r}, ...)",
)  # fmt: skip
TRANSFERS = api(
    "GET", "/v2/assets/transfer-history", TransfersQuery, replies.models_page(TransferRecord),
    group="account-history", source="assets/transfer/http/list-transfer-history",
)  # fmt: skip


class Transfers(Part):
    """Transfers. All of it needs credentials."""

    @TRANSFER.client_method
    async def transfer(
        self,
        source: AccountKind | str,
        target: AccountKind | str,
        asset: str,
        amount: Exact,
        *,
        market: str | None = None,
    ) -> None:
        """Move money between the spot account and a margin account or the futures account.

        Args:
            source: ``spot``, ``margin`` or ``futures``: the account that pays.
            target: The account that gets it. One of the two is ``spot``.
            asset: For instance ``USDT``.
            amount: Units of it.
            market: Market of the margin account, where one takes part.

        Raises:
            InsufficientFunds: There is less, or what would be left does not cover a loan.
            BadRequest: The venue does not take an argument; the message says which.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``transfers(asset, account)``.
        """
        kinds = (member("source", AccountKind, source), member("target", AccountKind, target))
        return await self._rest.call(TRANSFER, MakeTransfer(*kinds, asset, amount, market))

    @TRANSFERS.client_method
    async def transfers(
        self,
        asset: str,
        account: AccountKind | str,
        *,
        status: TransferStatus | str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[TransferRecord]:
        """Return a page of transfers between the spot account and another, newest first.

        Args:
            asset: For instance ``USDT``.
            account: ``margin`` or ``futures``: the other account.
            status: Only those that stand so, see ``TransferStatus``.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        kind = member("account", AccountKind, account)
        return await self._rest.call(
            TRANSFERS, TransfersQuery(asset, kind, status, start_ns, end_ns, page, limit)
        )

    async def all_transfers(
        self, asset: str, account: AccountKind | str, *, start_ns: int | None = None
    ) -> AsyncIterator[TransferRecord]:
        """Yield all transfers of an asset, newest first; one request per hundred, as ``transfers``."""
        async for one in every(lambda page, _: self.transfers(asset, account, start_ns=start_ns, page=page)):
            yield one
