"""Who is ahead: positions valued at each market's mark, ranked.

Source: the project's ``state.rs`` and ``admin.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

from typing import Any

from tradewire.sandbox.venues.exchange.core import ExchangeCore
from tradewire.sandbox.venues.exchange.positions import MAX_I64

__all__ = ["mark_of", "rows"]

MAX_U64 = 2**64 - 1


def mark_of(core: ExchangeCore, market_id: str) -> int:
    """Return a market's mark price: settled, else the middle of the book, else the reference, else 0."""
    market = core.markets.get(market_id)
    if market is None:
        return 0
    if market.settlement_price is not None:
        return market.settlement_price
    mid = core.books[market_id].mid()
    return mid if mid is not None else market.reference_price or 0


def rows(core: ExchangeCore, limit: int | None) -> list[dict[str, Any]]:
    """Return every trader, best first, also those who never traded. The venue's own market makers do not compete."""
    marks = {market: mark_of(core, market) for _, market in core.positions}
    ranked: list[dict[str, Any]] = []
    for user in core.users.values():
        if user.position_limit is None:
            continue
        realized = unrealized = gross = 0
        for position in core.positions_of(user.trader_id):
            mark = marks[position.market]
            realized += position.realized_pnl
            gross += abs(position.net_quantity) * mark
            if position.average_entry_price is not None:
                unrealized += (mark - position.average_entry_price) * position.net_quantity
        ranked.append(
            {
                "trader_id": user.trader_id,
                "username": user.username,
                "net_pnl": _saturated(_saturated(realized) + _saturated(unrealized)),
                "realized_pnl": _saturated(realized),
                "unrealized_pnl": _saturated(unrealized),
                "gross_exposure": min(gross, MAX_U64),
            }
        )
    ranked.sort(key=lambda row: (-row["net_pnl"], row["username"], row["trader_id"]))
    numbered = [{"rank": rank, **row} for rank, row in enumerate(ranked, 1)]
    return numbered if limit is None else numbered[:limit]


def _saturated(number: int) -> int:
    """Return the nearest number that fits 64 bits."""
    return max(-MAX_I64 - 1, min(number, MAX_I64))
