"""The wire's spelling of REST bodies and pushes. Nothing above this room and ``parse`` knows it.

Every id and number is a text. A body is a list or one object, raw or in an envelope, whatever the operation: all
are read. Members whose place is not certain are read from each place they were seen in.

Source: the pages of docs.truemarkets.co/apis/cefi, read 2026-11-20.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import FrameError
from tradewire.venues.truex.model import TransferKind, TransferStatus

__all__ = [
    "AccountRow",
    "Amount",
    "AssetRow",
    "BalanceRow",
    "BestRow",
    "ClientRow",
    "HealthRow",
    "IncrementRow",
    "InstrumentRow",
    "OrderRow",
    "Problem",
    "QuoteRow",
    "QuotedRow",
    "Rows",
    "Tape",
    "TokenRow",
    "TradeRow",
    "TransferRow",
    "VersionRow",
    "read_rows",
]  # fmt: skip

Amount = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,40}(\.[0-9]{1,40})?\Z")]
"""A decimal as the venue writes it; an exponent, NaN and Infinity do not pass."""
Digits = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,40}\Z")]

OrderState = Literal[
    "INITIALIZED",
    "NEW_PENDING",
    "ACTIVE",
    "MODIFY_PENDING",
    "CANCEL_PENDING",
    "FILLED",
    "CANCELED",
    "REJECTED",
]

RowT = TypeVar("RowT")
WRAPPINGS = 2
"""Objects around the rows, at most."""


class HealthRow(msgspec.Struct, frozen=True):
    """The service's health."""

    status: str
    timestamp: str
    service: str = ""


class VersionRow(msgspec.Struct, frozen=True):
    """A schema version."""

    version: str
    status: str = ""
    default: bool = False
    sunset: str | None = None


class _Named(msgspec.Struct, frozen=True):
    name: str = ""


class AssetRow(msgspec.Struct, frozen=True):
    """An asset; its name was seen in three places."""

    id: str
    status: str = ""
    fields: _Named = _Named()
    info: _Named = _Named()
    name: str = ""


class _InstrumentInfo(msgspec.Struct, frozen=True):
    symbol: str
    reference_price: Amount
    base_asset_id: str
    quote_asset_id: str
    price_limit_window_secs: Amount = "0"
    price_limit_percent: Amount = "0"
    price_bands_percent: Amount = "0"


class _InstrumentStats(msgspec.Struct, frozen=True):
    last_24hr_notional: Amount = "0"
    last_24hr_quantity: Amount = "0"


class InstrumentRow(msgspec.Struct, frozen=True):
    """An instrument and its last 24 hours."""

    id: str
    status: str
    info: _InstrumentInfo
    stats: _InstrumentStats = _InstrumentStats()


class BestRow(msgspec.Struct, frozen=True):
    """The best level of a side, or a stand-in for an empty one."""

    price: Amount = "0"
    qty: Amount = "0"
    order_count: Digits = "0"
    last_update: Digits = "0"


class _LastTrade(msgspec.Struct, frozen=True):
    price: Amount = "0"
    qty: Amount = "0"
    timestamp: Digits = "0"


class _QuoteInfo(msgspec.Struct, frozen=True):
    last_trade: _LastTrade = _LastTrade()
    best_bid: BestRow = BestRow()
    best_ask: BestRow = BestRow()
    last_update: Digits = "0"


class QuoteRow(msgspec.Struct, frozen=True):
    """Best prices of an instrument; over the stream without its symbol."""

    id: str
    info: _QuoteInfo
    symbol: str = ""


class QuotedRow(msgspec.Struct, frozen=True):
    """A computed quote, in either version's members or in the oldest one's."""

    qty: Amount = "0"
    price: Amount = "0"
    notional: Amount | None = None
    notional_residual: Amount | None = None
    quote: Amount | None = None
    buy_amount: Amount | None = None


class Tape(msgspec.Struct, frozen=True):
    """A public trade; its members are not fixed by any page."""

    match_id: str
    price: Amount = ""
    trade_price: Amount = ""
    qty: Amount = ""
    trade_qty: Amount = ""
    timestamp: Digits = "0"
    instrument_id: str = ""
    id: str = ""
    liq_flag: str = ""


class IncrementRow(msgspec.Struct, frozen=True):
    """A row of the increment table; its members are known from a release note only."""

    price_from: Amount = "0"
    price_to: Amount | None = None
    price_increment: Amount = "0"
    qty_increment: Amount = "0"
    min_notional: Amount = "0"


class _ClientInfo(msgspec.Struct, frozen=True):
    organization_id: str = ""
    mnemonic: str = ""
    type: str = ""
    maker_fee_tier: int = 0
    taker_fee_tier: int = 0
    self_trade_prevention: str = "INVALID"


class ClientRow(msgspec.Struct, frozen=True):
    """A client of the venue: an account of the organisation."""

    id: str
    status: str = ""
    info: _ClientInfo = _ClientInfo()
    organization_id: str = ""


class _OrderInfo(msgspec.Struct, frozen=True):
    instrument_id: str
    side: Literal["BUY", "SELL"]
    client_id: str = ""
    type: str = "LIMIT"
    qty: Amount = "0"
    price: Amount | None = None
    tif: Literal["GTC", "IOC"] = "GTC"
    exec_inst_flags: list[str] = []
    flags: list[str] = []
    stp: str = ""


class _ModifyInfo(msgspec.Struct, frozen=True):
    new_qty: Amount | None = None
    new_price: Amount | None = None
    new_type: str = ""


class OrderRow(msgspec.Struct, frozen=True):
    """An order, over REST or as the drop copy tells it. Old names and the published misspelling are read too."""

    id: str
    status: OrderState
    order_info: _OrderInfo | None = None
    order: _OrderInfo | None = None
    modify_info: _ModifyInfo | None = None
    modify: _ModifyInfo | None = None
    external_id: str = ""
    ref_external_id: str = ""
    leaves_qty: Amount | None = None
    executed_qty: Amount | None = None
    exeuted_qty: Amount | None = None
    executed_vwap: Amount | None = None
    timestamp: Digits = "0"
    update_timestamp: Digits = "0"
    client_id: str = ""
    text: str = ""

    @property
    def info(self) -> _OrderInfo | None:
        """What was ordered, under either name; ``None`` where a push leaves it out."""
        return self.order_info or self.order

    @property
    def account_id(self) -> str:
        """The account it is for; empty where that is not told."""
        return self.client_id or ("" if self.info is None else self.info.client_id)

    @property
    def executed(self) -> Decimal:
        """Size traded, under either name; what has traded does not shrink, so the larger counts."""
        return max(Decimal(self.executed_qty or "0"), Decimal(self.exeuted_qty or "0"))


class TradeRow(msgspec.Struct, frozen=True):
    """One side of a trade of ours."""

    order_id: str
    match_id: str
    instrument_id: str
    trade_price: Amount
    trade_qty: Amount
    timestamp: Digits
    trade_fee_rate: Amount = "0"
    liq_flag: str = ""
    client_id: str = ""


class BalanceRow(msgspec.Struct, frozen=True):
    """One asset of a client."""

    asset_id: str
    balance: Amount
    unsettled: Amount = "0"
    order_hold: Amount = "0"
    transfer_hold: Amount = "0"
    state: str = ""


class AccountRow(msgspec.Struct, frozen=True):
    """The balances of a client."""

    id: str
    unsettled_fees: Amount = "0"
    fees_hold: Amount = "0"
    balances: list[BalanceRow] = []


class _TransferRequest(msgspec.Struct, frozen=True):
    amount: Amount
    asset_id: str
    client_id: str
    type: TransferKind
    platform: str
    instructions: Any = None


class TransferRow(msgspec.Struct, frozen=True):
    """A transfer onto or off the exchange."""

    id: str
    status: TransferStatus
    request: _TransferRequest


class TokenRow(msgspec.Struct, frozen=True):
    """A pair of tokens."""

    access_token: str
    refresh_token: str = ""
    expires_in: Any = None
    token_type: str = "Bearer"  # noqa: S105 - the kind of a token, not one

    def __repr__(self) -> str:
        return "TokenRow(redacted)"


class Problem(msgspec.Struct, frozen=True):
    """What went wrong (RFC 7807)."""

    title: str = ""
    status: int = 0
    detail: str = ""
    instance: str = ""
    type: str = ""


class _Pagination(msgspec.Struct, frozen=True):
    next_cursor: str | None = None
    size: int | None = None
    limit: int | None = None


class _Envelope(msgspec.Struct, frozen=True):
    data: msgspec.Raw = msgspec.Raw(b"")
    versions: msgspec.Raw = msgspec.Raw(b"")
    """Where the list of schema versions was seen."""
    pagination: _Pagination | None = None


class Rows(msgspec.Struct, Generic[RowT], frozen=True):
    """What a body holds, however it is wrapped."""

    items: list[RowT]
    next_cursor: str = ""


_envelopes: msgspec.json.Decoder[_Envelope] = msgspec.json.Decoder(_Envelope)


def read_rows(row: type[RowT]) -> Any:
    """Return a reader of bodies that hold ``row`` once or many times, raw or in an envelope.

    The reader raises ``FrameError`` for anything else.
    """
    one: msgspec.json.Decoder[RowT] = msgspec.json.Decoder(row)
    many: msgspec.json.Decoder[list[RowT]] = msgspec.json.Decoder(list[row])  # type: ignore[valid-type]  # chosen at import

    def read(body: bytes) -> Rows[RowT]:
        stripped = body.lstrip()
        cursor = ""
        for _ in range(WRAPPINGS):
            if not stripped.startswith(b"{"):
                break
            envelope = codec.decode_as(stripped, _envelopes)
            inside = bytes(envelope.data) or bytes(envelope.versions)
            if not inside:
                break
            stripped = inside.lstrip()
            cursor = cursor or (envelope.pagination and envelope.pagination.next_cursor) or ""
        if stripped.startswith(b"["):
            return Rows(codec.decode_as(stripped, many), cursor)
        if stripped == b"null":
            raise FrameError("a reply without content", kind="wrong_shape", excerpt=body[:200])
        return Rows([codec.decode_as(stripped, one)], cursor)

    return read
