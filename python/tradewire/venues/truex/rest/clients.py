"""Clients: the accounts of an organisation that a key may trade for."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import Rows, StpMode
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.mismatch import mismatch
from tradewire.protocol.request import Name, Request
from tradewire.venues.truex import replies
from tradewire.venues.truex.api import Part, StpWord, VenueId, api, legacy
from tradewire.venues.truex.model import Client

__all__ = ["Clients", "only_account"]


class ClientsQuery(Request, frozen=True):
    """Clients: by id, by mnemonic, or all."""

    account_id: VenueId | None = field(name="id")
    mnemonic: Name | None


class UpdateClient(Request, frozen=True):
    """A client's settings."""

    account_id: VenueId = field(name="id")
    self_trade_prevention: StpWord

    def body(self, members: dict[str, object]) -> object:
        """Return the body: the settings are nested."""
        return {"id": members.pop("id"), "info": members}

    def mismatch(self, client: Client) -> str:
        """Return how a reply contradicts this request."""
        return mismatch(account_id=(self.account_id, client.account_id))


CLIENTS = api(
    "GET", "/v1/cefi/clients", ClientsQuery, replies.every(Client),
    group="account", source="apis/cefi-direct/rest/v1/clients/getclients", spellings=legacy("clients", "client"),
)  # fmt: skip
UPDATE_CLIENT = api(
    "PATCH", "/v1/cefi/clients", UpdateClient, replies.one(Client, replies.itself),
    group="account", source="apis/cefi/rest/v1/clients/patchclient", effect=Effect.REPEATABLE,
    lookup="TrueX.clients(account_id={request.account_id!r})", mismatch=UpdateClient.mismatch,
    spellings=legacy("clients", "client"),
)  # fmt: skip


def only_account(found: Sequence[Client]) -> str:
    """Return the id of the only account there is.

    Raises:
        ConfigError: There are several, or none; the message names them.
    """
    if len(found) != 1:
        names = ", ".join(f"{one.account_id} ({one.mnemonic})" for one in found) or "none"
        raise ConfigError(f"say which account: TrueX(..., account_id=...); the key has {names}")
    return found[0].account_id


class Clients(Part):
    """Who a key may act for. All of it needs credentials."""

    @CLIENTS.client_method
    async def clients(self, *, account_id: str | None = None, mnemonic: str | None = None) -> Rows[Client]:
        """Return the venue's clients, which are the accounts this key may trade for.

        Args:
            account_id: Only this one.
            mnemonic: Only the one of this name.
        """
        return await self._rest.call(CLIENTS, ClientsQuery(account_id, mnemonic))

    async def account_id(self) -> str:
        """Return the id of the account that orders are for: the one given, else the only one of the key.

        Raises:
            ConfigError: The key has several; the message names them.
        """
        if not self._account_id:
            self._account_id = only_account(await self.clients())
        return self._account_id

    @UPDATE_CLIENT.client_method
    async def update_client(
        self, self_trade_prevention: StpMode | str, *, account_id: str | None = None
    ) -> Client:
        """Change what happens when an account's order would trade with another one of its own.

        Args:
            self_trade_prevention: ``none``, ``cancel_taker`` or ``cancel_both``; an order's own wins.
            account_id: Which; the client's own if left out.

        Raises:
            OutcomeUnknown: No proof either way. Ask ``clients(account_id=...)``, or do it again.
        """
        request = UpdateClient(account_id or await self.account_id(), self_trade_prevention)
        return await self._rest.call(UPDATE_CLIENT, request)
