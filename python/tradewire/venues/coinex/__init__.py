"""CoinEx v2, spot."""

from __future__ import annotations

from tradewire.description import VenueDescription

__all__ = ["VENUE"]

VENUE = VenueDescription(
    name="coinex",
    client="tradewire.venues.coinex.client:CoinEx",
    exports={
        "CoinEx": "tradewire.venues.coinex.client:CoinEx",
        "CoinExOptions": "tradewire.sandbox.venues.coinex.options:CoinExOptions",
    },
    messages="tradewire.venues.coinex.dialect:messages",
    book_depths=(5, 10, 20, 50),
    sandbox="tradewire.sandbox.venues.coinex.venue:CoinExVenue",
    sandbox_options="tradewire.sandbox.venues.coinex.options:CoinExOptions",
    first_look="/spot/ticker?market=BTCUSDT",
)
