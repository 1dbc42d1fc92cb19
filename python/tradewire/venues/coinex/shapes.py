"""The wire's spelling of REST, and nothing else. Unknown fields are ignored, missing ones have the venue's default.

Decimals come as text and are read exactly; whether they are finite is judged in ``parse``.

Source: https://docs.coinex.com/api/v2/spot, read 2026-11-20; aliases from captured replies of 2024.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

__all__ = [
    "BalanceRow",
    "BatchItem",
    "DealRow",
    "DepthBook",
    "DepthReply",
    "Envelope",
    "Failure",
    "MarketRow",
    "OrderRow",
    "PagedEnvelope",
    "Pagination",
    "TickerRow",
    "TimeReply",
    "UserDealRow",
]  # fmt: skip

DataT = TypeVar("DataT")


class BatchItem(msgspec.Struct, frozen=True):
    """One element of a batch: wrapped with a code of its own, or, as seen in 2024, the bare order."""

    code: int = 0
    message: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")
    order_id: int | None = None


class Pagination(msgspec.Struct, frozen=True):
    """Where a page stands in its list; ``total`` only on some lists."""

    has_next: bool = False
    total: int | None = None


class Failure(msgspec.Struct, frozen=True):
    """The part of a reply that says whether it succeeded."""

    code: int
    message: str = ""


class Envelope(Failure, Generic[DataT], frozen=True, kw_only=True):
    """Every successful reply."""

    data: DataT


class PagedEnvelope(Envelope[DataT], Generic[DataT], frozen=True, kw_only=True):
    """A reply with one page of a list."""

    pagination: Pagination = Pagination()


class TimeReply(msgspec.Struct, frozen=True):
    """``GET /v2/time``."""

    timestamp: int


class MarketRow(msgspec.Struct, frozen=True):
    """``GET /v2/spot/market``."""

    market: str
    base_ccy: str
    quote_ccy: str
    base_ccy_precision: int
    quote_ccy_precision: int
    min_amount: Decimal
    maker_fee_rate: Decimal
    taker_fee_rate: Decimal
    status: str = "online"
    is_api_trading_available: bool = True


class TickerRow(msgspec.Struct, frozen=True):
    """``GET /v2/spot/ticker``."""

    market: str
    last: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    value: Decimal


class DepthBook(msgspec.Struct, frozen=True):
    """The levels of ``GET /v2/spot/depth``; asks ascend, bids descend."""

    asks: list[tuple[Decimal, Decimal]]
    bids: list[tuple[Decimal, Decimal]]
    updated_at: int
    last: Decimal | None = None
    checksum: int | str | None = None
    """Signed or unsigned, as a number or as text."""


class DepthReply(msgspec.Struct, frozen=True):
    """``GET /v2/spot/depth``."""

    market: str
    depth: DepthBook


class DealRow(msgspec.Struct, frozen=True):
    """``GET /v2/spot/deals``."""

    deal_id: int
    created_at: int
    side: str
    price: Decimal
    amount: Decimal


class OrderRow(msgspec.Struct, frozen=True):
    """An order, wherever REST sends one. ``status`` is there only in some replies."""

    order_id: int
    market: str
    side: str
    type: str
    amount: Decimal
    price: Decimal
    unfilled_amount: Decimal
    filled_amount: Decimal
    filled_value: Decimal
    created_at: int
    updated_at: int = 0
    client_id: str = ""
    ccy: str = ""
    status: str = ""


class UserDealRow(msgspec.Struct, frozen=True):
    """``GET /v2/spot/user-deals``; the replies of 2024 lack role and fee."""

    deal_id: int
    created_at: int
    market: str
    side: str
    order_id: int
    price: Decimal
    amount: Decimal
    role: str = ""
    fee: Decimal | None = None
    fee_ccy: str = ""
    client_id: str = ""


class BalanceRow(msgspec.Struct, frozen=True):
    """``GET /v2/assets/spot/balance``."""

    ccy: str
    available: Decimal
    frozen: Decimal
