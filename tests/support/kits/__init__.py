"""What suites over all venues must know of each: one module a product, found by the registry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from tradewire.registry import BUILT_IN, find_product, product_names
from tradewire.transport.seam import HttpRequest, HttpTransport

__all__ = ["CLIENTS", "KITS", "PRODUCTS", "Ask", "ClientKit", "Identity", "Kit", "Row"]

Row = dict[str, Any]
Ask = Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True)
class ClientKit:
    """A client class and how a test makes one."""

    kind: Any
    secret_of: Callable[[str], Any]
    """Returns what it signs with, given a key."""
    live: Any
    here: Any
    """Its environments: the live venue, a port of this machine."""
    good: Mapping[str, Any]
    """Arguments that its methods take, by name."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments it is made with."""
    has_stream: bool = True

    def make(self, http: HttpTransport, key: str = "key", **options: Any) -> Any:
        """Return a client."""
        return self.kind(self.secret_of(key), http=http, **self.more, **options)


@dataclass(frozen=True)
class Identity:
    """What a venue answers about one order, and what it would answer about another."""

    row: Row
    asks: Sequence[tuple[Ask, Callable[[Row], object], Sequence[Row]]]
    """A request, what is answered to it, and changes that make it the answer to another request."""
    no_such_order: tuple[int, Row, Ask] | None = None
    """Status and body of a refusal for an unknown order, and a placing that cannot be answered so."""


@dataclass(frozen=True)
class Kit:
    """One venue, or another product of one."""

    clients: Sequence[ClientKit]
    """The first one trades."""
    identity: Identity
    numeric_ids: Sequence[Ask]
    """Calls that give an id as a number."""
    refused: Sequence[tuple[int, Ask, str]]
    """Which client, a call it refuses, and words of the refusal."""
    check_arithmetic: Callable[[], None]
    """Fails if the venue's own arithmetic depends on the program's decimal context."""
    reply: Callable[[HttpRequest, object], object] = lambda _request, data: data
    """Returns the body of a reply that carries ``data``, or the reference data it asks for."""


PRODUCTS = tuple(name for name in product_names() if find_product(name).venue in BUILT_IN)
"""Everything that can be traded with what is in this package."""
KITS: dict[str, Kit] = {name: import_module(f"{__name__}.{name.replace('-', '_')}").KIT for name in PRODUCTS}
CLIENTS: dict[str, ClientKit] = {one.kind.__name__: one for kit in KITS.values() for one in kit.clients}
