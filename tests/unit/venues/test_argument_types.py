"""An argument of the wrong type costs a ``ConfigError`` and no request: on every venue, in every method."""

from __future__ import annotations

import contextlib
import inspect
import json
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import ConfigError, NotSupported, RequestError
from tradewire.protocol.endpoint import endpoint_of
from tradewire.signing import Credentials, Token
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply, HttpRequest
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.truex.client import TrueX

INSTRUMENT = {
    "id": "78", "status": "ACTIVE",
    "info": {"symbol": "BTC-PYUSD", "reference_price": "64000", "base_asset_id": "7", "quote_asset_id": "8"},
}  # fmt: skip
ASSETS = [{"id": "7", "name": "BTC"}, {"id": "8", "name": "PYUSD"}]
ORDER_ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
GOOD: dict[str, dict[str, Any]] = {
    "CoinEx": {"market": "BTCUSDT", "order_id": "5", "size": "0.01", "price": "20000"},
    "Exchange": {"market": "ABC-USD", "order_id": ORDER_ID, "size": 2, "price": 4000},
    "ExchangeAdmin": {"market": "ABC-USD", "price": 4000},
    "TrueX": {"market": "BTC-PYUSD", "order_id": "5", "size": "0.01", "price": "64000"},
}
EVERYWHERE: dict[str, Any] = {
    "side": "buy", "client_order_id": "mine", "username": "ann", "level": "info", "body": "hello", "amount": "1",
    "kind": "DEPOSIT", "platform": "FIAT", "asset": "BTC", "self_trade_prevention": "none", "start_ns": 1,
    "base": "ABC", "quote": "USD", "markets": (),
}  # fmt: skip
ODD: list[Any] = [5, -1, "1", "", "a b", None, True, b"1", 1.5, Decimal("1.5"), [], {}, object(), "x" * 100]


def answer(request: HttpRequest) -> HttpReply:
    if "/instruments" in request.url or "/assets" in request.url:
        rows = [INSTRUMENT] if "/instruments" in request.url else ASSETS
        return HttpReply(200, {}, json.dumps({"data": rows}).encode())
    return HttpReply(401, {}, b"{}")


def client(kind: type[Any]) -> Any:
    http = MockHttp(answer)
    if kind is TrueX:
        return TrueX(Credentials("key", "secret"), account_id="5", organization_id="6", http=http)
    return kind(Credentials("key", "secret") if kind is CoinEx else Token("key"), http=http)


def calls() -> list[Any]:
    """Every method that calls an endpoint, with each of its arguments in turn."""
    return [
        pytest.param(kind, name, parameter, id=f"{kind.__name__}.{name}-{parameter.name}")
        for kind in (CoinEx, Exchange, ExchangeAdmin, TrueX)
        for name, method in inspect.getmembers(kind, inspect.iscoroutinefunction)
        if endpoint_of(method) is not None
        for parameter in list(inspect.signature(method).parameters.values())[1:]
    ]


@pytest.mark.parametrize(("kind", "name", "parameter"), calls())
async def test_argument_of_any_type_is_taken_or_refused_in_words(
    kind: type[Any], name: str, parameter: inspect.Parameter
) -> None:
    good = EVERYWHERE | GOOD[kind.__name__]
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
    [
        (CoinEx, lambda v: v.order("BTCUSDT", 5)),
        (CoinEx, lambda v: v.cancel_order("BTCUSDT", 5)),
        (CoinEx, lambda v: v.amend_order("BTCUSDT", 5, price=1)),
        (CoinEx, lambda v: v.trades("BTCUSDT", after_id=5)),
        (CoinEx, lambda v: v.place_order("BTCUSDT", "buy", "0.01", "20000", client_order_id=5)),
        (TrueX, lambda v: v.order("BTC-PYUSD", 5)),
        (TrueX, lambda v: v.cancel_order("BTC-PYUSD", 5)),
        (TrueX, lambda v: v.place_order("BTC-PYUSD", "buy", "0.01", "64000", client_order_id=5)),
    ],
)
async def test_id_given_as_a_number_is_sent(kind: type[Any], call: Any) -> None:
    async with client(kind) as venue:
        with pytest.raises(RequestError):
            await call(venue)


@pytest.mark.parametrize(
    ("kind", "call", "words"),
    [
        (CoinEx, lambda v: v.fills("BTCUSDT", page="2"), "page must be a whole number from 1, got '2'"),
        (CoinEx, lambda v: v.book("BTCUSDT", depth="5"), "depth must be one of (5, 10, 20, 50), got '5'"),
        (CoinEx, lambda v: v.order("BTCUSDT", 5.0), "order_id must be a text or a whole number, got 5.0"),
        (
            CoinEx,
            lambda v: v.place_order("BTCUSDT", None, "1", "2"),
            "side must be one of 'buy', 'sell', got None",
        ),
        (Exchange, lambda v: v.leaderboard(limit="5"), "limit must be a whole number from 0 to"),
        (
            Exchange,
            lambda v: v.cancel_order("ABC-USD", 5),
            "order_id must be a UUID in lower case on Exchange, got 5",
        ),
        (TrueX, lambda v: v.orders(page="2"), "page must be a whole number from 1, got '2'"),
        (TrueX, lambda v: v.orders(limit=500), "limit must be a whole number from 1 to 100, got 500"),
    ],
)
async def test_refusal_says_what_must_be_and_what_was_got(kind: type[Any], call: Any, words: str) -> None:
    async with client(kind) as venue:
        with pytest.raises(ConfigError) as caught:
            await call(venue)
        assert words in str(caught.value)
