"""What we hold, kept from pushes and checked against what the venue lists. Sans-IO."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

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


class Positions:
    """The newest of every market's position, whichever way it came.

    A position that was opened again has a higher id; of one position the later report counts, of two of one moment
    the one that came later.
    """

    def __init__(self) -> None:
        self._kept: dict[str, FuturesPosition] = {}

    def of(self, market: str) -> FuturesPosition:
        """Return the position in a market; size 0 if there is none."""
        return self._kept.get(market) or flat(market)

    @property
    def open(self) -> tuple[FuturesPosition, ...]:
        """Every position that is not closed, by market."""
        return tuple(one for _, one in sorted(self._kept.items()) if one.is_open)

    def take(self, position: FuturesPosition) -> bool:
        """Keep a report, and return whether it is newer than what was known."""
        known = self._kept.get(position.market)
        if known is not None and _age(position) < _age(known):
            return False
        self._kept[position.market] = position
        return True

    def check(
        self, listed: Iterable[FuturesPosition], asked_at_ns: int
    ) -> tuple[list[FuturesPosition], list[FuturesPosition]]:
        """Take the venue's list of open positions.

        Args:
            listed: All of them.
            asked_at_ns: When they were asked for, by the venue's clock: what was reported since then is newer.

        Returns:
            What the list says and we did not know, and open positions of ours that it lacks.
        """
        found = {position.market: position for position in listed}
        news = []
        for position in found.values():
            is_news = differs(self.of(position.market), position)
            if self.take(position) and is_news:
                news.append(position)
        gone = [one for one in self.open if one.market not in found and one.updated_at_ns < asked_at_ns]
        return news, gone

    def put(self, position: FuturesPosition) -> None:
        """Keep a position that was found to be closed, whatever was known."""
        self._kept[position.market] = position


def as_closed(position: FuturesPosition) -> FuturesPosition:
    """Return a position that is closed, of which the venue says no more."""
    zero = Decimal(0)
    return replace(
        position, size=zero, average_price=None, closable_size=zero, venue_unrealized_pnl=zero, event=""
    )


def _age(position: FuturesPosition) -> tuple[int, str, int]:
    number = position.position_id
    return len(number), number, position.updated_at_ns
