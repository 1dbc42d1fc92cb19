from __future__ import annotations

import hashlib
from collections import defaultdict
from decimal import Decimal
from itertools import islice

import pytest

from tradewire.sandbox.market import Cancel, Quote, Take, opening_commands, tape
from tradewire.sandbox.order import Side
from tradewire.sandbox.venues.coinex.markets import market_rules
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.venue import CoinExVenue

PAIRS = [rules.pair for rules in market_rules().values()]


def print_of(seed: int, commands: int = 5000) -> str:
    text = "\n".join(map(repr, islice(tape(seed, PAIRS), commands)))
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_same_seed_gives_the_same_tape_and_another_seed_another() -> None:
    assert print_of(7) == print_of(7)
    assert print_of(7) != print_of(8)


def test_no_market_no_traffic() -> None:
    assert list(tape(7, [])) == []


def test_the_opening_fills_both_sides_around_the_start() -> None:
    sides: defaultdict[tuple[str, Side], list[Decimal]] = defaultdict(list)
    for command in islice(tape(7, PAIRS), opening_commands(PAIRS)):
        assert isinstance(command, Quote)
        sides[command.market, command.side].append(command.price)
    for pair in PAIRS:
        bids, asks = sides[pair.market, Side.BUY], sides[pair.market, Side.SELL]
        assert max(bids) < pair.mid < min(asks)
        assert len(set(bids)) >= 50
        assert len(set(asks)) >= 50


def test_prices_and_sizes_are_on_the_markets_steps_and_every_cancel_names_a_quote() -> None:
    pairs = {pair.market: pair for pair in PAIRS}
    quoted: set[int] = set()
    kinds: defaultdict[str, int] = defaultdict(int)
    for command in islice(tape(7, PAIRS), 6000):
        kinds[type(command).__name__] += 1
        if isinstance(command, Cancel):
            assert command.ref in quoted
            quoted.remove(command.ref)
            continue
        assert isinstance(command, Quote | Take)
        pair = pairs[command.market]
        assert command.price > 0
        assert command.price % pair.tick == 0
        assert command.quantity > 0
        assert command.quantity % pair.lot == 0
        if isinstance(command, Quote):
            quoted.add(command.ref)
    assert min(kinds["Quote"], kinds["Cancel"], kinds["Take"]) > 500


def venue_after(commands: int, seed: int = 7) -> CoinExVenue:
    now = iter(range(1_763_640_000_000, 10**15))
    venue = CoinExVenue(
        seed=seed,
        rate_per_s=0,
        faults=CoinExVenue.faults_class(),
        now_ms=lambda: next(now),
        options=CoinExOptions(),
    )
    venue.traffic.step(commands)
    return venue


def test_the_same_seed_gives_the_same_books_deals_and_ids() -> None:
    one, again = venue_after(2000), venue_after(2000)
    for market in one.markets:
        assert one.book(market)["checksum"] == again.book(market)["checksum"]
        deals = [
            [(t.trade_id, t.price, t.quantity, t.maker.order_id) for t in venue.core.deals[market]]
            for venue in (one, again)
        ]
        assert deals[0] == deals[1]
        assert deals[0]


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_long_traffic_keeps_books_deep_uncrossed_and_money_whole(seed: int) -> None:
    venue = venue_after(12_000, seed)
    venue.assert_adds_up()
    for market in venue.markets:
        book = venue.book(market, limit=50)
        bids, asks = ([Decimal(price) for price, _ in book[side]] for side in ("bids", "asks"))
        assert bids[0] < asks[0]
        assert min(len(bids), len(asks)) >= 25
