"""What CoinEx says of accounts, sub-accounts and their keys, referees; see ``model_assets``.

Source: https://docs.coinex.com/api/v2/account and /refer, read 2026-11-20.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec import field

from tradewire.errors import ConfigError
from tradewire.signing import Credentials, Token
from tradewire.venues.coinex.shapes import Millis, Word
from tradewire.wire import Amount, Flag, Id, MaybeAmount, MaybeWhole, Text, wire_type

__all__ = [
    "FeeRate",
    "Permission",
    "RebateDay",
    "RebateDetail",
    "SubAccount",
    "SubApiKey",
    "SubTransferRecord",
]


def _secret(value: object) -> Token | None:
    """Return a secret kept out of sight; none where the venue does not show it again."""
    if value is None or value == "":
        return None
    try:
        return Token(value if isinstance(value, str) else "")
    except ConfigError:
        # Without the text, which may be a secret after all.
        raise ValueError("must be a secret key") from None


if TYPE_CHECKING:
    Secret: TypeAlias = Token | None
else:
    Secret = wire_type("Secret", [Token, type(None)], "A secret, kept out of sight.", "str", _secret)


class Permission(StrEnum):
    """What a sub-account may do besides trading spot."""

    FUTURES = "futures"
    MARGIN = "margin"
    AMM = "amm"
    """Put money into pools."""
    API = "api"
    """Have keys of its own."""


class FeeRate(msgspec.Struct, frozen=True, kw_only=True):
    """What trading in a market costs the account."""

    market: Id
    """For instance ``BTCUSDT``."""
    maker: Amount = field(name="maker_rate")
    """Part of what is traded, 0.001 for 0.1 %, for who rested."""
    taker: Amount = field(name="taker_rate")
    """The same for who came."""


class SubAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-account."""

    name: Id = field(name="sub_user_name")
    """What every method calls it by."""
    is_frozen: Flag = False
    """It can do nothing."""
    is_authorized: Flag = False
    """It was handed to somebody else."""
    permissions: list[Word] = field(default_factory=list)
    """Words of ``Permission``."""
    balance_usd: MaybeAmount = None
    """What it is worth, in US dollars."""


class SubApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a sub-account. Its secret stays out of repr, logs and pickles."""

    key_id: Id = field(name="api_id")
    """The venue's number of it."""
    created_at_ns: Millis = field(name="created_at")
    """When it began, nanoseconds UTC."""
    access_id: Id
    """The public half."""
    secret: Secret = field(name="secret_key", default=None)
    """The secret half; ``None`` where the venue does not show it."""
    addresses: list[Text] = field(name="ip_whitelist", default_factory=list)
    """Where it may be used; anywhere if empty, for three months then."""
    trade_enabled: Flag = False
    """It may trade."""
    withdraw_enabled: Flag = False
    """It may withdraw."""
    is_expired: Flag = False
    """It can no longer be used."""
    expires_at_ns: Millis = field(name="expires_at", default=0)
    """0 for never."""
    remark: Text = ""
    """Our own note."""

    def credentials(self) -> Credentials:
        """Return what a client of the sub-account is made with.

        Raises:
            ConfigError: The venue did not show the secret: only the reply to ``create_sub_key`` surely does.
        """
        if self.secret is None:
            raise ConfigError(f"the reply has no secret of key {self.key_id}; make a new key")
        return Credentials(self.access_id, self.secret.reveal())


class SubTransferRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Money moved between the main account and sub-accounts, or between those."""

    transfer_id: Text = field(name="id", default="")
    """The venue's number of it; not all lists have it."""
    created_at_ns: Millis = field(name="created_at")
    """When it began, nanoseconds UTC."""
    source: Word = field(name="from_account_type")
    """Account that paid: ``spot``, ``margin`` or ``futures``."""
    target: Word = field(name="to_account_type")
    """Account that got it."""
    source_name: Text = field(name="from_user_name", default="")
    """Whose account paid; empty for the main account."""
    target_name: Text = field(name="to_user_name", default="")
    """Whose account got it; empty for the main account."""
    asset: Id = field(name="ccy")
    """For instance ``USDT``."""
    amount: Amount
    """Units of ``asset``."""
    status: Word
    """A word of ``TransferStatus``."""


class RebateDay(msgspec.Struct, frozen=True, kw_only=True):
    """What all referees traded in a day, and what that brought. Values are in US dollars."""

    created_at_ns: Millis = field(name="created_at")
    """The day, nanoseconds UTC."""
    traders: MaybeWhole = field(name="deal_user_number", default=0)
    """Referees who traded."""
    spot_value: MaybeAmount = field(name="total_spot_value", default=None)
    """What they traded in spot markets."""
    spot_fee: MaybeAmount = field(name="total_spot_fee", default=None)
    """What they paid for that."""
    futures_value: MaybeAmount = field(name="total_futures_value", default=None)
    """What they traded in futures."""
    futures_fee: MaybeAmount = field(name="total_futures_fee", default=None)
    """What they paid for that."""
    value: MaybeAmount = field(name="total_deal_value", default=None)
    """Spot and futures together."""
    fee: MaybeAmount = field(name="total_deal_fee", default=None)
    """Of spot and futures together."""
    rebate_usdt: MaybeAmount = field(name="total_deal_rebate_usdt", default=None)
    """Paid in USDT."""
    rebate_cet: MaybeAmount = field(name="total_deal_rebate_cet", default=None)
    """Paid in CET."""


class RebateDetail(msgspec.Struct, frozen=True, kw_only=True):
    """What one referee traded in a day, and what that brought. Values are in US dollars."""

    created_at_ns: Millis = field(name="created_at")
    """The day, nanoseconds UTC."""
    user_id: Text = field(name="uid", default="")
    """The referee's number at the venue."""
    account_name: Text = ""
    """What the referee is called there."""
    spot_value: MaybeAmount = None
    """What the referee traded in spot markets."""
    spot_fee: MaybeAmount = None
    """What was paid for that."""
    futures_value: MaybeAmount = None
    """What the referee traded in futures."""
    futures_fee: MaybeAmount = None
    """What was paid for that."""
    value: MaybeAmount = field(name="deal_value", default=None)
    """Spot and futures together."""
    fee: MaybeAmount = field(name="deal_fee", default=None)
    """Of spot and futures together."""
    rebate_usdt: MaybeAmount = field(name="deal_rebate_usdt", default=None)
    """Paid in USDT."""
    rebate_cet: MaybeAmount = field(name="deal_rebate_cet", default=None)
    """Paid in CET."""
