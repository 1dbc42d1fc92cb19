"""Adding an endpoint is one class in one file on each side; this is the whole of it."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import field

from tradewire import CoinEx, Sandbox
from tradewire.errors import ConfigError
from tradewire.model import Page
from tradewire.protocol.endpoint import endpoint_of
from tradewire.protocol.request import Flag, Name, Request
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex import venue
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.rest import SUBJECTS
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Limit, PageNumber, Part, api
from tradewire.wire import Id, Whole

# --- the client's file: request, reply, row and method ---------------------------------------------------------------


class SubAccount(msgspec.Struct, frozen=True):
    """A sub-account; where no common word exists the wire's row is the model."""

    username: Id = field(name="sub_user_name")
    created_at_ms: Whole = field(name="created_at")
    is_frozen: bool = False


class SubAccountsQuery(Request, frozen=True):
    """A page of sub-accounts."""

    username: Name | None = field(name="sub_user_name", default=None)
    is_frozen: Flag | None = None
    page: PageNumber = 1
    limit: Limit = 100


SUB_ACCOUNTS = api(
    "GET", "/v2/account/helpers", SubAccountsQuery, replies.page(SubAccount, lambda row: row),
    group="account-query", source="account/helpers/http/list-helper",
)  # fmt: skip
api.rows.remove(SUB_ACCOUNTS)  # An exercise: the venue's own list of rows stays as it is.


class SubAccounts(Part):
    """Sub-accounts."""

    @SUB_ACCOUNTS.client_method
    async def sub_accounts(
        self, username: str | None = None, *, is_frozen: bool | None = None, page: int = 1, limit: int = 100
    ) -> Page[SubAccount]:
        """Return a page of sub-accounts.

        Args:
            username: Only this one.
            is_frozen: Only those that are, or are not.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(SUB_ACCOUNTS, SubAccountsQuery(username, is_frozen, page, limit))


# --- the sandbox's file ----------------------------------------------------------------------------------------------


class SandboxSubAccounts(Handlers):
    """Page group ``account/helpers``, which the venue does not have."""

    @route("GET", "/v2/account/helpers", group="account-query")
    def subs(self, call: Call) -> list[Json]:
        """Return what the account has opened."""
        return [{"sub_user_name": f"{call.account}-1", "is_frozen": False, "created_at": "1763640000000"}]


# ---------------------------------------------------------------------------------------------------------------------


class Client(CoinEx, SubAccounts):
    """The client with one subject more."""


async def test_an_endpoint_is_one_class_on_each_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venue, "SUBJECTS", (*SUBJECTS, SandboxSubAccounts))
    async with Sandbox("coinex") as box, Client.for_sandbox(box) as client:
        [found] = await client.sub_accounts()
        with pytest.raises(ConfigError, match="limit must be a whole number from 1 to 100, got 101"):
            await client.sub_accounts(limit=101)
    assert found == SubAccount("trader-1", 1763640000000, is_frozen=False)
    text = Client.sub_accounts.__doc__
    assert endpoint_of(Client.sub_accounts) is SUB_ACCOUNTS
    assert text is not None
    assert "``GET /v2/account/helpers``, rate group account-query, signed, read." in text
    assert '"sub_user_name": str' in text
