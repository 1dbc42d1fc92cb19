"""Withdrawals: ask, cancel, look."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import Page
from tradewire.protocol.arguments import Exact, member
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Amount, Name, Request, one_of
from tradewire.session.paging import every
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Limit, PageNumber, Part, VenueId, api
from tradewire.venues.coinex.model_chains import Withdrawal, WithdrawalMethod, WithdrawalStatus

__all__ = ["Withdrawals"]


class Withdraw(Request, frozen=True):
    """Money to send away."""

    asset: Name = field(name="ccy")
    amount: Amount
    to_address: Name
    method: Annotated[WithdrawalMethod, one_of(WithdrawalMethod)] = field(name="withdraw_method")
    chain: Name | None
    memo: Name | None
    fee_asset: Name | None = field(name="fee_ccy")
    extra: Mapping[str, object] | None
    remark: str | None

    def __post_init__(self) -> None:
        """Refuse a payment over a chain that names none, before it goes over one that the venue picks."""
        if self.method is WithdrawalMethod.ON_CHAIN and self.chain is None:
            raise ConfigError("a withdrawal on_chain needs chain, one of AssetConfig.chains")
        if self.method is WithdrawalMethod.INTER_USER and self.chain is not None:
            raise ConfigError("a withdrawal inter_user takes no chain")


class WithdrawalRef(Request, frozen=True):
    """One withdrawal."""

    withdraw_id: VenueId


class WithdrawalsQuery(Request, frozen=True):
    """A page of withdrawals."""

    asset: Name | None = field(name="ccy")
    withdraw_id: VenueId | None
    status: Annotated[WithdrawalStatus | str, one_of(WithdrawalStatus)] | None
    page: PageNumber = 1
    limit: Limit = 100


WITHDRAW = api(
    "POST", "/v2/assets/withdraw", Withdraw, replies.model(Withdrawal),
    group="account-modify", source="assets/deposit-withdrawal/http/withdrawal",
    mismatch=same("asset", "to_address"),
    lookup="CoinEx.withdrawals({request.asset!r})",
)  # fmt: skip
CANCEL_WITHDRAWAL = api(
    "POST", "/v2/assets/cancel-withdraw", WithdrawalRef, replies.nothing("{}"),
    group="account-modify", source="assets/deposit-withdrawal/http/cancel-withdrawal",
    effect=Effect.REPEATABLE, is_cancel=True, lookup="CoinEx.withdrawals(withdraw_id={request.withdraw_id!r})",
)  # fmt: skip
WITHDRAWALS = api(
    "GET", "/v2/assets/withdraw", WithdrawalsQuery, replies.models_page(Withdrawal),
    group="account-history", source="assets/deposit-withdrawal/http/list-withdrawal-history",
    mismatch=same("asset", "withdraw_id"),
)  # fmt: skip


class Withdrawals(Part):
    """Withdrawals. All of it needs credentials with the permission to withdraw."""

    @WITHDRAW.client_method
    async def withdraw(
        self,
        asset: str,
        amount: Exact,
        to_address: str,
        *,
        chain: str | None = None,
        method: WithdrawalMethod | str = WithdrawalMethod.ON_CHAIN,
        memo: str | None = None,
        fee_asset: str | None = None,
        extra: Mapping[str, object] | None = None,
        remark: str | None = None,
    ) -> Withdrawal:
        """Send money away: nothing brings it back once it is on its chain.

        Args:
            asset: For instance ``USDT``.
            amount: Units of it; the fee is taken from it unless it is paid in another asset.
            to_address: Address on the chain; for ``inter_user`` the account name of the other user.
            chain: The network, see ``asset_config``; not for ``inter_user``.
            method: ``on_chain``, or ``inter_user`` for a payment to another user of the venue.
            memo: What some networks need beside the address. Left out there, the money is lost.
            fee_asset: Asset that pays the fee.
            extra: What a network needs besides, passed on as it is.
            remark: Your own note.

        Raises:
            InsufficientFunds: There is less.
            BadRequest: The venue does not take an argument, or the asset does not go that way now.
            PermissionDenied: The key may not withdraw.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``withdrawals(asset)``.
        """
        way = member("method", WithdrawalMethod, method)
        request = Withdraw(asset, amount, to_address, way, chain, memo, fee_asset, extra, remark)
        return await self._rest.call(WITHDRAW, request)

    @CANCEL_WITHDRAWAL.client_method
    async def cancel_withdrawal(self, withdraw_id: str | int) -> None:
        """Cancel a withdrawal that was not sent yet.

        Args:
            withdraw_id: ``Withdrawal.withdraw_id``.

        Raises:
            BadRequest: There is none, or it is too late.
            OutcomeUnknown: No proof either way. Ask ``withdrawals(withdraw_id=...)``, or cancel again.
        """
        return await self._rest.call(CANCEL_WITHDRAWAL, WithdrawalRef(withdraw_id))

    @WITHDRAWALS.client_method
    async def withdrawals(
        self,
        asset: str | None = None,
        *,
        withdraw_id: str | int | None = None,
        status: WithdrawalStatus | str | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[Withdrawal]:
        """Return a page of withdrawals, newest first.

        Args:
            asset: Only of this asset.
            withdraw_id: Only this one.
            status: Only those that stand so, see ``WithdrawalStatus``.
            page: From 1.
            limit: 1 to 100.
        """
        query = WithdrawalsQuery(asset, withdraw_id, status, page, limit)
        return await self._rest.call(WITHDRAWALS, query)

    async def all_withdrawals(self, asset: str | None = None) -> AsyncIterator[Withdrawal]:
        """Yield all withdrawals, newest first; one request per hundred, as ``withdrawals``."""
        async for one in every(lambda page, _: self.withdrawals(asset, page=page)):
            yield one
