"""Depth pushes: what each kind of subscription last saw, and the difference to what it is now.

One group serves everyone who subscribed to the same market, limit and interval. It pushes states: a new
subscriber gets the group's last pushed state whole, and differences follow from there. The last states are
remembered by ``updated_at`` and checksum, so that a checker can ask for exactly what a client had. A group
never pushes two different books with the same ``updated_at``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from tradewire.sandbox.checksum import checksum_of
from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.order import Side
from tradewire.sandbox.venues.coinex.core import TradingCore
from tradewire.sandbox.venues.coinex.framing import push
from tradewire.sandbox.venues.coinex.habits import Habits

__all__ = ["DepthGroup", "DepthKey", "DepthPublisher", "PushedState", "Subscriber", "look"]

REMEMBERED_STATES = 64
CHECKSUM_FLIP = 0x5A5A5A5A

Levels = list[tuple[str, str]]


class Subscriber(Protocol):
    """Who gets frames."""

    def send(self, frame: bytes) -> None:
        """Queue one frame."""


@dataclass(frozen=True, slots=True)
class DepthKey:
    """What makes two subscriptions see the same book."""

    market: str
    limit: int
    interval: str


@dataclass(frozen=True, slots=True)
class PushedState:
    """A book as it was pushed, in the text that was pushed."""

    bids: Levels
    asks: Levels
    last: str
    updated_at_ms: int
    checksum: int


class DepthGroup:
    """One book, its subscribers and what they were sent.

    Args:
        key: Which book.
        core: Where it is.
        faults: Faults to inject.
        habits: How numbers are spelled.
        now_ms: The time of the first state.
    """

    def __init__(
        self, key: DepthKey, core: TradingCore[Any, Any], faults: Faults, habits: Habits, now_ms: int
    ) -> None:
        self.key = key
        self.subscribers: dict[Subscriber, bool] = {}
        self.remembered: deque[PushedState] = deque(maxlen=REMEMBERED_STATES)
        self._core = core
        self._faults = faults
        self._habits = habits
        self._full_pushed_ms = now_ms
        self._skew_ms = faults.skew_ms
        self.state = look(key, core, habits, now_ms)
        self.remembered.append(self.state)

    def welcome(self, subscriber: Subscriber, *, if_full: bool, now_ms: int) -> None:
        """Add ``subscriber`` and send it the whole book."""
        if not self.subscribers:
            self._advance(now_ms)
        self.subscribers[subscriber] = if_full
        state = self._whole()
        subscriber.send(self._frame(state, state.checksum, full=True))

    def publish(self, now_ms: int) -> None:
        """Push what changed, if anything did."""
        before = self.state
        if not self.subscribers or not self._advance(now_ms):
            return
        checksum = self.state.checksum
        if self._faults.take(FaultKind.CORRUPT_CHECKSUM, self.key.market) is not None:
            checksum ^= CHECKSUM_FLIP
        skipped = False
        whole = part = b""
        for subscriber, if_full in list(self.subscribers.items()):
            if if_full:
                whole = whole or self._frame(self._whole(), checksum, full=True)
                subscriber.send(whole)
                continue
            if not part:
                part = self._frame(self.state, checksum, full=False, before=before)
                skipped = self._faults.take(FaultKind.SKIP_DIFFERENCE, self.key.market) is not None
            if not skipped:
                subscriber.send(part)

    def refresh(self, now_ms: int, every_ms: int) -> None:
        """Push the whole book again if the last such push is ``every_ms`` old."""
        if not self.subscribers or 0 <= now_ms - self._full_pushed_ms < every_ms:
            return
        self._full_pushed_ms = now_ms
        self._advance(now_ms)
        state = self._whole()
        frame = self._frame(state, state.checksum, full=True)
        for subscriber in list(self.subscribers):
            subscriber.send(frame)

    def recall(self, updated_at_ms: int, checksum: int) -> PushedState | None:
        """Return a remembered state."""
        for state in reversed(self.remembered):
            if state.updated_at_ms == updated_at_ms and state.checksum == checksum:
                return state
        return None

    def _advance(self, now_ms: int) -> bool:
        """Look again; say whether the book differs from the last state."""
        is_moved = self._skew_ms != self._faults.skew_ms
        # Where the clock was moved its times follow, back as well.
        later_ms = now_ms if is_moved else self.state.updated_at_ms + 1
        state = look(self.key, self._core, self._habits, max(now_ms, later_ms))
        is_same = state.bids == self.state.bids and state.asks == self.state.asks
        if is_same and not is_moved:
            return False
        self._skew_ms = self._faults.skew_ms
        self.state = state
        self.remembered.append(state)
        return not is_same

    def _whole(self) -> PushedState:
        """Return the state that is pushed whole: the last one, or the oldest remembered as a fault."""
        stale = self._faults.take(FaultKind.STALE_SNAPSHOT, self.key.market)
        return self.state if stale is None else self.remembered[0]

    def _frame(
        self, state: PushedState, checksum: int, *, full: bool, before: PushedState | None = None
    ) -> bytes:
        depth: dict[str, Any] = {}
        if before is None:
            depth = {"asks": state.asks, "bids": state.bids}
        else:
            # A side without changes is left out, as the venue may do.
            for name, now, then in (("asks", state.asks, before.asks), ("bids", state.bids, before.bids)):
                if changes := _difference(then, now):
                    depth[name] = changes
        depth |= {"last": state.last, "updated_at": state.updated_at_ms, "checksum": checksum}
        return push("depth.update", {"market": self.key.market, "is_full": full, "depth": depth})


class DepthPublisher:
    """All depth groups of a product.

    Args:
        core: Where the books are.
        faults: Faults to inject.
        habits: How numbers are spelled.
        full_every_ms: How often everyone gets the whole book; the venue does so once a minute.
    """

    def __init__(
        self, core: TradingCore[Any, Any], faults: Faults, habits: Habits, *, full_every_ms: int
    ) -> None:
        self._core = core
        self._faults = faults
        self._habits = habits
        self._full_every_ms = full_every_ms
        self._groups: dict[DepthKey, DepthGroup] = {}
        self._dirty: set[str] = set()

    def touch(self, market: str) -> None:
        """Note that a book may have changed."""
        self._dirty.add(market)

    def subscribe(self, subscriber: Subscriber, key: DepthKey, *, if_full: bool, now_ms: int) -> None:
        """Send ``subscriber`` the book of ``key`` from now on, instead of any other book of that market."""
        self.unsubscribe(subscriber, key.market)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = DepthGroup(key, self._core, self._faults, self._habits, now_ms)
        group.welcome(subscriber, if_full=if_full, now_ms=now_ms)

    def unsubscribe(self, subscriber: Subscriber, market: str | None = None) -> None:
        """Stop sending ``subscriber`` the book of ``market``, or any book."""
        for key, group in self._groups.items():
            if market in {None, key.market}:
                group.subscribers.pop(subscriber, None)

    def publish(self, now_ms: int) -> None:
        """Push every book that changed."""
        dirty, self._dirty = self._dirty, set()
        for key, group in self._groups.items():
            if key.market in dirty:
                group.publish(now_ms)

    def refresh(self, now_ms: int) -> None:
        """Push whole books where it is time."""
        for group in self._groups.values():
            group.refresh(now_ms, self._full_every_ms)

    def recall(self, key: DepthKey, updated_at_ms: int, checksum: int) -> PushedState | None:
        """Return a state that was pushed to subscribers of ``key``, if it is still remembered."""
        group = self._groups.get(key)
        return group.recall(updated_at_ms, checksum) if group else None


def _difference(then: Levels, now: Levels) -> Levels:
    """Return what turns ``then`` into ``now``: new amounts by price, ``"0"`` where a level went."""
    left = dict(then)
    changed = [(price, amount) for price, amount in now if left.pop(price, None) != amount]
    return changed + [(price, "0") for price in left]


def look(key: DepthKey, core: TradingCore[Any, Any], habits: Habits, now_ms: int) -> PushedState:
    """Return the book of ``key`` as it is at this moment, pushed or not."""
    rules = core.rules[key.market]
    engine = core.engine(key.market)
    spell_price, price_places = habits.price, rules.quote_places
    spell_amount, amount_places = habits.amount, rules.base_places
    bids, asks = (
        [
            (spell_price(price, price_places), spell_amount(quantity, amount_places))
            for price, quantity in engine.depth(side, key.limit, Decimal(key.interval))
        ]
        for side in (Side.BUY, Side.SELL)
    )
    last = habits.price(core.last_price(key.market), rules.quote_places)
    return PushedState(bids, asks, last, now_ms, checksum_of(bids, asks))
