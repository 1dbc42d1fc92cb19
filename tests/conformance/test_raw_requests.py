"""What has no method yet goes out signed, limited and judged as everything else does, on every venue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from support.desk import Desk
from tradewire.errors import ConfigError, OutcomeUnknown, RequestError
from tradewire.wire import exact_json

OPEN_ORDERS = {
    "coinex": ("/v2/spot/pending-order", {"market_type": "SPOT"}),
    "coinex-futures": ("/v2/futures/pending-order", {"market_type": "FUTURES"}),
    "exchange": ("/api/v1/open-orders", {}),
    "truex": ("/v1/cefi/orders/active", {}),
}
CANCEL = {
    "coinex": ("POST", "/v2/spot/cancel-all-order", {"market": "{market}", "market_type": "SPOT"}),
    "coinex-futures": (
        "POST",
        "/v2/futures/cancel-all-order",
        {"market": "{market}", "market_type": "FUTURES"},
    ),
    "exchange": ("DELETE", "/api/v1/orders/{order_id}", None),
    "truex": ("DELETE", "/v1/cefi/orders/{order_id}", None),
}


async def test_a_signed_read_returns_the_venues_own_words(desk: Desk) -> None:
    path, query = OPEN_ORDERS[desk.product.name]
    reply = await desk.client.request("GET", path, query=query | {"absent": None})
    assert (reply if isinstance(reply, list) else reply["data"]) == []
    assert desk.venue != "coinex" or (reply["code"], reply["message"]) == (0, "OK")


async def test_a_refusal_is_the_venues_error(desk: Desk) -> None:
    with pytest.raises(RequestError) as refused:
        await desk.client.request("GET", "/v9/nothing/here")
    assert refused.value.venue == desk.venue
    assert refused.value.endpoint == "GET /v9/nothing/here"


async def test_a_write_whose_reply_is_lost_is_unknown_and_sent_once(desk: Desk) -> None:
    market = next(market for market in await desk.client.markets() if market.is_tradable)
    book = await desk.client.book(market.symbol, depth=5)
    size = 2 * max(market.min_size, market.lot_size)
    order = await desk.client.place_order(
        market.symbol, "buy", size, book.bids[0].price - 20 * market.tick_size
    )
    verb, path, body = CANCEL[desk.product.name]
    query = {"id_type": "exchange"} if desk.venue == "truex" else None
    filled = {name: text.format(market=order.market) for name, text in (body or {}).items()}
    path, body = path.format(order_id=order.order_id), filled or None
    desk.faults.lost_reply(count=5, requests="any")
    with pytest.raises(OutcomeUnknown):
        await desk.client.request(verb, path, body, query=query)
    assert desk.faults.triggered["lost_reply"] == 1


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
    desk: Desk, arguments: tuple[Any, ...], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        await desk.client.request(*arguments, **options)


def test_numbers_with_a_fraction_stay_exact() -> None:
    assert exact_json(b'{"a": 0.10, "b": 5, "c": "0.1"}') == {"a": Decimal("0.10"), "b": 5, "c": "0.1"}
    assert str(exact_json(b"12345678901234567890.123456789")) == "12345678901234567890.123456789"
    assert exact_json(b"") is None
