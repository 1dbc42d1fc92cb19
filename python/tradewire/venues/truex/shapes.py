"""The wire's spelling of what is made words of the common interface, of REST and pushes alike.

Every id and number is documented as a text; what a member may look like is said by its type, see ``tradewire.wire``.
Members whose place is not certain are read from each place they were seen in.

Source: the pages of docs.truemarkets.co/apis/cefi, read 2026-11-20.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tradewire.wire import Amount, Id, MaybeAmount, MaybeWhole, SideWord, Text, Whole

__all__ = ["AcceptedRow", "BestRow", "OrderInfo", "OrderRow", "QuoteRow", "Tape", "TradeRow"]

ZERO = Decimal(0)


class BestRow(msgspec.Struct, frozen=True):
    """The best level of a side, or a stand-in for an empty one."""

    price: MaybeAmount = None
    qty: MaybeAmount = None


class _QuoteInfo(msgspec.Struct, frozen=True):
    best_bid: BestRow = BestRow()
    best_ask: BestRow = BestRow()
    last_update: MaybeWhole = 0


class QuoteRow(msgspec.Struct, frozen=True):
    """Best prices of an instrument; over the stream without its symbol."""

    id: Id
    info: _QuoteInfo
    symbol: Text = ""


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


class OrderInfo(msgspec.Struct, frozen=True):
    """What was ordered."""

    instrument_id: Id
    side: SideWord
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
        """The account it is for; empty where that is not stated."""
        return self.client_id or ("" if self.info is None else self.info.client_id)

    @property
    def executed(self) -> Decimal:
        """Size traded, under either name; what has traded does not shrink, so the larger counts."""
        return max(self.executed_qty or ZERO, self.exeuted_qty or ZERO)


class AcceptedRow(msgspec.Struct, frozen=True):
    """The least that the reply to a placed order, or to the question about one, must say."""

    id: Id
    external_id: Text = ""
    status: Text = ""


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
