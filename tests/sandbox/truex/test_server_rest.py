"""The TrueX sandbox over HTTP: credentials, generations of paths, schema versions, refusals."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from support.plain_truex import BTC, CURRENT, OLDER, PlainTrueX, sign
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue

# The fact sheet's vectors: this secret, this second.
SECRET = "tmk-example-secret-0123456789abcdef"
KEY_ID = "6398805c-0000-4000-8000-94ce683056e4"
CLIENT_ID = "78932725357888999"
NOW_MS = 1_770_000_000_000
BODY_B = (
    '{"external_id":"sdk-000000000001","info":{"client_id":"78932725357888855","instrument_id":"78901949723181070",'
    '"side":"BUY","type":"LIMIT","tif":"GTC","qty":"0.0100","price":"64000.0"}}'
)
ONLY_BTC = TrueXOptions(instruments=("BTC-PYUSD",))
PREFIXES = ("/v1/cefi", "/api/v1")
VERSIONS = (OLDER, CURRENT)


@pytest.fixture
def options() -> TrueXOptions:
    return ONLY_BTC


@pytest.fixture
def vector_client(session: aiohttp.ClientSession, venue: TrueXVenue) -> PlainTrueX:
    """A client of the key that the vectors were computed for."""
    opened, key = venue.add_client("vectors", key_id=KEY_ID, secret=SECRET, client_id=CLIENT_ID)
    names = {"key_id": KEY_ID, "secret": SECRET, "client_id": opened.client_id}
    return PlainTrueX.of(session, venue, organization_id=key.organization_id, now_ms=lambda: NOW_MS, **names)


async def send_signed(client: PlainTrueX, method: str, path: str, body: str, signature: str) -> int:
    headers = {
        "x-truex-auth-userid": client.client_id,
        "x-truex-auth-timestamp": "1770000000",
        "x-truex-auth-token": KEY_ID,
        "x-truex-auth-signature": signature,
        "Content-Type": "application/json",
    }
    async with client.session.request(
        method, client.root + path, data=body or None, headers=headers
    ) as reply:
        return reply.status


@pytest.mark.parametrize(
    ("method", "path", "body", "signature", "status"),
    [
        ("GET", "/v1/cefi/balances?asset_name=BTC", "", "AGbFD2qq/lt1QeFzFKrlWc9m2vDvPm5lL3++bR+msOs=", 200),
        # Accepted as signed; the client named in it belongs to somebody else.
        ("POST", "/v1/cefi/orders", BODY_B, "ubZM/ub/xxURgjYFufS/rxQNJQZ+H7/A+QkyN2XnqOA=", 403),
        (
            "DELETE",
            "/v1/cefi/orders/sdk-000000000001?id_type=client",
            "",
            "7y/cYugLyUS2OPXXvradAPONmDRpiXYyFSMmSXObYCw=",
            404,
        ),
        ("GET", "/api/v1/order/active", "", "lrp7IrNtGsjiihUrqpfmyeLQUOKOpnsnPyPzH+20gmU=", 200),
        ("GET", "/v1/cefi/balances?asset_name=BTC", "", "/Jjbafbg5aMTtvT6k6XmzgzkosETi/NQphBgtOhnS0M=", 401),
        ("GET", "/v1/cefi/balances", "", "not base64 at all, not even ASCII-only \xe9", 401),
    ],
)
async def test_vectors_of_the_fact_sheet(
    vector_client: PlainTrueX, method: str, path: str, body: str, signature: str, status: int
) -> None:
    assert await send_signed(vector_client, method, path, body, signature) == status


@pytest.mark.parametrize(("skew_s", "status"), [(-16, 401), (-15, 200), (0, 200), (1, 200), (2, 401)])
async def test_clock_window(client: PlainTrueX, skew_s: int, status: int) -> None:
    assert (await client.ask("GET", "/balances", skew_s=skew_s)).status == status


async def test_wrong_path_query_decoded_secret_and_unknown_key_are_refused(client: PlainTrueX) -> None:
    async def signed(text: str, secret: str = client.secret, **more: str) -> int:
        headers = {"x-truex-auth-signature": sign(secret, text)} | more
        return (await client.ask("GET", "/balances?asset_name=BTC", headers=headers)).status

    assert await signed("1770000000GET/v1/cefi/balances") == 200
    assert await signed("1770000000GET/balances") == 401
    assert await signed("1770000000GET/api/v1/balances") == 401
    assert await signed("1770000000get/v1/cefi/balances") == 401
    assert await signed("1770000000GET/v1/cefi/balances?asset_name=BTC") == 401
    assert (
        await signed("1770000000GET/v1/cefi/balances", bytes.fromhex(client.secret).decode("latin-1")) == 401
    )
    assert await signed("1770000000GET/v1/cefi/balances", **{"x-truex-auth-token": KEY_ID}) == 401
    assert await signed("1770000000GET/v1/cefi/balances", **{"x-truex-auth-timestamp": "1770000000.0"}) == 401


async def test_user_header(session: aiohttp.ClientSession, client: PlainTrueX) -> None:
    async def balances(of: PlainTrueX, drop: bool, **more: str) -> int:
        headers = of.headers("GET", "/v1/cefi/balances", "")
        if drop:
            del headers["x-truex-auth-userid"]
        async with session.get(f"{of.root}/v1/cefi/balances", headers=headers | more) as reply:
            return reply.status

    assert await balances(client, drop=True) == 200
    strict = TrueXOptions(instruments=("BTC-PYUSD",), require_user_id=True)
    async with Sandbox(["truex"], rate=0, truex=strict) as box:
        of_strict = PlainTrueX.of(session, box.truex)
        assert await balances(of_strict, drop=False) == 200
        assert await balances(of_strict, drop=True) == 401
        assert await balances(of_strict, drop=True, **{"x-truex-auth-user-id": "0"}) == 200


OPERATIONS = [
    ("GET", "/health", "", False),
    ("GET", "/versions", "", False),
    ("GET", "/assets", "/asset", False),
    ("GET", "/instruments", "/instrument", False),
    ("GET", "/markets/quote", "/market/quote", False),
    ("POST", "/markets/quote", "/market/quote", False),
    ("GET", f"/markets/trade?instrument_id={BTC}", f"/market/trade?instrument_id={BTC}", False),
    ("GET", "/markets/increment", "/market/increment", False),
    ("GET", "/clients", "/client", True),
    ("PATCH", "/clients", "/client", True),
    ("POST", "/orders", "/order", True),
    ("PATCH", "/orders", "/order", True),
    ("DELETE", "/orders/{id}", "/order/{id}", True),
    ("GET", "/orders/list", "/order", True),
    ("GET", "/orders", "", True),
    ("GET", "/orders/active", "/order/active", True),
    ("GET", "/orders/status/{id}", "/order/status/{id}", True),
    (
        "GET",
        "/orders/trades?timestamp=1770000000000000000",
        "/order/trade?timestamp=1770000000000000000",
        True,
    ),
    ("GET", "/orders/activity/{id}", "", True),
    ("GET", "/balances", "/balance", True),
    ("POST", "/transfers", "/transfer", True),
    ("GET", "/transfers?timestamp=1770000000000000000", "/transfer?timestamp=1770000000000000000", True),
    ("GET", "/transfers/active", "/transfer/active", True),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("prefix", "is_singular"), [("/v1/cefi", False), ("/api/v1", False), ("/api/v1", True)]
)
async def test_every_operation_in_every_generation(
    client: PlainTrueX, prefix: str, is_singular: bool, version: str
) -> None:
    client.prefix, client.version = prefix, version
    for method, plural, singular, signed in OPERATIONS:
        path = singular if is_singular else plural
        if not path:
            continue
        client.prefix = "/v1/cefi"
        order = await client.place("BUY", "63500.0", "0.0100")
        client.prefix = prefix
        body: Any = {
            ("POST", "quote"): {"instrument_id": BTC, "side": "BUY", "qty": "0.01", "qty_unit": "BASE"},
            ("PATCH", "clients"): {"id": client.client_id, "info": {"self_trade_prevention": "CANCEL_BOTH"}},
            ("POST", "orders"): client.order("SELL", "64500.0", "0.0100"),
            ("PATCH", "orders"): {
                "id": order["id"],
                "info": {"client_id": client.client_id, "new_qty": "0.0200", "new_price": "63500.1"},
            },
            ("POST", "transfers"): {
                "request": {
                    "amount": "1",
                    "asset_id": "78873627519877133",
                    "client_id": client.client_id,
                    "type": "DEPOSIT",
                    "platform": "CRYPTO",
                }
            },
        }.get((method, plural.rpartition("/")[2]))
        answer = await client.ask(method, path.replace("{id}", order["id"]), body, signed=signed)
        assert answer.status == 200, (method, path, answer.document)
        is_aged = prefix == "/api/v1" or version == OLDER
        assert ("Sunset" in answer.headers) is ("Deprecation" in answer.headers) is is_aged
        is_wrapped = isinstance(answer.document, dict) and "data" in answer.document
        assert is_wrapped is (version == CURRENT), (method, path)


async def test_sunset_may_have_come(session: aiohttp.ClientSession) -> None:
    options = TrueXOptions(instruments=("BTC-PYUSD",), sunset_status=410)
    async with Sandbox(["truex"], rate=0, truex=options) as box:
        client = PlainTrueX.of(session, box.truex)
        assert (await client.ask("GET", "/balances")).status == 200
        client.prefix = "/api/v1"
        gone = await client.ask("GET", "/balances")
        assert (gone.status, gone.document["error"]["status"]) == (410, 410)
        assert gone.headers["Sunset"] == "Wed, 05 Aug 2026 00:00:00 GMT"


async def test_version_header(client: PlainTrueX) -> None:
    client.version = None
    bare = await client.ask("GET", "/assets", signed=False)
    assert isinstance(bare.document, list)
    client.version = "v1999_01_01"
    refused = await client.ask("GET", "/assets", signed=False)
    assert (refused.status, refused.document["error"]["status"]) == (400, 400)


async def test_problems_in_both_shapes(client: PlainTrueX) -> None:
    for version in VERSIONS:
        client.version = version
        answer = await client.ask("GET", "/orders/status/4711")
        assert answer.status == 404
        problem = answer.document["error"] if version == CURRENT else answer.document
        assert (problem["type"], problem["title"], problem["status"]) == (
            "about:blank",
            "An Error Occured",
            404,
        )
        assert problem["instance"] == "/v1/cefi/orders/status/4711"
        wanted = "application/json" if version == CURRENT else "application/problem+json"
        assert answer.headers["Content-Type"].partition(";")[0] == wanted


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("version", VERSIONS)
async def test_every_documented_status(
    venue: TrueXVenue, client: PlainTrueX, prefix: str, version: str
) -> None:
    client.prefix, client.version = prefix, version
    order = client.order("BUY", "63500.0", "0.0100")
    faults = venue.faults

    async def status(body: Any = order, **how: Any) -> int:
        return (await client.ask("POST", "/orders", body, **how)).status

    assert await status({}) == 400
    assert await status(signed=False) == 401
    foreign = {**order, "info": {**order["info"], "client_id": "1"}}
    assert await status(foreign) == 403
    assert await status({**order, "info": {**order["info"], "instrument_id": "1"}}) == 404
    assert await status(headers={"Content-Type": "text/plain"}) == 415
    faults.timed_out(executed=False)
    assert await status() == 408
    faults.rate_limited()
    assert await status() == 429
    faults.internal_error()
    assert await status() == 500
    faults.busy()
    assert await status() == 503
    faults.stale_timestamp()
    assert await status() == 401
    assert venue.ledger_of(client.client_id)["orders"] == []
    assert await status() == 200
    assert await status() == 400  # the same external id again


async def test_health_says_degraded_with_its_own_body(client: PlainTrueX) -> None:
    client.version = OLDER
    healthy = await client.ask("GET", "/health", signed=False)
    assert healthy.document == {"status": "healthy", "timestamp": "2026-02-02 02:40:00", "service": "rag"}
    async with client.session.post(f"{client.root}/sandbox/truex/service", json={"degraded": True}) as reply:
        assert reply.status == 200
    degraded = await client.ask("GET", "/health", signed=False)
    assert (degraded.status, degraded.document["status"]) == (503, "degraded")


async def test_commands_that_worked_though_the_answer_is_lost(venue: TrueXVenue, client: PlainTrueX) -> None:
    faults = venue.faults
    bodies = [client.order("BUY", "63500.0", "0.0100") for _ in range(3)]
    faults.timed_out()
    assert (await client.ask("POST", "/orders", bodies[0])).status == 408
    faults.gateway_after(status=504)
    assert (await client.ask("POST", "/orders", bodies[1])).status == 504
    faults.lost_reply()
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.ask("POST", "/orders", bodies[2])
    for body in bodies:
        answer = await client.ask("GET", f"/orders/status/{body['external_id']}?id_type=client")
        assert [order["status"] for order in answer.data] == ["ACTIVE"]


async def test_clock_of_the_venue_may_be_wrong(venue: TrueXVenue, client: PlainTrueX) -> None:
    venue.faults.clock_skew(20_000)
    assert (await client.ask("GET", "/balances")).status == 401
    assert (await client.ask("GET", "/balances", skew_s=20)).status == 200


BAD_ORDERS = [
    ("qty", 0.01),
    ("qty", 1),
    ("qty", "1e-2"),
    ("qty", "-1"),
    ("qty", "0"),
    ("qty", "NaN"),
    ("qty", "0." + "1" * 19),
    ("qty", None),
    ("qty", ["0.01"]),
    ("price", 64000.5),
    ("price", ""),
    ("side", "buy"),
    ("side", True),
    ("type", "STOP"),
    ("tif", "FOK"),
    ("exec_inst_flags", "ALO"),
    ("exec_inst_flags", ["IOC"]),
    ("exec_inst_flags", [["ALO"]]),
    ("stp", "INVALID"),
    ("flags", [{}]),
    ("hold_fee_rate", "2"),
    ("client_id", 78932725357888855),
    ("client_id", "0"),
    ("instrument_id", "BTC-PYUSD"),
]


@pytest.mark.parametrize(("name", "value"), BAD_ORDERS, ids=lambda value: str(value)[:12])
async def test_wrong_members_are_refused(
    venue: TrueXVenue, client: PlainTrueX, name: str, value: Any
) -> None:
    body = client.order("BUY", "63500.0", "0.0100")
    body["info"][name] = value
    answer = await client.ask("POST", "/orders", body)
    assert answer.status == 400, answer.document
    assert f"info.{name}" in answer.document["error"]["detail"]
    assert venue.ledger_of(client.client_id)["orders"] == []


@pytest.mark.parametrize("external_id", ["", "x" * 19, "a b", "A0000000-0000-4000-8000-000000000000", 7, "é"])
async def test_wrong_client_order_ids_are_refused(client: PlainTrueX, external_id: Any) -> None:
    body = {**client.order("BUY", "63500.0", "0.0100"), "external_id": external_id}
    assert (await client.ask("POST", "/orders", body)).status == 400


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "1",
        '{"info":NaN}',
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"info":' + "9" * 5000 + "}",
    ],
)
async def test_malformed_bodies_are_refused(client: PlainTrueX, text: str) -> None:
    assert (await client.ask("POST", "/orders", text)).status == 400


async def test_oversized_and_undecodable_bodies_are_refused(client: PlainTrueX) -> None:
    assert (await client.ask("POST", "/orders", "x" * 300_000)).status == 413
    async with client.session.post(
        f"{client.root}/v1/cefi/markets/quote",
        data=b"\xff\xfe{",
        headers={"Content-Type": "application/json"},
    ) as reply:
        assert reply.status == 400


async def test_unknown_paths_and_methods(client: PlainTrueX) -> None:
    for path in ("/candles", "/orders//", "/order/active", ""):
        assert (await client.ask("GET", path)).status == 404
    refused = await client.ask("PUT", "/orders", {})
    assert (refused.status, refused.headers["Allow"]) == (405, "POST, PATCH, GET")


async def test_rate_limit_by_option(session: aiohttp.ClientSession) -> None:
    options = TrueXOptions(instruments=("BTC-PYUSD",), requests_per_s=3)
    async with Sandbox(["truex"], rate=0, now_ms=lambda: NOW_MS, truex=options) as box:
        client = PlainTrueX.of(session, box.truex, now_ms=lambda: NOW_MS)
        answers = await asyncio.gather(*(client.ask("GET", "/balances") for _ in range(5)))
        assert sorted(answer.status for answer in answers) == [200, 200, 200, 429, 429]
