"""The wire's spelling of REST bodies and pushes. Nothing above this room and ``parse`` knows it.

Every id and number is documented as a text; what a member may look like is said by its type, see ``tradewire.wire``.
A body is a list or one object, raw or in an envelope, whatever the operation: all are read. Members whose place is
not certain are read from each place they were seen in.

Source: the pages of docs.truemarkets.co/apis/cefi, read 2026-11-20.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import FrameError
from tradewire.venues.truex.model import TransferKind, TransferStatus
from tradewire.wire import Amount, Flag, Id, MaybeAmount, MaybeWhole, Reader, Text, Whole, WireRows, decoder

__all__ = [
    "AcceptedRow",
    "AccountRow",
    "AssetRow",
    "BalanceRow",
    "BestRow",
    "Body",
    "ClientRow",
    "HealthRow",
    "IncrementRow",
    "InstrumentRow",
    "OrderInfo",
    "OrderRow",
    "Problem",
    "QuoteRow",
    "QuotedRow",
    "Tape",
    "TokenRow",
    "TradeRow",
    "TransferRow",
    "VersionRow",
]  # fmt: skip

RowT = TypeVar("RowT")
ZERO = Decimal(0)
WRAPPINGS = 2
"""Objects around the rows, at most."""


class HealthRow(msgspec.Struct, frozen=True):
    """The service's health."""

    status: Text
    timestamp: Text
    service: Text = ""


class VersionRow(msgspec.Struct, frozen=True):
    """A schema version."""

    version: Id
    status: Text = ""
    default: Flag = False
    sunset: Text = ""


class _Named(msgspec.Struct, frozen=True):
    name: Text = ""


class AssetRow(msgspec.Struct, frozen=True):
    """An asset; its name was seen in three places."""

    id: Id
    status: Text = ""
    fields: _Named = _Named()
    info: _Named = _Named()
    name: Text = ""


class _InstrumentInfo(msgspec.Struct, frozen=True):
    symbol: Id
    reference_price: Amount
    base_asset_id: Id
    quote_asset_id: Id
    price_limit_window_secs: MaybeAmount = None
    price_limit_percent: MaybeAmount = None
    price_bands_percent: MaybeAmount = None


class _InstrumentStats(msgspec.Struct, frozen=True):
    last_24hr_notional: MaybeAmount = None
    last_24hr_quantity: MaybeAmount = None


class InstrumentRow(msgspec.Struct, frozen=True):
    """An instrument and its last 24 hours."""

    id: Id
    status: Text
    info: _InstrumentInfo
    stats: _InstrumentStats = _InstrumentStats()


class BestRow(msgspec.Struct, frozen=True):
    """The best level of a side, or a stand-in for an empty one."""

    price: MaybeAmount = None
    qty: MaybeAmount = None
    order_count: MaybeWhole = 0
    last_update: MaybeWhole = 0


class _LastTrade(msgspec.Struct, frozen=True):
    price: MaybeAmount = None
    qty: MaybeAmount = None
    timestamp: MaybeWhole = 0


class _QuoteInfo(msgspec.Struct, frozen=True):
    last_trade: _LastTrade = _LastTrade()
    best_bid: BestRow = BestRow()
    best_ask: BestRow = BestRow()
    last_update: MaybeWhole = 0


class QuoteRow(msgspec.Struct, frozen=True):
    """Best prices of an instrument; over the stream without its symbol."""

    id: Id
    info: _QuoteInfo
    symbol: Text = ""


class QuotedRow(msgspec.Struct, frozen=True):
    """A computed quote, in either version's members or in the oldest one's."""

    qty: MaybeAmount = None
    price: MaybeAmount = None
    notional: MaybeAmount = None
    notional_residual: MaybeAmount = None
    quote: MaybeAmount = None
    buy_amount: MaybeAmount = None


class Tape(msgspec.Struct, frozen=True):
    """A public trade; its members are not fixed by any page."""

    match_id: Id
    price: MaybeAmount = None
    trade_price: MaybeAmount = None
    qty: MaybeAmount = None
    trade_qty: MaybeAmount = None
    timestamp: MaybeWhole = 0
    instrument_id: Text = ""
    id: Text = ""
    liq_flag: Text = ""


class IncrementRow(msgspec.Struct, frozen=True):
    """A row of the increment table; its members are known from a release note only."""

    price_from: MaybeAmount = None
    price_to: MaybeAmount = None
    price_increment: MaybeAmount = None
    qty_increment: MaybeAmount = None
    min_notional: MaybeAmount = None


class _ClientInfo(msgspec.Struct, frozen=True):
    organization_id: Text = ""
    mnemonic: Text = ""
    type: Text = ""
    maker_fee_tier: MaybeWhole = 0
    taker_fee_tier: MaybeWhole = 0
    self_trade_prevention: Text = "INVALID"


class ClientRow(msgspec.Struct, frozen=True):
    """A client of the venue: an account of the organisation."""

    id: Id
    status: Text = ""
    info: _ClientInfo = _ClientInfo()
    organization_id: Text = ""


class OrderInfo(msgspec.Struct, frozen=True):
    """What was ordered."""

    instrument_id: Id
    side: Text
    client_id: Text = ""
    type: Text = "LIMIT"
    qty: MaybeAmount = None
    price: MaybeAmount = None
    tif: Text = "GTC"
    exec_inst_flags: list[Text] | None = None
    flags: list[Text] | None = None
    stp: Text = ""


class _ModifyInfo(msgspec.Struct, frozen=True):
    new_qty: MaybeAmount = None
    new_price: MaybeAmount = None
    new_type: Text = ""


class OrderRow(msgspec.Struct, frozen=True):
    """An order, over REST or as the drop copy tells it. Old names and the published misspelling are read too."""

    id: Id
    status: Text
    order_info: OrderInfo | None = None
    order: OrderInfo | None = None
    modify_info: _ModifyInfo | None = None
    modify: _ModifyInfo | None = None
    external_id: Text = ""
    ref_external_id: Text = ""
    leaves_qty: MaybeAmount = None
    executed_qty: MaybeAmount = None
    exeuted_qty: MaybeAmount = None
    executed_vwap: MaybeAmount = None
    timestamp: MaybeWhole = 0
    update_timestamp: MaybeWhole = 0
    client_id: Text = ""
    text: Text = ""

    @property
    def info(self) -> OrderInfo | None:
        """What was ordered, under either name; ``None`` where a push leaves it out."""
        return self.order_info or self.order

    @property
    def account_id(self) -> str:
        """The account it is for; empty where that is not told."""
        return self.client_id or ("" if self.info is None else self.info.client_id)

    @property
    def executed(self) -> Decimal:
        """Size traded, under either name; what has traded does not shrink, so the larger counts."""
        return max(self.executed_qty or ZERO, self.exeuted_qty or ZERO)


class AcceptedRow(msgspec.Struct, frozen=True):
    """The least that the reply to a placed order must say."""

    id: Id
    external_id: Text = ""


class TradeRow(msgspec.Struct, frozen=True):
    """One side of a trade of ours."""

    order_id: Id
    match_id: Id
    instrument_id: Id
    trade_price: Amount
    trade_qty: Amount
    timestamp: Whole
    trade_fee_rate: MaybeAmount = None
    liq_flag: Text = ""
    client_id: Text = ""


class BalanceRow(msgspec.Struct, frozen=True):
    """One asset of a client."""

    asset_id: Id
    balance: Amount
    unsettled: MaybeAmount = None
    order_hold: MaybeAmount = None
    transfer_hold: MaybeAmount = None
    state: Text = ""


class AccountRow(msgspec.Struct, frozen=True):
    """The balances of a client."""

    id: Id
    unsettled_fees: MaybeAmount = None
    fees_hold: MaybeAmount = None
    balances: list[msgspec.Raw] | None = None


class _TransferRequest(msgspec.Struct, frozen=True):
    amount: Amount
    asset_id: Id
    client_id: Id
    type: TransferKind
    platform: Text
    instructions: Any = None


class TransferRow(msgspec.Struct, frozen=True):
    """A transfer onto or off the exchange."""

    id: Id
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
    next_cursor: Text = ""


class _Envelope(msgspec.Struct, frozen=True):
    data: msgspec.Raw = msgspec.Raw(b"")
    versions: msgspec.Raw = msgspec.Raw(b"")
    """Where the list of schema versions was seen."""
    pagination: _Pagination | None = None


_envelopes: msgspec.json.Decoder[_Envelope] = decoder(_Envelope)
_lists: msgspec.json.Decoder[list[msgspec.Raw]] = decoder(list[msgspec.Raw])
BLANKS = b" \t\r\n"
NOTHING = frozenset({b"null", b"{}"})


class Body:
    """A body's rows as they came, however they are wrapped.

    Attributes:
        raws: The rows; none for a body without content.
        is_list: They came in a list.
        next_cursor: What the next page is asked for with; empty if there is none.

    Raises:
        FrameError: The body is neither a list nor an object.
    """

    __slots__ = ("is_list", "next_cursor", "raws")

    def __init__(self, body: bytes) -> None:
        stripped = body.strip(BLANKS)
        self.next_cursor = ""
        for _ in range(WRAPPINGS):
            if not stripped.startswith(b"{"):
                break
            envelope = codec.decode_as(stripped, _envelopes)
            inside = bytes(envelope.data) or bytes(envelope.versions)
            if not inside:
                break
            stripped = inside.strip(BLANKS)
            if envelope.pagination is not None:
                self.next_cursor = self.next_cursor or envelope.pagination.next_cursor
        self.is_list = stripped.startswith(b"[")
        if self.is_list:
            self.raws = codec.decode_as(stripped, _lists)
        elif stripped.startswith((b"{", b"null")):
            codec.decode(stripped)
            is_empty = stripped.translate(None, BLANKS) in NOTHING
            self.raws = [] if is_empty else [msgspec.Raw(stripped)]
        else:
            raise FrameError("a body must be a list or an object", kind="wrong_shape", excerpt=body[:200])

    def rows(self, reader: Reader[RowT]) -> WireRows[RowT]:
        """Return every row with the shape of ``reader``.

        Raises:
            FrameError: There is no content: nothing says that the list is empty.
            UnreadableRow: There is one object, not in a list, and it has another shape: no list of anything.
        """
        if not (self.raws or self.is_list):
            raise FrameError("a reply without content", kind="wrong_shape")
        found = reader.rows(self.raws)
        if found.unreadable and not self.is_list:
            raise found.unreadable[0]
        found.next_cursor = self.next_cursor
        return found
