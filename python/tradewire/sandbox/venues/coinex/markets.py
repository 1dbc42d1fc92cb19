"""The markets the CoinEx sandbox offers: play pairs with the venue's own kind of steps and minimums."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.market import Pair

__all__ = ["ONLINE", "STATUSES", "MarketRules", "market_rules"]

ONLINE = "online"
MARGIN_MARKETS = frozenset({"BTCUSDT", "ETHUSDT"})
STATUSES = (ONLINE, "bidding", "counting_down")


@dataclass(slots=True)
class MarketRules:
    """What an order of one market has to keep to; ``status`` can change while the venue runs."""

    name: str
    base: str
    quote: str
    base_places: int
    quote_places: int
    min_amount: Decimal
    start_price: Decimal
    typical_amount: Decimal
    status: str = ONLINE
    has_margin: bool = False
    """It can be traded with borrowed money."""
    has_pool: bool = False
    """It has a pool of automated market making."""

    @property
    def lot(self) -> Decimal:
        """Smallest step of an amount."""
        return Decimal(1).scaleb(-self.base_places)

    @property
    def pair(self) -> Pair:
        """What the seeded traffic has to know."""
        tick = Decimal(1).scaleb(-self.quote_places)
        return Pair(self.name, self.start_price, tick, self.lot * 1000, self.typical_amount)


def _rules(name: str, places: tuple[int, int], minimum: str, price: str, typical: str) -> MarketRules:
    quote = "USDT" if name.endswith("USDT") else "BTC"
    return MarketRules(
        name,
        name.removesuffix(quote),
        quote,
        *places,
        Decimal(minimum),
        Decimal(price),
        Decimal(typical),
        has_margin=name in MARGIN_MARKETS,
        has_pool=name in MARGIN_MARKETS,
    )


MARKETS = (
    ("BTCUSDT", (8, 2), "0.0001", "61000", "0.02"),
    ("ETHUSDT", (8, 2), "0.001", "3150", "0.4"),
    ("SOLUSDT", (8, 4), "0.02", "142.5", "8"),
    ("XRPUSDT", (6, 6), "2", "0.5321", "1500"),
    ("CETUSDT", (8, 8), "10", "0.0712", "20000"),
    ("ETHBTC", (8, 6), "0.001", "0.0516", "0.4"),
)


def market_rules(names: Collection[str] | None = None) -> dict[str, MarketRules]:
    """Return fresh rules by name, of every market or of those in ``names``.

    Raises:
        ValueError: One of the names is not there.
    """
    every = {row[0]: _rules(*row) for row in MARKETS}
    if names is None:
        return every
    if unknown := set(names) - every.keys():
        raise ValueError(f"no market {', '.join(sorted(unknown))}; there is {', '.join(every)}")
    return {name: rules for name, rules in every.items() if name in names}
