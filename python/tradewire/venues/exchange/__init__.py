"""Exchange (jamxu88), generation P of its protocol."""

from __future__ import annotations

from tradewire.description import DemoPlan, VenueDescription

__all__ = ["VENUE"]

VENUE = VenueDescription(
    name="exchange",
    client="tradewire.venues.exchange.client:Exchange",
    operator="tradewire.venues.exchange.admin:ExchangeAdmin",
    exports={
        "Exchange": "tradewire.venues.exchange.client:Exchange",
        "ExchangeAdmin": "tradewire.venues.exchange.admin:ExchangeAdmin",
        "ExchangeOptions": "tradewire.sandbox.venues.exchange.options:ExchangeOptions",
        "MarketDefinition": "tradewire.venues.exchange.rest.admin_markets:MarketDefinition",
    },
    rates="tradewire.venues.exchange.hosts:RATES_PER_S",
    messages="tradewire.venues.exchange.dialect:messages",
    upgrades="tradewire.venues.exchange.dialect:UPGRADES",
    sandbox="tradewire.sandbox.venues.exchange.venue:ExchangeVenue",
    sandbox_options="tradewire.sandbox.venues.exchange.options:ExchangeOptions",
    first_look="/api/v1/markets",
    demo=DemoPlan(
        sizes={"ABC-USD": "5", "XYZ-USD": "6"},
        book_fault="skip_difference",
        holdings="positions",
        order_options={"order_entry": "ws"},
        fewest_resting_orders=500,
    ),
)
