"""What accounts own and what of it is held."""

from __future__ import annotations

import msgspec
from msgspec import field
from msgspec.structs import asdict, replace

from tradewire.decimals import EXACT
from tradewire.model import Balance, Rows, stamp
from tradewire.protocol.request import Name, Request
from tradewire.venues.truex import replies
from tradewire.venues.truex.api import VenueId, api, legacy
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.model import AssetBalance, HeldAsset
from tradewire.venues.truex.rest.clients import Clients
from tradewire.venues.truex.rest.reference import Reference
from tradewire.wire import Id, Reader, WireRows, shape_text

__all__ = ["Balances", "holdings"]


class BalancesQuery(Request, frozen=True):
    """Balances of a client, or of all of the key's."""

    account_id: VenueId | None = field(name="client_id")
    asset: Name | None = field(name="asset_name")


class AccountRow(msgspec.Struct, frozen=True):
    """The balances of a client; each is read on its own."""

    id: Id
    balances: list[msgspec.Raw] | None = None


_ACCOUNTS = replies.rows(AccountRow)
_held = Reader(HeldAsset)
BALANCES = api(
    "GET", "/v1/cefi/balances", BalancesQuery,
    replace(_ACCOUNTS, shape=_ACCOUNTS.shape.replace("...", shape_text(HeldAsset))),
    group="account", source="apis/cefi/rest/v1/balances/getbalances", spellings=legacy("balances", "balance"),
)  # fmt: skip


class Balances(Reference, Clients):
    """Balances. All of it needs credentials."""

    @BALANCES.documents
    async def holdings(
        self, *, account_id: str | None = None, asset: str | None = None
    ) -> Rows[AssetBalance]:
        """Return every asset of an account with all that is held.

        Args:
            account_id: Which account; all of the key's if left out.
            asset: Only this one, for instance ``BTC``.
        """
        await self._learn_names()
        query = BalancesQuery(account_id, asset)
        return await self._rest.call_as(BALANCES, query, lambda found: holdings(found, self._directory))

    async def balances(self) -> Rows[Balance]:
        """Return the account's assets; see ``holdings`` for what exactly is held."""
        found = await self.holdings(account_id=await self.account_id())
        held = [
            Balance(
                asset=one.asset, available=one.available, locked=EXACT.add(one.order_hold, one.transfer_hold)
            )
            for one in found
        ]
        balances = Rows(held, found.unreadable)
        stamp(balances, self._rest.now_ns)
        return balances


def holdings(accounts: WireRows[AccountRow], directory: Directory) -> Rows[AssetBalance]:
    """Return every asset of some clients, each row read on its own."""
    held: list[AssetBalance] = []
    unreadable = [*accounts.unreadable]
    for account in accounts:

        def named(row: HeldAsset, account_id: str = account.id) -> AssetBalance:
            return AssetBalance(**asdict(row), account_id=account_id, asset=directory.asset(row.asset_id))

        rows = _held.all(account.balances or (), named)
        held += rows
        unreadable += rows.unreadable
    return Rows(held, unreadable)
