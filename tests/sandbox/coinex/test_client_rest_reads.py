"""The client's public reads against what the sandbox itself knows."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from tradewire.errors import ConfigError, MarketUnavailable, NotSent
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.hosts import local

MARKET = "BTCUSDT"
S = 1_000_000_000


async def test_ping_answers(venue: CoinEx) -> None:
    await venue.ping()


async def test_time_is_now(venue: CoinEx) -> None:
    assert abs(await venue.time() - time.time_ns()) < 60 * S


async def test_markets_are_those_of_the_venue(venue: CoinEx, box: Sandbox) -> None:
    assert {market.symbol for market in await venue.markets()} == set(box.coinex.markets)
    [one] = await venue.markets(MARKET)
    assert (one.symbol, one.base, one.quote, one.is_tradable) == (MARKET, "BTC", "USDT", True)


async def test_markets_are_read_anew_each_time(venue: CoinEx, box: Sandbox) -> None:
    box.coinex.set_status(MARKET, "bidding")
    [one] = await venue.markets(MARKET)
    assert (one.is_tradable, one.status) == (False, "bidding")


async def test_tickers_of_one_some_and_all(venue: CoinEx, box: Sandbox) -> None:
    assert (await venue.ticker(MARKET)).market == MARKET
    assert [ticker.market for ticker in await venue.tickers(MARKET, "ETHUSDT")] == [MARKET, "ETHUSDT"]
    assert {ticker.market for ticker in await venue.tickers()} == set(box.coinex.markets)


@pytest.mark.parametrize("depth", [5, 10, 20, 50])
async def test_book_is_the_venues_own(venue: CoinEx, box: Sandbox, depth: int) -> None:
    book = await venue.book(MARKET, depth=depth)
    truth = box.coinex.book(MARKET, depth)
    assert len(book.bids) == depth
    assert [tuple(level) for level in book.bids] == [tuple(map(Decimal, level)) for level in truth["bids"]]
    assert [tuple(level) for level in book.asks] == [tuple(map(Decimal, level)) for level in truth["asks"]]


async def test_trades_are_newest_first_and_bounded(venue: CoinEx) -> None:
    for side in ("buy", "sell", "buy"):
        await venue.place_order(MARKET, side, "0.001", type="market", size_asset="BTC")
    trades = await venue.trades(MARKET, limit=3)
    assert [trade.side for trade in trades] == ["buy", "sell", "buy"]
    assert [int(trade.trade_id) for trade in trades] == sorted(
        (int(t.trade_id) for t in trades), reverse=True
    )
    assert {trade.market for trade in trades} == {MARKET}


@pytest.mark.parametrize("question", ["markets", "ticker", "book", "trades"])
async def test_unknown_market_is_named(venue: CoinEx, question: str) -> None:
    with pytest.raises(MarketUnavailable, match="NOPEUSDT"):
        await getattr(venue, question)("NOPEUSDT")


async def test_public_client_needs_no_keys_and_says_when_it_does(box: Sandbox) -> None:
    async with CoinEx(environment=local(box.coinex.rest_url, box.coinex.ws_spot_url)) as venue:
        assert await venue.markets()
        with pytest.raises(ConfigError, match="Credentials"):
            await venue.balances()


async def test_closing_twice_and_asking_afterwards(box: Sandbox) -> None:
    venue = CoinEx.for_sandbox(box)
    async with venue:
        await venue.ping()
    await venue.close()
    with pytest.raises(NotSent, match="closed"):
        await venue.ping()
