"""One typed row per REST endpoint: everything the machinery must know, in one place.

A venue's ``endpoints`` room is a list of these; its ``client`` has one short method per row, and
``tests/conformance/test_endpoints.py`` marries row, method and docstring.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from tradewire.errors import RemoteProtocolError

__all__ = ["Access", "Effect", "Endpoint", "Params", "calls", "endpoint_of"]

RequestT = TypeVar("RequestT", contravariant=True)
ResponseT = TypeVar("ResponseT", covariant=True)
MethodT = TypeVar("MethodT", bound=Callable[..., Any])


class Access(StrEnum):
    """What a request must carry."""

    PUBLIC = "public"
    KEYED = "keyed"
    """An API key or token, no signature."""
    SIGNED = "signed"


class Effect(StrEnum):
    """What happens when a request reaches the venue twice. Decides what may be repeated."""

    READ = "read"
    REPEATABLE = "repeatable"
    """Repeating it cannot do more than doing it once, for instance a cancel."""
    ONCE = "once"
    """Repeating it may do it twice, for instance placing an order."""


@dataclass(frozen=True, slots=True)
class Params:
    """An encoded request: the parts in which it travels, before the venue's ``auth`` signs them."""

    query: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    path: Sequence[tuple[str, str]] = ()
    """Values for the ``{names}`` of the row's path."""


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[RequestT, ResponseT]):
    """One REST endpoint of a venue."""

    method: str
    path: str
    """Exactly as the venue prints it."""
    access: Access
    effect: Effect
    rate_group: str
    """Name of the token bucket this draws from, as in the venue's ``hosts`` room."""
    encode: Callable[[RequestT], Params]
    decode: Callable[[bytes], ResponseT]
    source: str
    """The venue's own page."""
    read_on: str
    """Date that page was last read, ISO."""
    weight: int = 1
    """Tokens one request costs."""
    lookup: str = ""
    """For writes: what to ask when the outcome is unknown, as a Python call; ``{request.market!r}`` is the
    request's own."""
    is_cancel: bool = False
    """May use the part of its rate group that is reserved for cancels."""
    is_placing: bool = False
    """Creates an order: that one is not found cannot be the answer to it."""
    spellings: Sequence[str] = ()
    """Other paths of the same endpoint, deprecated ones for instance."""
    mismatch: Callable[[RequestT, Any], str] | None = None
    """Returns how a decoded reply contradicts its request, for instance ``id 7 for 9``; empty if it fits."""

    def lookup_of(self, request: RequestT) -> str:
        """Return what to ask when the outcome of ``request`` is unknown."""
        return self.lookup.format(request=request)

    def check(self, request: RequestT, response: object) -> None:
        """Raise ``RemoteProtocolError`` if ``response`` is the answer to another request than ``request``."""
        difference = self.mismatch(request, response) if self.mismatch is not None else ""
        if difference:
            raise RemoteProtocolError(f"the reply belongs to another request: {difference}")

    @property
    def name(self) -> str:
        """Verb and path, as errors and logs name this endpoint."""
        return f"{self.method} {self.path}"


def calls(endpoint: Endpoint[Any, Any]) -> Callable[[MethodT], MethodT]:
    """Mark a client's method as the one that calls ``endpoint``."""

    def mark(method: MethodT) -> MethodT:
        method.__endpoint__ = endpoint  # type: ignore[attr-defined]  # read back by endpoint_of
        return method

    return mark


def endpoint_of(method: object) -> Endpoint[Any, Any] | None:
    """Return the row a client's method calls, if it is one that does."""
    return getattr(method, "__endpoint__", None)
