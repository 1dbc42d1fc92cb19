"""Keys of sub-accounts. All of it needs credentials of the main account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import Page
from tradewire.protocol.arguments import check_plain, shown
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Argument, Flag, Request
from tradewire.session.paging import every
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Limit, PageNumber, Part, VenueId, api
from tradewire.venues.coinex.model_account import SubApiKey
from tradewire.venues.coinex.rest.subs import PAGES, Note, SubName

__all__ = ["SubKeys"]

MAX_ADDRESSES = 50


def _addresses(name: str, value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > MAX_ADDRESSES:
        raise ConfigError(f"{name} must be a list of at most {MAX_ADDRESSES} addresses, got {shown(value)}")
    return [check_plain(name, one) for one in value]


Addresses = Annotated[Sequence[str], Argument(_addresses)]


class CreateSubKey(Request, frozen=True):
    """A key to make."""

    name: SubName = field(name="sub_user_name")
    addresses: Addresses = field(name="ip_whitelist")
    trade_enabled: Flag
    remark: Note | None


class SubKeysQuery(Request, frozen=True):
    """A page of a sub-account's keys."""

    name: SubName = field(name="sub_user_name")
    page: PageNumber = 1
    limit: Limit = 100


class SubKeyQuery(Request, frozen=True):
    """One key."""

    key_id: VenueId = field(name="api_id")
    name: SubName | None = field(name="sub_user_name")


class SubKeyRef(Request, frozen=True):
    """One key of a sub-account."""

    name: SubName = field(name="sub_user_name")
    key_id: VenueId = field(name="api_id")


class EditSubKey(SubKeyRef, frozen=True):
    """What of it is to be otherwise."""

    trade_enabled: Flag | None
    addresses: Addresses | None = field(name="ip_whitelist")
    remark: Note | None

    def __post_init__(self) -> None:
        """Refuse to change nothing."""
        if self.trade_enabled is None and self.addresses is None and self.remark is None:
            raise ConfigError("edit_sub_key needs trade_enabled, addresses or remark")


CREATE_SUB_KEY = api(
    "POST", "/v2/account/subs/api", CreateSubKey, replies.secret(replies.model(SubApiKey)),
    group="account-modify", source=f"{PAGES}/create-sub-api", lookup="CoinEx.sub_keys({request.name!r})",
)  # fmt: skip
SUB_KEYS = api(
    "GET", "/v2/account/subs/api", SubKeysQuery, replies.secret(replies.models_page(SubApiKey)),
    group="account-query", source=f"{PAGES}/list-sub-api",
)  # fmt: skip
SUB_KEY = api(
    "GET", "/v2/account/subs/api-detail", SubKeyQuery, replies.secret(replies.model(SubApiKey)),
    group="account-query", source=f"{PAGES}/get-sub-api", mismatch=same("key_id"),
)  # fmt: skip
EDIT_SUB_KEY = api(
    "POST", "/v2/account/subs/edit-api", EditSubKey, replies.secret(replies.model(SubApiKey)),
    group="account-modify", source=f"{PAGES}/edit-sub-api", mismatch=same("key_id"), effect=Effect.REPEATABLE,
    lookup="CoinEx.sub_key({request.key_id!r})",
)  # fmt: skip
DELETE_SUB_KEY = api(
    "POST", "/v2/account/subs/delete-api", SubKeyRef, replies.nothing("{}"),
    group="account-modify", source=f"{PAGES}/delete-sub-api", effect=Effect.REPEATABLE,
    lookup="CoinEx.sub_keys({request.name!r})",
)  # fmt: skip


class SubKeys(Part):
    """Keys of sub-accounts. All of it needs credentials of the main account."""

    @CREATE_SUB_KEY.client_method
    async def create_sub_key(
        self,
        name: str,
        *,
        trade_enabled: bool = True,
        addresses: Sequence[str] = (),
        remark: str | None = None,
    ) -> SubApiKey:
        """Make a key of a sub-account; ``credentials()`` of what is returned makes a client of it.

        Args:
            name: The sub-account's, which needs the permission ``api``.
            trade_enabled: It may trade.
            addresses: Where it may be used, at most 50; anywhere if empty, and for three months only.
            remark: Your own note, at most 50 characters.

        Raises:
            PermissionDenied: The sub-account may not have keys.
            BadRequest: There is none of this name, or it has 50 keys.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``sub_keys(name)``.
        """
        return await self._rest.call(CREATE_SUB_KEY, CreateSubKey(name, addresses, trade_enabled, remark))

    @SUB_KEYS.client_method
    async def sub_keys(self, name: str, *, page: int = 1, limit: int = 100) -> Page[SubApiKey]:
        """Return a page of a sub-account's keys.

        Args:
            name: The sub-account's.
            page: From 1.
            limit: 1 to 100.

        Raises:
            BadRequest: There is none of this name.
        """
        return await self._rest.call(SUB_KEYS, SubKeysQuery(name, page, limit))

    async def all_sub_keys(self, name: str) -> AsyncIterator[SubApiKey]:
        """Yield a sub-account's keys; one request per hundred, as ``sub_keys``."""
        async for one in every(lambda page, _: self.sub_keys(name, page=page)):
            yield one

    @SUB_KEY.client_method
    async def sub_key(self, key_id: str | int, *, name: str | None = None) -> SubApiKey:
        """Return one key of a sub-account.

        Args:
            key_id: ``SubApiKey.key_id``.
            name: The sub-account's; the page does not ask for it, one client sends it.

        Raises:
            BadRequest: There is no such key.
        """
        return await self._rest.call(SUB_KEY, SubKeyQuery(key_id, name))

    @EDIT_SUB_KEY.client_method
    async def edit_sub_key(
        self,
        name: str,
        key_id: str | int,
        *,
        trade_enabled: bool | None = None,
        addresses: Sequence[str] | None = None,
        remark: str | None = None,
    ) -> SubApiKey:
        """Change a key of a sub-account, and return it; what is left out stays.

        Args:
            name: The sub-account's.
            key_id: ``SubApiKey.key_id``.
            trade_enabled: It may trade.
            addresses: Where it may be used, at most 50.
            remark: Your own note, at most 50 characters.

        Raises:
            BadRequest: There is no such key.
            OutcomeUnknown: No proof either way. Ask ``sub_key(key_id)``, or edit it again.
        """
        request = EditSubKey(name, key_id, trade_enabled, addresses, remark)
        return await self._rest.call(EDIT_SUB_KEY, request)

    @DELETE_SUB_KEY.client_method
    async def delete_sub_key(self, name: str, key_id: str | int) -> None:
        """Delete a key of a sub-account.

        Args:
            name: The sub-account's.
            key_id: ``SubApiKey.key_id``.

        Raises:
            BadRequest: There is no such key.
            OutcomeUnknown: No proof either way. Ask ``sub_keys(name)``.
        """
        return await self._rest.call(DELETE_SUB_KEY, SubKeyRef(name, key_id))
