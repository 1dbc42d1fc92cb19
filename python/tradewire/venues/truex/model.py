"""What only TrueX has: clients of an organisation, computed quotes, transfers, holdings with every hold.

A member's name on the wire stands beside it where it is another one; see ``tradewire.nesting`` for nested ones.
The venue calls an account of an organisation a client, and its id the client id. Here that id is ``account_id``,
because on every venue of this package ``client_id`` is our own id of an order.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec import field

from tradewire.decimals import EXACT
from tradewire.model import StpMode
from tradewire.wire import Amount, AmountOrZero, Flag, Id, MaybeAmount, MaybeWhole, Text, upper_case

__all__ = [
    "STP_MODES",
    "STP_WORDS",
    "Asset",
    "AssetBalance",
    "Client",
    "Health",
    "HeldAsset",
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

ZERO = Decimal(0)


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

    DEPOSIT = "deposit"
    """Onto the exchange."""
    WITHDRAW = "withdraw"


class TransferPlatform(StrEnum):
    """By which way it goes."""

    FIAT = "fiat"
    CRYPTO = "crypto"
    INTERNAL = "internal"


class TransferStatus(StrEnum):
    """Life cycle of a transfer."""

    INITIALIZED = "initialized"
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    REJECTED = "rejected"

    @property
    def is_final(self) -> bool:
        """Nothing can happen to it any more."""
        return self in {TransferStatus.COMPLETED, TransferStatus.FAILED, TransferStatus.REJECTED}


if TYPE_CHECKING:
    StatusWord: TypeAlias = TransferStatus
    KindWord: TypeAlias = TransferKind
    PlatformWord: TypeAlias = str
else:
    StatusWord = upper_case("StatusWord", TransferStatus)
    KindWord = upper_case("KindWord", TransferKind)
    PlatformWord = upper_case("PlatformWord", str)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the service is. A degraded one answers with this too."""

    is_healthy: bool
    """Nothing is wrong."""
    now_ns: int
    """To the second."""
    service: str
    """The service's name."""


class SchemaVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A schema version the venue speaks; the page that describes this could not be read."""

    version: Id
    """As ``version=`` takes it."""
    status: Text = ""
    """The venue's word."""
    is_default: Flag = field(name="default", default=False)
    """Served to requests that name none."""
    sunset: Text | None = None
    """When it goes away, in the venue's words; ``None`` where it does not tell."""


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """An asset and its id."""

    asset_id: Id = field(name="id")
    """The venue's id of the asset."""
    name: Text = field(name="fields.name | info.name | name | id")
    """Its symbol."""
    status: Text = ""
    """The venue's word."""


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """An instrument and its last 24 hours. Tick and lot depend on the price: see ``increments``."""

    instrument_id: Id = field(name="id")
    """The venue's id."""
    symbol: Id = field(name="info.symbol")
    """Its name, in the venue's spelling: what ``market`` arguments take."""
    base_asset_id: Id = field(name="info.base_asset_id")
    """The venue's id of the base asset."""
    quote_asset_id: Id = field(name="info.quote_asset_id")
    """The venue's id of the quote asset."""
    status: Text
    """``DISABLED``, ``OPENING``, ``ACTIVE`` or ``HALTED``."""
    reference_price: Amount = field(name="info.reference_price")
    """What limits and quotes start from, quote units per base unit."""
    price_limit_window_s: AmountOrZero = field(name="info.price_limit_window_secs", default=ZERO)
    """Seconds over which the price limit looks back."""
    price_limit_share: AmountOrZero = field(name="info.price_limit_percent", default=ZERO)
    """Trading may halt when the price moves by more within the window; 0.015 is 1.5 %."""
    price_band_share: AmountOrZero = field(name="info.price_bands_percent", default=ZERO)
    """Orders further from the mid are refused."""
    notional_24h: AmountOrZero = field(name="stats.last_24hr_notional", default=ZERO)
    """Quote units traded in the last 24 hours."""
    size_24h: AmountOrZero = field(name="stats.last_24hr_quantity", default=ZERO)
    """Base units traded in the last 24 hours."""


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What taking a size from the visible book would do. Nothing is reserved."""

    size: AmountOrZero = field(name="qty | buy_amount", default=ZERO)
    """Base units."""
    price: AmountOrZero = field(name="price | quote", default=ZERO)
    """Average over the levels consumed."""
    notional: MaybeAmount = None
    """Quote units consumed; ``None`` in the older version."""
    notional_residual: MaybeAmount = None
    """Quote units asked for and not used."""


class PublicIncrement(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the increment table as the venue serves it; its shape is known from a release note only."""

    price_from: AmountOrZero = ZERO
    """The row holds from this price on."""
    price_to: MaybeAmount = None
    """And up to this one; ``None`` for no end."""
    tick_size: AmountOrZero = field(name="price_increment", default=ZERO)
    """Prices are multiples of this."""
    lot_size: AmountOrZero = field(name="qty_increment", default=ZERO)
    """Sizes are multiples of this."""
    min_notional: AmountOrZero = ZERO
    """Least price times size of an order, quote units."""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A client of the venue: an account of the organisation."""

    account_id: Id = field(name="id")
    """The venue's id of the client."""
    status: Text = ""
    """The venue's word."""
    organization_id: Text = field(name="info.organization_id | organization_id", default="")
    """The venue's id of its organisation."""
    mnemonic: Text = field(name="info.mnemonic", default="")
    """Its short name."""
    kind: Text = field(name="info.type", default="")
    """The venue's word for what kind of client it is."""
    maker_fee_tier: MaybeWhole = field(name="info.maker_fee_tier", default=0)
    """The venue's number of its tier as a maker."""
    taker_fee_tier: MaybeWhole = field(name="info.taker_fee_tier", default=0)
    """The venue's number of its tier as a taker."""
    prevention: Text = field(name="info.self_trade_prevention", default="INVALID")
    """The venue's word for ``self_trade_prevention``."""

    @property
    def self_trade_prevention(self) -> StpMode | None:
        """What happens when its orders would trade with each other; ``None`` if the venue shows its invalid state."""
        return STP_MODES.get(self.prevention)


class HeldAsset(msgspec.Struct, frozen=True, kw_only=True):
    """One asset of a client as the venue sends it."""

    asset_id: Id
    """The venue's id of the asset."""
    total: Amount = field(name="balance")
    """All of it, held or not, units of the asset."""
    unsettled: AmountOrZero = ZERO
    """Traded and waiting for settlement; may be below zero."""
    order_hold: AmountOrZero = ZERO
    """Held by open orders."""
    transfer_hold: AmountOrZero = ZERO
    """Held by transfers under way."""


class AssetBalance(HeldAsset, frozen=True, kw_only=True):
    """One asset of a client with everything that is held."""

    account_id: str
    """The venue's id of the client."""
    asset: str
    """Its symbol."""

    @property
    def available(self) -> Decimal:
        """What neither orders nor transfers hold. The venue does not send it."""
        return EXACT.subtract(self.total, EXACT.add(self.order_hold, self.transfer_hold))


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer."""

    transfer_id: Id = field(name="id")
    """The venue's id."""
    status: StatusWord
    """One of ``TransferStatus``, or a word that is new to us."""
    kind: KindWord = field(name="request.type")
    """One of ``TransferKind``, or a word that is new to us."""
    platform: PlatformWord = field(name="request.platform")
    """One of ``TransferPlatform``, or a word that is new to us."""
    asset_id: Id = field(name="request.asset_id")
    """The venue's id of the asset."""
    account_id: Id = field(name="request.client_id")
    """The venue's id of the client."""
    amount: Amount = field(name="request.amount")
    """Units of the asset."""
