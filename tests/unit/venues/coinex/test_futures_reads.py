"""Funding, levels, liquidations, exits and histories of futures as the venue documents them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from support.coinex_futures import POSITION, Replies, futures_client
from tradewire.errors import ConfigError
from tradewire.model import Side
from tradewire.venues.coinex.futures.model import (
    FundingPayment,
    FundingRate,
    FundingTerms,
    IndexBasis,
    Liquidation,
    MarginMode,
    PositionChange,
    PositionLevel,
    PositionLevels,
    PositionReduction,
    PremiumIndex,
)

D = Decimal
MS = 1_000_000
CHANGE: dict[str, Any] = {
    "market": "BTCUSDT", "market_type": "FUTURES", "position_id": 9, "margin_mode": "ISOLATED", "leverage": "3",
    "liq_price": "1", "bkr_price": "2", "settle_price": "3", "open_interest": "4", "margin_avbl": "5",
    "margin_change": "-6", "created_at": 7,
}  # fmt: skip


@pytest.fixture
def venue() -> Replies:
    return Replies()


READS: list[Any] = [
    (
        "funding-rate", lambda v: v.funding_terms("BTCUSDT"), {"market": "BTCUSDT"},
        {
            "market": "BTCUSDT", "mark_price": "1", "latest_funding_rate": "0.0001", "next_funding_rate": "-0.0002",
            "max_funding_rate": "0.003", "min_funding_rate": "-0.003", "latest_funding_time": 5,
            "next_funding_time": "6",
        },
        FundingTerms(
            market="BTCUSDT", mark_price=D(1), latest_rate=D("0.0001"), next_rate=D("-0.0002"), max_rate=D("0.003"),
            min_rate=D("-0.003"), latest_ns=5 * MS, next_ns=6 * MS,
        ),
    ),
    (
        "funding-rate-history", lambda v: v.funding_rates("BTCUSDT", start_ns=2 * MS, limit=5),
        {"market": "BTCUSDT", "start_time": "2", "page": "1", "limit": "5"},
        {"market": "BTCUSDT", "funding_time": 7, "theoretical_funding_rate": "0.1", "actual_funding_rate": "0.01"},
        FundingRate(market="BTCUSDT", time_ns=7 * MS, theoretical_rate=D("0.1"), rate=D("0.01")),
    ),
    (
        "premium-index-history", lambda v: v.premium_history("BTCUSDT"),
        {"market": "BTCUSDT", "page": "1", "limit": "100"},
        {"market": "BTCUSDT", "created_at": 7, "premium_index": "-0.1"},
        PremiumIndex(market="BTCUSDT", time_ns=7 * MS, value=D("-0.1")),
    ),
    (
        "basis-history", lambda v: v.basis_history("BTCUSDT", end_ns=MS), {"market": "BTCUSDT", "end_time": "1"},
        {"market": "BTCUSDT", "created_at": 7, "basis_rate": "0.1"},
        IndexBasis(market="BTCUSDT", time_ns=7 * MS, rate=D("0.1")),
    ),
    (
        "position-level", lambda v: v.position_levels("BTCUSDT", "ETHUSDT"), {"market": "BTCUSDT%2CETHUSDT"},
        {
            "market": "BTCUSDT",
            "level": [
                {
                    "amount": amount, "leverage": "50", "maintenance_margin_rate": "0.01",
                    "min_initial_margin_rate": "0.02",
                }
                for amount in ("20", "3")
            ],
        },
        PositionLevels(
            "BTCUSDT",
            tuple(
                PositionLevel(
                    size=D(size), leverage=50, maintenance_margin_rate=D("0.01"), min_initial_margin_rate=D("0.02")
                )
                for size in (3, 20)
            ),
        ),
    ),
    (
        "liquidation-history", lambda v: v.liquidations("BTCUSDT"),
        {"market": "BTCUSDT", "page": "1", "limit": "100"},
        {
            "market": "BTCUSDT", "side": "short", "liq_price": "1", "liq_amount": "2", "bkr_price": "3",
            "created_at": 7,
        },
        Liquidation(
            market="BTCUSDT", side=Side.SELL, price=D(1), size=D(2), bankruptcy_price=D(3), time_ns=7 * MS
        ),
    ),
    (
        "position-margin-history", lambda v: v.position_margins("BTCUSDT", "9"),
        {"market_type": "FUTURES", "market": "BTCUSDT", "position_id": "9", "page": "1", "limit": "100"}, CHANGE,
        PositionChange(
            market="BTCUSDT", position_id="9", margin_mode=MarginMode.ISOLATED, leverage=3, size=D(4), margin=D(5),
            margin_change=D(-6), settle_price=D(3), liquidation_price=D(1), bankruptcy_price=D(2), time_ns=7 * MS,
        ),
    ),
    (
        "position-settle-history", lambda v: v.position_settlements("BTCUSDT", 9),
        {"market_type": "FUTURES", "market": "BTCUSDT", "position_id": "9", "page": "1", "limit": "100"},
        {**{name: value for name, value in CHANGE.items() if name != "bkr_price"}, "bkr_pirce": "2.5"},
        PositionChange(
            market="BTCUSDT", position_id="9", margin_mode=MarginMode.ISOLATED, leverage=3, size=D(4), margin=D(5),
            margin_change=D(-6), settle_price=D(3), liquidation_price=D(1), bankruptcy_price=D("2.5"), time_ns=7 * MS,
        ),
    ),
    (
        "position-funding-history", lambda v: v.position_funding("BTCUSDT"),
        {"market_type": "FUTURES", "market": "BTCUSDT", "page": "1", "limit": "100"},
        {
            "market": "BTCUSDT", "market_type": "FUTURES", "position_id": 9, "ccy": "USDT", "side": "long",
            "funding_rate": "0.0001", "funding_value": "-0.5", "created_at": 7,
        },
        FundingPayment(
            market="BTCUSDT", position_id="9", asset="USDT", side=Side.BUY, rate=D("0.0001"), amount=D("-0.5"),
            margin_mode=None, size=None, settle_price=None, time_ns=7 * MS,
        ),
    ),
    (
        "position-adl-history", lambda v: v.position_reductions("BTCUSDT", "9"),
        {"market_type": "FUTURES", "market": "BTCUSDT", "position_id": "9", "page": "1", "limit": "100"},
        {
            "market": "BTCUSDT", "market_type": "FUTURES", "position_id": 9, "order_id": 1, "deal_id": 2,
            "side": "sell", "price": "3", "amount": "4", "role": "taker", "created_at": 7,
        },
        PositionReduction(
            market="BTCUSDT", position_id="9", order_id="1", trade_id="2", side=Side.SELL, price=D(3), size=D(4),
            time_ns=7 * MS,
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "ask", "sent", "row", "model"), READS, ids=[path for path, *_ in READS])
async def test_read_as_documented(
    venue: Replies, path: str, ask: Any, sent: dict[str, str], row: dict[str, Any], model: object
) -> None:
    venue.data[f"futures/{path}"] = [row]
    async with futures_client(venue) as client:
        found = await ask(client)
    assert list(found) == [model]
    assert venue.asked == [("GET", f"futures/{path}", sent)]


PAGED: dict[str, Any] = {
    "funding-rate-history": lambda v: v.all_funding_rates("BTCUSDT"),
    "premium-index-history": lambda v: v.all_premium_history("BTCUSDT"),
    "liquidation-history": lambda v: v.all_liquidations("BTCUSDT"),
    "position-margin-history": lambda v: v.all_position_margins("BTCUSDT", "9"),
    "position-settle-history": lambda v: v.all_position_settlements("BTCUSDT", "9"),
    "position-funding-history": lambda v: v.all_position_funding("BTCUSDT"),
    "position-adl-history": lambda v: v.all_position_reductions("BTCUSDT", "9"),
}


@pytest.mark.parametrize("path", PAGED)
async def test_iterator_asks_page_by_page(venue: Replies, path: str) -> None:
    [(row, model)] = [(row, model) for name, _, _, row, model in READS if name == path]
    pages = [[row] * 100, [row]]
    venue.pages[f"futures/{path}"] = pages
    async with futures_client(venue) as client:
        found = [one async for one in PAGED[path](client)]
    assert found == [model] * 101
    assert [sent["page"] for _, _, sent in venue.asked] == ["1", "2"]


async def test_premiums_go_on_though_the_venue_does_not_say_that_there_are_more(venue: Replies) -> None:
    row = {"market": "BTCUSDT", "created_at": 7, "premium_index": "0"}
    venue.pages["futures/premium-index-history"] = [[row] * 100, []]
    venue.tells_pages = False
    async with futures_client(venue) as client:
        assert len([one async for one in client.all_premium_history("BTCUSDT")]) == 100
    assert len(venue.asked) == 2


EXITS: list[Any] = [
    (
        "set-position-take-profit", lambda v: v.set_take_profit("BTCUSDT", "55000", size="0.005"),
        {"take_profit_price": "55000", "take_profit_type": "latest_price", "take_profit_amount": "0.005"},
    ),
    (
        "set-position-stop-loss", lambda v: v.set_stop_loss("BTCUSDT", 65000, price_type="mark_price"),
        {"stop_loss_price": "65000", "stop_loss_type": "mark_price"},
    ),
    (
        "modify-position-take-profit", lambda v: v.amend_take_profit("BTCUSDT", "5", price="54000"),
        {"take_profit_id": 5, "take_profit_price": "54000"},
    ),
    (
        "modify-position-stop-loss", lambda v: v.amend_stop_loss("BTCUSDT", 5, price_type="index_price", size="1"),
        {"stop_loss_id": 5, "stop_loss_type": "index_price", "stop_loss_amount": "1"},
    ),
    ("cancel-position-take-profit", lambda v: v.cancel_take_profit("BTCUSDT"), {}),
    ("cancel-position-stop-loss", lambda v: v.cancel_stop_loss("BTCUSDT", "7"), {"stop_loss_id": 7}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "act", "sent"), EXITS, ids=[path for path, *_ in EXITS])
async def test_exit_travels_in_the_venues_words(
    venue: Replies, path: str, act: Any, sent: dict[str, Any]
) -> None:
    venue.data[f"futures/{path}"] = POSITION
    async with futures_client(venue) as client:
        position = await act(client)
    assert [one.exit_id for one in position.take_profits] == ["5", "6"]
    [(method, name, body)] = venue.asked
    assert (method, name) == ("POST", f"futures/{path}")
    assert body == {"market": "BTCUSDT", "market_type": "FUTURES"} | sent


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda v: v.amend_take_profit("BTCUSDT", "5"), "amended with a new price, price_type or size"),
        (lambda v: v.amend_stop_loss("BTCUSDT", "5"), "amended with a new price, price_type or size"),
        (lambda v: v.set_stop_loss("BTCUSDT", "0"), "price must be above zero"),
        (lambda v: v.set_stop_loss("BTCUSDT", "1", price_type="last"), "price_type must be one of"),
        (lambda v: v.cancel_stop_loss("BTCUSDT", "x"), "exit_id must be one of the venue's numbers"),
        (lambda v: v.position_margins("BTCUSDT", "x"), "position_id must be one of the venue's numbers"),
        (lambda v: v.liquidations("BTC USDT"), "market must be visible ASCII"),
    ],
)
async def test_what_makes_no_sense_is_not_sent(venue: Replies, act: Any, words: str) -> None:
    async with futures_client(venue) as client:
        with pytest.raises(ConfigError, match=words):
            await act(client)
    assert venue.asked == []


async def test_reply_about_another_position_is_no_reply(venue: Replies) -> None:
    venue.data["futures/position-margin-history"] = [CHANGE | {"position_id": 10}]
    async with futures_client(venue) as client:
        with pytest.raises(Exception, match="position_id 10 for 9"):
            await client.position_margins("BTCUSDT", "9")
