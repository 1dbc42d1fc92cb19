"""What a venue offers the rest of the house, as one value in the venue's own package.

Classes and functions are named as ``"package.module:name"`` and loaded when first used: a description costs nothing.
"""

from __future__ import annotations

import gc
import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct

from tradewire.errors import ConfigError

if TYPE_CHECKING:
    from tradewire.interface import VenueClientClass
    from tradewire.model import CandleInterval, TimeInForce
    from tradewire.sandbox.venue import VenueClass

__all__ = ["Capabilities", "DemoPlan", "Product", "VenueDescription"]

NAME = r"[a-z][a-z0-9_]*"
TAKEN = frozenset({"venues", "seed", "rate", "host", "ports", "now_ms", "venue", "close"})
"""Arguments and methods of ``Sandbox``, beside which the options and attributes of venues stand."""


class Capabilities(Struct, frozen=True):
    """What a venue can do, known before anything is asked."""

    amend: bool
    """An order's price or size can be changed in place."""
    client_order_ids: bool
    """An order may carry an id of ours."""
    post_only: bool
    """An order may be sent so that it never takes."""
    market_orders: bool
    """Orders without a price are taken."""
    time_in_force: frozenset[TimeInForce]
    """What ``time_in_force`` may be."""
    order_entry: frozenset[str]
    """Ways orders can take: ``rest``, ``ws``."""
    book: str
    """``level2`` or ``level3``."""
    candles: frozenset[CandleInterval] = frozenset()
    """Intervals of ``candles``; none where the venue has no candles."""


class DemoPlan(Struct, frozen=True, kw_only=True):
    """The constants of a venue in ``tradewire demo``: its bot and its checks are the same for all venues."""

    sizes: Mapping[str, str]
    """The markets that are traded, and the size of each order there, base units. The first has its book broken."""
    book_fault: Literal["corrupt_checksum", "skip_difference"]
    """What breaks it."""
    holdings: Literal["balances", "pushed_balances", "positions"]
    """What the account holds, and whether it is asked for at the end or follows from pushes."""
    has_positions: bool = False
    """The account holds positions besides, which are watched and compared with the venue's."""
    settings: Mapping[str, str] = {}
    """What the sandbox is like, as ``tradewire sandbox --set`` takes it."""
    client_options: Mapping[str, Any] = {}
    """What the client is made with."""
    order_options: Mapping[str, Any] = {}
    """What every order and cancel is sent with."""
    fewest_resting_orders: int = 0
    """Orders that a book must have, where books tell single orders, or the demo shows less than it promises."""
    forgets_cancelled: bool = False
    """The venue forgets a cancelled order without fills."""


class Product(Struct, frozen=True, kw_only=True):
    """What a bot can trade at a venue. Its other products beside the first are described by this alone: their sandbox,
    keys and rates are the venue's."""

    name: str
    """The name on the command line. That of another product is the venue's, a dash and what it is,
    ``...-futures`` for instance."""
    client: str
    """The class a bot uses, a ``VenueClient``."""
    messages: str = ""
    """Function that returns the stream's messages and the Python name of each, for ``tradewire endpoints``."""
    book_depths: tuple[int, ...] = ()
    """Depths that ``watch_book`` takes, levels a side, smallest first; none if the venue sends whole books."""
    demo: DemoPlan | None = None
    """Its constants in the demo; without them it takes no part."""
    notice: str = ""
    """What whoever turns to the live venue must know first, its end for instance; said before ``--live`` connects."""

    def __post_init__(self) -> None:
        venue, dash, product = self.name.partition("-")
        is_named = (
            re.fullmatch(NAME, venue) and venue not in TAKEN and (not dash or re.fullmatch(NAME, product))
        )
        if not is_named or (dash and isinstance(self, VenueDescription)):
            raise ConfigError(
                f"name must be lower case letters, digits and underscores and none of {', '.join(sorted(TAKEN))}, "
                f"got {self.name!r}"
            )

    @property
    def venue(self) -> str:
        """The venue's name, of the sandbox's attribute and of its keyword for options."""
        return self.name.partition("-")[0]

    @property
    def client_class(self) -> VenueClientClass:
        """Load ``client``."""
        return cast("VenueClientClass", load(self.client))


class VenueDescription(Product, frozen=True, kw_only=True):
    """One venue. Everything that lists, opens, shows or tries venues reads this and knows no venue by name."""

    products: tuple[Product, ...] = ()
    """What else can be traded there; the venue's own ``name``, ``client`` and so on are those of the first product."""
    operator: str = ""
    """The operator's class, where a venue has one."""
    exports: Mapping[str, str] = {}
    """What ``tradewire`` offers by name, for venues of this package."""
    rates: str = ""
    """Requests per second by rate group."""
    upgrades: str = ""
    """Paths that are documented as endpoints and open a stream, with the Python name of each."""
    sandbox: str
    """The class of the sandbox's venue, see ``sandbox.venue``."""
    sandbox_options: str
    """The class of its options, a dataclass whose fields all have defaults."""
    first_look: str
    """Path of a public request that shows that the venue is there, appended to ``rest_url`` of its sandbox."""

    @property
    def client_classes(self) -> tuple[type, ...]:
        """Load ``client``, those of the other products and, where there is one, ``operator``."""
        named = (self.client, *(product.client for product in self.products), self.operator)
        return tuple(load(one) for one in named if one)

    @property
    def sandbox_class(self) -> VenueClass:
        """Load ``sandbox``."""
        return cast("VenueClass", load(self.sandbox))

    @property
    def options_class(self) -> type:
        """Load ``sandbox_options``."""
        return cast("type", load(self.sandbox_options))

    def rates_per_s(self) -> Mapping[str, float]:
        """Return the requests per second by rate group."""
        rates: Mapping[str, float] = load(self.rates) if self.rates else {}
        return rates

    def stream_messages(self) -> Iterable[tuple[str, str]]:
        """Return the messages of every product's stream, each with its Python name."""
        named = [one.messages for one in (self, *self.products) if one.messages]
        found: list[Callable[[], Iterable[tuple[str, str]]]] = [load(one) for one in named]
        return [message for messages in found for message in messages()]

    def stream_upgrades(self) -> Mapping[str, str]:
        """Return the paths that open a stream, each with its Python name."""
        upgrades: Mapping[str, str] = load(self.upgrades) if self.upgrades else {}
        return upgrades


def load(reference: str) -> Any:
    """Return what ``"package.module:name"`` refers to."""
    module, _, name = reference.partition(":")
    # An import makes many objects and hardly any garbage: looking for it would take a tenth of a client's import,
    # and as much again right after it, unless what was made counts as old.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return getattr(importlib.import_module(module), name)
    finally:
        if was_enabled and not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        if was_enabled:
            gc.enable()
