"""The venue's two places to trade, whose markets share names."""

from __future__ import annotations

from msgspec import Struct

from tradewire.model import AccountKind

__all__ = ["FUTURES", "SPOT", "Product"]


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
