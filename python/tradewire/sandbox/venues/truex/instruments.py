"""The assets and instruments of the sandbox, their state and what traded in the last 24 hours.

Instrument and asset ids and the settings of BTC-PYUSD are those of the published examples; the other instruments
are the sandbox's own. Real ids change when an environment is reset: clients look them up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.market import Pair
from tradewire.sandbox.order import Side
from tradewire.sandbox.venues.truex.increments import bucket_of

__all__ = ["ASSETS", "STATUSES", "Instrument", "Volume", "instruments"]

ASSETS = {
    "USD": "78873627519877132",
    "PYUSD": "78873627519877133",
    "BTC": "78873627519877134",
    "ETH": "78873627519877135",
    "SOL": "78873627519877136",
}
"""Id by name."""
STATUSES = ("DISABLED", "OPENING", "ACTIVE", "HALTED")
Best = tuple[Decimal, Decimal, int]
"""Price, quantity and number of orders of a level."""
MS_PER_MINUTE = 60_000
MINUTES_PER_DAY = 24 * 60


@dataclass(slots=True)
class Volume:
    """What traded in the last 24 hours, to the minute."""

    _minutes: deque[tuple[int, Decimal, Decimal]] = field(default_factory=deque)

    @exactly
    def add(self, notional: Decimal, quantity: Decimal, now_ms: int) -> None:
        """Count one trade."""
        minute = now_ms // MS_PER_MINUTE
        if self._minutes and self._minutes[-1][0] == minute:
            _, notional_before, quantity_before = self._minutes.pop()
            notional, quantity = notional + notional_before, quantity + quantity_before
        self._minutes.append((minute, notional, quantity))

    @exactly
    def totals(self, now_ms: int) -> tuple[Decimal, Decimal]:
        """Return notional and quantity of the last 24 hours."""
        while self._minutes and self._minutes[0][0] <= now_ms // MS_PER_MINUTE - MINUTES_PER_DAY:
            self._minutes.popleft()
        return (
            sum((notional for _, notional, _ in self._minutes), ZERO),
            sum((quantity for _, _, quantity in self._minutes), ZERO),
        )


@dataclass(slots=True, eq=False)
class Instrument:
    """One instrument and its state."""

    instrument_id: str
    symbol: str
    base: str
    quote: str
    reference_price: Decimal
    typical_size: Decimal
    status: str = "ACTIVE"
    price_limit_window_s: int = 3600
    price_limit_percent: Decimal = Decimal("0.015")
    price_bands_percent: Decimal = Decimal("0.025")
    volume: Volume = field(default_factory=Volume)
    last_price: Decimal = ZERO
    last_quantity: Decimal = ZERO
    last_trade_ms: int = 0
    last_update_ms: int = 0
    best: dict[Side, Best | None] = field(default_factory=lambda: dict.fromkeys(Side))
    best_ms: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    window_began_ms: int = 0
    halted_until_ms: int | None = None

    @property
    def pair(self) -> Pair:
        """What the traffic has to know of it."""
        bucket = bucket_of(self.reference_price)
        return Pair(self.symbol, self.reference_price, bucket.tick, bucket.lot, self.typical_size)

    def see_best(self, side: Side, best: Best | None, now_ms: int) -> None:
        """Take note of the best level of a side, and of when it changed."""
        if best != self.best[side]:
            self.best[side] = best
            self.best_ms[side] = self.last_update_ms = now_ms

    @exactly
    def breaches_limit(self, price: Decimal, now_ms: int) -> bool:
        """Say whether a trade at ``price`` moves too far from the reference price of the running window.

        A window that is over starts again with the last price as its reference.
        """
        if now_ms - self.window_began_ms >= self.price_limit_window_s * 1000:
            self.window_began_ms = now_ms
            self.reference_price = self.last_price or self.reference_price
        return abs(price - self.reference_price) > self.price_limit_percent * self.reference_price


def instruments(symbols: Collection[str] | None) -> dict[str, Instrument]:
    """Return new instruments by symbol, all or those named.

    Raises:
        ValueError: There is no such instrument.
    """
    known = {
        f"{base}-PYUSD": Instrument(
            number, f"{base}-PYUSD", base, "PYUSD", reference_price=Decimal(price), typical_size=Decimal(size)
        )
        for base, number, price, size in (
            ("BTC", "78901949723181070", "64000.0", "0.05"),
            ("ETH", "78901949723181071", "3200.00", "0.8"),
            ("SOL", "78901949723181072", "150.000", "12"),
        )
    }
    if symbols is None:
        return known
    if unknown := set(symbols) - set(known):
        raise ValueError(
            f"the TrueX sandbox has no instrument {', '.join(sorted(unknown))}; it has {', '.join(known)}"
        )
    return {symbol: known[symbol] for symbol in known if symbol in symbols}
