"""Everything pushed besides depth: state, deals, bbo, index, and a trader's own orders, deals and balances.

Own news goes out at the end of the command that made it: first stop orders, then orders, deals and balances. An order
that trades completely on arrival is reported by one ``finish`` alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from tradewire.sandbox.exact import plain
from tradewire.sandbox.order import Accepted, Amended, Event, Finished, Order, Rested, Side, Trade, Traded
from tradewire.sandbox.venues.coinex.core import TradingCore
from tradewire.sandbox.venues.coinex.framing import push
from tradewire.sandbox.venues.coinex.habits import Habits
from tradewire.sandbox.venues.coinex.margin import margin_pushes
from tradewire.sandbox.venues.coinex.market_data import deal_of, ticker_of
from tradewire.sandbox.venues.coinex.orders import order_parts
from tradewire.sandbox.venues.coinex.rest.balances import balance_of
from tradewire.sandbox.venues.coinex.rest.spot_deals import user_deal_of
from tradewire.sandbox.venues.coinex.rest.spot_stop_orders import pushed_stop_of
from tradewire.sandbox.venues.coinex.stops import StopOrder
from tradewire.sandbox.venues.coinex.treasury.settings import Maintenance
from tradewire.sandbox.venues.coinex.wallets import margin_market_of, owner_of

__all__ = ["MAINTENANCE_CHANNEL", "Feeds", "Listener"]

OrderT = TypeVar("OrderT", Order, StopOrder)
WELCOME_DEALS = 50
MAINTENANCE_CHANNEL = 101
"""The only channel of notices that the venue has published."""


class Listener(Protocol):
    """A connection as the feeds see it."""

    account: str

    def wants(self, topic: str, name: str) -> bool:
        """Say whether it subscribed ``topic`` for the market or asset ``name``."""

    def send(self, frame: bytes) -> None:
        """Queue one frame."""


class Feeds:
    """Gathers news from the core of a product and hands it to listeners; methods say how spot spells it."""

    def __init__(self, core: TradingCore[Any, Any], listeners: Collection[Listener], habits: Habits) -> None:
        self._core = core
        self._habits = habits
        self._listeners = listeners
        self._announced: set[int] = set()
        self._orders: list[tuple[Order, bytes]] = []
        self._user_deals: list[tuple[Order, bytes]] = []
        self._stops: list[tuple[StopOrder, bytes]] = []
        self._touched: dict[str, set[str]] = {}
        self._fresh_deals: defaultdict[str, list[Trade]] = defaultdict(list)
        self._traded: set[str] = set()
        self._best: dict[str, tuple[Any, Any]] = {}

    def on_event(self, event: Event) -> None:
        """Take note of one event while it is true."""
        if isinstance(event, Traded):
            self._on_trade(event.trade)
        elif isinstance(event, Accepted):
            self._touch(event.order)
        elif isinstance(event, Rested):
            if event.order.order_id not in self._announced:
                self._announced.add(event.order.order_id)
                self._order_news(event.order, "put")
        elif isinstance(event, Amended):
            self._order_news(event.order, "modify")
        elif isinstance(event, Finished):
            self._announced.discard(event.order.order_id)
            self._order_news(event.order, "finish")

    def on_stop(self, stop: StopOrder) -> None:
        """Take note of what became of a stop order."""
        if self._watched(stop, "stop"):
            news = {"event": stop.status.event, "stop": self._stop_of(stop)}
            self._stops.append((stop, push("stop.update", news)))

    def on_command(self, market: str, now_ms: int) -> None:
        """Send what goes out in real time."""
        if not self._listeners:
            self._best.pop(market, None)
            return
        self._send_own("stop", self._stops)
        self._send_own("order", self._orders)
        self._send_own("user_deals", self._user_deals)
        touched, self._touched = self._touched, {}
        for account, assets in touched.items():
            self._send_balances(account, sorted(assets), now_ms)
        self._send_best(market, now_ms)

    def send_balance(self, account: str, asset: str, now_ms: int) -> None:
        """Send what an account has of one asset now."""
        self._send_balances(account, [asset], now_ms)

    def tick(self, now_ms: int) -> None:
        """Send what goes out at a cadence: states and deals of markets that traded."""
        if not self._traded:
            return
        traded, self._traded = self._traded, set()
        fresh, self._fresh_deals = self._fresh_deals, defaultdict(list)
        for listener in self._listeners:
            wanted = [market for market in sorted(traded) if listener.wants("state", market)]
            if wanted:
                states = [self._state(market, now_ms) for market in wanted]
                listener.send(push("state.update", {"state_list": states}))
        for market, trades in fresh.items():
            self._broadcast("deals", market, "deals.update", _deal_list(market, trades))

    def tick_index(self) -> None:
        """Send index prices."""
        for market in self._core.rules:
            self._broadcast("index", market, "index.update", self._index(market))

    def notice(self, maintenance: Maintenance) -> None:
        """Send an announcement to who follows them."""
        info = {
            "start_time": maintenance.started_at,
            "end_time": maintenance.ended_at,
            "scope": list(maintenance.scope),
            "protect_duration_start": maintenance.protect_duration_start,
            "protect_duration_end": maintenance.protect_duration_end,
        }
        news = {"channel": MAINTENANCE_CHANNEL, "info": info}
        self._broadcast("notice", str(MAINTENANCE_CHANNEL), "notice.update", news)

    def welcome(self, listener: Listener, topic: str, now_ms: int, names: Iterable[str]) -> None:
        """Send a new subscriber what it is now, for the public topics that begin that way."""
        if topic == "state":
            states = [self._state(market, now_ms) for market in names]
            listener.send(push("state.update", {"state_list": states}))
        for market in names:
            if topic == "deals" and self._core.deals[market]:
                recent = list(self._core.deals[market])[-WELCOME_DEALS:]
                listener.send(push("deals.update", _deal_list(market, recent)))
            elif topic == "bbo" and (best := self._bbo(market, now_ms)) is not None:
                listener.send(push("bbo.update", best))

    def margin_events(self, market: str, count: int, now_ms: int) -> int:
        """Push order, deal and balance of a margin account to who wants them; return how many went out.

        Raises:
            ValueError: There is no such market, or ``count`` is below 1.
        """
        if market not in self._core.rules or count < 1:
            raise ValueError(
                f"margin_events needs a market and a count of at least 1, got {market!r}, {count}"
            )
        sent = 0
        for number in range(count):
            for method, data in margin_pushes(self._core.rules[market], number, now_ms):
                topic = method.partition(".")[0]
                name = self._core.rules[market].base if topic == "balance" else market
                for listener in list(self._listeners):
                    if listener.account and listener.wants(topic, name):
                        listener.send(push(method, data))
                        sent += 1
        return sent

    def _on_trade(self, trade: Trade) -> None:
        if self._listeners and not trade.is_apart:
            self._traded.add(trade.market)
            self._fresh_deals[trade.market].append(trade)
        for order in (trade.maker, trade.taker):
            if order.order_id in self._announced and order.remaining:
                self._order_news(order, "update")
            self._touch(order)
            if self._watched(order, "user_deals"):
                deal = self._deal_of(trade, order) | {"client_id": order.client_id}
                self._user_deals.append((order, push("user_deals.update", deal)))

    def _order_news(self, order: Order, event: str) -> None:
        self._touch(order)
        if self._watched(order, "order"):
            news = {"event": event, "order": self._order_of(order)}
            self._orders.append((order, push("order.update", news)))

    def _touch(self, order: Order) -> None:
        if not self._listeners:
            return
        self._touched.setdefault(order.account, set()).update(self._assets(order))

    def _send_own(self, topic: str, news: list[tuple[OrderT, bytes]]) -> None:
        for order, frame in news:
            for listener in self._owners(order.account):
                if listener.wants(topic, order.market):
                    listener.send(frame)
        news.clear()

    def _owners(self, wallet: str) -> Iterator[Listener]:
        owner = owner_of(wallet)
        return (listener for listener in list(self._listeners) if listener.account == owner)

    def _watched(self, order: Order | StopOrder, topic: str) -> bool:
        owner = owner_of(order.account)
        return any(one.account == owner and one.wants(topic, order.market) for one in self._listeners)

    def _send_balances(self, account: str, assets: list[str], now_ms: int) -> None:
        for listener in self._owners(account):
            balances = [
                self._balance_of(account, asset, now_ms)
                for asset in assets
                if listener.wants("balance", asset)
            ]
            if balances:
                listener.send(push("balance.update", {"balance_list": balances}))

    def _send_best(self, market: str, now_ms: int) -> None:
        engine = self._core.engine(market)
        best = engine.best(Side.BUY), engine.best(Side.SELL)
        if self._best.get(market) == best:
            return
        self._best[market] = best
        if any(listener.wants("bbo", market) for listener in self._listeners):
            news = self._bbo(market, now_ms)
            if news is not None:
                self._broadcast("bbo", market, "bbo.update", news)

    def _bbo(self, market: str, now_ms: int) -> dict[str, Any] | None:
        engine, rules = self._core.engine(market), self._core.rules[market]
        bid, ask = engine.best(Side.BUY), engine.best(Side.SELL)
        if bid is None or ask is None:
            return None
        return {
            "market": market,
            "updated_at": now_ms,
            "best_bid_price": self._habits.price(bid[0], rules.quote_places),
            "best_bid_size": self._habits.amount(bid[1], rules.base_places),
            "best_ask_price": self._habits.price(ask[0], rules.quote_places),
            "best_ask_size": self._habits.amount(ask[1], rules.base_places),
        }

    def _assets(self, order: Order) -> tuple[str, ...]:
        """Return whose balances an order may change."""
        rules = self._core.rules[order.market]
        return rules.base, rules.quote

    def _order_of(self, order: Order) -> dict[str, Any]:
        fees = {
            "base_ccy_fee": plain(order.base_fee),
            "quote_ccy_fee": plain(order.quote_fee),
            "discount_ccy_fee": "0",
        }
        return self._habits.order_push(
            order_parts(order) | {"margin_market": margin_market_of(order.account), **fees}
        )

    def _stop_of(self, stop: StopOrder) -> dict[str, Any]:
        return pushed_stop_of(stop)

    def _deal_of(self, trade: Trade, order: Order) -> dict[str, Any]:
        return user_deal_of(trade, order, self._core.rules[trade.market])

    def _balance_of(self, account: str, asset: str, now_ms: int) -> dict[str, Any]:
        held = self._core.ledger.balance(account, asset)
        return {"margin_market": margin_market_of(account), **balance_of(asset, held), "updated_at": now_ms}

    def _index(self, market: str) -> dict[str, Any]:
        return {"market": market, "index_price": plain(self._core.last_price(market))}

    def _state(self, market: str, now_ms: int) -> dict[str, Any]:
        return ticker_of(market, self._core.candles[market].day(now_ms))

    def _broadcast(self, topic: str, market: str, method: str, data: dict[str, Any]) -> None:
        frame = b""
        for listener in list(self._listeners):
            if listener.wants(topic, market):
                frame = frame or push(method, data)
                listener.send(frame)


def _deal_list(market: str, trades: list[Trade]) -> dict[str, Any]:
    return {"market": market, "deal_list": [deal_of(trade) for trade in reversed(trades)]}
