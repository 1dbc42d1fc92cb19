"""A seeded stream of orders that come, shrink, leave and trade in an order-by-order book, as Exchange tells it.

Knows where a liquid market moves: most often near the touch, by an exponential law, always at the head of a
queue if an order trades. The number of live orders stays about the same, and the book never crosses, because the
two sides never share a price. Nothing here is ours; the JSON is what the standard library writes.
"""

import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

MARKET = "ABC-USD"
SEED = 20261121
LIVE_ORDERS = 2_000
EVENTS = 2_000
ORDERS_A_LEVEL = 10
MID_TICKS = 50_000
MAX_SIZE = 500
TOUCH_BIAS = 0.15
"""Rate of the exponential law by which events fall off from the touch, per level."""

ADDED, UPDATED, REMOVED, TRADE = "order_added", "order_updated", "order_removed", "trade"
SHARE_ADDED, SHARE_UPDATED = 0.45, 0.15

Order = tuple[str, str, int, int]
"""Id, side ("buy" or "sell"), price, remaining size."""
Event = tuple[str, Order]
"""Kind and order; a trade carries its maker with the size traded."""


@dataclass(frozen=True, slots=True)
class OrderFlow:
    """The opening book, each side in priority, and what happens then."""

    opening: tuple[Order, ...]
    events: tuple[Event, ...]


@dataclass(slots=True)
class _Side:
    name: str
    queues: dict[int, dict[str, int]] = field(default_factory=dict)
    count: int = 0

    def price(self, rank: int) -> int:
        return MID_TICKS - 1 - rank if self.name == "buy" else MID_TICKS + rank


class _Market:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.sides = (_Side("buy"), _Side("sell"))
        self._ranks = LIVE_ORDERS // 2 // ORDERS_A_LEVEL

    def _rank(self) -> int:
        return min(int(self._rng.expovariate(TOUCH_BIAS)), self._ranks - 1)

    def add(self, side: _Side, rank: int) -> Event:
        price, size = side.price(rank), self._rng.randint(1, MAX_SIZE)
        order_id = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        side.queues.setdefault(price, {})[order_id] = size
        side.count += 1
        return ADDED, (order_id, side.name, price, size)

    def open(self) -> Iterator[Order]:
        for side in self.sides:
            for number in range(LIVE_ORDERS // 2):
                yield self.add(side, number // ORDERS_A_LEVEL)[1]

    def step(self) -> Iterator[Event]:
        """Let one thing happen: one event, or a change and its trade."""
        side = self._rng.choice(self.sides)
        fate = self._rng.random()
        if side.count <= LIVE_ORDERS // 2 and fate < SHARE_ADDED + SHARE_UPDATED / 2:
            yield self.add(side, self._rank())
            return
        price = side.price(self._rank())
        queue = side.queues.get(price)
        if not queue:
            return
        is_best = price == (max if side.name == "buy" else min)(side.queues)
        order_id = next(iter(queue)) if is_best else self._rng.choice(list(queue))
        size = queue[order_id]
        if fate < SHARE_ADDED + SHARE_UPDATED and size > 1:
            queue[order_id] = self._rng.randint(1, size - 1)
            yield UPDATED, (order_id, side.name, price, queue[order_id])
        else:
            del queue[order_id]
            side.count -= 1
            if not queue:
                del side.queues[price]
            yield REMOVED, (order_id, side.name, price, 0)
        if is_best:
            yield TRADE, (order_id, side.name, price, size - queue.get(order_id, 0))


def order_flow() -> OrderFlow:
    """Draw the stream."""
    market = _Market(random.Random(SEED))
    opening = tuple(market.open())
    events: list[Event] = []
    while len(events) < EVENTS:
        events.extend(market.step())
    return OrderFlow(opening, tuple(events[:EVENTS]))


def snapshot(flow: OrderFlow) -> bytes:
    """Write the opening book as the venue's snapshot, sequence 0."""
    bids, asks = ([_order(order) for order in flow.opening if order[1] == side] for side in ("buy", "sell"))
    message = {
        "type": "snapshot",
        "channel": "l3",
        "market": MARKET,
        "sequence": 0,
        "bids": bids,
        "asks": asks,
    }
    return _compact(message)


def deltas(flow: OrderFlow, events_a_frame: int) -> tuple[bytes, ...]:
    """Write the events as the venue's deltas, so many in each; the sequence is that of the last."""
    return tuple(
        _compact({
            "type": "delta", "channel": "l3", "market": MARKET, "sequence": at + events_a_frame,
            "events": [_event(*event) for event in flow.events[at : at + events_a_frame]],
        })
        for at in range(0, len(flow.events), events_a_frame)
    )  # fmt: skip


def _order(order: Order) -> dict[str, object]:
    order_id, side, price, remaining = order
    wire_side = {"buy": "BUY", "sell": "SELL"}[side]
    at = "2026-04-02T09:29:58.000451+00:00"
    return {"order_id": order_id, "side": wire_side, "price": price, "remaining": remaining, "created_at": at}


def _event(kind: str, order: Order) -> dict[str, object]:
    order_id, _, price, size = order
    if kind == TRADE:
        taker = "7a1d3c55-90be-4c53-8a35-1f6a2b9e4d02"
        ids = {"maker_order_id": order_id, "taker_order_id": taker}
        return {"kind": kind} | ids | {"price": price, "quantity": size}
    if kind == REMOVED:
        return {"kind": kind, "order_id": order_id, "side": _order(order)["side"], "price": price}
    return {"kind": kind, "order": _order(order)}


def _compact(message: dict[str, object]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()
