"""The futures stream: that of ``coinex.connection``, and the positions that are kept from it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from tradewire.errors import ConfigError, TradewireError
from tradewire.model import Fill, Rows
from tradewire.protocol import events
from tradewire.protocol.channels import Channel
from tradewire.session.account import FILL_GRACE_S
from tradewire.session.background import Tasks
from tradewire.session.inquiry import READ_LAG_S
from tradewire.session.subscription import Subscription
from tradewire.venues.coinex import dialect
from tradewire.venues.coinex.connection import Streams
from tradewire.venues.coinex.futures.model import FuturesPosition
from tradewire.venues.coinex.futures.positions import ENDINGS, Positions

__all__ = ["FuturesStreams", "now_s"]

QUESTION = "positions"
DUE = "fills of positions"
POSITIONS = Channel(dialect.POSITIONS.name)


class FuturesStreams(Streams):
    """One connection of futures, and our positions."""

    positions: Positions

    def follow_positions(self, ask: Callable[[], Awaitable[object]]) -> None:
        """Keep positions from pushes; ``ask`` reads them, with what is asked after every loss."""
        self.positions = Positions()
        self._is_known = False
        self._due: dict[str, int] = {}
        self._questions = Tasks[str](self.session.report)
        self.account.on_fill = self._expect
        self.account.also_ask(QUESTION, ask, self._is_watched)
        self.session.intercept(POSITIONS, self._take)
        self.session.on_unreadable(POSITIONS, self.account.missed)
        self.session.watch_events(self._on_event)

    def known_position(self, market: str) -> FuturesPosition:
        """Return a position without asking.

        Raises:
            ConfigError: Positions are not watched, or were not read yet since the connection was lost.
        """
        watched = self.session.watched_keys(dialect.POSITIONS.name)
        if not (self._is_known and {"", market} & {*watched}):
            raise ConfigError(
                f"the position in {market} is known while watch_positions() is open for it and once the venue has "
                "listed all; await positions() instead"
            )
        return self.positions.of(market)

    def checked(
        self, listed: Rows[FuturesPosition], asked_at_s: float
    ) -> tuple[list[FuturesPosition], list[FuturesPosition]]:
        """Take the list of all positions, asked for at that time of the loop; see ``Positions.check``."""
        news, gone = self.positions.check(listed, asked_at_s - READ_LAG_S, now_s())
        self._is_known = True
        for position in news:
            self._publish(position)
        # Of a row that cannot be read no one knows which position it is.
        return news, [] if listed.unreadable else gone

    def ended(self, open_one: FuturesPosition, closed: FuturesPosition) -> bool:
        """Take a position that was found to be closed, and return whether nothing newer came meanwhile."""
        is_news = self.positions.end(open_one, closed, now_s())
        if is_news:
            self._publish(closed)
        return is_news

    def watch_positions(
        self, market: str, on_update: Callable[[FuturesPosition], None] | None, bound: int
    ) -> Subscription[FuturesPosition]:
        """Watch positions.

        Raises:
            ConfigError: There are no credentials, or the client is closed.
        """
        subscription: Subscription[FuturesPosition] = self.watch(dialect.POSITIONS, market, on_update, bound)
        # Pushes begin with the next change: what is held already is asked for.
        self._questions.start(market, lambda: self._begin(subscription))
        return subscription

    def heard(self, position: FuturesPosition) -> FuturesPosition:
        """Take what REST said of a position, and return it."""
        if self.positions.take(position, now_s()):
            self._publish(position)
        return position

    async def close(self, cancel_within_s: float = 0.0) -> None:
        """Close as every client's streams do, and stop asking."""
        await super().close(cancel_within_s)
        await self._questions.close()

    async def _begin(self, subscription: Subscription[FuturesPosition]) -> None:
        # Who watches is told of a refusal.
        with contextlib.suppress(TradewireError):
            await subscription.ready()
            self.account.missed()

    def _expect(self, fill: Fill) -> None:
        """See that a fill of ours reaches its position: its push may be lost, or the login have ended unnoticed."""
        if self._is_watched():
            self._due[fill.market] = max(self._due.get(fill.market, 0), fill.time_ns)
            self._questions.start(DUE, self._look)

    async def _look(self) -> None:
        await asyncio.sleep(FILL_GRACE_S)
        due, self._due = self._due, {}
        if any(self.positions.of(market).updated_at_ns < time_ns for market, time_ns in due.items()):
            self.account.missed()

    def _is_watched(self) -> bool:
        return bool(self.session.watched_keys(dialect.POSITIONS.name))

    def _on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Disconnected):
            self._is_known = False

    def _take(self, position: FuturesPosition) -> FuturesPosition | None:
        if position == self.positions.of(position.market):
            return None
        if not self.positions.take(position, now_s()):
            # Late, or the venue's clock stepped back: the venue knows which.
            self.account.missed()
            return None
        if position.event in ENDINGS and position.is_open:
            # It says that it ended, and that something is left: the venue knows which.
            self.account.missed()
        return position

    def _publish(self, position: FuturesPosition) -> None:
        self.session.publish(Channel(POSITIONS.topic, position.market), position)


def now_s() -> float:
    """Return the time of the loop, seconds: it never steps."""
    return asyncio.get_running_loop().time()
