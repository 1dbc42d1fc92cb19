"""The venue's two places to trade, whose markets share names, and the candles that both have."""

from __future__ import annotations

from msgspec import Struct

from tradewire.model import AccountKind, CandleInterval

__all__ = ["FUTURES", "PERIODS", "SPOT", "Product"]


class Product(Struct, frozen=True, eq=False):
    """One of the venue's two places to trade. Their markets share names, so that every request says which is meant."""

    name: str
    """What paths, pages and rate groups begin with."""
    client: str
    """The class of its client."""
    account: AccountKind
    """Whose orders are meant where nothing else is said."""


SPOT = Product("spot", "CoinEx", AccountKind.SPOT)
FUTURES = Product("futures", "CoinExFutures", AccountKind.FUTURES)
PERIODS = {
    CandleInterval.MINUTE: "1min",
    CandleInterval.MINUTES_3: "3min",
    CandleInterval.MINUTES_5: "5min",
    CandleInterval.MINUTES_15: "15min",
    CandleInterval.MINUTES_30: "30min",
    CandleInterval.HOUR: "1hour",
    CandleInterval.HOURS_2: "2hour",
    CandleInterval.HOURS_4: "4hour",
    CandleInterval.HOURS_6: "6hour",
    CandleInterval.HOURS_12: "12hour",
    CandleInterval.DAY: "1day",
    CandleInterval.DAYS_3: "3day",
    CandleInterval.WEEK: "1week",
}
