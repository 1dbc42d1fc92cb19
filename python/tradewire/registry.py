"""Which venues there are. To add one to this package, add a line to ``BUILT_IN``; nothing else names a venue.

A venue may also live in a package of its own, which says so with an entry point of the group ``tradewire.venues``:

    [project.entry-points."tradewire.venues"]
    toy = "toy_venue:VENUE"

whose value is a ``VenueDescription`` of that name.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tradewire.errors import ConfigError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from tradewire.description import Product
    from tradewire.description import VenueDescription as VenueDescription

    # What editors and type checkers see of the names in BUILT_IN; `tradewire` offers them.
    from tradewire.sandbox.venues.coinex.options import CoinExOptions as CoinExOptions
    from tradewire.sandbox.venues.coinex.venue import CoinExVenue
    from tradewire.sandbox.venues.exchange.options import ExchangeOptions as ExchangeOptions
    from tradewire.sandbox.venues.exchange.venue import ExchangeVenue
    from tradewire.sandbox.venues.truex.options import TrueXOptions as TrueXOptions
    from tradewire.sandbox.venues.truex.venue import TrueXVenue
    from tradewire.venues.coinex.client import CoinEx as CoinEx
    from tradewire.venues.coinex.futures.client import CoinExFutures as CoinExFutures
    from tradewire.venues.exchange.admin import ExchangeAdmin as ExchangeAdmin
    from tradewire.venues.exchange.client import Exchange as Exchange
    from tradewire.venues.exchange.rest.admin_markets import MarketDefinition as MarketDefinition
    from tradewire.venues.truex.client import TrueX as TrueX
    from tradewire.venues.truex.jwt import JwtKey as JwtKey

GROUP = "tradewire.venues"
BUILT_IN = {
    "coinex": ("CoinEx", "CoinExFutures", "CoinExOptions"),
    "exchange": ("Exchange", "ExchangeAdmin", "ExchangeOptions", "MarketDefinition"),
    "truex": ("TrueX", "TrueXOptions", "JwtKey"),
}
"""The venues of this package: the folder of ``tradewire.venues`` whose ``VENUE`` describes it, and the names that
``tradewire`` offers."""


class OpenVenues:
    """A sandbox's open venues as attributes: ``box.coinex``."""

    if TYPE_CHECKING:
        coinex: CoinExVenue
        exchange: ExchangeVenue
        truex: TrueXVenue


def venue_names() -> tuple[str, ...]:
    """Return the names of all venues: those of this package, then those that other packages bring."""
    return (*BUILT_IN, *sorted(_installed().keys() - BUILT_IN.keys()))


def find_venue(name: str) -> VenueDescription:
    """Return the description of a venue. One of this package wins over an installed one of the same name.

    Raises:
        ConfigError: There is none, or the package that brings it is broken or not alone.
    """
    if name in BUILT_IN:
        description: VenueDescription = importlib.import_module(f"tradewire.venues.{name}").VENUE
        return description
    installed = _installed()
    if name not in installed:
        raise ConfigError(f"venue must be one of {', '.join((*BUILT_IN, *sorted(installed)))}, got {name!r}")
    return _load(name, installed[name])


def product_names() -> tuple[str, ...]:
    """Return the names of all that can be traded: each venue, and after it what else it has."""
    return tuple(one.name for name in venue_names() for one in _products(find_venue(name)))


def find_product(name: str) -> Product:
    """Return the description of a venue, or of another product of it: ``coinex-futures``.

    Raises:
        ConfigError: There is none, or the package that brings its venue is broken or not alone.
    """
    found = [one for one in _products(find_venue(name.partition("-")[0])) if one.name == name]
    if not found:
        raise ConfigError(f"product must be one of {', '.join(product_names())}, got {name!r}")
    return found[0]


def product_of(client_class: type) -> str:
    """Return the name of what a client class, or one derived from it, trades. Loads no client.

    Raises:
        ConfigError: It is of no venue that is there.
    """
    made_of = {f"{one.__module__}:{one.__qualname__}" for one in client_class.__mro__}
    for name in product_names():
        if find_product(name).client in made_of:
            return name
    raise ConfigError(
        f"the class must be a client of {', '.join(product_names())}, got {client_class.__name__}"
    )


def _products(venue: VenueDescription) -> tuple[Product, ...]:
    return venue, *venue.products


def exported(name: str) -> Any:
    """Return what ``tradewire`` offers as ``name`` for one of its venues.

    Raises:
        KeyError: No venue has such a name.
    """
    from tradewire.description import load

    [venue] = [venue for venue, names in BUILT_IN.items() if name in names] or [""]
    if not venue:
        raise KeyError(name)
    return load(find_venue(venue).exports[name])


def _installed() -> dict[str, list[EntryPoint]]:
    """Return what installed packages say of venues, by name."""
    from importlib.metadata import entry_points

    found: dict[str, list[EntryPoint]] = {}
    for one in entry_points(group=GROUP):
        found.setdefault(one.name, []).append(one)
    return found


def _load(name: str, found: list[EntryPoint]) -> VenueDescription:
    from tradewire.description import VenueDescription

    if len({one.value for one in found}) > 1:
        raise ConfigError(
            f"venue {name} is brought by several packages ({', '.join(one.value for one in found)}); uninstall one"
        )
    try:
        description = found[0].load()
    except Exception as error:
        # Whatever a package does wrong at import, it is that package which must be named.
        raise ConfigError(f"venue {name} cannot be loaded from {found[0].value}: {error!r}") from error
    if not isinstance(description, VenueDescription) or description.name != name:
        raise ConfigError(
            f"{found[0].value} must be a VenueDescription of name {name!r}, got {description!r}"
        )
    return description
