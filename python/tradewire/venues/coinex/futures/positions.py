"""What we hold, kept from pushes and checked against what the venue lists. Sans-IO."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from tradewire.venues.coinex.futures.model import FuturesPosition

__all__ = ["ENDINGS", "Positions", "as_closed", "differs", "flat"]

ENDINGS = frozenset({"close", "sys_close", "liq"})
"""Events after which nothing should be left."""


def flat(market: str) -> FuturesPosition:
    """Return the position of who holds nothing."""
    return FuturesPosition(
        market=market,
        size=Decimal(0),
        average_price=None,
        realized_pnl=Decimal(0),
        updated_at_ns=0,
        position_id="",
        margin_mode=None,
        leverage=0,
        closable_size=Decimal(0),
        created_at_ns=0,
    )


def differs(ours: FuturesPosition, theirs: FuturesPosition) -> bool:
    """Return whether two say different things of what is held; prices and margins move by themselves."""
    return any(
        one != other
        for one, other in (
            (ours.size, theirs.size),
            (ours.average_price, theirs.average_price),
            (ours.realized_pnl, theirs.realized_pnl),
            (ours.position_id if ours.size else "", theirs.position_id if theirs.size else ""),
        )
    )


class _Kept(NamedTuple):
    position: FuturesPosition
    taken_at_s: float


class Positions:
    """The newest of every market's position, whichever way it came.

    A position that was opened again has a higher id; of one position the later report counts, of two of one moment
    the one that came later. The venue's clock may step back: what REST says counts, however old it looks, once it was
    asked for after everything that reached us could have been read there.

    Times are seconds of one clock of ours that never steps.
    """

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def of(self, market: str) -> FuturesPosition:
        """Return the position in a market; size 0 if there is none."""
        kept = self._kept.get(market)
        return flat(market) if kept is None else kept.position

    def take(self, position: FuturesPosition, now_s: float) -> bool:
        """Keep a report, and return whether it is no older than what was known."""
        kept = self._kept.get(position.market)
        if kept is not None and _age(position) < _age(kept.position):
            return False
        self.put(position, now_s)
        return True

    def put(self, position: FuturesPosition, now_s: float) -> None:
        """Keep a position, whatever was known."""
        self._kept[position.market] = _Kept(position, now_s)

    def end(self, open_one: FuturesPosition, closed: FuturesPosition, now_s: float) -> bool:
        """Keep that a position was found to be closed, unless something newer came while that was asked."""
        if self.of(open_one.market) is not open_one:
            return False
        self.put(closed, now_s)
        return True

    def check(
        self, listed: Iterable[FuturesPosition], settled_s: float, now_s: float
    ) -> tuple[list[FuturesPosition], list[FuturesPosition]]:
        """Take the venue's list of open positions.

        Args:
            listed: All of them.
            settled_s: Everything that reached us before this moment could be read when they were asked for.
            now_s: Now.

        Returns:
            What the list says and we did not know, and open positions of ours that it lacks.
        """
        found = {position.market: position for position in listed}
        news = []
        for market, position in found.items():
            is_news, kept = differs(self.of(market), position), self._kept.get(market)
            if kept is not None and kept.taken_at_s < settled_s:
                self.put(position, now_s)
            elif not self.take(position, now_s):
                continue
            if is_news:
                news.append(position)
        gone = [
            kept.position
            for market, kept in self._kept.items()
            if kept.position.is_open and market not in found and kept.taken_at_s < settled_s
        ]
        return news, gone


def as_closed(position: FuturesPosition) -> FuturesPosition:
    """Return a position that is closed, of which the venue says no more."""
    zero = Decimal(0)
    return replace(
        position, size=zero, average_price=None, closable_size=zero, venue_unrealized_pnl=zero, event=""
    )


def _age(position: FuturesPosition) -> tuple[int, str, int]:
    number = position.position_id
    return len(number), number, position.updated_at_ns
