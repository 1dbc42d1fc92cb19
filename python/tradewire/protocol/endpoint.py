"""One typed row per REST endpoint: everything the machinery must know, in one place.

A venue's ``rest`` package has one file per subject of its documentation; a row stands there beside its request, its
reply and the client's method that calls it. Rows are made by an ``Api`` that knows what all rows of the venue share::

    api = Api("https://docs.example.com/api", "2026-11-20", public_group="ip")
    FILLS = api("GET", "/v2/spot/user-deals", FillsQuery, page(UserDealRow, parse.fill), group="spot-history",
                source="spot/deal/http/list-user-deals")

    @FILLS.client_method
    async def fills(self, market: str) -> Page[Fill]:
        \"\"\"Return a page of our trades.\"\"\"
        return await self._rest.call(FILLS, FillsQuery(market))

Request and reply types are inferred from the row: a method that passes or returns another type is a type error.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import StrEnum
from types import CoroutineType, MappingProxyType
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from tradewire.errors import RemoteProtocolError
from tradewire.protocol.request import Hole, Params, Request, encoder

__all__ = ["Access", "AnyEndpoint", "Api", "Effect", "Endpoint", "Params", "Reply", "endpoint_of"]

RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")
OtherT = TypeVar("OtherT")
AskedT = TypeVar("AskedT", bound=Request | None)
MethodT = TypeVar("MethodT", bound=Callable[..., Any])
SHOWN_WIDTH = 100
ArgumentsP = ParamSpec("ArgumentsP")


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


class Reply(Struct, Generic[ResponseT], frozen=True):
    """How the reply of an endpoint is read."""

    decode: Callable[[bytes], ResponseT]
    shape: str
    """What it looks like on the wire, as docstrings show it."""

    def then(self, build: Callable[[ResponseT], OtherT]) -> Reply[OtherT]:
        """Return how a reply is read of which ``build`` makes what the method returns."""
        return Reply(lambda body: build(self.decode(body)), self.shape)


class Endpoint(Struct, Generic[RequestT, ResponseT], frozen=True):
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
    mismatch: Callable[[RequestT, ResponseT], str] | None = None
    """Returns how a decoded reply contradicts its request, for instance ``id 7 for 9``; empty if it fits."""

    varying: Mapping[str, Hole] = MappingProxyType({})
    """Fields of a request in which it differs from the one before, more often than not: it is written by
    a lane then. Only the hot ones say so."""
    shape: str = ""
    """What the reply looks like on the wire."""
    parameters: Sequence[str] = ()
    """The wire's names of what a request may carry."""

    def lookup_of(self, request: RequestT) -> str:
        """Return what to ask when the outcome of ``request`` is unknown."""
        return self.lookup.format(request=request)

    def check(self, request: RequestT, response: ResponseT) -> None:
        """Raise ``RemoteProtocolError`` if ``response`` is the answer to another request than ``request``."""
        difference = self.mismatch(request, response) if self.mismatch is not None else ""
        if difference:
            raise RemoteProtocolError(f"the reply belongs to another request: {difference}")

    def reading(self, build: Callable[[ResponseT], OtherT]) -> Endpoint[RequestT, OtherT]:
        """Return the same endpoint, read for what ``build`` makes of its reply."""
        other = cast("Endpoint[RequestT, OtherT]", self)
        return replace(other, decode=lambda body: build(self.decode(body)), mismatch=None)

    @property
    def name(self) -> str:
        """Verb and path, as errors and logs name this endpoint."""
        return f"{self.method} {self.path}"

    def client_method(
        self, function: Callable[ArgumentsP, Coroutine[Any, Any, ResponseT]]
    ) -> Callable[ArgumentsP, CoroutineType[Any, Any, ResponseT]]:
        """Mark the client's method that calls this row and returns its reply; its docstring gets the row's facts."""
        # What `async def` makes is both; pyright takes that of a Protocol for the narrower one.
        return cast("Callable[ArgumentsP, CoroutineType[Any, Any, ResponseT]]", self.documents(function))

    def documents(self, function: MethodT) -> MethodT:
        """Mark, as ``client_method`` does, one that returns something else, for instance all pages of a list."""
        function.__endpoint__ = self  # type: ignore[attr-defined]  # read back by endpoint_of
        summary, _, rest = (function.__doc__ or "").rstrip().partition("\n")
        facts = f"``{self.name}``, rate group {self.rate_group}, {self.access}, {self.effect}."
        shape = "\n            ".join(_lines(self.shape or "nothing"))
        function.__doc__ = (
            f"{summary}\n\n        {facts}\n{rest}\n\n        Shape:\n            {shape}\n\n"
            f"        Source:\n            {self.source}, read {self.read_on}.\n        "
        )
        return function


def _lines(text: str) -> list[str]:
    # Not textwrap: its pattern took a tenth of the time a client takes to import.
    lines = []
    rest = " ".join(text.split())
    while len(rest) > SHOWN_WIDTH:
        end = rest.rfind(" ", 0, SHOWN_WIDTH + 1)
        end = rest.find(" ", SHOWN_WIDTH) if end < 0 else end
        if end < 0:
            break
        lines.append(rest[:end])
        rest = rest[end + 1 :]
    return [*lines, rest]


AnyEndpoint: TypeAlias = Endpoint[Any, Any]
"""A row where its request and reply do not matter."""


def endpoint_of(method: object) -> AnyEndpoint | None:
    """Return the row a client's method calls, if it is one that does."""
    return getattr(method, "__endpoint__", None)


class Api:
    """Makes the rows of one venue.

    Args:
        docs: What the pages of its documentation begin with.
        read_on: When they were read, ISO date.
        public_group: The rate group of requests that need no key.
        access: What the others must carry.

    Attributes:
        rows: Every row made so far.
    """

    def __init__(self, docs: str, read_on: str, *, public_group: str, access: Access = Access.SIGNED) -> None:
        self._docs = docs
        self._read_on = read_on
        self._public_group = public_group
        self._access = access
        self.rows: list[Endpoint[Any, Any]] = []

    def __call__(
        self,
        verb: str,
        path: str,
        request: type[AskedT],
        reply: Reply[OtherT],
        *,
        group: str,
        source: str,
        effect: Effect | None = None,
        lookup: str = "",
        mismatch: Callable[[AskedT, OtherT], str] | None = None,
        is_cancel: bool = False,
        is_placing: bool = False,
        weight: int = 1,
        spellings: Sequence[str] = (),
        varying: Mapping[str, Hole] = MappingProxyType({}),
    ) -> Endpoint[AskedT, OtherT]:
        """Return a new row; a ``GET`` reads, and nothing else is repeated unless ``effect`` says that it may be."""
        encode, parameters = encoder(request, path, is_body=verb in {"POST", "PUT", "PATCH"})
        row = Endpoint(
            verb,
            path,
            Access.PUBLIC if group == self._public_group else self._access,
            effect or (Effect.READ if verb == "GET" else Effect.ONCE),
            group,
            encode,
            reply.decode,
            f"{self._docs}/{source}",
            self._read_on,
            weight=weight,
            lookup=lookup,
            is_cancel=is_cancel,
            is_placing=is_placing,
            spellings=spellings,
            mismatch=mismatch,
            varying=varying,
            shape=reply.shape,
            parameters=parameters,
        )
        self.rows.append(row)
        return row

    def raw(
        self, verb: str, path: str, group: str, read: Callable[[bytes], object], *, is_signed: bool
    ) -> Endpoint[Params, object]:
        """Return an endpoint that has no row: nothing but a ``GET`` is ever repeated."""
        access = self._access if is_signed else Access.PUBLIC
        effect = Effect.READ if verb == "GET" else Effect.ONCE
        lookup = f"the venue's page of {verb} {path} says how"
        return Endpoint(
            verb,
            path,
            access,
            effect,
            group,
            lambda params: params,
            read,
            self._docs,
            self._read_on,
            lookup=lookup,
        )
