"""What only TrueX has: clients of an organisation, computed quotes, transfers, holdings with every hold.

The venue calls an account of an organisation a client, and its id the client id. Here that id is ``account_id``,
because on every venue of this package ``client_id`` is our own id of an order.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from tradewire.model import StpMode
from tradewire.protocol.arguments import EXACT

__all__ = [
    "STP_MODES",
    "STP_WORDS",
    "Asset",
    "AssetBalance",
    "Client",
    "Health",
    "Instrument",
    "PublicIncrement",
    "Quote",
    "QuoteUnit",
    "SchemaVersion",
    "Transfer",
    "TransferKind",
    "TransferPlatform",
    "TransferStatus",
]


STP_WORDS = {
    StpMode.NONE: "NONE",
    StpMode.CANCEL_TAKER: "CANCEL_AGGRESSIVE",
    StpMode.CANCEL_BOTH: "CANCEL_BOTH",
}
"""What happens when an order would trade with another one of the client's, in the venue's words."""
STP_MODES = {word: mode for mode, word in STP_WORDS.items()}


class QuoteUnit(StrEnum):
    """What a quote's size counts in."""

    BASE = "base"
    QUOTE = "quote"


class TransferKind(StrEnum):
    """Which way a transfer goes."""

    DEPOSIT = "DEPOSIT"
    """Onto the exchange."""
    WITHDRAW = "WITHDRAW"


class TransferPlatform(StrEnum):
    """By which way it goes."""

    FIAT = "FIAT"
    CRYPTO = "CRYPTO"
    INTERNAL = "INTERNAL"


class TransferStatus(StrEnum):
    """Life cycle of a transfer."""

    INITIALIZED = "INITIALIZED"
    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    REJECTED = "REJECTED"

    @property
    def is_final(self) -> bool:
        """Nothing can happen to it any more."""
        return self in {TransferStatus.COMPLETED, TransferStatus.FAILED, TransferStatus.REJECTED}


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the service is. A degraded one answers with this too."""

    is_healthy: bool
    now_ns: int
    """To the second."""
    service: str


class SchemaVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A schema version the venue speaks; the page that describes this could not be read."""

    version: str
    status: str
    is_default: bool
    sunset: str | None


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset and its id."""

    asset_id: str
    name: str
    status: str


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """An instrument and its last 24 hours. Tick and lot depend on the price: see ``increments``."""

    instrument_id: str
    symbol: str
    base_asset_id: str
    quote_asset_id: str
    status: str
    """``DISABLED``, ``OPENING``, ``ACTIVE`` or ``HALTED``."""
    reference_price: Decimal
    price_limit_window_s: Decimal
    price_limit_share: Decimal
    """Trading may halt when the price moves by more within the window; 0.015 is 1.5 %."""
    price_band_share: Decimal
    """Orders further from the mid are refused."""
    notional_24h: Decimal
    size_24h: Decimal


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What taking a size from the visible book would do. Nothing is reserved."""

    size: Decimal
    """Base units."""
    price: Decimal
    """Average over the levels consumed."""
    notional: Decimal | None
    """Quote units consumed; ``None`` in the older version."""
    notional_residual: Decimal | None
    """Quote units asked for and not used."""


class PublicIncrement(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the increment table as the venue serves it; its shape is known from a release note only."""

    price_from: Decimal
    price_to: Decimal | None
    tick_size: Decimal
    lot_size: Decimal
    min_notional: Decimal


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A client of the venue: an account of the organisation."""

    account_id: str
    status: str
    organization_id: str
    mnemonic: str
    kind: str
    maker_fee_tier: int
    taker_fee_tier: int
    self_trade_prevention: StpMode | None
    """``None`` where the venue shows its invalid state."""


class AssetBalance(msgspec.Struct, frozen=True, kw_only=True):
    """One asset of a client with everything that is held."""

    account_id: str
    asset_id: str
    asset: str
    total: Decimal
    unsettled: Decimal
    """Traded and waiting for settlement; may be below zero."""
    order_hold: Decimal
    transfer_hold: Decimal

    @property
    def available(self) -> Decimal:
        """What neither orders nor transfers hold. The venue does not send it."""
        return EXACT.subtract(self.total, EXACT.add(self.order_hold, self.transfer_hold))


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer."""

    transfer_id: str
    status: TransferStatus
    kind: TransferKind
    platform: str
    asset_id: str
    account_id: str
    amount: Decimal
