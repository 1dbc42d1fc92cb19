"""TrueX, the CeFi venue of True Markets."""

from __future__ import annotations

from tradewire.description import DemoPlan, VenueDescription

__all__ = ["VENUE"]

VENUE = VenueDescription(
    name="truex",
    client="tradewire.venues.truex.client:TrueX",
    exports={
        "JwtKey": "tradewire.venues.truex.jwt:JwtKey",
        "TrueX": "tradewire.venues.truex.client:TrueX",
        "TrueXOptions": "tradewire.sandbox.venues.truex.options:TrueXOptions",
    },
    rates="tradewire.venues.truex.hosts:RATES_PER_S",
    messages="tradewire.venues.truex.dialect:messages",
    book_depths=(20,),
    sandbox="tradewire.sandbox.venues.truex.venue:TrueXVenue",
    sandbox_options="tradewire.sandbox.venues.truex.options:TrueXOptions",
    first_look="/v1/cefi/markets/quote",
    demo=DemoPlan(
        sizes={"BTC-PYUSD": "0.01", "ETH-PYUSD": "0.1", "SOL-PYUSD": "1"},
        book_fault="skip_difference",
        holdings="balances",
        # The venue publishes no rate; a local one bears more than a client dares by itself.
        client_options={"rates_per_s": {"orders": 200.0}},
    ),
)
