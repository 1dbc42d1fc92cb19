"""Endpoints of a venue as methods of classes by subject: which request each answers and what it reads.

``@route`` above a method says verb, path and rate group; its signature says the parameters:

    class SpotOrders(Handlers):
        topic = "orders"

        @route("GET", "/v2/spot/order-status", group="spot-query")
        def order_status(self, call: Call, market: Market, order_id: Id) -> Json: ...

A parameter is annotated with how it is read (``Id = Annotated[int, Reader(Fields.integer)]``); one with a default
may be absent. Its name is the wire's; underscores at either end are not part of it (``type_``, ``_checked_only``).
It comes from the path if the path names it, else from the body of ``POST``, ``PUT`` and ``PATCH``, else from the query.
The parameter ``call`` gets what the venue's ``admit`` returned.

Finding a route, verbs that are not there, reading parameters and the kinds of fault injection are done here for
every venue; a venue says in its ``Api`` who is admitted, how text becomes fields and what envelopes look like.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeAlias, TypeVar, get_args, get_type_hints
from urllib.parse import parse_qs

from tradewire.sandbox.documents import from_json
from tradewire.sandbox.faults.points import Action, RequestKind
from tradewire.sandbox.reply import Reply

__all__ = [
    "Api",
    "Fields",
    "Handlers",
    "Matched",
    "Parameter",
    "Reader",
    "Request",
    "Route",
    "Source",
    "invoke",
    "method",
    "methods_of",
    "nested",
    "route",
    "struct",
]

CallT = TypeVar("CallT")
Work = TypeVar("Work", bound=Callable[..., Any])
Source: TypeAlias = Literal["path", "query", "body"]
SOURCES: tuple[Source, ...] = ("path", "query", "body")
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Fields(Protocol):
    """What came with a request, by name; the venue's own class has a getter for each type."""

    def has(self, name: str) -> bool:
        """Say whether ``name`` came."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How a parameter is read.

    Args:
        read: Returns the value out of the venue's fields by the wire's name, or raises the venue's refusal.
        names: What it reads, where that is not one member of its own name; optional ones end with ``?``. Empty: nothing
            that the venue has published.
    """

    read: Callable[[Any, str], Any]
    names: tuple[str, ...] | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """What it reads, required or not."""
        return tuple(name.rstrip("?") for name in self.names or ())


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an endpoint. ``name`` is the wire's, ``argument`` Python's."""

    argument: str
    name: str
    reader: Reader
    is_required: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Names on the wire; optional ones end with ``?``."""
        if self.reader.names is not None:
            return self.reader.names
        return (self.name if self.is_required else f"{self.name}?",)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; ``reply_headers`` go with whatever answers it."""

    method: str
    raw_path: str
    headers: Mapping[str, str]
    """Found in any case."""
    body: bytes
    peer: str
    now_ms: int
    reply_headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.raw_path.partition("?")[0]

    @property
    def query(self) -> str:
        """The query as it came."""
        return self.raw_path.partition("?")[2]


@dataclass(frozen=True)
class Route:
    """One endpoint: what ``@route`` says of a method."""

    method: str
    path: str
    group: str = ""
    """Rate group of its account; empty: public, and the sender need not sign."""
    action: Action = "public"
    """What it does to orders, for fault injection; what changes anything else counts as ``amend``."""
    topic: str = ""
    """Kind of rows in its reply, for faults in rows."""
    cost: str = ""
    """Parameter that is a list, each element of which costs one token; empty: the request costs one."""
    status: int = 200
    spellings: tuple[str, ...] = ()
    """Other paths of the same endpoint."""
    product: str = ""
    """Which of several products that a handler serves alike."""
    handler: Callable[..., Any] = field(default=lambda: None, repr=False)

    @property
    def is_signed(self) -> bool:
        """Only who is known may ask."""
        return bool(self.group)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it reads, in this order."""
        return parameters_of(_function(self.handler))

    @cached_property
    def reads(self) -> tuple[tuple[Source, tuple[Parameter, ...]], ...]:
        """What it reads, by where that stands."""
        wanted = (
            (where, tuple(one for one in self.parameters if self.source(one) == where)) for where in SOURCES
        )
        return tuple((where, parameters) for where, parameters in wanted if parameters)

    def bound(self, handlers: object) -> Route:
        """Return the same endpoint as a method of ``handlers``."""
        # Not ``dataclasses.replace``, which takes ten times as long: a venue has a hundred of them.
        found = object.__new__(Route)
        found.__dict__.update(self.__dict__, handler=self.handler.__get__(handlers))
        return found

    def source(self, parameter: Parameter) -> Source:
        """Return where a parameter stands."""
        if f"{{{parameter.name}}}" in self.path:
            return "path"
        return "body" if self.method in WITH_BODY else "query"

    def members(self, source: Source) -> tuple[str, ...]:
        """Return the names of what it reads from there, in this order."""
        wanted = dict(self.reads).get(source, ())
        return tuple(name.rstrip("?") for one in wanted for name in one.names)


@dataclass(frozen=True, slots=True)
class Matched:
    """A request whose endpoint is found."""

    request: Request
    route: Route
    template: str
    """The path that led here, with its names."""
    values: Mapping[str, str]
    """What stands in the names, as it came."""


class Handlers:
    """Endpoints of one subject; ``topic`` and ``action`` are theirs unless ``@route`` says otherwise."""

    topic: ClassVar[str] = ""
    action: ClassVar[Action | None] = None
    """A question unless said, or public."""
    product: ClassVar[str] = ""
    """What ``{product}`` stands for in paths and groups of endpoints that several products inherit."""

    @classmethod
    @cache
    def declared(cls) -> tuple[Route, ...]:
        """Return every endpoint as it is declared, inherited ones first, in this order."""
        found = []
        every = {name: getattr(cls, name) for base in reversed(cls.__mro__) for name in vars(base)}
        for function in every.values():
            for options in getattr(function, "__routes__", ()):
                action = cls.action or ("query" if options["group"] else "public")
                own: dict[str, Any] = {
                    name: value.replace("{product}", cls.product) if isinstance(value, str) else value
                    for name, value in options.items()
                }
                found.append(Route(handler=function, **{"topic": cls.topic, "action": action, **own}))
        return tuple(found)

    def routes(self) -> Iterator[Route]:
        """Return every endpoint, bound to this object."""
        return (one.bound(self) for one in self.declared())


def route(
    method: str, path: str, *, group: str = "", products: Iterable[str] = ("{product}",), **options: Any
) -> Callable[[Work], Work]:
    """Make a method the handler of one endpoint, see ``Route``; several may stand above one method.

    Args:
        method: Verb.
        path: Path with ``{names}``, exactly as the venue prints it.
        group: Rate group of the account; empty: public.
        products: What ``{product}`` stands for in path and group, one endpoint each: ``("spot", "futures")``; what the
            class says by default.
        options: Further members of ``Route``.
    """
    declared = [
        {
            "method": method,
            "path": path.replace("{product}", product),
            "group": group.replace("{product}", product),
            "product": product,
            **options,
        }
        for product in products
    ]

    def mark(work: Work) -> Work:
        work.__dict__.setdefault("__routes__", []).extend(declared)
        return work

    return mark


def method(name: str) -> Callable[[Work], Work]:
    """Make a method of a conversation the handler of messages of this name; it reads like an endpoint."""

    def mark(work: Work) -> Work:
        work.__dict__.setdefault("__messages__", []).append(name)
        return work

    return mark


def methods_of(conversation: object) -> dict[str, Callable[..., Any]]:
    """Return the handlers of a conversation by the name of their message."""
    return {
        name: getattr(conversation, attribute)
        for attribute, function in inspect.getmembers(type(conversation), inspect.isfunction)
        for name in getattr(function, "__messages__", ())
    }


def read(parameters: Iterable[Parameter], fields: Fields) -> dict[str, Any]:
    """Return the arguments that ``fields`` hold; absent ones that have a default are left out."""
    return {
        one.argument: one.reader.read(fields, one.name)
        for one in parameters
        if one.is_required or fields.has(one.name)
    }


def invoke(handler: Callable[..., Any], call: Any, fields: Fields) -> Any:
    """Call a handler with what ``fields`` hold, for instance one element of a batch."""
    return handler(**_calling(handler, call), **read(parameters_of(_function(handler)), fields))


def struct(kind: type) -> Reader:
    """Return the reader of several members at once into a class whose fields are annotated like parameters."""
    parameters = parameters_of(kind)
    names = tuple(name for one in parameters for name in one.names)
    return Reader(lambda fields, _: kind(**read(parameters, fields)), names)


def nested(name: str, kind: type) -> Reader:
    """Return the reader of the object ``name`` into such a class; the venue's fields have ``inner`` for it."""
    inside = struct(kind)
    names = (name, *(f"{name}.{part}" for part in inside.names or ()))
    return Reader(lambda fields, own: inside.read(fields.inner(own), ""), names)


@cache
def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Return the parameters in the signature of a function, or of a class that keeps them."""
    hints = get_type_hints(function, include_extras=True)
    return tuple(
        Parameter(argument, argument.strip("_"), how, one.default is one.empty)
        for argument, one in inspect.signature(function).parameters.items()
        if (how := _read_of(hints.get(argument))) is not None
    )


class Api(ABC, Generic[CallT]):
    """The REST API of a venue: from a request to its reply.

    Args:
        subjects: Every endpoint.
    """

    def __init__(self, subjects: Iterable[Handlers]) -> None:
        self.routes = tuple(one for subject in subjects for one in subject.routes())
        places: dict[str, dict[str, Route]] = {}
        for one in self.routes:
            for path in self.paths(one):
                places.setdefault(path, {}).setdefault(one.method, one)
        # A word in a path goes before a name.
        ordered = sorted(places, key=lambda path: path.count("{"))
        self._words = {path: places[path] for path in ordered if "{" not in path}
        self._templates = [(path, path.split("/"), places[path]) for path in ordered if "{" in path]

    def paths(self, route: Route) -> Iterable[str]:
        """Return every path that leads to ``route``."""
        return (route.path, *route.spellings)

    def classify(self, request: Request) -> RequestKind:
        """Say what a request is about, without looking at who asks."""
        found = self._find(request.path)
        one = None if found is None else found[1].get(request.method)
        if one is None or one.action == "public":
            return RequestKind("public", "" if one is None else one.topic)
        return RequestKind(one.action, one.topic, self.market_of(request))

    def market_of(self, request: Request) -> str | None:
        """Return the market that a request names in its query or its body, or in the first element of a batch."""
        if request.method not in WITH_BODY:
            return parse_qs(request.query).get("market", [None])[0]
        try:
            document = from_json(request.body)
            market = (document if "market" in document else next(iter(document.values()))[0])["market"]
        except (ValueError, LookupError, TypeError, AttributeError, StopIteration):
            return None
        return market if isinstance(market, str) else None

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """Return the reply to one request, whatever it is."""

    @abstractmethod
    def oversized(self) -> Reply:
        """Return the answer to a body of more than the venue's ``max_body_bytes``."""

    def serve(self, request: Request) -> Reply:
        """Return the reply to one request, or raise the venue's refusal."""
        found = self._find(request.path)
        if found is None:
            return self.unknown_path(request)
        template, routes, values = found
        self.path_found(request, template)
        if request.method not in routes:
            return self.wrong_method(request, routes)
        matched = Matched(request, routes[request.method], template, values)
        call = self.admit(matched)
        arguments = _calling(matched.route.handler, call)
        for source, parameters in matched.route.reads:
            arguments |= read(parameters, self.fields(matched, source))
        return self.envelope(matched, self.run(matched, arguments))

    def path_found(self, request: Request, template: str) -> None:
        """Check a request whose path is there, before its verb and credentials."""

    def run(self, matched: Matched, arguments: Mapping[str, Any]) -> Any:
        """Return what the handler does."""
        return matched.route.handler(**arguments)

    @abstractmethod
    def unknown_path(self, request: Request) -> Reply:
        """Answer a request to a path that is not there."""

    @abstractmethod
    def wrong_method(self, request: Request, routes: Mapping[str, Route]) -> Reply:
        """Answer a request to a path that is there, with a verb that is not among ``routes``."""

    @abstractmethod
    def admit(self, matched: Matched) -> CallT:
        """Return who asks, as handlers know them: check credentials and rate."""

    @abstractmethod
    def fields(self, matched: Matched, source: Source) -> Fields:
        """Return what came in path, query or body."""

    @abstractmethod
    def envelope(self, matched: Matched, result: Any) -> Reply:
        """Return the reply that carries the result of a handler."""

    def _find(self, path: str) -> tuple[str, Mapping[str, Route], dict[str, str]] | None:
        if (known := self._words.get(path)) is not None:
            return path, known, {}
        segments = path.split("/")
        for template, parts, routes in self._templates:
            if len(parts) == len(segments) and all(
                part == segment or (part.startswith("{") and segment)
                for part, segment in zip(parts, segments, strict=True)
            ):
                pairs = zip(parts, segments, strict=True)
                return template, routes, {part[1:-1]: text for part, text in pairs if part.startswith("{")}
        return None


def _calling(handler: Callable[..., Any], call: Any) -> dict[str, Any]:
    return {"call": call} if _takes_call(_function(handler)) else {}


@cache
def _takes_call(function: Callable[..., Any]) -> bool:
    return "call" in inspect.signature(function).parameters


def _function(handler: Callable[..., Any]) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(handler, "__func__", handler)
    return function


def _read_of(hint: Any) -> Reader | None:
    """Return the ``Reader`` in an annotation, also in a part of a union."""
    found = next((extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Reader)), None)
    if found is None:
        found = next((inner for part in get_args(hint) if (inner := _read_of(part)) is not None), None)
    return found
