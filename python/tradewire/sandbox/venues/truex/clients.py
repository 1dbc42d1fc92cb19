"""Clients and keys: who may trade, under which organization, at which fees.

A key belongs to an organization and owns some of its clients. Client ids go into order and transfer bodies.
Tiers are integers on the client; their rates are not published, the table here is the sandbox's own.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tradewire.sandbox.order import SelfTrade
from tradewire.sandbox.venue import SANDBOX_MARK

__all__ = ["MAKER_RATES", "TAKER_RATES", "Client", "Directory", "Key", "Prevention"]

MAKER_RATES = (Decimal("0.001"), Decimal("0.0005"), Decimal(0))
"""Rate by maker tier."""
TAKER_RATES = (Decimal("0.002"), Decimal("0.001"), Decimal("0.0005"))
"""Rate by taker tier."""


class Prevention(StrEnum):
    """What happens when an order meets one of its own client."""

    NONE = "NONE"
    CANCEL_AGGRESSIVE = "CANCEL_AGGRESSIVE"
    CANCEL_BOTH = "CANCEL_BOTH"

    @property
    def mode(self) -> SelfTrade | None:
        """The engine's word for it."""
        return {
            Prevention.NONE: None,
            Prevention.CANCEL_AGGRESSIVE: SelfTrade.CANCEL_TAKER,
            Prevention.CANCEL_BOTH: SelfTrade.CANCEL_BOTH,
        }[self]


@dataclass(slots=True, eq=False)
class Client:
    """Who trades."""

    client_id: str
    organization_id: str
    mnemonic: str
    self_trade_prevention: Prevention = Prevention.CANCEL_AGGRESSIVE
    status: str = "ACTIVE"
    kind: str = "INSTITUTION"
    maker_fee_tier: int = 1
    taker_fee_tier: int = 1


@dataclass(frozen=True, slots=True)
class Key:
    """An HMAC key, the clients it owns, and its twin for tokens. Secrets stay out of ``repr``."""

    key_id: str
    organization_id: str
    secret: str = field(repr=False)
    clients: dict[str, Client] = field(repr=False)
    token_number: int = field(repr=False)
    """Private number of the P-256 key with the same id, see ``tokens``."""


class Directory:
    """All keys and clients of the venue.

    Args:
        seed: Makes ids and secrets; the same seed gives the same.
    """

    def __init__(self, seed: int) -> None:
        self.keys: dict[str, Key] = {}
        self.clients: dict[str, Client] = {}
        self._seed = seed
        self._next_client_id = 78_932_725_357_888_855

    def issue(
        self,
        mnemonic: str,
        *,
        key: Key | None = None,
        key_id: str | None = None,
        secret: str | None = None,
        client_id: str | None = None,
    ) -> tuple[Client, Key]:
        """Open a client, under a new key or under ``key``, and return both.

        Raises:
            ValueError: The mnemonic or the client id is taken.
        """
        client_id = client_id or str(self._next_client_id)
        if client_id in self.clients or any(known.mnemonic == mnemonic for known in self.clients.values()):
            raise ValueError(f"there is a client {mnemonic!r} or {client_id} already")
        self._next_client_id += 11
        if key is None:
            # Key material of a sandbox on loopback: repeatable by design.
            dice = random.Random(f"tradewire sandbox truex {self._seed} {mnemonic}")  # noqa: S311
            key = Key(
                key_id or f"{SANDBOX_MARK}{_uuid4(dice)[len(SANDBOX_MARK) :]}",
                _uuid4(dice),
                secret or hashlib.sha256(dice.randbytes(32)).hexdigest(),
                {},
                int.from_bytes(dice.randbytes(31)) + 1,
            )
            self.keys[key.key_id] = key
        client = Client(client_id, key.organization_id, mnemonic)
        self.clients[client_id] = key.clients[client_id] = client
        return client, key


def _uuid4(dice: random.Random) -> str:
    return str(uuid.UUID(bytes=dice.randbytes(16), version=4))
