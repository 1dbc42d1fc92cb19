"""What the fixture ``venue`` is: one venue or product, and how a bot trades there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tradewire.errors import ConfigError
from tradewire.registry import find_product
from tradewire.testing.venues import SETUPS

if TYPE_CHECKING:
    from tradewire.interface import VenueClient
    from tradewire.session.lifetime import Box

__all__ = ["VenueUnderTest"]


class VenueUnderTest:
    """One venue, or another product of it.

    Args:
        name: Its name, for instance ``coinex-futures``.

    Attributes:
        name: The same.
        box_name: Name of the sandbox's venue that has it, ``coinex`` for instance.
        market: A market that its sandbox has.
        tick: Of the market's prices.
        size: A size that the venue takes.
        size_step: The market's lot.
        book_options: Further arguments of ``watch_book``.

    Raises:
        ConfigError: There is no such venue.
    """

    def __init__(self, name: str) -> None:
        if name not in SETUPS:
            raise ConfigError(f"venue must be one of {', '.join(SETUPS)}, got {name!r}")
        setup = SETUPS[name]
        self.name = name
        self.box_name: str = setup.venue
        self.market: str = setup.market
        self.tick: Decimal = setup.tick
        self.size: Decimal = setup.first_size
        self.size_step: Decimal = setup.size_step
        self.book_options: Mapping[str, Any] = setup.book_options

    def __repr__(self) -> str:
        return f"<venue {self.name}>"

    def client(self, box: Box, **options: Any) -> VenueClient:
        """Return a client of this venue in a sandbox over sockets, with the keys of its default trader.

        Args:
            box: The fixture ``box``, or any ``tradewire.Sandbox`` that is open.
            options: See ``tradewire.ClientOptions``.
        """
        return find_product(self.name).client_class.for_sandbox(box, **options)
