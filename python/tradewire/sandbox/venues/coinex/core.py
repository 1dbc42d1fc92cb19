"""The trading cores: markets, orders and deals of a product of the CoinEx sandbox, without any wire.

Every change goes through ``place``, ``amend`` or ``cancel``. Listeners hear each event at once and the end of
each command after it. Reads no clock: the time comes in.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from tradewire.sandbox.candles import Candles
from tradewire.sandbox.clearing import SpotMarket
from tradewire.sandbox.engine import Engine, NoLiquidity, Refused
from tradewire.sandbox.exact import exactly
from tradewire.sandbox.ledger import Ledger, Shortfall
from tradewire.sandbox.order import Accepted, Event, FeeRates, Finished, Order, Trade, Traded
from tradewire.sandbox.venues.coinex.markets import ONLINE, MarketRules, market_rules
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder, StopOrders

if TYPE_CHECKING:
    from tradewire.sandbox.venues.coinex.treasury import Treasury

__all__ = [
    "FEE_RATES",
    "BelowMinimum",
    "ClearedMarket",
    "ExchangeCore",
    "MarketClosed",
    "NotIsolated",
    "OwnRecords",
    "PositionTooLarge",
    "TooLittleMargin",
    "TradingCore",
    "WouldFire",
]

RulesT = TypeVar("RulesT", bound=MarketRules)
ClearedT = TypeVar("ClearedT", bound="ClearedMarket")

FEE_RATES = FeeRates(maker=Decimal("0.001"), taker=Decimal("0.002"))
"""Two different rates, so that a mistaken role shows. The venue's base rate is 0.002 for both."""

KEPT_DEALS = 1000
KEPT_FINISHED_ORDERS = 10_000
KEPT_USER_DEALS = 100_000
FIRST_ORDER_ID = 100_000_000_000
FIRST_DEAL_ID = 1_000_000_000


class MarketClosed(Refused):
    """The market does not trade now."""


class NotIsolated(Refused):
    """Only an isolated position has a margin of its own."""


class TooLittleMargin(Refused):
    """What would stand for a position is less than it has to bring, or it would be liquidated at once."""


class WouldFire(Refused):
    """The price of a take-profit or stop-loss is reached already."""


class PositionTooLarge(Refused):
    """The position would be larger than its leverage allows."""


class BelowMinimum(Refused):
    """The order is smaller than the market takes."""


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """What accounts ask about their own orders and deals, by wallet; live and finished orders by id."""

    live: Mapping[str, Mapping[int, Order]]
    finished: Mapping[str, Mapping[int, Order]]
    user_deals: Mapping[str, Sequence[tuple[Trade, Order]]]
    stops: Mapping[str, Mapping[int, StopOrder]]
    fired_stops: Mapping[str, Mapping[int, StopOrder]]


class ClearedMarket(Protocol):
    """A market whose trades are paid for."""

    engine: Engine

    def place(self, order: Order, now_ms: int) -> None:
        """Bring in a new order."""

    def amend(self, order_id: int, *, price: Decimal | None, quantity: Decimal | None, now_ms: int) -> Order:
        """Change a live order."""

    def cancel(self, order_id: int, now_ms: int) -> Order:
        """Take out a live order."""


class TradingCore(Generic[RulesT, ClearedT]):
    """All state of one product that trading changes; ``cleared`` is filled by whoever makes the product.

    Attributes:
        deal_prices: Which prices a deal makes that stop orders watch. The only source of the index of spot, and so of
            its mark price, are its own deals.

    Args:
        ledger: Where the balances of all products are.
        rules: The markets it has, by name.
        remembers: Says whether an account's finished orders and deals are kept.
    """

    deal_prices: ClassVar[tuple[PriceKind, ...]] = tuple(PriceKind)

    def __init__(
        self, ledger: Ledger, rules: dict[str, RulesT], *, remembers: Callable[[str], bool] = lambda _: True
    ) -> None:
        self.ledger = ledger
        self.rules = rules
        self.cleared: dict[str, ClearedT] = {}
        self.candles = {name: Candles() for name in self.rules}
        self.deals: dict[str, deque[Trade]] = {name: deque(maxlen=KEPT_DEALS) for name in self.rules}
        self.finished: defaultdict[str, OrderedDict[int, Order]] = defaultdict(OrderedDict)
        self.user_deals: defaultdict[str, deque[tuple[Trade, Order]]] = defaultdict(
            lambda: deque(maxlen=KEPT_USER_DEALS)
        )
        self.live: defaultdict[str, dict[int, Order]] = defaultdict(dict)
        self.changed_ms = dict.fromkeys(self.rules, 0)
        self._remembers = remembers
        self._order_ids = count(FIRST_ORDER_ID)
        self.stops = StopOrders(self._activate, self._stop_changed, self._tell)
        self._fresh_prices: list[tuple[str, Decimal]] = []
        self._event_listeners: list[Callable[[Event], None]] = []
        self._stop_listeners: list[Callable[[StopOrder], None]] = []
        self._command_listeners: list[Callable[[str, int], None]] = []

    def engine(self, market: str) -> Engine:
        """Return the live orders of a market."""
        return self.cleared[market].engine

    def listen(
        self,
        on_event: Callable[[Event], None],
        on_command: Callable[[str, int], None],
        on_stop: Callable[[StopOrder], None] = lambda _: None,
    ) -> None:
        """Report to ``on_event`` each event and ``on_command`` market and time at the end of each command.

        ``on_stop`` hears of stop orders that came, fired or were cancelled.
        """
        self._event_listeners.append(on_event)
        self._command_listeners.append(on_command)
        self._stop_listeners.append(on_stop)

    def own_records(self) -> OwnRecords:
        """Return every account's orders and deals as they are."""
        return OwnRecords(self.live, self.finished, self.user_deals, self.stops.live, self.stops.fired)

    def copied_records(self) -> OwnRecords:
        """Return a copy of the orders and deals of those accounts that are remembered.

        Cost: one pass over their live orders; what is finished does not change and is shared.
        """
        return OwnRecords(
            {
                account: {order_id: copy(order) for order_id, order in orders.items()}
                for account, orders in self.live.items()
                if self._remembers(account)
            },
            {account: dict(orders) for account, orders in self.finished.items()},
            {account: tuple(deals) for account, deals in self.user_deals.items()},
            {account: dict(stops) for account, stops in self.stops.live.items()},
            {account: dict(stops) for account, stops in self.stops.fired.items()},
        )

    def next_order_id(self) -> int:
        """Return a fresh order id."""
        return next(self._order_ids)

    @exactly
    def require_acceptable(self, order: Order) -> None:
        """Raise what keeps an account's order out: ``MarketClosed``, ``NoLiquidity`` or ``BelowMinimum``."""
        rules, size = self.rules[order.market], order.quantity
        if rules.status != ONLINE:
            raise MarketClosed
        if order.in_quote:
            best = self.engine(order.market).sides[order.side.opposite].first()
            if best is None or best.price is None:
                raise NoLiquidity
            size = order.quantity // (best.price * rules.lot) * rules.lot
        if size < rules.min_amount:
            raise BelowMinimum

    def place(self, order: Order, now_ms: int) -> None:
        """Bring in a new order; see its market for what it raises."""
        self.cleared[order.market].place(order, now_ms)
        self._done(order.market, now_ms)

    def amend(
        self, market: str, order_id: int, *, price: Decimal | None, quantity: Decimal | None, now_ms: int
    ) -> Order:
        """Change a live order; see its market for what it raises."""
        order = self.cleared[market].amend(order_id, price=price, quantity=quantity, now_ms=now_ms)
        self._done(market, now_ms)
        return order

    def cancel(self, market: str, order_id: int, now_ms: int) -> Order:
        """Take out a live order; see its market for what it raises."""
        order = self.cleared[market].cancel(order_id, now_ms)
        self._done(market, now_ms)
        return order

    def live_orders(self, account: str) -> Iterator[Order]:
        """Yield an account's live orders, oldest first."""
        return iter(list(self.live[account].values()))

    def last_price(self, market: str) -> Decimal:
        """Return the price of the last deal, or where the market starts."""
        deals = self.deals[market]
        return deals[-1].price if deals else self.rules[market].start_price

    def _done(self, market: str, now_ms: int) -> None:
        self.changed_ms[market] = now_ms
        self._tell(market, now_ms)

    def _tell(self, market: str, now_ms: int) -> None:
        for listener in self._command_listeners:
            listener(market, now_ms)
        prices = [(traded, kind, price) for traded, price in self._fresh_prices for kind in self.deal_prices]
        self._fresh_prices.clear()
        self.stops.on_prices(prices, now_ms)

    def _stop_changed(self, stop: StopOrder) -> None:
        for listener in self._stop_listeners:
            listener(stop)

    def _activate(self, stop: StopOrder, now_ms: int) -> bool:
        """Place the order of a stop order that fired."""
        order = self.order_of_stop(stop)
        try:
            self.require_acceptable(order)
            self.cleared[order.market].place(order, now_ms)
        except (Refused, Shortfall):
            return False
        self.changed_ms[order.market] = now_ms
        return True

    def order_of_stop(self, stop: StopOrder) -> Order:
        """Return the order that a stop order becomes."""
        return Order(
            order_id=self.next_order_id(),
            account=stop.account,
            market=stop.market,
            side=stop.side,
            kind=stop.kind,
            quantity=stop.quantity,
            price=stop.price,
            in_quote=stop.in_quote,
            hidden=stop.hidden,
            self_trade=stop.self_trade,
            client_id=stop.client_id,
            rates=FEE_RATES,
        )

    def _observe(self, event: Event) -> None:
        if isinstance(event, Accepted):
            self.live[event.order.account][event.order.order_id] = event.order
        elif isinstance(event, Traded):
            self._record(event.trade)
        elif isinstance(event, Finished):
            self._file(event.order)
        for listener in self._event_listeners:
            listener(event)

    def _record(self, trade: Trade) -> None:
        if not trade.is_apart:
            self.deals[trade.market].append(trade)
            self._fresh_prices.append((trade.market, trade.price))
            self.candles[trade.market].add(trade)
        for order in (trade.maker, trade.taker):
            if self._remembers(order.account):
                self.user_deals[order.account].append((trade, order))

    def _file(self, order: Order) -> None:
        del self.live[order.account][order.order_id]
        # The venue deletes what was cancelled without a fill: it cannot be queried again.
        if not order.filled or not self._remembers(order.account):
            return
        filed = self.finished[order.account]
        filed[order.order_id] = order
        if len(filed) > KEPT_FINISHED_ORDERS:
            filed.popitem(last=False)


class ExchangeCore(TradingCore[MarketRules, SpotMarket]):
    """The spot markets.

    Args:
        markets: Names of the markets it has; all there are by default.
        remembers: Says whether an account's finished orders and deals are kept.
    """

    treasury: Treasury
    """The money; whoever makes the venue puts it in."""

    def __init__(
        self, markets: Collection[str] | None = None, *, remembers: Callable[[str], bool] = lambda _: True
    ) -> None:
        super().__init__(Ledger(), market_rules(markets), remembers=remembers)
        self.spots = self.cleared
        for rules in self.rules.values():
            self.spots[rules.name] = SpotMarket(
                rules.name,
                base=rules.base,
                quote=rules.quote,
                lot=rules.lot,
                ledger=self.ledger,
                observe=self._observe,
                first_trade_id=FIRST_DEAL_ID,
            )
