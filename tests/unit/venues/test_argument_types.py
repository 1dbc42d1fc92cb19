"""An argument of the wrong type costs a ``ConfigError`` and no request: on every venue, in every method."""

from __future__ import annotations

import contextlib
import inspect
import json
from decimal import Decimal
from typing import Any

import pytest

from support.kits import CLIENTS, KITS, Ask
from tradewire._native import http_request
from tradewire.errors import ConfigError, NotSupported, RequestError
from tradewire.protocol.endpoint import endpoint_of
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply, HttpRequest

EVERYWHERE: dict[str, Any] = {
    "side": "buy", "client_order_id": "mine", "username": "ann", "level": "info", "body": "hello", "amount": "1",
    "kind": "deposit", "platform": "fiat", "asset": "BTC", "self_trade_prevention": "none", "start_ns": 1,
    "base": "ABC", "quote": "USD", "markets": (),
}  # fmt: skip
ODD: list[Any] = [
    5, -1, "1", "", "a b", None, True, b"1", 1.5, Decimal("1.5"), [], {}, object(), "x" * 100,
    "..", "a\r\nX: y", "\0", "\ud800", "\u0663", '"', "1e999", 10**40, Decimal("-0"), Decimal("sNaN"), float("nan"),
]  # fmt: skip


def client(name: str) -> Any:
    [kit] = [kit for kit in KITS.values() if CLIENTS[name] in kit.clients]
    refused = object()

    def answer(request: HttpRequest) -> HttpReply:
        root, path = request.url[: request.url.find("/", 8)], request.url[request.url.find("/", 8) :]
        assert "/.." not in path
        # Raises where a part of it could be read as another header or request.
        assert http_request(
            request.method, path, root.partition("//")[2], dict(request.headers), request.body
        )
        json.loads(request.body or b"{}")
        reply = kit.reply(request, refused)
        is_reference = reply is not refused and refused not in dict(reply).values()  # type: ignore[call-overload]
        return HttpReply(200, {}, json.dumps(reply).encode()) if is_reference else HttpReply(401, {}, b"{}")

    return CLIENTS[name].make(MockHttp(answer))


def calls() -> list[Any]:
    """Every method that calls an endpoint, with each of its arguments in turn."""
    return [
        pytest.param(made.kind.__name__, name, parameter, id=f"{made.kind.__name__}.{name}-{parameter.name}")
        for made in CLIENTS.values()
        for name, method in inspect.getmembers(made.kind, inspect.iscoroutinefunction)
        if endpoint_of(method) is not None
        for parameter in list(inspect.signature(method).parameters.values())[1:]
    ]


@pytest.mark.parametrize(("kind", "name", "parameter"), calls())
async def test_argument_of_any_type_is_taken_or_refused_in_words(
    kind: str, name: str, parameter: inspect.Parameter
) -> None:
    good = EVERYWHERE | dict(CLIENTS[kind].good)
    async with client(kind) as venue:
        method = getattr(venue, name)
        signature = inspect.signature(method)
        for odd in ODD:
            positional, named = [], {}
            for other in signature.parameters.values():
                value = odd if other.name == parameter.name else good.get(other.name, other.default)
                if other.kind is inspect.Parameter.VAR_POSITIONAL:
                    positional += [odd] if other.name == parameter.name else []
                elif other.kind is inspect.Parameter.KEYWORD_ONLY:
                    named[other.name] = value
                else:
                    positional.append(value)
            if "order_id" in named and "client_order_id" in named and parameter.name != "client_order_id":
                named["client_order_id"] = None
            with contextlib.suppress(ConfigError, NotSupported, RequestError):
                await method(*positional, **named)


@pytest.mark.parametrize(
    ("kind", "call"),
    [(kit.clients[0].kind.__name__, call) for kit in KITS.values() for call in kit.numeric_ids],
)
async def test_id_given_as_a_number_is_sent(kind: str, call: Ask) -> None:
    async with client(kind) as venue:
        with pytest.raises(RequestError):
            await call(venue)


@pytest.mark.parametrize(
    ("kind", "call", "words"),
    [
        (kit.clients[which].kind.__name__, call, words)
        for kit in KITS.values()
        for which, call, words in kit.refused
    ],
)
async def test_refusal_says_what_must_be_and_what_was_got(kind: str, call: Ask, words: str) -> None:
    async with client(kind) as venue:
        with pytest.raises(ConfigError) as caught:
            await call(venue)
        assert words in str(caught.value)


TRADERS = [kit.clients[0].kind.__name__ for kit in KITS.values()]


@pytest.mark.parametrize("parameter", ["verb", "path", "body", "query", "group", "is_signed"])
@pytest.mark.parametrize("kind", TRADERS)
async def test_argument_of_a_raw_request_is_taken_or_refused_in_words(kind: str, parameter: str) -> None:
    async with client(kind) as venue:
        for odd in [*ODD, {"a": "\ud800"}, {"\ud800": "a"}, {1: "a"}]:
            with contextlib.suppress(ConfigError, RequestError):
                await venue.request(**{"verb": "POST", "path": "/v2/x", parameter: odd})


@pytest.mark.parametrize("kind", TRADERS)
async def test_depth_of_a_book_is_one_the_venue_has(kind: str) -> None:
    async with client(kind) as venue:
        if not inspect.signature(venue.watch_book).parameters["depth"].default:
            pytest.skip("the venue sends every order")
        for odd in ODD[1:]:
            with pytest.raises(ConfigError, match=r"depth must be .*, got"):
                venue.watch_book(CLIENTS[kind].good["market"], depth=odd)


@pytest.mark.parametrize("name", CLIENTS)
def test_an_option_that_no_client_has_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match="retries"):
        CLIENTS[name].make(MockHttp(lambda _: HttpReply(200, {}, b"{}")), retries=3)
