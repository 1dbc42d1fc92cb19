"""What becomes of orders on the TrueX sandbox: modification, cancel, lists, histories, halts."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from support.plain_truex import BTC, CURRENT, OLDER, Clock, PlainTrueX, best, new_id, text_of
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue

SYMBOL = "BTC-PYUSD"
DAY_MS = 86_400_000


async def test_modify_keeps_the_exchange_id_and_takes_a_new_client_id(client: PlainTrueX) -> None:
    first, second = new_id(), new_id()
    order = await client.place("BUY", "63500.0", "0.0100", external_id=first)
    answer = await client.modify(order["id"], "0.0200", "63501.0", external_id=second)
    changed = answer.data
    assert (changed["id"], changed["status"], changed["leaves_qty"]) == (order["id"], "ACTIVE", "0.0200")
    assert (changed["external_id"], changed["ref_external_id"]) == (second, first)
    assert changed["modify_info"].items() >= {
        "client_id": client.client_id, "new_qty": "0.0200", "new_price": "63501.0", "prev_modify": "0",
    }.items()  # fmt: skip
    assert changed["order_info"]["qty"] == "0.0100"
    for name in (first, second):
        found = await client.ask("GET", f"/orders/status/{name}?id_type=client")
        assert found.data[0]["id"] == order["id"]
    # Without an exchange id the client id names the order, as the pages read.
    again = await client.modify(None, "0.0100", "63501.0", external_id=second)
    assert (again.data["leaves_qty"], again.data["external_id"]) == ("0.0100", second)
    assert again.data["modify_info"]["prev_modify"] == changed["modify_info"]["msg_id"]
    assert (await client.holdings())["fees_hold"] == "0.63501"


async def test_modifications_refused_leave_the_order(client: PlainTrueX, venue: TrueXVenue) -> None:
    order = await client.place("BUY", "63500.0", "0.0100")
    used = order["external_id"]
    other = await client.place("BUY", "63400.0", "0.0100")
    assert (await client.modify("4711", "0.0100", "63500.0")).status == 404
    assert (await client.modify(None, "0.0100", "63500.0")).status == 400
    assert (await client.modify(order["id"], "0.0100", "63500.05")).status == 400
    assert (await client.modify(order["id"], "0.00005", "63500.0")).status == 400
    assert (await client.modify(order["id"], "0.0100", "60000.0")).status == 400
    assert (await client.modify(order["id"], "19.0000", "63500.0", external_id=new_id())).status == 400
    assert (await client.modify(other["id"], "0.0100", "63500.0", external_id=used)).status == 400
    assert (await client.modify(order["id"], "0.0100", "63500.0", new_type="LIMIT")).status == 400
    after = (await client.ask("GET", f"/orders/status/{order['id']}")).data[0]
    assert after == order
    await client.ask("DELETE", f"/orders/{order['id']}")
    assert (await client.modify(order["id"], "0.0100", "63500.0")).status == 404


async def test_modify_to_market_and_below_what_is_executed(client: PlainTrueX, venue: TrueXVenue) -> None:
    order = await client.place("BUY", "63500.0", "0.0100")
    done = (await client.modify(order["id"], "0.0100", "63500.0", new_type="MARKET")).data
    assert (done["status"], done["modify_info"]["new_type"]) == ("FILLED", "MARKET")

    ask, quantity = best(venue, "asks")
    partly = await client.place("BUY", str(ask), str(quantity + Decimal("0.0100")))
    assert (partly["status"], Decimal(partly["executed_qty"])) == ("ACTIVE", quantity)
    ended = (await client.modify(partly["id"], str(quantity), str(ask))).data
    assert (ended["status"], ended["leaves_qty"]) == ("CANCELED", "0")


async def test_priority_is_lost_by_growing_and_kept_by_shrinking(
    client: PlainTrueX, venue: TrueXVenue
) -> None:
    trader = next(c for c in venue.core.directory.clients if c != client.client_id)
    price = str(best(venue, "bids")[0] + Decimal("0.1"))
    first = await client.place("BUY", price, "0.0020")
    await client.place("BUY", price, "0.0020", client_id=trader)

    async def hit() -> dict[str, str]:
        await client.place("SELL", str(price), "0.0001", tif="IOC", stp="NONE")
        at = venue.now_ms() * 1_000_000
        makers = (await client.ask("GET", f"/orders/trades?timestamp={at}")).data
        maker: dict[str, str] = next(trade for trade in makers if trade["liq_flag"] == "MAKER")
        return maker

    assert (await hit())["client_id"] == client.client_id
    await client.modify(first["id"], "0.0015", price)
    assert (await hit())["client_id"] == client.client_id
    await client.modify(first["id"], "0.0025", price)
    assert (await hit())["client_id"] == trader


async def test_cancel_by_either_id(client: PlainTrueX) -> None:
    one = await client.place("BUY", "63500.0", "0.0100")
    two = await client.place("BUY", "63500.0", "0.0100", external_id="12345")
    assert (await client.ask("DELETE", f"/orders/{one['id']}")).data["status"] == "CANCELED"
    # A client id of digits is an exchange id unless one says otherwise.
    assert (await client.ask("DELETE", "/orders/12345")).status == 404
    assert (await client.ask("DELETE", "/orders/12345?id_type=client")).data["id"] == two["id"]
    assert (await client.ask("DELETE", "/orders/12345?id_type=client")).status == 404
    assert (await client.ask("DELETE", "/orders/12345?id_type=other")).status == 400
    assert (await client.ask("DELETE", "/orders/a%20b")).status == 400


async def test_orders_of_others_are_unknown(client: PlainTrueX, venue: TrueXVenue) -> None:
    _, key = venue.add_client("stranger")
    order = await client.place("BUY", "63500.0", "0.0100")
    stranger = PlainTrueX(
        client.session, client.root, key.key_id, key.secret, next(iter(key.clients)), key.organization_id,
        now_ms=client.now_ms,
    )  # fmt: skip
    assert (await stranger.ask("GET", f"/orders/status/{order['id']}")).status == 404
    assert (await stranger.ask("DELETE", f"/orders/{order['id']}")).status == 404
    assert (await stranger.ask("GET", "/orders/active")).data == []
    assert (await stranger.ask("GET", "/orders/list")).data == []


async def test_fifty_open_orders(client: PlainTrueX, venue: TrueXVenue) -> None:
    orders = [await client.place("BUY", f"{63500 - i}.0", "0.0001") for i in range(51)]
    assert [order["status"] for order in orders] == ["ACTIVE"] * 50 + ["REJECTED"]
    assert len((await client.ask("GET", "/orders/active")).data) == 50
    one = (await client.ask("GET", f"/orders/active?id={orders[3]['id']}")).data
    assert [order["id"] for order in one] == [orders[3]["id"]]


async def test_early_replies_show_what_is_pending(session: aiohttp.ClientSession) -> None:
    async with Sandbox(
        ["truex"], rate=0, truex=TrueXOptions(instruments=(SYMBOL,), replies_early=True)
    ) as box:
        client = PlainTrueX.of(session, box.truex)
        order = await client.place("BUY", "63500.0", "0.0100")
        assert order["status"] == "NEW_PENDING"
        assert (await client.modify(order["id"], "0.0200", "63500.0")).data["status"] == "MODIFY_PENDING"
        assert (await client.ask("DELETE", f"/orders/{order['id']}")).data["status"] == "CANCEL_PENDING"
        activity = (await client.ask("GET", f"/orders/activity/{order['id']}")).data
        assert [state["status"] for state in activity] == ["ACTIVE", "ACTIVE", "CANCELED"]


@pytest.mark.parametrize("version", [OLDER, CURRENT])
async def test_list_by_filter_and_page(client: PlainTrueX, clock: Clock, version: str) -> None:
    client.version = version
    orders = [await client.place("BUY", f"{63500 - i}.0", "0.0001") for i in range(7)]
    for order in orders[:3]:
        await client.ask("DELETE", f"/orders/{order['id']}")
    await client.place("BUY", "60000.0", "0.0001")

    async def listed(filters: Any, page: str = "") -> Any:
        return await client.ask("GET", f"/orders/list?query={quote(json.dumps(filters))}{page}")

    gone = {"columns": [{"name": "status", "filter": [{"$in": ["REJECTED", "CANCELED"]}]}]}
    assert [order["status"] for order in (await listed(gone)).data] == ["REJECTED"] + ["CANCELED"] * 3
    active = {"columns": [{"name": "status", "filter": [{"$in": ["ACTIVE"]}]}]}
    wanted = [order["id"] for order in reversed(orders[3:])]
    seen: list[str] = []
    page, rounds = "&size=3", 0
    while page:
        answer = await listed(active, page)
        seen += [order["id"] for order in answer.data]
        rounds += 1
        if version == OLDER:
            page = f"&size=3&skip={len(seen)}" if len(answer.data) == 3 else ""
        else:
            assert answer.document["pagination"]["size"] == 3
            cursor = answer.document["pagination"].get("next_cursor")
            page = f"&size=3&cursor={quote(cursor)}" if cursor else ""
    assert (seen, rounds) == (wanted, 2)
    clock.ms += 28 * DAY_MS
    assert len((await listed(gone)).data) == 4
    clock.ms += 1
    assert (await listed(gone)).data == []


@pytest.mark.parametrize(
    "query",
    [
        "query=nonsense", "query=[]", "query={}", 'query={"columns":[1]}', 'query={"columns":[{"name":"price"}]}',
        'query={"columns":[{"name":"status","filter":[{"$gt":"A"}]}]}',
        'query={"columns":[{"name":"status","filter":[{"$in":"ACTIVE"}]}]}',
        'query={"columns":[{"name":"status","filter":[{"$in":[1]}]}]}',
        "size=0", "size=101", "size=ten", "skip=-1", "cursor=xyz", "cursor=YWZ0ZXI6MQ==",
    ],
)  # fmt: skip
async def test_list_refuses_what_it_does_not_know(client: PlainTrueX, query: str) -> None:
    name, _, value = query.partition("=")
    assert (await client.ask("GET", f"/orders/list?{name}={quote(value)}")).status == 400


async def test_histories_need_a_time_and_end_with_it(
    client: PlainTrueX, venue: TrueXVenue, clock: Clock
) -> None:
    assert (await client.ask("GET", "/orders/trades")).status == 400
    assert (await client.ask("GET", "/orders/trades?timestamp=soon")).status == 400
    assert (await client.ask("GET", "/transfers")).status == 400
    for _ in range(3):
        await client.place("BUY", None, "0.0001")
        clock.ms += 1000
    ids = []
    for back_s, found in ((0, 3), (3, 1), (4, 0), (-86_400 + 2, 1), (-86_400, 0)):
        at = (clock.ms - back_s * 1000) * 1_000_000
        trades = (await client.ask("GET", f"/orders/trades?timestamp={at}")).data
        assert len(trades) == found
        ids.append([trade["match_id"] for trade in trades])
    assert ids[0] == sorted(ids[0], reverse=True)


async def test_a_breach_of_the_price_limit_halts(client: PlainTrueX, venue: TrueXVenue, clock: Clock) -> None:
    trader = next(c for c in venue.core.directory.clients if c != client.client_id)
    mid = best(venue, "asks")[0]
    far = str((mid * Decimal("1.02")).quantize(Decimal("0.1")))
    await client.place("SELL", far, "0.0010", client_id=trader)
    swept = await client.place("BUY", far, "9.0000")
    assert swept["status"] == "ACTIVE"
    shown = (await client.ask("GET", f"/instruments?id={BTC}", signed=False)).data[0]
    assert shown["status"] == "HALTED"
    rejected = await client.place("BUY", "64500.0", "0.0010")
    assert text_of(venue, rejected) == "Instrument is HALTED"
    # Orders may leave, and the instrument opens again with the last price as its reference.
    assert (await client.ask("DELETE", f"/orders/{swept['id']}")).status == 200
    clock.ms += 60_000
    venue.core.reopen()
    shown = (await client.ask("GET", f"/instruments?id={BTC}", signed=False)).data[0]
    assert (shown["status"], shown["info"]["reference_price"]) == ("ACTIVE", far)
