"""Deposits, and how assets move in and out of the venue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import NoneType
from typing import Annotated

from msgspec import field

from tradewire.model import Page, Rows
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Name, Request, one_of
from tradewire.session.paging import every
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Limit, PageNumber, Part, api
from tradewire.venues.coinex.model_chains import (
    AssetConfig,
    AssetInfo,
    DepositAddress,
    DepositRecord,
    DepositStatus,
)

__all__ = ["Deposits"]


class AddressQuery(Request, frozen=True):
    """An asset over one of its networks."""

    asset: Name = field(name="ccy")
    chain: Name


class DepositsQuery(Request, frozen=True):
    """A page of deposits."""

    asset: Name | None = field(name="ccy")
    transaction_id: Name | None = field(name="tx_id")
    status: Annotated[DepositStatus | str, one_of(DepositStatus)] | None
    page: PageNumber = 1
    limit: Limit = 100


class AssetQuery(Request, frozen=True):
    """One asset."""

    asset: Name = field(name="ccy")


DEPOSIT_ADDRESS = api(
    "GET", "/v2/assets/deposit-address", AddressQuery, replies.model(DepositAddress),
    group="account-query", source="assets/deposit-withdrawal/http/get-deposit-address",
)  # fmt: skip
RENEW_DEPOSIT_ADDRESS = api(
    "POST", "/v2/assets/renewal-deposit-address", AddressQuery, replies.model(DepositAddress),
    group="account-modify", source="assets/deposit-withdrawal/http/update-deposit-address",
    lookup="CoinEx.deposit_address({request.asset!r}, {request.chain!r})",
)  # fmt: skip
# The page object is called paginatation on the live venue; replies reads either.
DEPOSITS = api(
    "GET", "/v2/assets/deposit-history", DepositsQuery, replies.models_page(DepositRecord),
    group="account-history", source="assets/deposit-withdrawal/http/list-deposit-history",
    mismatch=same("asset"),
)  # fmt: skip
ASSET_CONFIG = api(
    "GET", "/v2/assets/deposit-withdraw-config", AssetQuery, replies.model(AssetConfig),
    group="ip", source="assets/deposit-withdrawal/http/get-deposit-withdrawal-config", mismatch=same("asset"),
)  # fmt: skip
ASSET_CONFIGS = api(
    "GET", "/v2/assets/all-deposit-withdraw-config", NoneType, replies.models(AssetConfig),
    group="ip", source="assets/deposit-withdrawal/http/list-all-deposit-withdrawal-config",
)  # fmt: skip
ASSETS = api(
    "GET", "/v2/assets/info", NoneType, replies.models(AssetInfo),
    group="ip", source="assets/deposit-withdrawal/http/list-assets-info",
)  # fmt: skip


class Deposits(Part):
    """Deposits need credentials; what the venue says of assets is public."""

    @DEPOSIT_ADDRESS.client_method
    async def deposit_address(self, asset: str, chain: str) -> DepositAddress:
        """Return where to deposit an asset.

        Args:
            asset: For instance ``USDT``.
            chain: One of its networks, see ``asset_config``. What is sent over another one is lost.

        Raises:
            BadRequest: There is no such network, or it takes no deposits now.
        """
        return await self._rest.call(DEPOSIT_ADDRESS, AddressQuery(asset, chain))

    @RENEW_DEPOSIT_ADDRESS.client_method
    async def renew_deposit_address(self, asset: str, chain: str) -> DepositAddress:
        """Ask for another address, and return it.

        Args:
            asset: For instance ``USDT``.
            chain: One of its networks.

        Raises:
            BadRequest: There is no such network, or it takes no deposits now.
            OutcomeUnknown: No proof either way. Ask ``deposit_address(asset, chain)``.
        """
        return await self._rest.call(RENEW_DEPOSIT_ADDRESS, AddressQuery(asset, chain))

    @DEPOSITS.client_method
    async def deposits(
        self,
        asset: str | None = None,
        *,
        transaction_id: str | None = None,
        status: DepositStatus | str | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[DepositRecord]:
        """Return a page of deposits, newest first.

        Args:
            asset: Only of this asset.
            transaction_id: Only this one, as its chain names it.
            status: Only those that stand so, see ``DepositStatus``.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(DEPOSITS, DepositsQuery(asset, transaction_id, status, page, limit))

    async def all_deposits(self, asset: str | None = None) -> AsyncIterator[DepositRecord]:
        """Yield all deposits, newest first; one request per hundred, as ``deposits``."""
        async for one in every(lambda page, _: self.deposits(asset, page=page)):
            yield one

    @ASSET_CONFIG.client_method
    async def asset_config(self, asset: str) -> AssetConfig:
        """Return how an asset moves in and out: its networks, their fees, minimums and switches.

        Args:
            asset: For instance ``USDT``.

        Raises:
            BadRequest: There is no such asset.
        """
        return await self._rest.call(ASSET_CONFIG, AssetQuery(asset))

    @ASSET_CONFIGS.client_method
    async def asset_configs(self) -> Rows[AssetConfig]:
        """Return how every asset moves in and out."""
        return await self._rest.call(ASSET_CONFIGS, None)

    @ASSETS.client_method
    async def assets(self) -> Rows[AssetInfo]:
        """Return what the assets are: names, web sites, networks."""
        return await self._rest.call(ASSETS, None)
