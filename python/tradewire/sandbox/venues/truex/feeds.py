"""Who receives what and when: at once with credentials, merged at an interval without.

Everyone at one pace sees the same states, and differences follow from the state last sent. A client that changes
its pace is first brought to what it is now. Sequence numbers belong to connections, see ``stream``.

Source: docs.truemarkets.co/websocket/institutional, read 2026-11-20.
"""

from __future__ import annotations

from typing import Any, Protocol

from tradewire.sandbox.documents import to_json
from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.order import Side, Trade
from tradewire.sandbox.ordered import OrderedSet
from tradewire.sandbox.venues.truex import shapes
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.depth import Depth, Level, PushedStates, changes, look
from tradewire.sandbox.venues.truex.instruments import Instrument
from tradewire.sandbox.venues.truex.options import TrueXOptions

__all__ = ["Feeds", "Follower", "Pace"]


class Follower(Protocol):
    """Who receives it."""

    def wants(self, channel: str, item: str) -> bool:
        """Say whether it subscribed to ``item`` of ``channel``."""

    def push(self, channel: str, update: str, data: bytes, count: int = 1) -> None:
        """Send data, the last of ``count`` changes."""

    def skip(self, channel: str) -> None:
        """Count a change without sending it."""


class Pace:
    """What everyone who is served at the same times was sent last.

    Args:
        core: The venue's state.
        options: How empty sides look, and whether merged changes count.
        faults: Faults to inject.
        pushed: Where books are remembered.
    """

    def __init__(
        self, core: ExchangeCore, options: TrueXOptions, faults: Faults, pushed: dict[str, PushedStates]
    ) -> None:
        self.followers = OrderedSet[Follower]()
        self._core = core
        self._options = options
        self._faults = faults
        self._pushed = pushed
        self._depth: dict[str, Depth] = {}
        self._texts: dict[tuple[str, str], bytes] = {}
        self._changes: dict[str, int] = {}
        self._trades: list[tuple[str, bytes]] = []

    def touch(self, symbol: str) -> None:
        """Note that a book may have changed."""
        if self.followers:
            self._changes[symbol] = self._changes.get(symbol, 0) + 1

    def trade(self, symbol: str, data: bytes) -> None:
        """Note a trade."""
        if self.followers:
            self._trades.append((symbol, data))

    def publish(self) -> None:
        """Send what changed."""
        trades, self._trades = self._trades, []
        for symbol, data in trades:
            for follower in self._wanting("TRADE", symbol):
                follower.push("TRADE", "UPDATE", data)
        changed, self._changes = self._changes, {}
        for symbol, count in changed.items():
            merged = count if self._options.coalesced_jumps else 1
            self._publish_depth(symbol, merged)
            self._publish_text("EBBO", symbol, merged)

    def publish_instrument(self, symbol: str) -> None:
        """Send an instrument's status and volume, if they changed."""
        self._publish_text("INSTRUMENT", symbol, 1)

    def welcome(self, follower: Follower, channel: str, symbol: str) -> None:
        """Send a new follower of ``symbol`` what the others were sent last."""
        if channel == "DEPTH":
            self._refresh_depth(symbol, follower)
            state = self._depth[symbol]
            if self._faults.take(FaultKind.STALE_SNAPSHOT, symbol) is not None:
                state = self._pushed[symbol].oldest() or state
            follower.push(channel, "SNAPSHOT", self._depth_data(symbol, state))
        elif channel in {"EBBO", "INSTRUMENT"}:
            self._refresh_text(channel, symbol, follower)
            follower.push(channel, "SNAPSHOT", self._texts[channel, symbol])

    def adopt(self, follower: Follower) -> None:
        """Take over a follower from another pace who knows what it is now."""
        for symbol in self._core.instruments:
            if follower.wants("DEPTH", symbol):
                self._refresh_depth(symbol, follower)
            for channel in ("EBBO", "INSTRUMENT"):
                if follower.wants(channel, symbol):
                    self._refresh_text(channel, symbol, follower)
        self.followers.add(follower)

    def _publish_depth(self, symbol: str, count: int) -> None:
        wanting = self._wanting("DEPTH", symbol)
        if not wanting:
            return
        then, now = self._depth[symbol], self._look(symbol)
        if now == then:
            return
        self._remember(symbol, now)
        bids, asks = changes(then.bids, now.bids), changes(then.asks, now.asks)
        data = to_json({"symbol": symbol, "bids": _levels(bids), "asks": _levels(asks)})
        is_lost = self._faults.take(FaultKind.SKIP_DIFFERENCE, symbol) is not None
        for follower in wanting:
            if is_lost:
                follower.skip("DEPTH")
            else:
                follower.push("DEPTH", "UPDATE", data, count)

    def _publish_text(self, channel: str, symbol: str, count: int) -> None:
        wanting = self._wanting(channel, symbol)
        if not wanting:
            return
        now = self._text(channel, symbol)
        if now == self._texts[channel, symbol]:
            return
        self._texts[channel, symbol] = now
        for follower in wanting:
            follower.push(channel, "UPDATE", now, count)

    def _refresh_depth(self, symbol: str, newcomer: Follower) -> None:
        """Take the current state, unless others still follow an earlier one."""
        if not any(follower is not newcomer for follower in self._wanting("DEPTH", symbol)):
            self._remember(symbol, self._look(symbol))

    def _refresh_text(self, channel: str, symbol: str, newcomer: Follower) -> None:
        if not any(follower is not newcomer for follower in self._wanting(channel, symbol)):
            self._texts[channel, symbol] = self._text(channel, symbol)

    def _remember(self, symbol: str, state: Depth) -> None:
        self._depth[symbol] = state
        self._pushed[symbol].add(state)

    def _wanting(self, channel: str, symbol: str) -> list[Follower]:
        return [follower for follower in self.followers if follower.wants(channel, symbol)]

    def _look(self, symbol: str) -> Depth:
        return look(self._core.markets[symbol].engine)

    def _text(self, channel: str, symbol: str) -> bytes:
        instrument = self._core.instruments[symbol]
        if channel == "INSTRUMENT":
            return to_json(shapes.instrument(instrument, self._core.now_ms()))
        quote = shapes.quote(instrument, self._options.empty_side)
        status = "ENABLED" if instrument.status == "ACTIVE" else "DISABLED"
        return to_json({"id": quote["id"], "status": status, "info": quote["info"]})

    def _depth_data(self, symbol: str, state: Depth) -> bytes:
        sides = {"bids": _levels(state.bids), "asks": _levels(state.asks)}
        if self._options.empty_side == "extremes":
            for name, side in (("bids", Side.BUY), ("asks", Side.SELL)):
                sides[name] = sides[name] or [shapes.no_level(side, "extremes")]
        return to_json({"symbol": symbol, **sides})


class Feeds:
    """Everything the venue pushes by itself; listens to the exchange core.

    Args:
        core: The venue's state.
        options: Cadence.
        faults: Faults to inject.
    """

    def __init__(self, core: ExchangeCore, options: TrueXOptions, faults: Faults) -> None:
        self.pushed = {symbol: PushedStates() for symbol in core.instruments}
        self.live = Pace(core, options, faults, self.pushed)
        self.merged = Pace(core, options, faults, self.pushed)
        self._core = core
        self._faults = faults

    def pace_of(self, follower: Follower) -> Pace:
        """Return the pace at which ``follower`` is served."""
        return self.live if follower in self.live.followers else self.merged

    def hasten(self, follower: Follower) -> None:
        """Serve ``follower`` at once from now on."""
        if follower in self.live.followers:
            return
        self.merged.publish()
        for symbol in self._core.instruments:
            self.merged.publish_instrument(symbol)
        self.merged.followers.discard(follower)
        self.live.adopt(follower)

    def leave(self, follower: Follower) -> None:
        """Send ``follower`` nothing more."""
        self.live.followers.discard(follower)
        self.merged.followers.discard(follower)

    def tick(self) -> None:
        """Send what was merged, and to everyone what traded in 24 hours."""
        self.merged.publish()
        for symbol in self._core.instruments:
            self.live.publish_instrument(symbol)
            self.merged.publish_instrument(symbol)

    def on_trade(self, instrument: Instrument, trade: Trade) -> None:
        """Publish a trade."""
        data = to_json(shapes.trade_push(trade, instrument))
        self.live.trade(instrument.symbol, data)
        self.merged.trade(instrument.symbol, data)

    def on_book(self, instrument: Instrument) -> None:
        """Publish a book's change."""
        for pace in (self.live, self.merged):
            pace.touch(instrument.symbol)
        self.live.publish()

    def on_status(self, instrument: Instrument) -> None:
        """Publish an instrument's new status."""
        self.live.publish_instrument(instrument.symbol)

    def on_report(self, client_id: str, report: dict[str, Any]) -> None:
        """Publish an order's new state."""
        wanting = [follower for follower in self.live.followers if follower.wants("DROPCOPY", client_id)]
        if not wanting:
            return
        is_lost = self._faults.take(FaultKind.USER_LAG) is not None
        data = to_json(report)
        for follower in wanting:
            if is_lost:
                follower.skip("DROPCOPY")
            else:
                follower.push("DROPCOPY", "UPDATE", data)


def _levels(levels: list[Level] | tuple[Level, ...]) -> list[dict[str, str]]:
    return [{"price": price, "qty": quantity, "order_count": orders} for price, quantity, orders in levels]
