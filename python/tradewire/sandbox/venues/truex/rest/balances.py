"""What clients hold. ``holdings`` serves the oracle, too."""

from __future__ import annotations

from tradewire.sandbox.exact import ZERO, exactly, plain
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.truex.clients import Client
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.fields import Id, Name
from tradewire.sandbox.venues.truex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.truex.instruments import ASSETS
from tradewire.sandbox.venues.truex.transfers import Transfers

__all__ = ["Balances", "holdings"]


class Balances(Handlers):
    """Group ``Balances``."""

    topic = "balances"

    @route("GET", "/v1/cefi/balances", group="account", spellings=("/api/v1/balance",))
    def listed(
        self,
        call: Call,
        client_id: Id | None = None,
        asset_id: Id | None = None,
        asset_name: Name | None = None,
    ) -> list[Json]:
        """Return the holdings of each client of a key."""
        return [
            holdings(self.core, self.transfers, client, asset_id, asset_name)
            for client in call.key.clients.values()
            if client_id in {None, client.client_id}
        ]


@exactly
def holdings(
    core: ExchangeCore,
    transfers: Transfers,
    client: Client,
    asset_id: str | None = None,
    name: str | None = None,
) -> Json:
    """Return what a client has, of one asset or of all."""
    owner = client.client_id
    quotes = {instrument.quote for instrument in core.instruments.values()}
    return {
        "id": owner,
        "status": "INVALID",
        "unsettled_fees": plain(core.settlement.fees_of(owner)),
        "fees_hold": plain(sum((core.fees_held(owner, quote) for quote in quotes), ZERO)),
        "balances": [
            {
                "asset_id": ASSETS[asset],
                "balance": plain(held.available + held.frozen),
                "unsettled": plain(core.settlement.amounts.get((owner, asset), ZERO)),
                "order_hold": plain(core.orders_hold(owner, asset)),
                "transfer_hold": plain(transfers.held(owner, asset)),
                "state": "ACTIVE",
            }
            for asset, held in sorted(core.ledger.accounts.get(owner, {}).items())
            if asset_id in {None, ASSETS[asset]} and name in {None, asset}
        ],
    }
