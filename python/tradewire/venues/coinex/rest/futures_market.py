"""What anybody may ask of futures besides: funding, distance from the index, position levels, liquidations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import msgspec
from msgspec import field

from tradewire.model import Page, Rows
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Name, Request, TimeMs
from tradewire.session.paging import every
from tradewire.session.subscription import Subscription
from tradewire.venues.coinex import dialect, replies
from tradewire.venues.coinex.api import Limit, PageNumber, Part, api
from tradewire.venues.coinex.futures import words
from tradewire.venues.coinex.futures.model import (
    FundingRate,
    FundingTerms,
    IndexBasis,
    Liquidation,
    PositionLevel,
    PositionLevels,
    PremiumIndex,
)
from tradewire.venues.coinex.parse import NS_PER_MS
from tradewire.venues.coinex.rest.market import MarketsQuery
from tradewire.wire import Amount, Id, MaybeAmount, MaybeWhole, Text, Whole

__all__ = ["FuturesMarketData"]

MOST = 100
"""Items of a page."""


class SpanQuery(Request, frozen=True):
    """What happened in a market."""

    market: Name
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)


class SpanPageQuery(SpanQuery, frozen=True):
    """A page of what happened in a market."""

    page: PageNumber = 1
    limit: Limit = 100


class FundingTermsRow(msgspec.Struct, frozen=True):
    """``GET /v2/futures/funding-rate``."""

    market: Id
    mark_price: Amount
    latest_funding_rate: Amount
    next_funding_rate: Amount
    max_funding_rate: MaybeAmount = None
    min_funding_rate: MaybeAmount = None
    latest_funding_time: MaybeWhole = 0
    next_funding_time: MaybeWhole = 0


class FundingRateRow(msgspec.Struct, frozen=True):
    """``GET /v2/futures/funding-rate-history``."""

    market: Id
    funding_time: Whole
    theoretical_funding_rate: Amount
    actual_funding_rate: Amount


class BasisRow(msgspec.Struct, frozen=True):
    """``GET /v2/futures/basis-history``."""

    market: Id
    created_at: Whole
    basis_rate: Amount


class LevelRow(msgspec.Struct, frozen=True):
    """One level of a market."""

    amount: Amount
    leverage: Whole
    maintenance_margin_rate: Amount
    min_initial_margin_rate: Amount


class LevelsRow(msgspec.Struct, frozen=True):
    """``GET /v2/futures/position-level``."""

    market: Id
    level: list[LevelRow]


class LiquidationRow(msgspec.Struct, frozen=True):
    """``GET /v2/futures/liquidation-history``."""

    market: Id
    side: Text
    liq_price: Amount
    liq_amount: Amount
    bkr_price: Amount
    created_at: Whole


def _terms(row: FundingTermsRow) -> FundingTerms:
    return FundingTerms(
        market=row.market,
        mark_price=row.mark_price,
        latest_rate=row.latest_funding_rate,
        next_rate=row.next_funding_rate,
        max_rate=row.max_funding_rate,
        min_rate=row.min_funding_rate,
        latest_ns=row.latest_funding_time * NS_PER_MS,
        next_ns=row.next_funding_time * NS_PER_MS,
    )


def _rate(row: FundingRateRow) -> FundingRate:
    return FundingRate(
        market=row.market,
        time_ns=row.funding_time * NS_PER_MS,
        theoretical_rate=row.theoretical_funding_rate,
        rate=row.actual_funding_rate,
    )


def _basis(row: BasisRow) -> IndexBasis:
    return IndexBasis(market=row.market, time_ns=row.created_at * NS_PER_MS, rate=row.basis_rate)


def _levels(row: LevelsRow) -> PositionLevels:
    levels = [
        PositionLevel(
            size=level.amount,
            leverage=level.leverage,
            maintenance_margin_rate=level.maintenance_margin_rate,
            min_initial_margin_rate=level.min_initial_margin_rate,
        )
        for level in row.level
    ]
    return PositionLevels(row.market, tuple(sorted(levels, key=lambda level: level.size)))


def _liquidation(row: LiquidationRow) -> Liquidation:
    return Liquidation(
        market=row.market,
        side=words.long_or_short(row.side),
        price=row.liq_price,
        size=row.liq_amount,
        bankruptcy_price=row.bkr_price,
        time_ns=row.created_at * NS_PER_MS,
    )


FUNDING_TERMS = api(
    "GET", "/v2/futures/funding-rate", MarketsQuery, replies.every(FundingTermsRow, _terms),
    group="ip", source="futures/market/http/list-market-funding-rate",
)  # fmt: skip
FUNDING_RATES = api(
    "GET", "/v2/futures/funding-rate-history", SpanPageQuery, replies.page(FundingRateRow, _rate),
    group="ip", source="futures/market/http/list-market-funding-rate-history", mismatch=same("market"),
)  # fmt: skip
PREMIUMS = api(
    "GET", "/v2/futures/premium-index-history", SpanPageQuery, replies.page(words.PremiumRow, words.premium),
    group="ip", source="futures/market/http/list-market-premium-index-history", mismatch=same("market"),
)  # fmt: skip
BASES = api(
    "GET", "/v2/futures/basis-history", SpanQuery, replies.every(BasisRow, _basis),
    group="ip", source="futures/market/http/list-market-basis-history", mismatch=same("market"),
)  # fmt: skip
LEVELS = api(
    "GET", "/v2/futures/position-level", MarketsQuery, replies.every(LevelsRow, _levels),
    group="ip", source="futures/market/http/list-market-position-level",
)  # fmt: skip
LIQUIDATIONS = api(
    "GET", "/v2/futures/liquidation-history", SpanPageQuery, replies.page(LiquidationRow, _liquidation),
    group="ip", source="futures/market/http/list-market-liquidation-history", mismatch=same("market"),
)  # fmt: skip


class FuturesMarketData(Part):
    """What anybody may ask of futures only."""

    @FUNDING_TERMS.client_method
    async def funding_terms(self, *markets: str) -> Rows[FundingTerms]:
        """Return funding as it stands: latest and next rate, and when.

        Args:
            markets: At most ten names; none for all.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        return await self._rest.call(FUNDING_TERMS, MarketsQuery(markets))

    @FUNDING_RATES.client_method
    async def funding_rates(
        self,
        market: str,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[FundingRate]:
        """Return a page of what funding was, newest first.

        Args:
            market: For instance ``BTCUSDT``.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(FUNDING_RATES, SpanPageQuery(market, start_ns, end_ns, page, limit))

    async def all_funding_rates(
        self, market: str, *, start_ns: int | None = None
    ) -> AsyncIterator[FundingRate]:
        """Yield what funding was, newest first; one request per hundred, as ``funding_rates``."""
        async for rate in every(lambda page, _: self.funding_rates(market, start_ns=start_ns, page=page)):
            yield rate

    @PREMIUMS.client_method
    async def premium_history(
        self,
        market: str,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[PremiumIndex]:
        """Return a page of how far a market was from its index, newest first.

        Whether the venue says that there are more pages is not confirmed: ``all_premium_history`` goes by their length.

        Args:
            market: For instance ``BTCUSDT``.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(PREMIUMS, SpanPageQuery(market, start_ns, end_ns, page, limit))

    async def all_premium_history(
        self, market: str, *, start_ns: int | None = None
    ) -> AsyncIterator[PremiumIndex]:
        """Yield how far a market was from its index, newest first; one request per hundred, as ``premium_history``."""

        async def fetch(number: int, _: str) -> Page[PremiumIndex]:
            page = await self.premium_history(market, start_ns=start_ns, page=number)
            # A full page may be followed by another one, whether the venue says so or not.
            return Page(page, page.has_next or len(page) == MOST, unreadable=page.unreadable)

        async for one in every(fetch):
            yield one

    def watch_premium(
        self,
        market: str = "",
        *,
        on_update: Callable[[PremiumIndex], None] | None = None,
        bound: int = 10_000,
    ) -> Subscription[PremiumIndex]:
        """Watch how far a market is from its index. ``premium.subscribe``.

        Args:
            market: Empty for every market; the page does not say so.
            on_update: Called in the loop iteration that read the socket; leave it out to iterate.
            bound: Length of the iterator's queue; once it is full, ``StreamOverflow`` follows what it holds.

        Raises:
            ConfigError: The client is closed.

        Source:
            https://docs.coinex.com/api/v2/futures/market/ws/market-premium-index, read 2026-11-20.
        """
        return self._streams.watch(dialect.PREMIUM, market, on_update, bound)

    @BASES.client_method
    async def basis_history(
        self, market: str, *, start_ns: int | None = None, end_ns: int | None = None
    ) -> Rows[IndexBasis]:
        """Return the yearly rate of how far a market was from its index, newest first.

        Args:
            market: For instance ``BTCUSDT``.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
        """
        return await self._rest.call(BASES, SpanQuery(market, start_ns, end_ns))

    @LEVELS.client_method
    async def position_levels(self, *markets: str) -> Rows[PositionLevels]:
        """Return which leverage and margins positions of each size need.

        Args:
            markets: At most ten names; none for all.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        return await self._rest.call(LEVELS, MarketsQuery(markets))

    @LIQUIDATIONS.client_method
    async def liquidations(
        self,
        market: str,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[Liquidation]:
        """Return a page of liquidations of anybody's positions, newest first.

        Args:
            market: For instance ``BTCUSDT``.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(LIQUIDATIONS, SpanPageQuery(market, start_ns, end_ns, page, limit))

    async def all_liquidations(
        self, market: str, *, start_ns: int | None = None
    ) -> AsyncIterator[Liquidation]:
        """Yield liquidations, newest first; one request per hundred, as ``liquidations``."""
        async for one in every(lambda page, _: self.liquidations(market, start_ns=start_ns, page=page)):
            yield one
