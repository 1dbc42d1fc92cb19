"""What happened to positions: their margins, funding, deleveraging and settlements."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from msgspec import field

from tradewire.model import Page
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Name, TimeMs
from tradewire.session.paging import every
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Limit, OrderId, PageNumber, Part, api
from tradewire.venues.coinex.futures import words
from tradewire.venues.coinex.futures.model import (
    FundingPayment,
    MarginMode,
    PositionChange,
    PositionReduction,
)
from tradewire.venues.coinex.parse import NS_PER_MS, first
from tradewire.venues.coinex.rest.positions import FuturesRequest
from tradewire.wire import Amount, Id, MaybeAmount, MaybeWhole, SideWord, Text, Whole

__all__ = ["PositionHistory"]


class HistoryQuery(FuturesRequest, frozen=True):
    """A page of what happened to one position."""

    market: Name
    position_id: OrderId
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    page: PageNumber = 1
    limit: Limit = 100


class FundingQuery(FuturesRequest, frozen=True):
    """A page of funding of one position, or of all in a market."""

    market: Name
    position_id: OrderId | None = None
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    page: PageNumber = 1
    limit: Limit = 100


class ChangeRow(msgspec.Struct, frozen=True):
    """``GET /v2/futures/position-margin-history`` and ``position-settle-history``."""

    market: Id
    position_id: Id
    created_at: Whole
    margin_mode: Text = ""
    leverage: MaybeWhole = 0
    liq_price: MaybeAmount = None
    bkr_price: MaybeAmount = None
    bkr_pirce: MaybeAmount = None
    """As the venue really sends it."""
    settle_price: MaybeAmount = None
    open_interest: MaybeAmount = None
    margin_avbl: MaybeAmount = None
    margin_change: MaybeAmount = None


class FundingRow(msgspec.Struct, frozen=True):
    """``GET /v2/futures/position-funding-history``; some of it is absent on the living venue."""

    market: Id
    position_id: Id
    ccy: Id
    funding_rate: Amount
    funding_value: Amount
    created_at: Whole
    side: Text = ""
    margin_mode: Text = ""
    open_interest: MaybeAmount = None
    settle_price: MaybeAmount = None


class ReductionRow(msgspec.Struct, frozen=True):
    """``GET /v2/futures/position-adl-history``."""

    market: Id
    position_id: Id
    side: SideWord
    price: Amount
    amount: Amount
    created_at: Whole
    order_id: Text = ""
    deal_id: Text = ""


def _change(row: ChangeRow) -> PositionChange:
    return PositionChange(
        market=row.market,
        position_id=row.position_id,
        margin_mode=words.known(MarginMode, row.margin_mode),
        leverage=row.leverage,
        size=row.open_interest,
        margin=row.margin_avbl,
        margin_change=row.margin_change,
        settle_price=row.settle_price,
        liquidation_price=row.liq_price or None,
        bankruptcy_price=first(row.bkr_price, row.bkr_pirce) or None,
        time_ns=row.created_at * NS_PER_MS,
    )


def _funding(row: FundingRow) -> FundingPayment:
    return FundingPayment(
        market=row.market,
        position_id=row.position_id,
        asset=row.ccy,
        side=words.SIDES.get(row.side.lower()),
        rate=row.funding_rate,
        amount=row.funding_value,
        margin_mode=words.known(MarginMode, row.margin_mode),
        size=row.open_interest,
        settle_price=row.settle_price,
        time_ns=row.created_at * NS_PER_MS,
    )


def _reduction(row: ReductionRow) -> PositionReduction:
    return PositionReduction(
        market=row.market,
        position_id=row.position_id,
        order_id=row.order_id,
        trade_id=row.deal_id,
        side=row.side,
        price=row.price,
        size=row.amount,
        time_ns=row.created_at * NS_PER_MS,
    )


MARGINS = api(
    "GET", "/v2/futures/position-margin-history", HistoryQuery, replies.page(ChangeRow, _change),
    group="futures-history", source="futures/position/http/list-position-margin-history",
    mismatch=same("market", "position_id"),
)  # fmt: skip
FUNDING = api(
    "GET", "/v2/futures/position-funding-history", FundingQuery, replies.page(FundingRow, _funding),
    group="futures-history", source="futures/position/http/list-position-funding-history",
    mismatch=same("market", "position_id"),
)  # fmt: skip
REDUCTIONS = api(
    "GET", "/v2/futures/position-adl-history", HistoryQuery, replies.page(ReductionRow, _reduction),
    group="futures-history", source="futures/position/http/list-position-adl-history",
    mismatch=same("market", "position_id"),
)  # fmt: skip
SETTLEMENTS = api(
    "GET", "/v2/futures/position-settle-history", HistoryQuery, replies.page(ChangeRow, _change),
    group="futures-history", source="futures/position/http/list-position-settle-history",
    mismatch=same("market", "position_id"),
)  # fmt: skip


class PositionHistory(Part):
    """What happened to our positions. All of it needs credentials."""

    @MARGINS.client_method
    async def position_margins(
        self,
        market: str,
        position_id: str,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[PositionChange]:
        """Return a page of changes of a position's margin, newest first.

        Args:
            market: The position's market.
            position_id: ``FuturesPosition.position_id``.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        query = HistoryQuery(market, position_id, start_ns, end_ns, page, limit)
        return await self._rest.call(MARGINS, query)

    async def all_position_margins(
        self, market: str, position_id: str, *, start_ns: int | None = None
    ) -> AsyncIterator[PositionChange]:
        """Yield all changes of a position's margin, newest first; one request per hundred."""
        async for one in every(
            lambda page, _: self.position_margins(market, position_id, start_ns=start_ns, page=page)
        ):
            yield one

    @FUNDING.client_method
    async def position_funding(
        self,
        market: str,
        position_id: str | None = None,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[FundingPayment]:
        """Return a page of what funding took from our positions or gave them, newest first.

        Args:
            market: The positions' market.
            position_id: Of this position only. Its page requires it; without it works for one client.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        query = FundingQuery(market, position_id, start_ns, end_ns, page, limit)
        return await self._rest.call(FUNDING, query)

    async def all_position_funding(
        self, market: str, position_id: str | None = None, *, start_ns: int | None = None
    ) -> AsyncIterator[FundingPayment]:
        """Yield what funding took or gave, newest first; one request per hundred, as ``position_funding``."""
        async for payment in every(
            lambda page, _: self.position_funding(market, position_id, start_ns=start_ns, page=page)
        ):
            yield payment

    @REDUCTIONS.client_method
    async def position_reductions(
        self,
        market: str,
        position_id: str,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[PositionReduction]:
        """Return a page of trades by which the venue deleveraged a position, newest first.

        Args:
            market: The position's market.
            position_id: ``FuturesPosition.position_id``.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        query = HistoryQuery(market, position_id, start_ns, end_ns, page, limit)
        return await self._rest.call(REDUCTIONS, query)

    async def all_position_reductions(
        self, market: str, position_id: str, *, start_ns: int | None = None
    ) -> AsyncIterator[PositionReduction]:
        """Yield all trades that deleveraged a position, newest first; one request per hundred."""
        async for one in every(
            lambda page, _: self.position_reductions(market, position_id, start_ns=start_ns, page=page)
        ):
            yield one

    @SETTLEMENTS.client_method
    async def position_settlements(
        self,
        market: str,
        position_id: str,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[PositionChange]:
        """Return a page of a position's settlements, newest first.

        Args:
            market: The position's market.
            position_id: ``FuturesPosition.position_id``.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        query = HistoryQuery(market, position_id, start_ns, end_ns, page, limit)
        return await self._rest.call(SETTLEMENTS, query)

    async def all_position_settlements(
        self, market: str, position_id: str, *, start_ns: int | None = None
    ) -> AsyncIterator[PositionChange]:
        """Yield all settlements of a position, newest first; one request per hundred."""
        async for one in every(
            lambda page, _: self.position_settlements(market, position_id, start_ns=start_ns, page=page)
        ):
            yield one
