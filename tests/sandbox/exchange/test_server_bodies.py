"""Bodies, paths and queries that Exchange over HTTP must refuse, and in which order it looks at them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.plain_exchange import PlainRest

ORDER = {"market": "ABC-USD", "side": "BUY", "price": 100, "quantity": 5}
NOBODY = "00000000-0000-4000-8000-000000000000"
JSON = "application/json"
TEXT = "text/plain"
NO_U64: tuple[Any, ...] = (None, 1.0, 1e2, -1, "100", True, 2**64, [1], {})


@pytest.fixture
async def rest(operator: PlainRest) -> PlainRest:
    """A trader on a market."""
    await operator.market()
    return await operator.user("desk-7")


def orders_of(**changes: Any) -> bytes:
    return json.dumps(
        {name: value for name, value in (ORDER | changes).items() if value != "absent"}
    ).encode()


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "text/json", "application/x-www-form-urlencoded"]
)
async def test_bodies_must_say_that_they_are_json(rest: PlainRest, content_type: str | None) -> None:
    headers = {"x-api-key": rest.api_key} | ({} if content_type is None else {"Content-Type": content_type})
    answer = await rest.raw("POST", "/api/v1/orders", body=b"{", headers=headers)
    assert (answer.status, answer.content_type) == (415, TEXT)
    assert answer.text == "Expected request with `Content-Type: application/json`"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/a+json"]
)
async def test_json_by_other_names(rest: PlainRest, content_type: str) -> None:
    headers = {"x-api-key": rest.api_key, "Content-Type": content_type}
    answer = await rest.raw("POST", "/api/v1/orders", body=orders_of(unknown=[1]), headers=headers)
    assert answer.status == 201


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nope", b'{"market":"\xff"}', b'{"price":NaN}', b"[" * 100_000, b'{"price":' + b"9" * 5000 + b"}",
     b'{"market":"\\ud800-USD","side":"BUY","price":1,"quantity":1}', b'["ABC-USD", "BUY", 100, 5, 7]'],
)  # fmt: skip
async def test_malformed_json(rest: PlainRest, body: bytes) -> None:
    headers = {"x-api-key": rest.api_key, "Content-Type": JSON}
    answer = await rest.raw("POST", "/api/v1/orders", body=body, headers=headers)
    assert (answer.status, answer.content_type) == (400, TEXT)
    assert answer.text.startswith("Failed to parse the request body as JSON: ")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"[]", ""),
        (b"7", ""),
        (b"null", ""),
        (b'{"market":"ABC-USD","market":"ABC-USD"}', ""),
        *((orders_of(**{name: value}), name) for name in ("price", "quantity") for value in NO_U64),
        *((orders_of(**{name: "absent"}), f"missing field `{name}`") for name in ("price", "quantity")),
        (orders_of(side="buy"), "side"),
        (orders_of(side="Buy"), "side"),
        (orders_of(side=None), "side"),
        (orders_of(side="absent"), "missing field `side` at line 1 column 50"),
        (orders_of(market=7), "market"),
        (orders_of(market=None), "market"),
        (orders_of(market="absent"), "missing field `market` at line 1 column 44"),
        (b'["ABC-USD", "BUY", 100]', "invalid length 3, expected struct with 4 elements"),
        (b'["ABC-USD", "BUY", "100", 5]', "price"),
    ],
)
async def test_json_of_the_wrong_shape(rest: PlainRest, body: bytes, named: str) -> None:
    headers = {"x-api-key": rest.api_key, "Content-Type": JSON}
    answer = await rest.raw("POST", "/api/v1/orders", body=body, headers=headers)
    assert (answer.status, answer.content_type) == (422, TEXT)
    assert answer.text.startswith(f"Failed to deserialize the JSON body into the target type: {named}")


@pytest.mark.parametrize(
    ("method", "path", "document"),
    [
        ("POST", "/users", {}),
        ("POST", "/users", {"username": 7}),
        ("POST", "/markets", {"market_id": "A-B", "base_asset": "A", "quote_asset": "B", "tick_size": 1}),
        ("PATCH", "/markets/ABC-USD", {"tick_size": -1}),
        ("PATCH", "/markets/ABC-USD", {"enabled": 1}),
        ("POST", "/markets/ABC-USD/settle", {}),
        ("POST", "/markets/ABC-USD/settle", {"settlement_price": 1.5}),
        ("POST", "/config/load", {}),
        ("POST", "/config/load", {"markets": {}}),
        ("POST", "/config/load", {"markets": [7]}),
        ("POST", "/config/load", {"markets": [], "trading_enabled": "yes"}),
        ("POST", "/messages", {"level": "INFO", "body": "x"}),
        ("POST", "/messages", {"level": "info"}),
        ("POST", "/messages", {"body": "x"}),
    ],
)
async def test_operators_documents_of_the_wrong_shape(
    rest: PlainRest, method: str, path: str, document: dict[str, Any]
) -> None:
    before = (await rest.admin("GET", "/state")).json
    answer = await rest.admin(method, path, document)
    assert (answer.status, answer.content_type) == (422, TEXT)
    assert (await rest.admin("GET", "/state")).json == before


@pytest.mark.parametrize(
    "order_id",
    [
        "7", NOBODY[:-1], NOBODY.replace("-", "")[:-1], f"%7B{NOBODY}", f"%7B{NOBODY.replace('-', '')}%7D",
        f"URN:UUID:{NOBODY}", "%20", "%FF",
    ],
)  # fmt: skip
async def test_malformed_order_ids(rest: PlainRest, order_id: str) -> None:
    for method, document in (("DELETE", None), ("PATCH", {"remaining": 1.5})):
        answer = await rest.trader(method, f"/api/v1/orders/{order_id}", document)
        assert (answer.status, answer.content_type) == (400, TEXT)
        assert answer.text.startswith("Invalid URL: ")


@pytest.mark.parametrize("limit", ["abc", "-1", "1.5", "", "%31x", str(2**64), "9" * 5000, "%D9%A1"])
async def test_malformed_limits(rest: PlainRest, limit: str) -> None:
    for answer in (
        await rest.trader("GET", f"/api/v1/leaderboard?limit={limit}"),
        await rest.admin("GET", f"/leaderboard?limit={limit}"),
        await rest.admin("GET", f"/messages?limit={limit}"),
    ):
        assert (answer.status, answer.content_type) == (400, TEXT)
        assert answer.text.startswith("Failed to deserialize query string")


async def test_a_body_may_be_an_array_of_the_values_in_order(rest: PlainRest) -> None:
    placed = await rest.trader("POST", "/api/v1/orders", ["ABC-USD", "BUY", 100, 5])
    assert placed.status == 201
    order = placed.json["order"]
    assert (order["market"], order["side"], order["price"], order["quantity"]) == ("ABC-USD", "BUY", 100, 5)
    amended = await rest.trader("PATCH", f"/api/v1/orders/{order['id']}", [2])
    assert amended.json["order"]["remaining"] == 2
    assert (await rest.admin("POST", "/users", ["ann"])).json["profile"]["username"] == "ann"


async def test_order_ids_in_every_spelling_of_a_uuid(rest: PlainRest) -> None:
    spellings = (
        lambda name: name.upper(),
        lambda name: name.replace("-", ""),
        lambda name: f"%7B{name}%7D",
        lambda name: f"urn:uuid:{name}",
    )
    for spell in spellings:
        order = await rest.order("BUY", 5, 100)
        answer = await rest.trader("DELETE", f"/api/v1/orders/{spell(order['id'])}")
        assert (answer.status, answer.json) == (200, {"order": order})


async def test_a_parameter_that_comes_twice_is_refused(rest: PlainRest) -> None:
    for path, name in (
        ("/api/v1/open-orders?market=ABC-USD&market=ABC-USD", "market"),
        ("/api/v1/fills?market=ABC-USD&market=", "market"),
        ("/api/v1/leaderboard?limit=1&limit=1", "limit"),
    ):
        answer = await rest.trader("GET", path)
        assert (answer.status, answer.content_type) == (400, TEXT)
        assert answer.text == f"Failed to deserialize query string: duplicate field `{name}`"
    assert (await rest.trader("GET", "/api/v1/open-orders?other=1&other=2")).status == 200


async def test_checks_come_in_the_servers_order(rest: PlainRest) -> None:
    """Key, path, size of body, type of body, JSON, shape, rule: each wrong thing hides those behind it."""
    bad_path, good_path = "/api/v1/orders/7", f"/api/v1/orders/{NOBODY}"
    key, as_json = {"x-api-key": rest.api_key}, {"Content-Type": JSON}
    huge = b"x" * (2 * 1024 * 1024 + 1)
    for status, path, headers, body in (
        (401, bad_path, {}, huge),
        (400, bad_path, key, huge),
        (415, good_path, key, huge),
        (413, good_path, key | as_json, huge),
        (400, good_path, key | as_json, b"{"),
        (422, good_path, key | as_json, b"{}"),
        (400, good_path, key | as_json, b'{"remaining":0}'),
        (404, good_path, key | as_json, b'{"remaining":1}'),
    ):
        answer = await rest.raw("PATCH", path, body=body, headers=headers)
        assert answer.status == status, (path, answer.text)


@pytest.mark.parametrize("size", [2 * 1024 * 1024 + 1, 5 * 1024 * 1024])
async def test_bodies_too_large(rest: PlainRest, size: int) -> None:
    headers = {"x-api-key": rest.api_key, "Content-Type": JSON}
    answer = await rest.raw("POST", "/api/v1/orders", body=b" " * size, headers=headers)
    assert (answer.status, answer.content_type) == (413, TEXT)
    assert answer.text == "Failed to buffer the request body: length limit exceeded"
    limit = b" " * (2 * 1024 * 1024 - len(orders_of())) + orders_of()
    assert (await rest.raw("POST", "/api/v1/orders", body=limit, headers=headers)).status == 201
