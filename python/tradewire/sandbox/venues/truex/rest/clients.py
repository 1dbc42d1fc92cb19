"""The clients of a key and their settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from tradewire.sandbox.routing import nested, route
from tradewire.sandbox.venues.truex.clients import Client, Prevention
from tradewire.sandbox.venues.truex.fields import Id, StpMode, Text
from tradewire.sandbox.venues.truex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.truex.problems import Problem

__all__ = ["Clients"]


@dataclass(frozen=True, slots=True)
class Settings:
    """``info`` of a client: what can be set; what is absent stays."""

    self_trade_prevention: StpMode | None = None


class Clients(Handlers):
    """Group ``Clients``."""

    @route("GET", "/v1/cefi/clients", group="account", spellings=("/api/v1/client",))
    def listed(self, call: Call, id_: Id | None = None, mnemonic: Text | None = None) -> list[Json]:
        """Return the clients of a key."""
        return [
            _client_of(client)
            for client in call.key.clients.values()
            if id_ in {None, client.client_id} and mnemonic in {None, client.mnemonic}
        ]

    @route("PATCH", "/v1/cefi/clients", group="account", action="amend", spellings=("/api/v1/client",))
    def change(self, call: Call, id_: Id, info: Annotated[Settings, nested("info", Settings)]) -> Json:
        """Change a client's settings and return it."""
        client = call.key.clients.get(id_)
        if client is None:
            raise Problem(403, "Invalid client")
        if info.self_trade_prevention is not None:
            client.self_trade_prevention = Prevention(info.self_trade_prevention)
        return _client_of(client)


def _client_of(client: Client) -> Json:
    return {
        "id": client.client_id,
        "status": client.status,
        "info": {
            "organization_id": client.organization_id,
            "mnemonic": client.mnemonic,
            "type": client.kind,
            "maker_fee_tier": client.maker_fee_tier,
            "taker_fee_tier": client.taker_fee_tier,
            "self_trade_prevention": client.self_trade_prevention.value,
        },
    }
