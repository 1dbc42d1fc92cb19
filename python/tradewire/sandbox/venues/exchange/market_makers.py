"""The seeded makers and takers of the venue's own, playing the generic tape in whole numbers.

Their accounts have no position limit, as the operators of later generations: the books would dry up within a
minute otherwise. They do not show on the leaderboard.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from decimal import Decimal

from tradewire.sandbox.market import MAKERS, TAKERS, Cancel, Command, Pair, Quote
from tradewire.sandbox.order import Side
from tradewire.sandbox.venues.exchange.core import ExchangeCore
from tradewire.sandbox.venues.exchange.operating import MarketSpec, Operating
from tradewire.sandbox.venues.exchange.records import BUY, SELL, User
from tradewire.sandbox.venues.exchange.refusals import Refusal
from tradewire.sandbox.venues.exchange.trading import Trading

__all__ = ["MARKETS", "MarketMakers", "open_markets"]

MARKETS = tuple(
    MarketSpec(
        market_id=f"{base}-USD",
        display_name=name,
        base_asset=base,
        quote_asset="USD",
        tick_size=tick,
        min_order_quantity=minimum,
        reference_price=price,
        enabled=True,
    )
    for base, name, tick, minimum, price in (("ABC", "Alpha", 1, 1, 5000), ("XYZ", "Xylo", 5, 2, 20_000))
)
PULL_ABOVE = 70
QUOTES_PER_SIDE = 150
TYPICAL_SIZE = 6
SIDES = {Side.BUY: BUY, Side.SELL: SELL}


def open_markets(operating: Operating) -> None:
    """Create the markets a sandbox begins with."""
    for wanted in MARKETS:
        operating.put_market(wanted)


def pairs(quotes: int) -> list[Pair]:
    """Return what the tape must know of the markets, which begin with so many quotes a side."""
    return [
        Pair(
            wanted.market_id,
            mid=Decimal(wanted.reference_price or 1),
            tick=Decimal(wanted.tick_size),
            lot=Decimal(wanted.min_order_quantity),
            size=Decimal(TYPICAL_SIZE * wanted.min_order_quantity),
            opening_levels=quotes,
            pull_above=quotes + PULL_ABOVE,
            quotes_per_side=quotes + QUOTES_PER_SIDE,
        )
        for wanted in MARKETS
    ]


class MarketMakers:
    """Executes the tape's commands.

    Args:
        core: The venue's state.
        trading: The traders' commands.
    """

    def __init__(self, core: ExchangeCore, trading: Trading) -> None:
        self._core = core
        self._trading = trading
        self._resting: dict[int, str] = {}
        self._accounts: dict[str, User] = {}

    def move_in(self) -> None:
        """Open the accounts, or find them where the state came from a file."""
        for name in (*MAKERS, *TAKERS):
            known = self._core.by_name.get(name)
            self._accounts[name] = known or self._core.new_user(name, position_limit=None)

    def resume(self, opening: Iterable[Command]) -> None:
        """Take the orders that came from a file for those the tape's ``opening`` would have placed."""
        own = {account.trader_id for account in self._accounts.values()}
        found = {
            (market, side): iter([order.order_id for order in book.side(side) if order.trader_id in own])
            for market, book in self._core.books.items()
            for side in (BUY, SELL)
        }
        for command in opening:
            if isinstance(command, Quote):
                order_id = next(found.get((command.market, SIDES[command.side]), iter(())), None)
                if order_id is not None:
                    self._resting[command.ref] = order_id

    def play(self, command: Command) -> None:
        """Execute one command; what the venue refuses (a closed market, say) or cannot keep is left."""
        with contextlib.suppress(Refusal, sqlite3.Error):
            self._play(command)
        self._core.events.publish()

    def _play(self, command: Command) -> None:
        if isinstance(command, Cancel):
            order_id = self._resting.pop(command.ref, None)
            book = self._core.books.get(command.market)
            if order_id is not None and book is not None and order_id in book.orders:
                self._trading.cancel(self._core.users[book.orders[order_id].trader_id], order_id)
            return
        done = self._trading.submit(
            self._accounts[command.account],
            command.market,
            SIDES[command.side],
            int(command.price),
            int(command.quantity),
        )
        if not done.is_resting:
            return
        if isinstance(command, Quote):
            self._resting[command.ref] = done.order.order_id
        else:
            # The venue has no order that takes and leaves nothing behind.
            self._trading.cancel(self._accounts[command.account], done.order.order_id)
