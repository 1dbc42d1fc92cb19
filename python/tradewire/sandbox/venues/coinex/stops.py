"""Prices that are waited for, and stop orders that become orders when theirs comes. Knows no product and no clock.

``Triggers`` says which of its keys a price reaches; ``StopOrders`` keeps an account's stop orders on it. A price is
looked at after the command that made it is done; what a fired order trades is looked at after that, in turn.
A stop order holds no money: whether the account can pay is found out when it fires (``active_fail`` if it cannot).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import Generic, TypeVar

from tradewire.sandbox.order import Kind, SelfTrade, Side

__all__ = ["Direction", "PriceKind", "StopOrder", "StopOrders", "StopStatus", "Triggers"]

KeyT = TypeVar("KeyT", bound=Hashable)
KEPT_FINISHED = 10_000
FIRST_STOP_ID = 500_000_000_000


class PriceKind(StrEnum):
    """Which price of a market is watched."""

    LATEST = "latest_price"
    MARK = "mark_price"
    INDEX = "index_price"


class Direction(StrEnum):
    """From which side the price has to come."""

    HIGHER = "higher"
    """It fires at its price or above."""
    LOWER = "lower"
    """It fires at its price or below."""

    @classmethod
    def towards(cls, trigger_price: Decimal, price: Decimal) -> Direction:
        """Return the way from ``price`` to ``trigger_price``; ``HIGHER`` when they are equal."""
        return cls.LOWER if trigger_price < price else cls.HIGHER


class Triggers(Generic[KeyT]):
    """Prices that are waited for, each with a key of its own."""

    def __init__(self) -> None:
        # By market, kind and direction, in the order in which a moving price reaches them.
        self._waiting: dict[tuple[str, PriceKind, Direction], list[tuple[Decimal, int]]] = {}
        self._keys: dict[int, KeyT] = {}
        self._places: dict[KeyT, tuple[tuple[str, PriceKind, Direction], tuple[Decimal, int]]] = {}
        self._numbers = count()

    def __contains__(self, key: KeyT) -> bool:
        return key in self._places

    def add(self, key: KeyT, market: str, kind: PriceKind, price: Decimal, direction: Direction) -> None:
        """Wait for ``price``.

        Raises:
            ValueError: ``key`` waits for one already.
        """
        if key in self._places:
            raise ValueError(f"{key} waits already")
        where, entry = (market, kind, direction), (_distance(price, direction), next(self._numbers))
        insort(self._waiting.setdefault(where, []), entry)
        self._keys[entry[1]] = key
        self._places[key] = where, entry

    def remove(self, key: KeyT) -> None:
        """Wait no longer; a key that does not wait is none of our business."""
        if (place := self._places.pop(key, None)) is None:
            return
        where, entry = place
        waiting = self._waiting[where]
        del waiting[bisect_left(waiting, entry)]
        del self._keys[entry[1]]

    def reached(self, market: str, kind: PriceKind, price: Decimal) -> list[KeyT]:
        """Take out and return what ``price`` reaches: the nearest price first, the older of two at one price."""
        found: list[KeyT] = []
        for direction in Direction:
            waiting = self._waiting.get((market, kind, direction))
            if not waiting:
                continue
            end = bisect_right(waiting, _distance(price, direction), key=lambda entry: entry[0])
            found += (self._keys.pop(number) for _, number in waiting[:end])
            del waiting[:end]
        for key in found:
            del self._places[key]
        return found


def _distance(price: Decimal, direction: Direction) -> Decimal:
    return price if direction is Direction.HIGHER else -price


class StopStatus(StrEnum):
    """What became of a stop order."""

    PUT = "put"
    ACTIVE_SUCCESS = "active_success"
    ACTIVE_FAIL = "active_fail"
    CANCEL = "cancel"

    @property
    def event(self) -> str:
        """The event of the push that reports it."""
        return "active" if self in {StopStatus.ACTIVE_SUCCESS, StopStatus.ACTIVE_FAIL} else self.value


@dataclass(slots=True, eq=False)
class StopOrder:
    """An order that is placed once a price is reached; ``account`` is the wallet that will pay."""

    stop_id: int
    account: str
    market: str
    side: Side
    kind: Kind
    quantity: Decimal
    price: Decimal | None
    trigger_price: Decimal
    price_kind: PriceKind
    in_quote: bool = False
    hidden: bool = False
    self_trade: SelfTrade | None = None
    client_id: str = ""
    direction: Direction = Direction.HIGHER
    """Says ``StopOrders.place``."""
    status: StopStatus = StopStatus.PUT
    created_ms: int = 0
    updated_ms: int = 0


class StopOrders:
    """The stop orders of every account of one product.

    Args:
        activate: Places the order of a stop order that fired; says whether the venue took it.
        observe: Told of each stop order whose ``status`` has changed, or that is new.
        done: Called with market and time after each change, when everybody may hear of it.
    """

    def __init__(
        self,
        activate: Callable[[StopOrder, int], bool],
        observe: Callable[[StopOrder], None],
        done: Callable[[str, int], None],
    ) -> None:
        self.live: defaultdict[str, dict[int, StopOrder]] = defaultdict(dict)
        self.fired: defaultdict[str, OrderedDict[int, StopOrder]] = defaultdict(OrderedDict)
        self._triggers: Triggers[StopOrder] = Triggers()
        self._activate = activate
        self._observe = observe
        self._done = done
        self._ids = count(FIRST_STOP_ID)
        self._prices: deque[tuple[str, PriceKind, Decimal, int]] = deque()
        self._is_firing = False

    def next_id(self) -> int:
        """Return a fresh id."""
        return next(self._ids)

    def place(self, stop: StopOrder, price: Decimal, now_ms: int) -> None:
        """Wait for ``stop``'s price, which the market is to reach from ``price``."""
        stop.created_ms = now_ms
        self._wait(stop, price, now_ms)
        self._done(stop.market, now_ms)

    def replace(
        self,
        stop: StopOrder,
        *,
        quantity: Decimal | None,
        limit: Decimal | None,
        trigger_price: Decimal | None,
        price: Decimal,
        now_ms: int,
    ) -> StopOrder:
        """Cancel ``stop`` and return the one that waits in its place, with an id of its own."""
        fresh = replace(
            stop,
            stop_id=self.next_id(),
            quantity=stop.quantity if quantity is None else quantity,
            price=stop.price if limit is None else limit,
            trigger_price=stop.trigger_price if trigger_price is None else trigger_price,
        )
        self._end(stop, StopStatus.CANCEL, now_ms)
        self._wait(fresh, price, now_ms)
        self._done(fresh.market, now_ms)
        return fresh

    def cancel(self, stop: StopOrder, now_ms: int) -> None:
        """Wait no longer; nobody can ask for it any more."""
        self._end(stop, StopStatus.CANCEL, now_ms)
        self._done(stop.market, now_ms)

    def on_price(self, market: str, kind: PriceKind, price: Decimal, now_ms: int) -> None:
        """Fire what ``price`` reaches, and what the trades of that reach."""
        self.on_prices([(market, kind, price)], now_ms)

    def on_prices(self, prices: Iterable[tuple[str, PriceKind, Decimal]], now_ms: int) -> None:
        """Fire what one price after another reaches, and then what the trades of that reach."""
        self._prices.extend((*price, now_ms) for price in prices)
        if self._is_firing:
            return
        self._is_firing = True
        try:
            while self._prices:
                self._fire(*self._prices.popleft())
        finally:
            self._is_firing = False

    def _fire(self, market: str, kind: PriceKind, price: Decimal, now_ms: int) -> None:
        reached = self._triggers.reached(market, kind, price)
        for stop in reached:
            if self.live[stop.account].get(stop.stop_id) is not stop:
                continue
            taken = self._activate(stop, now_ms)
            self._end(stop, StopStatus.ACTIVE_SUCCESS if taken else StopStatus.ACTIVE_FAIL, now_ms)
            fired = self.fired[stop.account]
            fired[stop.stop_id] = stop
            if len(fired) > KEPT_FINISHED:
                fired.popitem(last=False)
            self._done(market, now_ms)

    def _wait(self, stop: StopOrder, price: Decimal, now_ms: int) -> None:
        stop.updated_ms = now_ms
        stop.direction = Direction.towards(stop.trigger_price, price)
        self.live[stop.account][stop.stop_id] = stop
        self._triggers.add(stop, stop.market, stop.price_kind, stop.trigger_price, stop.direction)
        self._observe(stop)

    def _end(self, stop: StopOrder, status: StopStatus, now_ms: int) -> None:
        self._triggers.remove(stop)
        del self.live[stop.account][stop.stop_id]
        stop.status, stop.updated_ms = status, now_ms
        self._observe(stop)
