"""The wire's spelling of rows and replies, of REST and the stream, and nothing else.

Unknown fields are ignored. What a field may look like is said by its type, see ``tradewire.wire``. Of a field with two
names either is read: the second is the older spelling, or the one of the other of the two.

Source: https://docs.coinex.com/api/v2/spot and its ``ws`` pages, read 2026-11-20;
older spellings from captures of 2024.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from tradewire.wire import (
    Amount,
    Flag,
    Id,
    MaybeAmount,
    MaybeWhole,
    SideWord,
    Text,
    Whole,
    upper_case,
    wire_type,
)

__all__ = [
    "AcceptedRow",
    "BalanceRow",
    "BalancesPush",
    "BatchItem",
    "BboRow",
    "CandleRow",
    "DealRow",
    "DealsPush",
    "DepthBook",
    "DepthReply",
    "Failure",
    "FuturesOrderRow",
    "FuturesStopOrderRow",
    "FuturesUserDealRow",
    "IndexPush",
    "IndexRow",
    "IndexSourceRow",
    "ListReply",
    "MarketRow",
    "Millis",
    "ObjectReply",
    "OrderPush",
    "OrderRow",
    "PagedReply",
    "Pagination",
    "StopOrderRow",
    "StopPush",
    "StopRef",
    "TickerRow",
    "TickersPush",
    "UserDealRow",
    "Word",
]

NOTHING = msgspec.Raw(b"null")
NS_PER_MS = 1_000_000


def _ns(value: object) -> int:
    """Return milliseconds as nanoseconds; 0 for none."""
    if value is None or value == "":
        return 0
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if type(value) is not int or value < 0:
        raise ValueError(f"must be milliseconds from 0, got {str(value)[:40]!r}")
    return value * NS_PER_MS


if TYPE_CHECKING:
    Millis: TypeAlias = int
    Word: TypeAlias = str
else:
    Millis = wire_type("Millis", [int], "Milliseconds UTC; nanoseconds here, 0 for none.", "int", _ns)
    Word = upper_case("Word", str)


class Failure(msgspec.Struct, frozen=True):
    """The part of a reply that says whether it succeeded."""

    code: Whole
    message: Text = ""


class ObjectReply(Failure, frozen=True):
    """A reply with one object, or none."""

    data: msgspec.Raw = NOTHING


class Pagination(msgspec.Struct, frozen=True):
    """Where a page stands in its list; ``total`` only on some lists."""

    has_next: Flag = False
    total: MaybeAmount = None


class ListReply(Failure, frozen=True):
    """A reply with a list or a page of one; ``null`` and an empty object stand for an empty one."""

    data: list[msgspec.Raw] | dict[str, msgspec.Raw] | None = None
    pagination: Pagination | None = None
    paginatation: Pagination | None = None


class PagedReply(ObjectReply, frozen=True):
    """A reply with anything, perhaps in pages."""

    pagination: Pagination | None = None
    paginatation: Pagination | None = None


class BatchItem(msgspec.Struct, frozen=True):
    """One element of a batch: wrapped with a code of its own, or, as seen in 2024, the bare order."""

    code: MaybeWhole = 0
    message: Text = ""
    data: msgspec.Raw = NOTHING
    order_id: Text = ""
    stop_id: Text = ""


class MarketRow(msgspec.Struct, frozen=True):
    """``GET /v2/spot/market``."""

    market: Id
    base_ccy: Id
    quote_ccy: Id
    base_ccy_precision: Whole
    quote_ccy_precision: Whole
    min_amount: Amount
    maker_fee_rate: MaybeAmount = None
    taker_fee_rate: MaybeAmount = None
    status: Text = "online"
    is_api_trading_available: Flag = True


class TickerRow(msgspec.Struct, frozen=True):
    """``GET /v2/spot/ticker`` and ``state.update``."""

    market: Id
    last: Amount
    open: Amount
    high: Amount
    low: Amount
    volume: Amount
    value: Amount


class TickersPush(msgspec.Struct, frozen=True):
    """``state.update``."""

    state_list: list[msgspec.Raw] | None


class DepthBook(msgspec.Struct, frozen=True):
    """The levels of ``GET /v2/spot/depth``; asks ascend, bids descend."""

    asks: list[tuple[Amount, Amount]] | None
    bids: list[tuple[Amount, Amount]] | None
    updated_at: Whole
    last: MaybeAmount = None
    checksum: Text = ""
    """Signed or unsigned, as a number or as text."""


class DepthReply(msgspec.Struct, frozen=True):
    """``GET /v2/spot/depth``."""

    market: Id
    depth: DepthBook


class BboRow(msgspec.Struct, frozen=True):
    """``bbo.update``; an empty side is absent, zero, or both."""

    market: Id
    updated_at: MaybeWhole = 0
    best_bid_price: MaybeAmount = None
    best_bid_size: MaybeAmount = None
    best_ask_price: MaybeAmount = None
    best_ask_size: MaybeAmount = None


class CandleRow(msgspec.Struct, frozen=True):
    """``GET /v2/spot/kline``."""

    market: Id
    created_at: Whole
    open: Amount
    close: Amount
    high: Amount
    low: Amount
    volume: Amount
    value: Amount


class IndexSourceRow(msgspec.Struct, frozen=True):
    """One source of an index."""

    exchange: Text = ""
    created_at: MaybeWhole = 0
    index_weight: MaybeAmount = None
    index_price: MaybeAmount = None


class IndexRow(msgspec.Struct, frozen=True):
    """``GET /v2/spot/index`` and ``/v2/futures/index``."""

    market: Id
    price: Amount
    created_at: MaybeWhole = 0
    sources: list[IndexSourceRow] | None = None


class IndexPush(msgspec.Struct, frozen=True):
    """``index.update``; only futures have a mark price."""

    market: Id
    index_price: Amount
    mark_price: MaybeAmount = None


class DealRow(msgspec.Struct, frozen=True):
    """``GET /v2/spot/deals`` and ``deals.update``."""

    deal_id: Id
    created_at: Whole
    side: SideWord
    price: Amount
    amount: Amount


class DealsPush(msgspec.Struct, frozen=True):
    """``deals.update``, newest first."""

    market: Id
    deal_list: list[msgspec.Raw] | None


class AcceptedRow(msgspec.Struct, frozen=True):
    """The least that the reply to a placed order must say."""

    order_id: Id
    client_id: Text = ""


class OrderRow(msgspec.Struct, frozen=True):
    """An order, as REST or the stream sends one. ``status`` is there only in some replies, ``ccy`` only over REST."""

    order_id: Id
    market: Id
    side: SideWord
    amount: Amount
    type: Text = ""
    price: MaybeAmount = None
    unfilled_amount: MaybeAmount = None
    unfill_amount: MaybeAmount = None
    filled_amount: MaybeAmount = None
    filled_value: MaybeAmount = None
    fill_value: MaybeAmount = None
    created_at: MaybeWhole = 0
    updated_at: MaybeWhole = 0
    client_id: Text = ""
    ccy: Text = ""
    status: Text = ""
    market_type: Text = ""
    margin_market: Text = ""
    base_fee: MaybeAmount = None
    base_ccy_fee: MaybeAmount = None
    quote_fee: MaybeAmount = None
    quote_ccy_fee: MaybeAmount = None
    discount_fee: MaybeAmount = None
    discount_ccy_fee: MaybeAmount = None
    last_filled_amount: MaybeAmount = None
    last_fill_amount: MaybeAmount = None
    last_filled_price: MaybeAmount = None
    last_fill_price: MaybeAmount = None


class FuturesOrderRow(OrderRow, frozen=True):
    """An order of futures, which need not say so; fees count in one asset, and pushes lack the realized profit."""

    market_type: Text = "FUTURES"
    stop_id: Text = ""
    fee: MaybeAmount = None
    fee_ccy: Text = ""
    realized_pnl: MaybeAmount = None


class OrderPush(msgspec.Struct, frozen=True):
    """``order.update``."""

    order: msgspec.Raw
    event: Text = ""


class StopRef(msgspec.Struct, frozen=True):
    """The reply to a new or a changed stop order."""

    stop_id: Id


class StopOrderRow(StopRef, frozen=True):
    """A stop order, as REST or the stream sends one. Only pushes have ``status``, and none of spot the price's kind."""

    market: Id
    side: SideWord
    amount: Amount
    trigger_price: Amount
    type: Text = ""
    price: MaybeAmount = None
    trigger_price_type: Text = ""
    trigger_direction: Text = ""
    ccy: Text = ""
    client_id: Text = ""
    status: Text = ""
    market_type: Text = ""
    margin_market: Text = ""
    created_at: MaybeWhole = 0
    updated_at: MaybeWhole = 0


class FuturesStopOrderRow(StopOrderRow, frozen=True):
    """A stop order of futures, which need not say so."""

    market_type: Text = "FUTURES"


class StopPush(msgspec.Struct, frozen=True):
    """``stop.update``; an example on the page has a number for the event."""

    stop: msgspec.Raw
    event: Text = ""


class UserDealRow(DealRow, frozen=True):
    """``GET /v2/spot/user-deals`` and ``user_deals.update``; the replies of 2024 lack role and fee."""

    market: Id
    order_id: Id
    role: Text = ""
    fee: MaybeAmount = None
    fee_ccy: Text = ""
    client_id: Text = ""
    market_type: Text = ""
    margin_market: Text = ""


class FuturesUserDealRow(UserDealRow, frozen=True):
    """``GET /v2/futures/user-deals`` and ``user_deals.update`` of futures, which need not say so."""

    market_type: Text = "FUTURES"
    position_id: Text = ""


class BalanceRow(msgspec.Struct, frozen=True):
    """``GET /v2/assets/spot/balance`` and ``balance.update``."""

    ccy: Id
    available: Amount
    frozen: Amount
    margin_market: Text = ""
    updated_at: MaybeWhole = 0


class BalancesPush(msgspec.Struct, frozen=True):
    """``balance.update``, of every account together."""

    balance_list: list[msgspec.Raw] | None
