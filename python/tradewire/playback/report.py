"""What came of a replay: fills, profit, inventory, orders; exact, with floats for what is drawn only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from tradewire.model import Fill, Market
from tradewire.playback.model import PlacedOrder

__all__ = ["MarketResult", "Report", "result_of"]

ZERO: Final = Decimal(0)
NS_PER_S: Final = 1_000_000_000


class MarketResult(Struct, frozen=True, kw_only=True):
    """What came of one market.

    Attributes:
        market: Which.
        quote: The asset that money is counted in.
        fills: How many.
        bought: Base units, or contracts.
        sold: Likewise.
        inventory: Bought less sold less fees in the base asset: what is held at the end.
        cash: What selling brought less what buying and fees cost, in ``quote``.
        last_mid: Recorded mid price at the end; ``None`` if there was none.
        fees: Fees by asset, below zero for rebates.
    """

    market: str
    quote: str
    fills: int = 0
    bought: Decimal = ZERO
    sold: Decimal = ZERO
    inventory: Decimal = ZERO
    cash: Decimal = ZERO
    last_mid: Decimal | None = None
    fees: Mapping[str, Decimal] = {}

    @property
    def pnl(self) -> Decimal | None:
        """Cash and the inventory at the last mid price, in ``quote``; ``None`` if something is held that has none."""
        if not self.inventory:
            return self.cash
        return None if self.last_mid is None else self.cash + self.inventory * self.last_mid


class Report(Struct, frozen=True, kw_only=True):
    """What came of a replay. ``print`` it, or ``plot`` it.

    Attributes:
        product: What was replayed.
        duration_ns: How much of the recording was played.
        played: Recorded pushes that were played.
        markets: Result by market.
        fills: Every fill, oldest first.
        orders: Orders as they came to rest, with what stood before them in the recorded queue.
        mids: By market: wall clock in ns and recorded mid price, once a second, floats for drawing.
        missing: What was subscribed to and is not in the recording, in words.
        result: What the bot returned; ``None`` if the recording ended before it.
    """

    product: str
    duration_ns: int
    played: int
    markets: Mapping[str, MarketResult]
    fills: Sequence[Fill]
    orders: Sequence[PlacedOrder]
    mids: Mapping[str, Sequence[tuple[int, float]]]
    missing: str = ""
    result: Any = None

    def __str__(self) -> str:
        counts = f"{self.played} pushes, {len(self.orders)} orders rested, {len(self.fills)} fills"
        lines = [f"{self.product}: {self.duration_ns / NS_PER_S:.1f} s, {counts}"]
        for one in self.markets.values():
            pnl = "unknown: there is no mid price" if one.pnl is None else f"{one.pnl:+.2f} {one.quote}"
            fees = ", ".join(f"{_short(amount)} {asset}" for asset, amount in one.fees.items()) or "none"
            sizes = f"bought {_short(one.bought)}, sold {_short(one.sold)}, holds {_short(one.inventory)}"
            lines.append(f"  {one.market}: profit {pnl}; {one.fills} fills, {sizes}, fees {fees}")
        if self.missing:
            lines.append(f"  not in the recording: {self.missing}")
        return "\n".join(lines)

    def plot(self, path: Path | str) -> None:
        """Draw mid price with fills, inventory and profit over time as a PNG; needs ``tradewire[plots]``.

        Raises:
            ConfigError: matplotlib is not installed.
        """
        from tradewire.playback.plots import plot_report

        plot_report(self, Path(path))

    def curve(self, market: str) -> list[tuple[datetime, float, float, float]]:
        """Return time, mid price, inventory and profit, once a second and at every fill, as floats for drawing."""
        quote = self.markets[market].quote
        moves = [(one.received_at_ns, *_moved(one, quote)) for one in self.fills if one.market == market]
        steps: list[tuple[int, float | None, Decimal, Decimal]] = [
            *((wall_ns, mid, ZERO, ZERO) for wall_ns, mid in self.mids.get(market, ())),
            *((wall_ns, None, more, money) for wall_ns, more, money in moves),
        ]
        curve: list[tuple[datetime, float, float, float]] = []
        last, inventory, cash = math.nan, ZERO, ZERO
        for wall_ns, mid, more, money in sorted(steps, key=lambda step: step[0]):
            last = last if mid is None else mid
            inventory, cash = inventory + more, cash + money
            at = datetime.fromtimestamp(wall_ns / NS_PER_S, UTC)
            curve.append((at, last, float(inventory), float(cash) + float(inventory) * last))
        return curve


def result_of(rules: Market, fills: Iterable[Fill], last_mid: Decimal | None) -> MarketResult:
    """Return what came of one market."""
    count, bought, sold, inventory, cash = 0, ZERO, ZERO, ZERO, ZERO
    fees: dict[str, Decimal] = {}
    for fill in fills:
        count += 1
        if fill.side == "buy":
            bought += fill.size
        else:
            sold += fill.size
        more, money = _moved(fill, rules.quote)
        inventory, cash = inventory + more, cash + money
        if fill.fee:
            fees[fill.fee_asset] = fees.get(fill.fee_asset, ZERO) + fill.fee
    return MarketResult(
        market=rules.symbol,
        quote=rules.quote,
        fills=count,
        bought=bought,
        sold=sold,
        inventory=inventory,
        cash=cash,
        last_mid=last_mid,
        fees=fees,
    )


def _moved(fill: Fill, quote: str) -> tuple[Decimal, Decimal]:
    """Return by how much a fill changed inventory and cash; a fee in a third asset changes neither."""
    sign = 1 if fill.side == "buy" else -1
    more, money = sign * fill.size, -sign * fill.size * fill.price
    fee = fill.fee or ZERO
    if fill.fee_asset == quote:
        money -= fee
    elif fill.fee_asset and fill.fee_asset == fill.size_asset:
        more -= fee
    return more, money


def _short(number: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end."""
    return f"{number.normalize():f}"
