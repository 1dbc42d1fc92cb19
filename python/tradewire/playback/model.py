"""Which orders of a bot trade in a replay: a counterparty of the sandbox's venue meets them when the model says so.

Between messages of the bot only its own orders rest in the venue's book. While a message that may trade is handled,
the recorded book stands there too, less what the bot has taken of it already, and goes again afterwards: an order that
crosses trades with it at once. A resting order waits in the recorded queue, see ``queues``.

What this cannot know: the recorded market did not see the bot's orders. It does not move away from them, does not trade
with what they would have left, and what they took is back as soon as the level changes. Hidden liquidity, the venue's
own order types beyond limit and market orders, and stop orders (which fire by the bot's own trades only) are as the
sandbox has them. Small orders in deep books are replayed well, large ones are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from typing import Any, Final, NamedTuple

from tradewire.playback.queues import Queue, queue_of
from tradewire.playback.tape import Play
from tradewire.playback.wire import PublicTrade, Wire
from tradewire.sandbox.market import MAKERS, TAKERS, Cancel, Quote, Take
from tradewire.sandbox.order import Side

__all__ = ["FillModel", "PlacedOrder"]

MIRRORED_LEVELS: Final = 20
"""How deep the recorded book stands in the venue: what would trade beyond that rests."""
FIRST_REF: Final = 1 << 40
"""References of our quotes, far from those of the sandbox's own tape."""
ZERO: Final = Decimal(0)
MARK_EVERY_NS: Final = 1_000_000_000


class PlacedOrder(NamedTuple):
    """An order as it came to rest, or was given another price."""

    time_ns: int
    """The recording's wall clock."""
    market: str
    side: str
    price: Decimal
    size: Decimal
    ahead: Decimal
    """What stood before it in the recorded queue."""


class _Waiting:
    """An order of the bot's that rests."""

    __slots__ = ("price", "queue", "remaining", "side")

    def __init__(self, side: str, price: Decimal, remaining: Decimal, queue: Queue) -> None:
        self.side, self.price, self.remaining, self.queue = side, price, remaining, queue


class _Market:
    """One market: its recorded book, the bot's orders in it, and what they took of it."""

    def __init__(self) -> None:
        self.book: Any = None
        self.orders: dict[str, _Waiting] = {}
        self.taken: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
        """By side and price: what the bot took, and the size shown then."""
        self.marked_ns = -MARK_EVERY_NS


class FillModel:
    """Decides for one venue.

    Args:
        wire: How the venue is spelled.
        venue: The sandbox's.
        markets: Whose books were recorded.
        wall_ns: The recording's wall clock now.
    """

    def __init__(self, wire: Wire, venue: Any, markets: Iterable[str], wall_ns: Callable[[], int]) -> None:
        self._wire = wire
        self._venue = venue
        self._markets = {market: _Market() for market in markets}
        self._wall_ns = wall_ns
        self._refs = count(FIRST_REF)
        self.placed: list[PlacedOrder] = []
        self.mids: dict[str, list[tuple[int, float]]] = {market: [] for market in self._markets}
        """By market: wall clock and recorded mid price, once a second."""

    def last_mid(self, market: str) -> Decimal | None:
        """Return the recorded mid price now; ``None`` where there is none."""
        book = self._markets[market].book
        mid: Decimal | None = None if book is None else book.mid(unsynced_ok=True)
        return mid

    def played(self, play: Play, event: Any) -> None:
        """Take note of a push before anybody gets it, and let trade what that makes trade."""
        subject = play.subject
        if subject is None:
            return
        market = self._markets.get(subject.market)
        if market is not None and event is not None:
            market.book = play.source.subjects.get(subject)
            self._mark(subject.market, market, play.at_ns)
        # Of many pushes none matters: no order of the bot's rests.
        if not any(one.orders for one in self._markets.values()):
            return
        for trade in self._wire.trades(play.frame, event):
            self._traded(trade, play.at_ns)
        if market is not None and market.orders and market.book is not None and market.book.is_synced:
            for order in market.orders.values():
                order.queue.book(market.book, play.at_ns)
            self._crossed(subject.market, market)

    @contextmanager
    def mirrored(self, message: str) -> Iterator[None]:
        """Let the recorded books stand in the venue while a message that may trade is handled."""
        named = [one for one in self._markets if one in message] or list(self._markets)
        quotes = {name: self._quote(name, _sides_against(message)) for name in named}
        try:
            yield
        finally:
            for name, placed in quotes.items():
                self._pull(name, placed)
            self.look()

    def look(self) -> None:
        """See which of the bot's orders rest now: a message of the bot's was handled."""
        for name, market in self._markets.items():
            resting = {one.order_id: one for one in self._wire.resting(self._venue, name) if not one.is_house}
            for order_id in market.orders.keys() - resting.keys():
                del market.orders[order_id]
            for order_id, one in resting.items():
                known = market.orders.get(order_id)
                if known is not None and known.price == one.price and known.remaining >= one.remaining:
                    known.remaining = one.remaining
                    continue
                if market.book is None or not market.book.is_synced:
                    # It takes its place in the queue once there is one.
                    continue
                queue = queue_of(market.book, one.side, one.price)
                market.orders[order_id] = _Waiting(one.side, one.price, one.remaining, queue)
                self.placed.append(
                    PlacedOrder(self._wall_ns(), name, one.side, one.price, one.remaining, queue.ahead)
                )

    def _mark(self, name: str, market: _Market, now_ns: int) -> None:
        if now_ns - market.marked_ns < MARK_EVERY_NS or not market.book.is_synced:
            return
        mid = market.book.mid()
        if mid is not None:
            market.marked_ns = now_ns
            self.mids[name].append((self._wall_ns(), float(mid)))
            self._wire.mark(self._venue, name, mid)
            self.look()

    def _traded(self, trade: PublicTrade, now_ns: int) -> None:
        """Let the bot's orders take what of a recorded trade would have come to them."""
        market = self._markets.get(trade.market)
        if market is None:
            return
        left = trade.size
        for order in _by_priority(market.orders.values()):
            if trade.aggressor == order.side or left <= ZERO:
                continue
            is_beyond = trade.price < order.price if order.side == "buy" else trade.price > order.price
            reached = ZERO
            if is_beyond:
                reached = left
            elif trade.price == order.price and (trade.aggressor or self._is_at_touch(market, order)):
                reached = order.queue.trade(trade, now_ns)
            fill = min(order.remaining, reached, left)
            if fill > ZERO:
                left -= fill
                self._fill(trade.market, order, fill)
        self.look()

    def _is_at_touch(self, market: _Market, order: _Waiting) -> bool:
        """Tell whether a trade at the order's price, of an unknown side, may have been with its queue."""
        mid = market.book.mid_float(unsynced_ok=True)
        return bool(float(order.price) <= mid if order.side == "buy" else float(order.price) >= mid)

    def _crossed(self, name: str, market: _Market) -> None:
        """Let trade what the recorded book has come to."""
        filled = False
        for order in list(_by_priority(market.orders.values())):
            for price, size in self._open(market, "sell" if order.side == "buy" else "buy"):
                is_reached = price <= order.price if order.side == "buy" else price >= order.price
                fill = min(order.remaining, size)
                if not is_reached or fill <= ZERO:
                    break
                filled = True
                self._take(market, "sell" if order.side == "buy" else "buy", price, fill)
                self._fill(name, order, fill)
        if filled:
            self.look()

    def _fill(self, name: str, order: _Waiting, size: Decimal) -> None:
        order.remaining -= size
        against = Side.SELL if order.side == "buy" else Side.BUY
        self._wire.play(self._venue, Take(name, TAKERS[0], against, order.price, size))

    def _open(self, market: _Market, side: str) -> list[tuple[Decimal, Decimal]]:
        """Return the recorded levels of a side, best first, less what the bot has taken of them."""
        levels: list[tuple[Decimal, Decimal]] = []
        for price, size, *_ in market.book.levels(side, MIRRORED_LEVELS):
            price, size = Decimal(price), Decimal(size)
            taken, shown = market.taken.get((side, price), (ZERO, size))
            if shown != size:
                # The level has changed since: whoever is there now has not met us.
                market.taken.pop((side, price), None)
                taken = ZERO
            if size > taken:
                levels.append((price, size - taken))
        return levels

    def _take(self, market: _Market, side: str, price: Decimal, size: Decimal) -> None:
        shown = next(
            (Decimal(left) for at, left, *_ in market.book.levels(side, MIRRORED_LEVELS) if at == price), ZERO
        )
        taken, _ = market.taken.get((side, price), (ZERO, ZERO))
        market.taken[side, price] = (taken + size, shown)

    def _quote(self, name: str, sides: Sequence[str]) -> list[tuple[int, str, Decimal, Decimal]]:
        """Let the recorded book stand in the venue; return the quotes."""
        market = self._markets[name]
        if market.book is None or not market.book.is_synced:
            return []
        quotes = []
        for side in sides:
            for price, size in self._open(market, side):
                ref = next(self._refs)
                quotes.append((ref, side, price, size))
                self._wire.play(self._venue, Quote(name, MAKERS[0], ref, Side(side), price, size))
        return quotes

    def _pull(self, name: str, quotes: Sequence[tuple[int, str, Decimal, Decimal]]) -> None:
        """Take the recorded book away again, and note what the bot took of it."""
        if not quotes:
            return
        left: dict[tuple[str, Decimal], Decimal] = {}
        for one in self._wire.resting(self._venue, name):
            if one.is_house:
                left[one.side, one.price] = left.get((one.side, one.price), ZERO) + one.remaining
        for ref, side, price, size in quotes:
            took = size - left.get((side, price), ZERO)
            if took > ZERO:
                self._take(self._markets[name], side, price, took)
            self._wire.play(self._venue, Cancel(name, ref))


def _sides_against(message: str) -> Sequence[str]:
    """Return the sides of a book that a message may trade with or show: one, where it names the other alone."""
    lower = message.lower()
    buys, sells = "buy" in lower, "sell" in lower
    return ("buy", "sell") if buys == sells else ("sell",) if buys else ("buy",)


def _by_priority(orders: Iterable[_Waiting]) -> list[_Waiting]:
    """Return orders as a market would meet them: best price first, of one price the oldest."""
    return sorted(orders, key=lambda one: -one.price if one.side == "buy" else one.price)
