"""Every fault on every venue over real sockets, seen by clients that know nothing of ours."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from support.fault_probe import PROBES, Probe
from support.witness import PATIENCE_S
from tradewire.registry import find_venue
from tradewire.sandbox import Sandbox, server
from tradewire.sandbox.faults import FaultKind, Faults

CUT = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)
WAIT_S = 0.3


@asynccontextmanager
async def opened(kind: type[Probe], session: aiohttp.ClientSession) -> AsyncIterator[Probe]:
    async with Sandbox(
        [kind.name],
        rate=0,
        coinex=find_venue("coinex").options_class(push_ms=0, markets=("BTCUSDT",)),
        truex=find_venue("truex").options_class(instruments=("BTC-PYUSD",), coalesce_ms=20),
    ) as box:
        yield kind(box, session)


@pytest.fixture(params=PROBES, ids=lambda probe: probe.name)
async def probe(request: pytest.FixtureRequest, session: aiohttp.ClientSession) -> AsyncIterator[Probe]:
    async with opened(request.param, session) as probe:
        yield probe


# Replies.


@pytest.mark.parametrize("fault", ["lost_reply", "broken_reply"])
async def test_a_reply_is_lost_after_the_order_was_taken(probe: Probe, fault: str) -> None:
    getattr(probe.faults, fault)()
    with pytest.raises(CUT):
        await probe.place()
    assert probe.orders() == 1
    assert not probe.is_refused(await probe.place())


async def test_a_request_is_lost_before_the_order_was_taken(probe: Probe) -> None:
    probe.faults.lost_request()
    with pytest.raises(CUT):
        await probe.place()
    assert probe.orders() == 0


async def test_no_reply_comes_and_the_connection_stays(probe: Probe) -> None:
    probe.faults.no_reply()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(probe.place(), WAIT_S)
    assert probe.orders() == 1
    assert not probe.is_refused(await probe.ask("orders"))


async def test_a_reply_is_late(probe: Probe) -> None:
    probe.faults.late_reply(250)
    began_s = time.monotonic()
    placing = asyncio.create_task(probe.place())
    await probe.until_orders(1)
    assert not placing.done()
    assert not probe.is_refused(await placing)
    assert time.monotonic() - began_s >= 0.25


async def test_a_second_reply_follows_on_the_same_connection(probe: Probe) -> None:
    probe.faults.second_reply(60, requests="any")
    path = {"coinex": "/v2/time", "exchange": "/health", "truex": "/v1/cefi/health"}[probe.name]
    host, port = probe.root.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        body = await reader.readexactly(length)
        began_s = time.monotonic()
        again = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        assert time.monotonic() - began_s > 0.02
        assert again.startswith(b"HTTP/1.1 200")
        assert await reader.readexactly(length) == body
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("executed", [True, False])
async def test_a_gateway_or_an_error_answers_for_the_venue(probe: Probe, executed: bool) -> None:
    if executed:
        probe.faults.gateway_after(status=504)
        probe.faults.error_after(status=503)
        probe.faults.timed_out()
    else:
        probe.faults.gateway_html(status=504, requests="place")
        probe.faults.internal_error()
        probe.faults.timed_out(executed=False)
    page, error, late = [await probe.place() for _ in range(3)]
    assert (page.status, b"504" in page.body, b"<html>" in page.body) == (504, True, True)
    assert probe.is_refused(error)
    assert probe.is_refused(late)
    if executed:
        assert error.status == 503
    assert error.json, "in the venue's own format"
    assert probe.orders() == (3 if executed else 0)


async def test_busy_refuses_new_orders_of_a_market_and_nothing_else(probe: Probe) -> None:
    probe.faults.busy(probe.market)
    assert not probe.is_refused(await probe.ask("orders"))
    assert probe.is_refused(await probe.place())
    assert not probe.is_refused(await probe.place())


async def test_a_fault_concerns_the_requests_it_names(probe: Probe) -> None:
    probe.faults.error_after(requests="queries")
    assert not probe.is_refused(await probe.place())
    assert (await probe.ask("orders")).status == 500
    assert probe.faults.triggered["error_after"] == 1


# Pace.


async def test_too_many_requests_with_seconds_or_a_date_to_wait(probe: Probe) -> None:
    probe.faults.rate_limited()
    probe.faults.rate_limited(status=429, retry_after_s=7)
    probe.faults.rate_limited(status=418, retry_after_s=60, as_date=True)
    own, seconds, date = [await probe.ask("orders") for _ in range(3)]
    assert probe.is_refused(own)
    assert "Retry-After" not in own.headers
    assert (seconds.status, seconds.headers["Retry-After"]) == (429, "7")
    assert date.status == 418
    until = parsedate_to_datetime(date.headers["Retry-After"]).timestamp()
    assert 57 <= until - time.time() <= 61
    assert not probe.is_refused(await probe.ask("orders"))


async def test_headers_say_what_is_left(probe: Probe) -> None:
    probe.faults.remaining_headers(3, long_remaining=1)
    reply = await probe.ask("orders")
    assert reply.headers["X-RateLimit-Remaining"] == "3"
    if probe.name == "coinex":
        assert reply.headers["X-RateLimit-LongPeriod-1H-Remaining"] == "1"
    assert (await probe.ask("orders")).headers.get("X-RateLimit-Remaining") != "3"


async def test_requests_and_frames_take_longer(probe: Probe) -> None:
    probe.faults.rest_latency(120, jitter_ms=20)
    began_s = time.monotonic()
    await probe.place()
    assert time.monotonic() - began_s >= 0.12
    probe.faults.rest_latency(0)
    async with probe.stream() as stream:
        before = await stream.book()
        probe.faults.push_latency(200, jitter_ms=50)
        await probe.trade()
        began_s = time.monotonic()
        await probe.trade()
        pushes = [await stream.next() for _ in range(2)]
        assert time.monotonic() - began_s >= 0.15
        probe.faults.push_latency(0)
        pushes += await stream.quiet()
    numbers = [probe.number(message) for message in before + pushes if probe.is_book(message)]
    assert numbers == sorted(numbers, key=lambda number: number or 0)


async def test_reads_lag_and_catch_up(probe: Probe) -> None:
    probe.faults.read_lag(300)
    await probe.place()
    await probe.trade()
    for what in ("orders", "fills"):
        assert probe.rows(what, await probe.ask(what)) == []
    assert probe.orders() == 2
    async with asyncio.timeout(PATIENCE_S):
        for what in ("orders", "fills"):
            while not probe.rows(what, await probe.ask(what)):  # noqa: ASYNC110 - the venue tells nobody
                await asyncio.sleep(0.05)
    await probe.place()
    assert len(probe.rows("orders", await probe.ask("orders"))) == 1
    probe.faults.read_lag(0)
    assert len(probe.rows("orders", await probe.ask("orders"))) == 2


# The clock.


async def test_the_clock_jumps_for_requests_headers_and_books(probe: Probe) -> None:
    async with probe.stream() as stream:
        await stream.book()
        probe.faults.clock_step(-180_000)
        probe.faults.clock_step(60_000)
        date = (await probe.control("GET", "/health"), await probe.ask("markets"))[1].headers["Date"]
        assert -125 <= parsedate_to_datetime(date).timestamp() - time.time() <= -115
        assert probe.faults.skew_ms == -120_000
        if probe.name != "exchange":
            assert probe.is_refused(await probe.ask("orders")), "our clock is ahead of the venue's"
        probe.now_ms = lambda: time.time_ns() // 1_000_000 - 120_000  # type: ignore[method-assign]
        assert not probe.is_refused(await probe.ask("orders"))
        pushed = await stream.moved()
        if probe.name == "coinex":
            numbers = [probe.number(message) or 0 for message in pushed]
            assert numbers, pushed
            assert all(-125_000 < number - time.time() * 1000 < -115_000 for number in numbers)
            assert numbers == sorted(numbers)


# Connections and requests of streams.


async def test_an_upgrade_is_refused_or_reset(probe: Probe) -> None:
    probe.faults.upgrade_refused(status=503)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await probe.session.ws_connect(probe.ws_url)
    assert refused.value.status == 503
    # aiohttp tries again by itself where it reused a connection.
    probe.faults.upgrade_refused(count=2)
    with pytest.raises(aiohttp.ClientConnectionError):
        await probe.session.ws_connect(probe.ws_url)
    probe.faults.clear()
    async with probe.stream() as stream:
        assert await stream.book()


async def test_a_client_that_leaves_before_the_upgrade_reply_is_no_error(
    probe: Probe, caplog: pytest.LogCaptureFixture
) -> None:
    address = urlsplit(probe.ws_url)
    head = (
        f"GET {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    for pause_s in (0, 0.001, 0, 0.002):
        with socket.create_connection((address.hostname, address.port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(head.encode())
            await asyncio.sleep(pause_s)
    async with probe.stream() as stream:
        assert await stream.book()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_sockets_are_cut_or_muted_by_market(probe: Probe) -> None:
    async with probe.stream() as mute, probe.stream() as other:
        await mute.book()
        assert probe.faults.drop_socket(probe.unknown_market) == 0
        assert probe.faults.mute_socket(probe.market) == 1
        assert await mute.moved() == []
        assert not mute.socket.closed
        assert any(map(probe.is_book, await other.book()))
        assert probe.faults.drop_socket() == 2
        assert (await other.socket.receive(timeout=PATIENCE_S)).type in {
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        }


@pytest.mark.parametrize("kind", PROBES)
async def test_a_box_closes_while_a_reply_is_held_back(
    kind: type[Probe], session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LAST_WORD_S", 2 * PATIENCE_S)
    async with opened(kind, session) as probe:
        probe.faults.no_reply()
        placing = asyncio.create_task(probe.place())
        await probe.until_orders(1)
        async with asyncio.timeout(PATIENCE_S):
            await probe.box.close()
        with pytest.raises(CUT):
            await placing


async def test_pings_are_not_answered_and_pushes_go_on(probe: Probe) -> None:
    async with probe.session.ws_connect(probe.ws_url, autoping=False) as socket:
        probe.faults.no_pong()
        await socket.ping(b"one")
        await asyncio.sleep(0.1)
        probe.faults.no_pong(enabled=False)
        await socket.ping(b"two")
        pongs: list[Any] = []
        while not pongs:
            message = await socket.receive(timeout=PATIENCE_S)
            pongs += [message.data] if message.type is aiohttp.WSMsgType.PONG else []
        assert [bytes(data) for data in pongs] == [b"two"]


async def test_the_venues_own_ping_is_not_answered(probe: Probe) -> None:
    if probe.name != "coinex":
        pytest.skip("only CoinEx has a ping of its own")
    async with probe.stream() as stream:
        probe.faults.no_pong()
        await stream.send({"method": "server.ping", "params": {}, "id": 9})
        assert await stream.quiet() == []


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_subscription_is_taken_and_nothing_ever_comes(probe: Probe, is_known: bool) -> None:
    market = probe.market if is_known else probe.unknown_market
    probe.faults.silent_subscription(market)
    async with probe.stream() as stream:
        replies = await stream.book(market=market)
        assert all(probe.is_ok(reply) for reply in replies)
        assert len(replies) == (0 if probe.name == "exchange" else 1)
        assert await stream.moved() == []


async def test_a_subscription_is_put_off_as_often_as_asked(probe: Probe) -> None:
    probe.faults.subscription_put_off(count=2)
    async with probe.stream() as stream:
        for _ in range(2):
            [refusal] = await stream.book()
            assert not probe.is_ok(refusal)
        assert any(map(probe.is_book, await stream.book()))


async def test_unsubscribing_is_put_off(probe: Probe) -> None:
    probe.faults.unsubscription_put_off()
    async with probe.stream() as stream:
        await stream.book()
        [refusal] = await stream.book("unsubscribe")
        assert not probe.is_ok(refusal)
        assert await stream.moved()
        [done] = await stream.book("unsubscribe")
        assert probe.is_ok(done)
        assert await stream.moved() == []


async def test_a_login_is_refused_once(probe: Probe) -> None:
    probe.faults.login_refused()
    async with probe.stream() as stream:
        if probe.name == "truex":
            # Credentials are in each frame of this venue.
            refused, taken = await stream.book(), await stream.book()
        else:
            refused, taken = await stream.login(), await stream.login()
        assert [probe.is_ok(reply) for reply in refused] == [False]
        assert probe.is_ok(taken[0])


async def test_a_login_expires_without_a_word(probe: Probe) -> None:
    async with probe.stream() as stream:
        await stream.orders()
        await probe.place()
        assert any(map(probe.is_order, await stream.quiet()))
        assert probe.faults.login_expired() == 1
        assert probe.faults.login_expired() == 0
        await probe.place()
        assert not any(map(probe.is_order, await stream.quiet()))
        await stream.orders()
        await probe.place()
        assert any(map(probe.is_order, await stream.quiet()))


# Pushes.


async def test_pushes_are_dropped_doubled_and_reordered(probe: Probe) -> None:
    async with probe.stream() as stream:
        await stream.orders()

        def id_of(row: Any) -> str:
            return str(row.get("order_id") or row["id"])

        async def pushed() -> list[int]:
            """Place two orders and return which ones the pushes are about, 0 or 1 each."""
            replies = [(await probe.place()).json for _ in range(2)]
            placed = [id_of(reply.get("data") or reply["order"]) for reply in replies]
            rows = [probe.order_row(message) for message in await stream.quiet() if probe.is_order(message)]
            return [placed.index(id_of(row)) for row in rows]

        assert await pushed() == [0, 1]
        probe.faults.drop_push("orders")
        assert await pushed() == [1]
        probe.faults.duplicate_push("orders", probe.market)
        assert await pushed() == [0, 0, 1]
        probe.faults.reorder_push()
        assert await pushed() == [1, 0]


async def test_a_change_of_a_book_is_lost(probe: Probe) -> None:
    async with probe.stream() as stream:
        await stream.book()
        probe.faults.skip_difference(probe.market)
        pushes = await stream.moved()
        assert probe.faults.triggered["skip_difference"] == 1
        numbers = [probe.number(message) for message in pushes]
        full = await stream.moved()
        assert len(pushes) < len(full)
        if probe.name == "truex":
            assert numbers == [1]


async def test_numbers_start_over_until_the_next_subscription(probe: Probe) -> None:
    async with probe.stream() as stream:
        last = max(probe.number(message) or 0 for message in (await stream.book()) + (await stream.moved())
                   if probe.is_book(message))  # fmt: skip
        probe.faults.sequence_reset(probe.market)
        numbers = [probe.number(message) or 0 for message in await stream.moved()]
        if probe.name == "coinex":
            assert all(last - 3_600_000 < number < last - 3_500_000 for number in numbers)
        else:
            assert numbers == list(range(1, len(numbers) + 1))
        await stream.book("unsubscribe")
        again = [message for message in await stream.book() if probe.is_book(message)]
        assert (probe.number(again[0]) or 0) > last


async def test_a_book_comes_without_its_number(probe: Probe) -> None:
    async with probe.stream() as stream:
        await stream.book()
        probe.faults.missing_sequence(probe.market)
        numbers = [probe.number(message) for message in await stream.moved()]
        assert numbers[0] is None
        assert None not in numbers[1:]


async def test_the_next_whole_book_is_an_older_one(probe: Probe) -> None:
    async with probe.stream() as stream:
        first = next(message for message in await stream.book() if probe.is_book(message))
        await stream.moved()
        probe.faults.stale_snapshot(probe.market)
        await stream.book("unsubscribe")
        stale = next(message for message in await stream.book() if probe.is_book(message))
        await stream.book("unsubscribe")
        fresh = next(message for message in await stream.book() if probe.is_book(message))
    assert probe.faults.triggered["stale_snapshot"] == 1

    def content(message: dict[str, Any]) -> str:
        data = message["data"].get("depth", message["data"]) if "data" in message else message
        sides = {side: data[side] for side in ("bids", "asks")}
        for row in [*sides["bids"], *sides["asks"]]:
            if isinstance(row, dict):
                row.pop("created_at", None)
        return json.dumps(sides, sort_keys=True)

    assert content(stale) != content(fresh)
    if probe.name != "exchange":
        assert content(stale) == content(first)


# Rows.


@pytest.mark.parametrize(
    "defect",
    ["null_field", "missing_field", "wrong_type", "not_a_number", "unknown_word", "null_row", "empty_row"],
)
async def test_one_row_of_each_list_is_spoilt_once(probe: Probe, defect: Any) -> None:
    await probe.trade()
    await probe.place()
    topics = ("orders", "fills", "balances", "markets")
    for topic in topics:
        row_topic: Any = "positions" if (probe.name, topic) == ("exchange", "balances") else topic
        good = probe.rows(topic, await probe.ask(topic))
        probe.faults.bad_row(defect, row_topic, where="rest")
        spoilt = probe.rows(topic, await probe.ask(topic))
        assert spoilt != good, topic
        assert len(spoilt) == len(good)
        assert spoilt[1:] == good[1:]
        if defect == "null_row":
            assert spoilt[0] is None
        if defect == "unknown_word":
            assert "brand_new" in json.dumps(spoilt[0])
        assert probe.rows(topic, await probe.ask(topic)) == good


@pytest.mark.parametrize("defect", ["null_field", "wrong_type", "unknown_word", "null_row"])
async def test_one_pushed_row_is_spoilt_once(probe: Probe, defect: Any) -> None:
    async with probe.stream() as stream:
        await stream.orders()
        probe.faults.bad_row(defect, "orders", where="push", market=probe.market)
        assert not probe.is_refused(await probe.place())
        spoilt = next(message for message in await stream.quiet() if probe.faults.triggered["bad_row"])
        await probe.place()
        good = next(message for message in await stream.quiet() if probe.is_order(message))
    row, fine = probe.order_row(spoilt), probe.order_row(good)
    if defect == "null_row":
        assert row is None
        return
    flat = {**row, **row.get("order_info", {})}
    flat_fine = {**fine, **fine.get("order_info", {})}
    changed = "price" if defect != "unknown_word" else "type" if probe.name == "coinex" else "side"
    if (probe.name, defect) == ("truex", "unknown_word"):
        changed = "status"
    assert type(flat[changed]) is not type(flat_fine[changed]) or flat[changed] == "brand_new"


# The control surface.


async def test_faults_by_name_over_http(probe: Probe) -> None:
    listed = (await probe.control("GET", "/faults")).json["faults"]
    assert {entry["kind"] for entry in listed} >= {kind.value for kind in Faults.kinds}
    assert (await probe.control("POST", "/faults", {"kind": "?"})).json == {"faults": listed}
    done = await probe.control("POST", "/faults", {"kind": "lost_reply", "requests": "place", "count": 1})
    assert (done.status, done.json) == (200, {"armed": 1})
    with pytest.raises(CUT):
        await probe.place()
    health = (await probe.control("GET", "/health")).json
    assert health["triggered"]["lost_reply"] == 1
    unknown = {"kind": "silent_subscription", "market": probe.unknown_market}
    assert (await probe.control("POST", "/faults", unknown)).status == 200
    assert (await probe.control("POST", "/faults", {"kind": "clear"})).status == 200
    for wrong in ({"kind": "busy", "market": "NOPE"}, {"kind": "busy", "detail": 1}, {"kind": "late_reply"}):
        refused = await probe.control("POST", "/faults", wrong)
        assert refused.status == 400
        assert refused.json["error"]


async def test_a_script_over_http(probe: Probe) -> None:
    script = '[[faults]]\nat_s = 0\nfault = "internal_error"\n[[faults]]\nat_s = 900\nfault = "drop_socket"'
    soon, later = {"at_s": 0.0, "fault": "internal_error"}, {"at_s": 900.0, "fault": "drop_socket"}
    played = await probe.control("POST", "/faults/script", script)
    assert (played.status, played.json) == (200, {"faults": [soon, later]})
    assert (await probe.control("GET", "/faults/script")).json == {"faults": [later]}
    assert probe.is_refused(await probe.place())
    assert (await probe.control("POST", "/faults", {"kind": "clear"})).status == 200
    assert (await probe.control("GET", "/faults/script")).json == {"faults": []}
    refused = await probe.control("POST", "/faults/script", script.replace("drop", "drip"))
    assert (refused.status, "is 'drop_socket' meant" in refused.json["error"]) == (400, True)


async def test_a_fault_of_another_venue_is_refused(probe: Probe) -> None:
    for kind in set(FaultKind) - probe.faults.kinds:
        refused = await probe.control("POST", "/faults", {"kind": kind.value})
        assert refused.status == 400
        assert f"no fault '{kind.value}'" in refused.json["error"]


@pytest.mark.parametrize("rate", ["NaN", "Infinity", "-1", "1e300", "true", '"fast"', "null"])
async def test_a_rate_that_is_none_is_refused_and_traffic_goes_on(probe: Probe, rate: str) -> None:
    path = f"/sandbox/{probe.name}/traffic"
    assert (await probe.send("POST", path, {}, '{"rate": 400}')).status == 200
    refused = await probe.send("POST", path, {}, f'{{"rate": {rate}}}')
    assert refused.status == 400
    assert "rate must be" in refused.json["error"]
    before = probe.venue.traffic.count
    async with asyncio.timeout(PATIENCE_S):
        while probe.venue.traffic.count < before + 5:  # noqa: ASYNC110 - the tape tells nobody
            await asyncio.sleep(0.01)
