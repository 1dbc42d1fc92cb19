"""The trading core of the perpetuals: markets, positions and what happens by itself once a command is done.

After each command, and whenever the venue's clock or its spot market moves, ``settle_down`` lets everything happen that
prices and balances ask for, one thing at a time, until nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import count

from tradewire.sandbox.candles import Candles
from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.ledger import Ledger
from tradewire.sandbox.order import FeeRates, Kind, Side
from tradewire.sandbox.venues.coinex.core import TradingCore
from tradewire.sandbox.venues.coinex.futures.clearing import FuturesMarket, Positions
from tradewire.sandbox.venues.coinex.futures.margins import Margins
from tradewire.sandbox.venues.coinex.futures.markets import FUTURES_FEE_RATES, FuturesRules
from tradewire.sandbox.venues.coinex.futures.positions import FuturesOrder, Position, Purpose
from tradewire.sandbox.venues.coinex.futures.prices import Prices
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder

__all__ = ["FuturesCore"]

FIRST_ORDER_ID = 300_000_000_000
Step = Callable[[int], bool]
"""Does one thing that is due at this time; says whether there was any."""


class FuturesCore(TradingCore[FuturesRules, FuturesMarket]):
    """All state of the perpetuals. Orders, deals and positions are kept by trader, money by wallet.

    Args:
        ledger: Where the balances of all products are.
        rules: The markets it has.
        spot_price: Returns the last price of a spot market.
        remembers: Says whether an account's finished orders, deals and positions are kept.
        is_house: Says whether an account is the venue's own.
    """

    deal_prices = (PriceKind.LATEST,)

    def __init__(
        self,
        ledger: Ledger,
        rules: dict[str, FuturesRules],
        *,
        spot_price: Callable[[str], Decimal],
        remembers: Callable[[str], bool] = lambda _: True,
        is_house: Callable[[str], bool] = lambda _: False,
    ) -> None:
        super().__init__(ledger, rules, remembers=remembers)
        self._order_ids = count(FIRST_ORDER_ID)
        self.is_house = is_house
        self.prices = {name: Prices(one, partial(spot_price, name)) for name, one in rules.items()}
        self.margins = Margins(ledger, rules, self.prices, self.live, is_house)
        self.positions = Positions(self.margins, self._changed)
        self.steps: list[Step] = [self._tidy, self._look]
        """What may be due, most urgent first."""
        self._unchecked: set[str] = set()
        self.price_candles = {
            (market, kind): Candles() for market in rules for kind in (PriceKind.MARK, PriceKind.INDEX)
        }
        self._seen: dict[str, tuple[Decimal, Decimal]] = {}
        self._position_listeners: list[Callable[[Position, str], None]] = []
        self._is_settling = False
        for name, one in rules.items():
            self.cleared[name] = FuturesMarket(one, self.positions, self._observe, is_house)

    def listen_to_positions(self, on_change: Callable[[Position, str], None]) -> None:
        """Report each position that changed, with the venue's word for what happened."""
        self._position_listeners.append(on_change)

    def price(self, market: str, kind: PriceKind) -> Decimal:
        """Return a price as it is now."""
        prices = self.prices[market]
        if kind is PriceKind.LATEST:
            return self.last_price(market)
        return prices.mark if kind is PriceKind.MARK else prices.index

    def new_order(
        self,
        account: str,
        market: str,
        side: Side,
        quantity: Decimal,
        *,
        price: Decimal | None = None,
        purpose: Purpose = Purpose.NONE,
        rates: FeeRates = FUTURES_FEE_RATES,
        kind: Kind = Kind.MARKET,
        closes_only: bool = True,
    ) -> FuturesOrder:
        """Return an order with an id of its own that is not placed yet; by default one that closes at the market."""
        return FuturesOrder(
            order_id=self.next_order_id(),
            account=account,
            market=market,
            side=side,
            kind=kind,
            quantity=quantity,
            price=price,
            rates=rates,
            closes_only=closes_only,
            purpose=purpose,
        )

    def closable(self, position: Position) -> Decimal:
        """Return how much of a position no closing order is there for yet."""
        return position.amount - sum((order.remaining for order in self._closing(position)), ZERO)

    @exactly
    def settle_down(self, now_ms: int) -> None:
        """Do everything that is due."""
        if self._is_settling:
            return
        self._is_settling = True
        try:
            step = 0
            while step < len(self.steps):
                step = 0 if self.steps[step](now_ms) else step + 1
        finally:
            self._is_settling = False

    def mid(self, market: str) -> Decimal | None:
        """Return the middle of a book that has both sides."""
        engine = self.engine(market)
        bid, ask = engine.best(Side.BUY), engine.best(Side.SELL)
        return None if bid is None or ask is None else (bid[0] + ask[0]) / 2

    def trade_apart(self, maker: FuturesOrder, taker: FuturesOrder, now_ms: int) -> None:
        """Trade two new orders with each other outside of the book."""
        self.engine(maker.market).trade_apart(maker, taker, now_ms)
        self._done(maker.market, now_ms)

    def publish(self, market: str, now_ms: int) -> None:
        """Let everybody know of what changed outside of orders; what it makes due happens next."""
        self._done(market, now_ms)

    def order_of_stop(self, stop: StopOrder) -> FuturesOrder:
        """Return the order that a stop order becomes."""
        order = self.new_order(
            stop.account,
            stop.market,
            stop.side,
            stop.quantity,
            price=stop.price,
            kind=stop.kind,
            closes_only=False,
        )
        order.hidden, order.self_trade, order.client_id = stop.hidden, stop.self_trade, stop.client_id
        order.stop_id = stop.stop_id
        return order

    @exactly
    def _tell(self, market: str, now_ms: int) -> None:
        touched = {account for account in self.margins.touched if not self.is_house(account)}
        for account in touched:
            self.margins.reserve(account)
        self.margins.touched.clear()
        self._unchecked |= touched
        super()._tell(market, now_ms)
        self.settle_down(now_ms)

    def _changed(self, position: Position, event: str) -> None:
        for listener in self._position_listeners:
            listener(position, event)

    def _tidy(self, now_ms: int) -> bool:
        """Cancel the newest order of an account that cannot pay for all of them, or closes more than it has."""
        while self._unchecked:
            account = next(iter(self._unchecked))
            order = self._uncovered(account) or self._beyond_position(account)
            if order is not None:
                self.cancel(order.market, order.order_id, now_ms)
                return True
            self._unchecked.discard(account)
        return False

    def _uncovered(self, account: str) -> FuturesOrder | None:
        if self.margins.covers(account):
            return None
        opening = [one for one in self._own(account) if not one.closes_only]
        return opening[-1] if opening else None

    def _beyond_position(self, account: str) -> FuturesOrder | None:
        closing = [one for one in self._own(account) if one.closes_only]
        for order in reversed(closing):
            position = self.positions.open_position(account, order.market)
            if (
                position is None
                or position.is_long != (order.side is Side.SELL)
                or self.closable(position) < 0
            ):
                return order
        return None

    def _closing(self, position: Position) -> list[FuturesOrder]:
        return [
            one for one in self._own(position.account) if one.closes_only and one.market == position.market
        ]

    def _own(self, account: str) -> list[FuturesOrder]:
        return [one for _, one in sorted(self.live[account].items()) if isinstance(one, FuturesOrder)]

    def _look(self, now_ms: int) -> bool:
        """Take note of the prices; tell who waits for them where one has changed."""
        for market, prices in self.prices.items():
            if prices.wants_sample(now_ms):
                prices.sample(self.mid(market), now_ms)
            seen = prices.mark, prices.index
            if seen != self._seen.get(market):
                self._seen[market] = seen
                news = list(zip((PriceKind.MARK, PriceKind.INDEX), seen, strict=True))
                for kind, price in news:
                    self.price_candles[market, kind].note(price, now_ms)
                self.stops.on_prices([(market, kind, price) for kind, price in news], now_ms)
                return True
        return False
