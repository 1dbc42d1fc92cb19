"""A toy exchange in a package of its own: what a venue outside tradewire needs, and nothing else.

``rows`` has its REST endpoints, ``stream`` its WebSocket, ``client`` the class bots use, ``sandbox`` a local exchange
over real sockets. tradewire finds it by the entry point ``toy`` of the group ``tradewire.venues``.
"""

from __future__ import annotations

from tradewire.description import DemoPlan, VenueDescription

__all__ = ["VENUE"]

VENUE = VenueDescription(
    name="toy",
    client="toy_venue.client:Toy",
    rates="toy_venue.rows:RATES_PER_S",
    messages="toy_venue.stream:messages",
    sandbox="toy_venue.sandbox:ToyVenue",
    sandbox_options="toy_venue.sandbox:ToyOptions",
    first_look="/time",
    demo=DemoPlan(sizes={"TOY-USD": "2"}, book_fault="skip_difference", holdings="balances"),
)
