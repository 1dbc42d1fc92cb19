"""Everything of the perpetuals in one object: core, positions' helpers, pushes, books, traffic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from tradewire.sandbox.exact import ZERO, exactly, quotient
from tradewire.sandbox.market import Quote, Take
from tradewire.sandbox.order import Event, Kind
from tradewire.sandbox.traffic import Traffic
from tradewire.sandbox.venues.coinex.core import ExchangeCore
from tradewire.sandbox.venues.coinex.futures.adjusting import Adjusting
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.funding import Funding
from tradewire.sandbox.venues.coinex.futures.liquidation import Liquidations
from tradewire.sandbox.venues.coinex.futures.margins import SETTLE
from tradewire.sandbox.venues.coinex.futures.markets import OPENING_LEVELS, futures_rules
from tradewire.sandbox.venues.coinex.futures.positions import FuturesOrder, MarginMode, Position
from tradewire.sandbox.venues.coinex.futures.protection import Protection
from tradewire.sandbox.venues.coinex.house import INTERNAL_ACCOUNTS, INTERNAL_DEPOSIT, House
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.wallets import futures_wallet, owner_of

__all__ = ["DEFAULT_FUNDS", "FuturesDesk"]

DEFAULT_FUNDS = Decimal(200_000)
"""What a new trader's futures wallet holds, in USDT."""
TRAFFIC_SHARE = 0.5
SHORTEST_NAP_S = 0.05
LONGEST_NAP_S = 0.2
RATE_PLACES = 8
MAX_STEPS_AT_ONCE = 20


class FuturesDesk:
    """The perpetuals of one venue. Nothing happens before somebody uses them and calls ``open``, which takes a moment.

    Args:
        spot: The spot markets: their last prices are the index, their ledger is everybody's.
        options: What the venue is to be like.
        seed: Makes the traffic.
        now_ms: The time.
    """

    def __init__(
        self, spot: ExchangeCore, options: CoinExOptions, *, seed: int, now_ms: Callable[[], int]
    ) -> None:
        names = [name for name in futures_rules(options.perpetuals) if name in spot.rules]
        is_house = INTERNAL_ACCOUNTS.__contains__
        self.core = FuturesCore(
            spot.ledger,
            futures_rules(names),
            spot_price=spot.last_price,
            remembers=lambda account: account not in INTERNAL_ACCOUNTS,
            is_house=is_house,
        )
        self.liquidations = Liquidations(self.core, is_house)
        self.protection = Protection(self.core)
        self.adjusting = Adjusting(self.core, self.liquidations)
        self.funding = Funding(self.core, options.funding_every_s)
        self.now_ms = now_ms
        self._is_open = False
        pairs = [rules.pair.filled(min(options.quotes, OPENING_LEVELS)) for rules in self.core.rules.values()]
        self.traffic = Traffic(seed, pairs, 0, House(self.core, self._order_of, now_ms).play)
        for account in sorted(INTERNAL_ACCOUNTS):
            spot.ledger.deposit(futures_wallet(account), SETTLE, INTERNAL_DEPOSIT)
        spot.listen(_ignore, self._on_spot)

    def open(self) -> None:
        """Fill the books and trade a little, the first time."""
        if not self._is_open:
            self._is_open = True
            self.traffic.open()

    def fund(self, trader: str, amount: Decimal) -> None:
        """Bring money into a trader's wallet."""
        self.core.ledger.deposit(futures_wallet(trader), SETTLE, amount)

    @exactly
    def usable(self, wallet: str, asset: str) -> Decimal:
        """Return how much of a wallet's asset may leave it: of futures wallets not what open losses need."""
        trader = owner_of(wallet)
        if asset == SETTLE and wallet == futures_wallet(trader):
            return self.core.margins.usable(trader)
        return self.core.ledger.balance(wallet, asset).available

    @exactly
    def open_interest(self, market: str) -> Decimal:
        """Return the size of all long positions, which is that of all short ones."""
        held = self.core.margins.positions.values()
        return sum((one[market].size for one in held if market in one and one[market].size > 0), ZERO)

    @exactly
    def margin_rate(self, position: Position) -> Decimal:
        """Return what stands for a position as a share of its value at the mark price."""
        margins = self.core.margins
        value = position.amount * self.core.prices[position.market].mark
        if not value:
            return ZERO
        is_cross = position.mode is MarginMode.CROSS
        worth = margins.owned(position.account) + margins.cross_pnl(position.account)
        if not is_cross:
            worth = margins.own_margin(position) + margins.pnl(position)
        return quotient(worth, value, RATE_PLACES)

    def force_index(self, market: str, index: Decimal | None) -> None:
        """Set the index price of a market, or let it follow spot again; what that makes due happens at once.

        Raises:
            KeyError: There is no such market.
        """
        self.core.prices[market].force(index)
        self.core.settle_down(self.now_ms())

    async def run(self, leader: Traffic) -> None:
        """Play half as much traffic as ``leader`` does, and let happen what is due, until cancelled."""
        if not self.core.rules:
            return
        loop = asyncio.get_running_loop()
        began_s, owed = loop.time(), 0.0
        while True:
            speed = leader.rate_per_s * TRAFFIC_SHARE if leader.is_moving and self._is_open else 0
            # Until the next command is due, or prices must be looked at.
            due_s = (1 - owed) / speed if speed else LONGEST_NAP_S
            await asyncio.sleep(max(SHORTEST_NAP_S, min(due_s, LONGEST_NAP_S)))
            now_s = loop.time()
            if leader.paused:
                owed = 0.0
            elif self._is_open:
                owed += (now_s - began_s) * leader.rate_per_s * TRAFFIC_SHARE
                steps = min(int(owed), MAX_STEPS_AT_ONCE)
                owed = min(owed - steps, MAX_STEPS_AT_ONCE)
                self.traffic.step(steps)
            began_s = now_s
            if self._is_open:
                self.core.settle_down(self.now_ms())

    def _on_spot(self, market: str, now_ms: int) -> None:
        if self._is_open and market in self.core.rules:
            self.core.settle_down(now_ms)

    @exactly
    def _order_of(self, command: Quote | Take, kind: Kind) -> FuturesOrder:
        """Return the order of a command; the tape's prices are moved to where the index is."""
        rules = self.core.rules[command.market]
        moved = self.core.prices[command.market].index - rules.start_price
        price = command.price + quotient(moved, Decimal(1), rules.quote_places, ROUND_DOWN)
        return self.core.new_order(
            command.account,
            command.market,
            command.side,
            command.quantity,
            price=max(rules.tick, price),
            kind=kind,
            closes_only=False,
        )


def _ignore(event: Event) -> None:
    pass
