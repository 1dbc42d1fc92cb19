"""What the TrueX sandbox tells over WebSocket: books, prints, quotes, instruments, order reports."""

from __future__ import annotations

import zlib
from decimal import Decimal

import aiohttp
import pytest

from support.plain_truex import BTC, DictBook, PlainStream, PlainTrueX
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue

SYMBOL = "BTC-PYUSD"
OTHER = "ETH-PYUSD"
NOW_MS = 1_770_000_000_000
QUICK = TrueXOptions(instruments=(SYMBOL, OTHER), coalesce_ms=20)
SLOW = TrueXOptions(instruments=(SYMBOL,), coalesce_ms=3_600_000)


@pytest.fixture
def options() -> TrueXOptions:
    return QUICK


async def test_snapshot_then_complete_and_the_numbers_of_a_channel(
    client: PlainTrueX, venue: TrueXVenue, stream: PlainStream
) -> None:
    await stream.subscribe(["DEPTH"], [SYMBOL])
    snapshot = stream.frames[-2]
    assert (snapshot["update"], snapshot["seqnum"], snapshot["status"]) == ("SNAPSHOT", "0", "AUTHENTICATED")
    assert [len(snapshot["data"][side]) for side in ("bids", "asks")] == [20, 20]
    assert list(snapshot["data"]["bids"][0]) == ["price", "qty", "order_count"]

    best = snapshot["data"]["asks"][0]["price"]
    await client.place("BUY", best, "0.0001", tif="IOC")
    first = await stream.next()
    assert (first["channel"], first["update"], first["seqnum"]) == ("DEPTH", "UPDATE", "0")
    # A second symbol shares the channel's counter: its snapshot carries the next number.
    await stream.subscribe(["DEPTH"], [OTHER])
    assert (stream.frames[-2]["data"]["symbol"], stream.frames[-2]["seqnum"]) == (OTHER, "1")
    await client.place("BUY", best, "0.0001", tif="IOC")
    assert (await stream.next())["seqnum"] == "1"
    venue.assert_adds_up()


async def test_a_dict_book_stays_the_venues_book(venue: TrueXVenue, stream: PlainStream) -> None:
    """Over a few thousand commands with levels that leave and enter the 20."""
    await stream.subscribe(["DEPTH"], [SYMBOL])
    book = DictBook()
    book.take(stream.frames[-2])
    for _ in range(40):
        venue.traffic.step(60)
        await stream.send("SUBSCRIBE", ["TRADE"], [SYMBOL])
        start = len(stream.frames)
        await stream.confirmed()
        for frame in stream.frames[start:]:
            if frame["channel"] == "DEPTH":
                book.take(frame)
        now = venue.book(SYMBOL)
        assert now is not None
        assert book.sides() == (now["bids"], now["asks"])
    assert book.gaps == 0
    assert book.expected is not None
    assert book.expected > 500
    # What was told is remembered under the checksum of its text.
    bids, asks = book.sides()
    text = ":".join(part for level in bids + asks for part in level)
    url = f"{stream.client.root}/sandbox/truex/book?symbol={SYMBOL}&checksum={zlib.crc32(text.encode())}"
    async with stream.client.session.get(url) as reply:
        assert reply.status == 200
        found = await reply.json()
    assert (found["bids"], found["asks"]) == (bids, asks)
    async with stream.client.session.get(f"{url}1") as reply:
        assert reply.status == 404


async def test_without_credentials_changes_are_merged(session: aiohttp.ClientSession) -> None:
    async with Sandbox(["truex"], rate=0, truex=SLOW) as box:
        client = PlainTrueX.of(session, box.truex)
        async with session.ws_connect(box.truex.ws_url) as socket:
            stream = PlainStream(socket, client)
            await stream.send("SUBSCRIBE_NO_AUTH", ["DEPTH"], [SYMBOL])
            await stream.complete("DEPTH", SYMBOL)
            book = DictBook()
            book.take(stream.frames[-2])
            box.truex.traffic.step(200)
            # Credentials end the merging: first one update with all of it, then the confirmation.
            await stream.send("SUBSCRIBE", ["EBBO"], [SYMBOL])
            update = await stream.next()
            assert (update["channel"], update["update"], update["status"]) == (
                "DEPTH",
                "UPDATE",
                "AUTHENTICATED",
            )
            book.take(update)
            await stream.complete("EBBO", SYMBOL)
            for _ in range(5):
                box.truex.traffic.step(20)
            await stream.send("UNSUBSCRIBE", ["EBBO"], [SYMBOL])
            start = len(stream.frames)
            await stream.confirmed()
            for frame in stream.frames[start:]:
                if frame["channel"] == "DEPTH":
                    book.take(frame)
            now = box.truex.book(SYMBOL)
            assert now is not None
            assert (book.sides(), book.gaps) == ((now["bids"], now["asks"]), 0)


async def test_merged_updates_come_at_their_interval(
    client: PlainTrueX, venue: TrueXVenue, stream: PlainStream
) -> None:
    await stream.send("SUBSCRIBE_NO_AUTH", ["DEPTH", "TRADE"], [SYMBOL])
    await stream.complete("TRADE", SYMBOL)
    before = venue.traffic.count
    venue.traffic.step(300)
    assert venue.traffic.count == before + 300
    update = await stream.until(lambda frame: frame["channel"] == "DEPTH")
    assert (update["update"], update["seqnum"]) == ("UPDATE", "0")
    now = venue.book(SYMBOL)
    book = DictBook()
    for frame in stream.frames:
        if frame["channel"] == "DEPTH":
            book.take(frame)
    assert now is not None
    assert book.sides() == (now["bids"], now["asks"])
    assert any(frame["channel"] == "TRADE" and frame["update"] == "UPDATE" for frame in stream.frames)


async def test_merged_numbers_may_jump(session: aiohttp.ClientSession) -> None:
    options = TrueXOptions(instruments=(SYMBOL,), coalesce_ms=20, coalesced_jumps=True)
    async with (
        Sandbox(["truex"], rate=0, truex=options) as box,
        session.ws_connect(box.truex.ws_url) as socket,
    ):
        stream = PlainStream(socket, PlainTrueX.of(session, box.truex))
        await stream.send("SUBSCRIBE_NO_AUTH", ["DEPTH"], [SYMBOL])
        await stream.complete("DEPTH", SYMBOL)
        box.truex.traffic.step(50)
        assert int((await stream.next())["seqnum"]) > 10


async def test_quotes_trades_and_instruments(
    client: PlainTrueX, stream: PlainStream, venue: TrueXVenue
) -> None:
    await stream.subscribe(["INSTRUMENT", "EBBO", "TRADE"], [SYMBOL])
    quote = next(frame for frame in stream.frames if frame["channel"] == "EBBO")["data"]
    assert (quote["id"], quote["status"]) == (BTC, "ENABLED")
    best = quote["info"]["best_ask"]
    assert [frame["update"] for frame in stream.frames if frame["channel"] == "TRADE"] == [
        "SNAPSHOT_COMPLETE"
    ]
    await client.place("BUY", best["price"], "0.0002", tif="IOC")
    trade = await stream.until(lambda frame: frame["channel"] == "TRADE")
    assert trade["seqnum"] == "0"
    assert (
        trade["data"].items()
        >= {
            "id": BTC,
            "trade_price": best["price"],
            "trade_qty": "0.0002",
            "liq_flag": "TAKER",
        }.items()
    )
    changed = await stream.until(lambda frame: frame["channel"] == "EBBO")
    assert changed["data"]["info"]["last_trade"]["price"] == best["price"]
    url = f"{client.root}/sandbox/truex/instrument"
    async with client.session.post(url, json={"symbol": SYMBOL, "status": "HALTED"}) as reply:
        assert reply.status == 200
    # The volume of the trade before may be pushed first.
    halted = await stream.until(
        lambda frame: (
            (frame["channel"], frame["update"]) == ("INSTRUMENT", "UPDATE")
            and frame["data"]["status"] == "HALTED"
        )
    )
    assert halted["data"]["id"] == BTC


async def test_order_reports_of_all_clients_of_a_key(
    client: PlainTrueX, stream: PlainStream, venue: TrueXVenue, session: aiohttp.ClientSession
) -> None:
    trader = (await client.ask("GET", "/clients?mnemonic=second-desk")).data[0]["id"]
    resting = await client.place("BUY", "63500.0", "0.0100")
    await stream.subscribe(["DROPCOPY"], [client.client_id, trader])
    snapshot = next(frame for frame in stream.frames if frame["channel"] == "DROPCOPY")
    assert (snapshot["update"], snapshot["seqnum"]) == ("SNAPSHOT", "0")
    data = snapshot["data"]
    assert (data["id"], data["status"], data["client_id"], data["text"]) == (
        resting["id"],
        "ACTIVE",
        client.client_id,
        "",
    )
    assert data["exeuted_qty"] == data["executed_qty"] == "0"

    other = await client.place("SELL", "64500.0", "0.0100", client_id=trader)
    report = await stream.next()
    assert (report["update"], report["seqnum"], report["data"]["id"]) == ("UPDATE", "0", other["id"])
    assert report["data"]["client_id"] == trader
    await client.ask("DELETE", f"/orders/{resting['id']}")
    report = await stream.next()
    assert (report["data"]["status"], report["data"]["text"], report["seqnum"]) == (
        "CANCELED",
        "Canceled by client",
        "1",
    )
    # Who belongs to another key is none of this one's business.
    stranger, _ = venue.add_client("stranger")
    await stream.send("SUBSCRIBE", ["DROPCOPY"], [stranger.client_id])
    assert (await stream.confirmed())["status"] == "UNAUTHORIZED"


async def test_reports_of_partial_and_whole_fills(
    client: PlainTrueX, stream: PlainStream, venue: TrueXVenue
) -> None:
    now = venue.book(SYMBOL)
    assert now is not None
    first, first_qty, _ = now["asks"][0]
    await stream.subscribe(["DROPCOPY"], [client.client_id])
    bought = await client.place("BUY", first, first_qty)
    only = await stream.until(lambda frame: frame["data"]["status"] != "ACTIVE")
    assert (only["data"]["status"], only["data"]["leaves_qty"]) == ("FILLED", "0")
    assert bought == {name: only["data"][name] for name in bought}
    now = venue.book(SYMBOL)
    assert now is not None
    first, first_qty, orders = now["asks"][0]
    await client.place("BUY", first, str(Decimal(first_qty) + Decimal("0.0010")))
    # One report for each of the orders it met.
    partial = [await stream.next() for _ in range(int(orders))][-1]
    assert (partial["data"]["status"], partial["data"]["executed_qty"]) == ("ACTIVE", first_qty)
    assert partial["data"]["leaves_qty"] == "0.0010"


async def test_gap_mute_and_drop(client: PlainTrueX, stream: PlainStream, venue: TrueXVenue) -> None:
    await stream.subscribe(["DEPTH"], [SYMBOL])
    book = DictBook()
    book.take(stream.frames[-2])
    venue.faults.skip_difference(SYMBOL)
    for _ in range(2):
        now = venue.book(SYMBOL)
        assert now is not None
        await client.place("BUY", now["asks"][0][0], "0.0001", tif="IOC")
    book.take(await stream.next())
    assert (book.gaps, book.expected) == (1, 2)

    assert venue.faults.mute_socket(SYMBOL) == 1
    await client.place("BUY", "63500.0", "0.0100")
    await stream.socket.ping()
    await stream.send("SUBSCRIBE", ["EBBO"], [SYMBOL])
    with pytest.raises(TimeoutError):
        await stream.next(timeout_s=0.2)
    assert not stream.socket.closed
    assert venue.faults.drop_socket() == 1
    message = await stream.socket.receive()
    assert message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}


async def test_empty_sides(session: aiohttp.ClientSession) -> None:
    """A side that is swept clean shows as zero, or as the ends of the number range."""
    for empty_side, bid, levels in (
        ("zero", "0", []),
        (
            "extremes",
            "-170141183460469231731.687303715884105728",
            ["-170141183460469231731.687303715884105728"],
        ),
    ):
        options = TrueXOptions(instruments=(SYMBOL,), empty_side=empty_side)  # type: ignore[arg-type]
        async with Sandbox(["truex"], rate=0, now_ms=lambda: NOW_MS, truex=options) as box:
            client = PlainTrueX.of(session, box.truex, now_ms=lambda: NOW_MS)
            engine = box.truex.core.markets[SYMBOL].engine
            for order in list(engine.orders.values()):
                if order.side == "buy":
                    box.truex.core.markets[SYMBOL].cancel(order.order_id, NOW_MS)
            box.truex.core.command_done(box.truex.instruments[SYMBOL])
            quote = (await client.ask("GET", "/markets/quote", signed=False)).data[0]["info"]
            assert (quote["best_bid"]["price"], quote["best_bid"]["qty"]) == (bid, "0")
            async with session.ws_connect(box.truex.ws_url) as socket:
                stream = PlainStream(socket, client)
                await stream.subscribe(["DEPTH"], [SYMBOL])
                assert [level["price"] for level in stream.frames[-2]["data"]["bids"]] == levels
