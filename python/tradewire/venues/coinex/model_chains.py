"""What CoinEx says of assets that come and go: deposits, withdrawals, networks; see ``model_assets``.

Source: https://docs.coinex.com/api/v2/assets/deposit-withdrawal, read 2026-11-20; captured replies where they differ.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import field

from tradewire.venues.coinex.shapes import Millis, Word
from tradewire.wire import Amount, Flag, Id, Integer, MaybeAmount, MaybeWhole, Text

__all__ = [
    "AssetChain",
    "AssetConfig",
    "AssetInfo",
    "ChainConfig",
    "DepositAddress",
    "DepositRecord",
    "DepositStatus",
    "Withdrawal",
    "WithdrawalMethod",
    "WithdrawalStatus",
]


class DepositStatus(StrEnum):
    """Where a deposit stands."""

    PROCESSING = "processing"
    CONFIRMING = "confirming"
    CANCELLED = "cancelled"
    FINISHED = "finished"
    TOO_SMALL = "too_small"
    """Less than the least that is credited."""
    EXCEPTION = "exception"


class WithdrawalStatus(StrEnum):
    """Where a withdrawal stands."""

    CREATED = "created"
    AUDIT_REQUIRED = "audit_required"
    AUDITED = "audited"
    PROCESSING = "processing"
    """Being sent: from here on it cannot be cancelled."""
    CONFIRMING = "confirming"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    CANCELLATION_FAILED = "cancellation_failed"
    FAILED = "failed"


class WithdrawalMethod(StrEnum):
    """Which way a withdrawal takes."""

    ON_CHAIN = "on_chain"
    INTER_USER = "inter_user"
    """To another user of the venue."""


class DepositAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where to deposit."""

    address: Id
    """On the chain."""
    memo: Text = ""
    """Must be given with the payment where there is one, or it is lost."""


class DepositRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit."""

    deposit_id: Id
    """The venue's number of it."""
    created_at_ns: Millis = field(name="created_at")
    """When it began, nanoseconds UTC."""
    transaction_id: Text = field(name="tx_id", default="")
    """On its chain; empty between users of the venue."""
    asset: Id = field(name="ccy")
    """For instance ``USDT``."""
    chain: Text = ""
    """Its network; empty between users of the venue."""
    method: Word = field(name="deposit_method", default="")
    """A word of ``WithdrawalMethod``."""
    amount: Amount
    """What was sent, units of ``asset``."""
    credited: MaybeAmount = field(name="actual_amount", default=None)
    """What reached the account."""
    address: Text = field(name="to_address", default="")
    """Ours, on the chain."""
    confirmations: MaybeWhole = 0
    """Blocks that confirm it so far."""
    status: Word
    """A word of ``DepositStatus``."""
    remark: Text = ""
    """What the venue notes of it."""


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """A withdrawal."""

    withdraw_id: Id
    """The venue's number of it."""
    created_at_ns: Millis = field(name="created_at")
    """When it began, nanoseconds UTC."""
    method: Word = field(name="withdraw_method", default="")
    """A word of ``WithdrawalMethod``."""
    asset: Id = field(name="ccy")
    """For instance ``USDT``."""
    amount: Amount
    """What leaves the account, the fee included where that is of the same asset."""
    received: MaybeAmount = field(name="actual_amount", default=None)
    """What arrives."""
    chain: Text = ""
    """Its network; empty between users of the venue."""
    fee: MaybeAmount = field(name="tx_fee | fee_amount", default=None)
    """Units of ``fee_asset``."""
    fee_asset: Text = field(name="fee_ccy | fee_asset", default="")
    """What pays the fee."""
    to_address: Text = ""
    """Where it goes: an address on the chain, or a user of the venue."""
    memo: Text = ""
    """What went with the address."""
    transaction_id: Text = field(name="tx_id", default="")
    """On its chain; empty until it was sent."""
    confirmations: MaybeWhole = 0
    """Blocks that confirm it so far."""
    remark: Text = ""
    """Our own note."""
    status: Word
    """A word of ``WithdrawalStatus``."""


class ChainConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How an asset moves over one network."""

    chain: Id
    """Name of the network, as ``withdraw`` takes it."""
    min_deposit: Amount = field(name="min_deposit_amount")
    """Less is not credited, units of the asset."""
    min_withdrawal: Amount = field(name="min_withdraw_amount")
    """Less is not sent, units of the asset."""
    deposit_enabled: Flag
    """It takes deposits now."""
    withdraw_enabled: Flag
    """It takes withdrawals now."""
    deposit_delay_minutes: MaybeWhole = 0
    """Minutes for which a deposit is held back."""
    safe_confirmations: MaybeWhole = 0
    """Blocks after which a deposit is credited."""
    irreversible_confirmations: MaybeWhole = 0
    """Blocks after which it can be withdrawn."""
    deflation_rate: MaybeAmount = None
    """Part of every payment that the network burns."""
    withdrawal_fee: MaybeAmount = None
    """Units of the asset."""
    withdrawal_places: Integer = field(name="withdrawal_precision", default=0)
    """Decimals of an amount that is withdrawn."""
    memo: Text = ""
    """The venue's words; not explained on its pages."""
    needs_memo: Flag = field(name="is_memo_required_for_deposit", default=False)
    """A deposit without a memo is lost."""


class AssetConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How an asset moves in and out of the venue."""

    asset: Id = field(name="asset.ccy")
    """For instance ``USDT``."""
    deposit_enabled: Flag = field(name="asset.deposit_enabled")
    """Some network takes deposits now."""
    withdraw_enabled: Flag = field(name="asset.withdraw_enabled")
    """Some network takes withdrawals now."""
    inter_user_enabled: Flag = field(name="asset.inter_transfer_enabled", default=False)
    """It can be sent to other users of the venue."""
    is_special: Flag = field(name="asset.is_st", default=False)
    """The venue has put it under special treatment: it may be delisted."""
    chains: list[ChainConfig]
    """Its networks."""


class AssetChain(msgspec.Struct, frozen=True, kw_only=True):
    """A network on which an asset exists."""

    chain: Text = field(name="chain_name", default="")
    """Name of the network."""
    identity: Text = ""
    """Its contract there."""
    explorer_url: Text = ""
    """Where its transactions can be looked up."""


class AssetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What an asset is."""

    asset: Id = field(name="short_name")
    """For instance ``USDT``."""
    full_name: Text = ""
    """For instance ``Bitcoin``."""
    website_url: Text = ""
    """Its own page."""
    white_paper_url: Text = ""
    """Its description."""
    chains: list[AssetChain] = field(name="chain_info", default_factory=list)
    """Its networks."""
