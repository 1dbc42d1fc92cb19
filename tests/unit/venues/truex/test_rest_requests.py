"""What travels for every request of TrueX, and every argument that is refused before it does."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tradewire import Credentials, TrueX
from tradewire.errors import ConfigError, MarketUnavailable, NotSupported
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply, HttpRequest
from tradewire.venues.truex import hosts
from tradewire.venues.truex.jwt import JwtKey

ACCOUNT = "78932725357888855"
ORDER_ID = "799477895858487977"
BTC_PYUSD = "78901949723181070"
ASSETS = [{"id": "78873627519877134", "name": "BTC"}, {"id": "78873627519877133", "name": "PYUSD"}]
INSTRUMENTS = [
    {
        "id": BTC_PYUSD,
        "status": "ACTIVE",
        "info": {
            "symbol": "BTC-PYUSD",
            "reference_price": "64000",
            "base_asset_id": "78873627519877134",
            "quote_asset_id": "78873627519877133",
        },
    }
]
ORDER = {
    "id": ORDER_ID,
    "status": "ACTIVE",
    "order_info": {"instrument_id": BTC_PYUSD, "side": "BUY", "qty": "0.0100", "price": "64000.0"},
}
TRANSFER = {
    "id": "5",
    "status": "INITIALIZED",
    "request": {"amount": "1", "asset_id": "7", "client_id": "8", "type": "DEPOSIT", "platform": "FIAT"},
}
QUOTED = {"qty": "1", "price": "1"}

Ask = Callable[[TrueX], Awaitable[Any]]


def answer(request: HttpRequest) -> HttpReply:
    path = urlsplit(request.url).path.removeprefix("/v1/cefi/")
    single = request.method != "GET" or "status/" in path
    if path in {"assets", "instruments"}:
        document: Any = ASSETS if path == "assets" else INSTRUMENTS
    elif path == "markets/quote":
        document = QUOTED if single else []
    elif path.startswith("orders"):
        document = ORDER if single else []
        if request.method == "POST":
            asked = json.loads(request.body)
            document = ORDER | {"external_id": asked["external_id"], "order_info": asked["info"]}
    elif path == "clients":
        document = {"id": ACCOUNT} if single else []
    elif path == "transfers":
        document = TRANSFER if single else []
    else:
        document = []
    return HttpReply(200, {}, json.dumps({"data": document}).encode())


@pytest.fixture
def http() -> MockHttp:
    return MockHttp(answer)


@pytest.fixture
def venue(http: MockHttp) -> TrueX:
    return TrueX(Credentials("key", "secret"), account_id=ACCOUNT, http=http)


def place(**more: Any) -> Ask:
    arguments = {
        "market": "BTC-PYUSD",
        "side": "buy",
        "size": "0.0100",
        "price": "64000.0",
        "client_order_id": "mine",
    }
    return lambda venue: venue.place_order(**(arguments | more))


def placed(**more: Any) -> dict[str, Any]:
    info = {
        "client_id": ACCOUNT,
        "instrument_id": BTC_PYUSD,
        "side": "BUY",
        "type": "LIMIT",
        "tif": "GTC",
        "qty": "0.0100",
        "price": "64000.0",
    } | more
    return {"external_id": "mine", "info": {name: value for name, value in info.items() if value is not None}}


def transfer(**more: Any) -> Ask:
    arguments = {"kind": "withdraw", "platform": "crypto", "asset": "BTC", "amount": "0.5"}
    return lambda venue: venue.start_transfer(**(arguments | more))


SENT: list[tuple[Ask, str, str, dict[str, str], Any]] = [
    (lambda v: v.assets("BTC"), "GET", "assets", {"name": "BTC"}, None),
    (lambda v: v.assets(asset_id="7"), "GET", "assets", {"id": "7"}, None),
    (lambda v: v.instruments("BTC"), "GET", "instruments", {"symbol": "BTC"}, None),
    (lambda v: v.quotes("BTC-PYUSD"), "GET", "markets/quote", {"instrument_id": BTC_PYUSD}, None),
    (lambda v: v.trades("BTC-PYUSD", limit=7), "GET", "markets/trade", {"instrument_id": BTC_PYUSD, "size": "7"}, None),
    (
        lambda v: v.compute_quote("BTC-PYUSD", "sell", Decimal("1e3"), unit="quote"), "POST", "markets/quote", {},
        {"instrument_id": BTC_PYUSD, "side": "SELL", "qty": "1000", "qty_unit": "QUOTE"},
    ),
    (lambda v: v.clients(mnemonic="desk"), "GET", "clients", {"mnemonic": "desk"}, None),
    (
        lambda v: v.update_client("none"), "PATCH", "clients", {},
        {"id": ACCOUNT, "info": {"self_trade_prevention": "NONE"}},
    ),
    (lambda v: v.holdings(account_id="9", asset="A"), "GET", "balances", {"client_id": "9", "asset_name": "A"}, None),
    (place(), "POST", "orders", {}, placed()),
    (place(side="sell", time_in_force="ioc"), "POST", "orders", {}, placed(side="SELL", tif="IOC")),
    (place(type="market", price=None), "POST", "orders", {}, placed(type="MARKET", price=None, tif="IOC")),
    (place(post_only=True), "POST", "orders", {}, placed(exec_inst_flags=["ALO"])),
    (place(aggressive=True), "POST", "orders", {}, placed(flags=["USE_AGGRESSIVE_PRICING"])),
    (place(stp="cancel_both"), "POST", "orders", {}, placed(stp="CANCEL_BOTH")),
    (place(price=Decimal("6.4e4"), size=1), "POST", "orders", {}, placed(price="64000", qty="1")),
    (lambda v: v.cancel_order("BTC-PYUSD", ORDER_ID), "DELETE", f"orders/{ORDER_ID}", {"id_type": "exchange"}, None),
    (
        lambda v: v.cancel_order("BTC-PYUSD", client_order_id="12~3"),
        "DELETE", "orders/12~3", {"id_type": "client"}, None,
    ),
    (lambda v: v.order_status(ORDER_ID), "GET", f"orders/status/{ORDER_ID}", {"id_type": "exchange"}, None),
    (lambda v: v.activity(client_order_id="mine"), "GET", "orders/activity/mine", {"id_type": "client"}, None),
    (lambda v: v.open_orders(), "GET", "orders/active", {}, None),
    (
        lambda v: v.orders(statuses=("REJECTED", "CANCELED"), limit=5), "GET", "orders/list",
        {"size": "5", "query": '{"columns":[{"name":"status","filter":[{"$in":["REJECTED","CANCELED"]}]}]}'}, None,
    ),
    (lambda v: v.orders(cursor="a/b="), "GET", "orders/list", {"size": "100", "cursor": "a/b="}, None),
    (lambda v: v.fills(end_ns=5, limit=9), "GET", "orders/trades", {"timestamp": "5", "size": "9"}, None),
    (lambda v: v.transfers(end_ns=5), "GET", "transfers", {"timestamp": "5", "size": "100"}, None),
    (lambda v: v.active_transfers("8"), "GET", "transfers/active", {"transfer_id": "8"}, None),
    (
        transfer(instructions={"transfer_id": "x"}), "POST", "transfers", {},
        {"request": {
            "amount": "0.5", "asset_id": "78873627519877134", "client_id": ACCOUNT, "type": "WITHDRAW",
            "platform": "CRYPTO", "instructions": {"transfer_id": "x"},
        }},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "method", "path", "query", "body"), SENT)
async def test_what_is_sent(
    venue: TrueX, http: MockHttp, ask: Ask, method: str, path: str, query: dict[str, str], body: Any
) -> None:
    await ask(venue)
    request = http.requests[-1]
    url = urlsplit(request.url)
    assert (request.method, url.path) == (method, f"/v1/cefi/{path}")
    assert dict(parse_qsl(url.query)) == query
    assert (json.loads(request.body) if request.body else None) == body
    assert request.url.startswith("https://api.truex.co/")


async def test_amendment_sends_both_values_and_a_fresh_client_id(venue: TrueX, http: MockHttp) -> None:
    await venue.amend_order("BTC-PYUSD", ORDER_ID, price="64001.5")
    body = json.loads(http.requests[-1].body)
    assert len(body.pop("external_id")) == 36
    assert body == {
        "id": ORDER_ID,
        "info": {"client_id": ACCOUNT, "new_qty": "0.0100", "new_price": "64001.5"},
    }
    await venue.amend_order("BTC-PYUSD", ORDER_ID, size="0.0200", to_market=True)
    assert json.loads(http.requests[-1].body)["info"] == {
        "client_id": ACCOUNT, "new_qty": "0.0200", "new_price": "64000.0", "new_type": "MARKET",
    }  # fmt: skip


async def test_older_version_pages_by_items_to_skip(http: MockHttp) -> None:
    venue = TrueX(Credentials("key", "secret"), account_id=ACCOUNT, version="v2024_01_01", http=http)
    await venue.orders(page=3, limit=20)
    assert dict(parse_qsl(urlsplit(http.requests[-1].url).query)) == {"size": "20", "skip": "40"}
    assert http.requests[-1].headers["X-Truex-Version"] == "v2024_01_01"


@pytest.mark.parametrize(
    ("environment", "prefix", "root"),
    [
        (hosts.PRODUCTION, "/v1/cefi", "https://api.truex.co/v1/cefi/"),
        (hosts.PRODUCTION, "/api/v1", "https://prod.truex.co/api/v1/"),
        (hosts.UAT, "/v1/cefi", "https://api.uat.truex.co/v1/cefi/"),
        (hosts.UAT, "/api/v1", "http://uat.truex.co:9742/api/v1/"),
        (
            hosts.local("http://127.0.0.1:1/", "ws://127.0.0.1:1/api/v1"),
            "/api/v1",
            "http://127.0.0.1:1/api/v1/",
        ),
    ],
)
async def test_where_requests_go(environment: hosts.Environment, prefix: str, root: str) -> None:
    http = MockHttp(lambda _: HttpReply(200, {}, b"[]"))
    # The venue's own test system has its old paths in plain text only.
    await TrueX(
        environment=environment, prefix=prefix, http=http, allow_insecure=environment is hosts.UAT
    ).assets()
    assert http.requests[0].url == f"{root}assets"


REFUSED: list[tuple[Ask, str]] = [
    (place(size=0.01), "size must be Decimal, int or a decimal in a str, got float"),
    (place(size="0"), "size must be above zero"),
    (place(size="-1"), "size must be above zero"),
    (place(size="0.01 "), "size must be a decimal"),
    (place(size=Decimal("NaN")), "size must be finite"),
    (place(size="0.01005"), "a size at 64000.0 is a multiple of 0.0001"),
    (place(size="0.00001"), "a multiple of 0.0001: 0.0001"),
    (place(price="64000.05"), "a multiple of 0.1"),
    (place(price=True), "price must be Decimal"),
    (place(price=None), "a limit order needs a price"),
    (place(type="market"), "a market order has no price"),
    (place(type="stop"), "type must be one of 'limit', 'market'"),
    (place(side="long"), "side must be one of 'buy', 'sell'"),
    (place(time_in_force="day"), "time_in_force must be one of"),
    (place(post_only=True, time_in_force="ioc"), "a post-only order rests"),
    (place(post_only=True, type="market", price=None), "a post-only order rests"),
    (place(stp="cancel_maker"), "stp must be one of"),
    (place(client_order_id="x" * 19), "client_order_id must be a version-4 UUID"),
    (place(client_order_id=""), "client_order_id must be a version-4 UUID"),
    (place(market="BTC PYUSD"), "market must be visible ASCII"),
    (place(market=""), "market must be visible ASCII"),
    (
        lambda v: v.amend_order("BTC-PYUSD", "abc", price="64000.0"),
        "order_id must be one of the venue's numbers",
    ),
    (lambda v: v.amend_order("BTC-PYUSD", ORDER_ID, price="64000.05"), "a multiple of 0.1"),
    (lambda v: v.amend_order("BTC-PYUSD", ORDER_ID, size="0.00015"), "a multiple of 0.0001"),
    (lambda v: v.amend_order("BTC-PYUSD", ORDER_ID, size=0.5), "size must be Decimal"),  # type: ignore[arg-type]
    (lambda v: v.cancel_order("BTC-PYUSD"), "by order_id or by client_order_id"),
    (
        lambda v: v.cancel_order("BTC-PYUSD", ORDER_ID, client_order_id="x"),
        "by order_id or by client_order_id",
    ),
    (lambda v: v.cancel_order("BTC-PYUSD", "../clients"), "order_id must be one of the venue's numbers"),
    (lambda v: v.cancel_order("", ORDER_ID), "market must be visible ASCII"),
    (lambda v: v.order("", ORDER_ID), "market must be visible ASCII"),
    (lambda v: v.order_status("0"), "order_id must be one of the venue's numbers"),
    (lambda v: v.activity(client_order_id="a/b"), "client_order_id must be a version-4 UUID"),
    (lambda v: v.orders(limit=0), "limit must be a whole number from 1 to 100"),
    (lambda v: v.orders(limit=101), "limit must be a whole number from 1 to 100"),
    (lambda v: v.orders(page=0), "page must be a whole number from 1"),
    (lambda v: v.fills(limit=101), "limit must be a whole number from 1 to 100"),
    (lambda v: v.transfers(limit=0), "limit must be a whole number from 1 to 100"),
    (lambda v: v.transfers(page=-1), "page must be a whole number from 1"),
    (lambda v: v.trades("BTC-PYUSD", limit=0), "limit must be a whole number from 1 to 100"),
    (lambda v: v.book("BTC-PYUSD", depth=21), "depth must be a whole number from 1 to 20"),
    (lambda v: v.assets("a b"), "name must be visible ASCII"),
    (lambda v: v.assets(asset_id="x"), "id must be one of the venue's numbers"),
    (lambda v: v.instruments(""), "symbol must be visible ASCII"),
    (lambda v: v.instruments(instrument_id="-1"), "id must be one of the venue's numbers"),
    (lambda v: v.clients(account_id="x"), "account_id must be one of the venue's numbers"),
    (lambda v: v.clients(mnemonic="ä"), "mnemonic must be visible ASCII"),
    (lambda v: v.update_client("ALWAYS"), "self_trade_prevention must be one of"),
    (lambda v: v.update_client("none", account_id="x"), "account_id must be one of the venue's numbers"),
    (lambda v: v.holdings(account_id="x"), "account_id must be one of the venue's numbers"),
    (lambda v: v.holdings(asset="\n"), "asset must be visible ASCII"),
    (lambda v: v.compute_quote("BTC-PYUSD", "buy", "1", unit="LOTS"), "unit must be one of 'base', 'quote'"),
    (lambda v: v.compute_quote("BTC-PYUSD", "buy", 1.0), "size must be Decimal"),  # type: ignore[arg-type]
    (lambda v: v.compute_quote("BTC-PYUSD", "up", "1"), "side must be one of"),
    (transfer(kind="GIFT"), "kind must be one of 'deposit', 'withdraw'"),
    (transfer(platform="PIGEON"), "platform must be one of 'fiat', 'crypto', 'internal'"),
    (transfer(amount="0"), "amount must be above zero"),
    (transfer(account_id="x"), "account_id must be one of the venue's numbers"),
    (lambda v: v.active_transfers("x"), "transfer_id must be one of the venue's numbers"),
]


@pytest.mark.parametrize(("ask", "words"), REFUSED, ids=[words for _, words in REFUSED])
async def test_what_is_refused_before_anything_is_asked_of_it(
    venue: TrueX, http: MockHttp, ask: Ask, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        await ask(venue)
    assert words in str(caught.value)
    asked = {urlsplit(request.url).path.removeprefix("/v1/cefi/") for request in http.requests}
    assert asked <= {"assets", "instruments", f"orders/status/{ORDER_ID}"}


async def test_fill_or_kill_is_not_there(venue: TrueX, http: MockHttp) -> None:
    with pytest.raises(NotSupported, match="ioc") as caught:
        await place(time_in_force="fok")(venue)
    assert (caught.value.venue, http.requests) == ("truex", [])


@pytest.mark.parametrize(
    "ask",
    [place(market="XRP-PYUSD"), transfer(asset="XRP"), lambda v: v.compute_quote("XRP-PYUSD", "buy", 1)],
)
async def test_what_the_venue_does_not_have(venue: TrueX, ask: Ask) -> None:
    with pytest.raises(MarketUnavailable, match=r"XRP.*; there is BTC"):
        await ask(venue)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"account_id": "x"}, "account_id must be one of the venue's numbers"),
        ({"prefix": "/v1/cefi", "spelling": "singular"}, "legacy prefix only"),
        ({"jwt": JwtKey("k", {"kty": "EC", "crv": "P-256", "d": "AQ"})}, "one of them"),
        ({"version": "v2025_01_01"}, "version must be one of 'v2024_01_01', 'v2026_01_23'"),
        ({"prefix": "/v2"}, "prefix must be one of '/v1/cefi', '/api/v1'"),
        ({"spelling": "dual"}, "spelling must be one of 'plural', 'singular'"),
    ],
)
def test_clients_that_make_no_sense(how: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TrueX(Credentials("key", "secret"), **how)
    assert words in str(caught.value)


async def test_no_statuses_are_no_filter(venue: TrueX, http: MockHttp) -> None:
    await venue.orders()
    assert dict(parse_qsl(urlsplit(http.requests[-1].url).query)) == {"size": "100"}
