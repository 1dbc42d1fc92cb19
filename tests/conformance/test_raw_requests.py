"""What has no method yet goes out signed, limited and judged as everything else does, on every venue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import ConfigError, OutcomeUnknown, RequestError
from tradewire.registry import BUILT_IN, find_venue
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex import replies
from tradewire.wire import exact_json

OPEN_ORDERS = {
    "coinex": ("/v2/spot/pending-order", {"market_type": "SPOT"}),
    "exchange": ("/api/v1/open-orders", {}),
    "truex": ("/v1/cefi/orders/active", {}),
}
CANCEL = {
    "coinex": ("POST", "/v2/spot/cancel-all-order", {"market": "{market}", "market_type": "SPOT"}),
    "exchange": ("DELETE", "/api/v1/orders/{order_id}", None),
    "truex": ("DELETE", "/v1/cefi/orders/{order_id}", None),
}


@dataclass(frozen=True)
class Floor:
    venue: str
    client: Any
    faults: Any


@pytest.fixture(params=BUILT_IN)
async def floor(request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    venue = str(request.param)
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(Sandbox(venue, seed=7, rate=0))
        client = await stack.enter_async_context(find_venue(venue).client_class.for_sandbox(box))
        yield Floor(venue, client, box.venue(venue).faults)


async def test_a_signed_read_returns_the_venues_own_words(floor: Floor) -> None:
    path, query = OPEN_ORDERS[floor.venue]
    reply = await floor.client.request("GET", path, query=query | {"absent": None})
    assert (reply if isinstance(reply, list) else reply["data"]) == []
    assert floor.venue != "coinex" or (reply["code"], reply["message"]) == (0, "OK")


async def test_a_refusal_is_the_venues_error(floor: Floor) -> None:
    with pytest.raises(RequestError) as refused:
        await floor.client.request("GET", "/v9/nothing/here")
    assert refused.value.venue == floor.venue
    assert refused.value.endpoint == "GET /v9/nothing/here"


async def test_a_write_whose_reply_is_lost_is_unknown_and_sent_once(floor: Floor) -> None:
    market = next(market for market in await floor.client.markets() if market.is_tradable)
    book = await floor.client.book(market.symbol, depth=5)
    size = 2 * max(market.min_size, market.lot_size)
    order = await floor.client.place_order(
        market.symbol, "buy", size, book.bids[0].price - 20 * market.tick_size
    )
    verb, path, body = CANCEL[floor.venue]
    query = {"id_type": "exchange"} if floor.venue == "truex" else None
    filled = {name: text.format(market=order.market) for name, text in (body or {}).items()}
    path, body = path.format(order_id=order.order_id), filled or None
    floor.faults.lost_reply(count=5, requests="any")
    with pytest.raises(OutcomeUnknown):
        await floor.client.request(verb, path, body, query=query)
    assert floor.faults.triggered["lost_reply"] == 1


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (("FETCH", "/v2/time"), {}, "verb must be one of GET, POST"),
        (("get", "/v2/time"), {}, "verb must be one of GET, POST"),
        (("GET", "v2/time"), {}, "path must begin with /"),
        (("GET", "/v2/time?a=1"), {}, "no query"),
        (("GET", "/v2/ti me"), {}, "path must be visible ASCII"),
        (("GET", "/v2/time\r\nX: 1"), {}, "path must be visible ASCII"),
        (("GET", None), {}, "path must be visible ASCII"),
        (("GET", "/v2/time"), {"group": "none"}, "group must be one of"),
        (("POST", "/v2/time", {"a": object()}), {}, "body must be what JSON can hold"),
    ],
)
async def test_what_makes_no_request_is_refused(
    floor: Floor, arguments: tuple[Any, ...], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        await floor.client.request(*arguments, **options)


def test_numbers_with_a_fraction_stay_exact() -> None:
    assert exact_json(b'{"a": 0.10, "b": 5, "c": "0.1"}') == {"a": Decimal("0.10"), "b": 5, "c": "0.1"}
    assert str(exact_json(b"12345678901234567890.123456789")) == "12345678901234567890.123456789"
    assert exact_json(b"") is None
    assert replies.raw(b'{"code": 0, "data": 0.10, "message": "OK"}') == {
        "code": 0, "data": Decimal("0.10"), "message": "OK",
    }  # fmt: skip
