"""The perpetuals the CoinEx sandbox offers: linear, margined and settled in USDT, named after their spot markets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.market import Pair
from tradewire.sandbox.order import FeeRates
from tradewire.sandbox.venues.coinex.markets import MarketRules

__all__ = ["FUTURES_FEE_RATES", "OPENING_LEVELS", "FuturesRules", "Level", "futures_rules"]

FUTURES_FEE_RATES = FeeRates(maker=Decimal("0.0003"), taker=Decimal("0.0005"))
LEVERAGES = (1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100)
WANDER_SHARE = Decimal("0.001")
"""The traffic keeps this close to the index."""
OPENING_LEVELS = 30


@dataclass(frozen=True, slots=True)
class Level:
    """What positions of up to ``amount`` may and must: the venue's ``position-level``."""

    amount: Decimal
    leverage: int
    maintenance_rate: Decimal
    initial_rate: Decimal


@dataclass(slots=True)
class FuturesRules(MarketRules):
    """What an order of one perpetual has to keep to."""

    levels: tuple[Level, ...] = ()
    fee_rates: FeeRates = FUTURES_FEE_RATES

    @property
    def tick(self) -> Decimal:
        """Smallest step of a price."""
        return Decimal(1).scaleb(-self.quote_places)

    @property
    def leverages(self) -> tuple[int, ...]:
        """What may be chosen."""
        return tuple(one for one in LEVERAGES if one <= self.levels[0].leverage)

    @property
    def pair(self) -> Pair:
        """What the seeded traffic has to know."""
        return Pair(
            self.name,
            self.start_price,
            self.tick,
            self.lot,
            self.typical_amount,
            wander=WANDER_SHARE,
        )

    def level(self, amount: Decimal) -> Level:
        """Return the level of a position of this size; the last one is the highest there is."""
        return next((level for level in self.levels if amount <= level.amount), self.levels[-1])

    def most(self, leverage: int) -> Decimal:
        """Return the largest position that may have this leverage."""
        return max((level.amount for level in self.levels if leverage <= level.leverage), default=Decimal(0))


def _levels(unit: str) -> tuple[Level, ...]:
    rows = (
        (1, 100, "0.005", "0.01"),
        (3, 50, "0.01", "0.02"),
        (10, 20, "0.025", "0.05"),
        (50, 5, "0.1", "0.2"),
    )
    return tuple(
        Level(Decimal(unit) * units, leverage, Decimal(maintenance), Decimal(initial))
        for units, leverage, maintenance, initial in rows
    )


MARKETS = (
    ("BTCUSDT", (4, 1), "0.0001", "61000", "0.02", "20"),
    ("ETHUSDT", (3, 2), "0.001", "3150", "0.4", "400"),
    ("SOLUSDT", (2, 3), "0.05", "142.5", "8", "8000"),
)


def futures_rules(names: Collection[str] | None = None) -> dict[str, FuturesRules]:
    """Return fresh rules by name, of every perpetual or of those in ``names``."""
    return {
        name: FuturesRules(
            name,
            name.removesuffix("USDT"),
            "USDT",
            *places,
            Decimal(minimum),
            Decimal(price),
            Decimal(typical),
            levels=_levels(unit),
        )
        for name, places, minimum, price, typical, unit in MARKETS
        if names is None or name in names
    }
