"""A recording replayed on every venue: the same books and events push by push, the same orders twice, and refusals."""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from support.recorded import MARKETS, Recorded, Seen, record, watch
from support.witness import PATIENCE_S
from tradewire import Sandbox, replay
from tradewire.errors import ConfigError, MarketUnavailable, RecordingError, TradewireError
from tradewire.playback.report import Report
from tradewire.recording.format import About, Kind, Record, header_of, pack
from tradewire.recording.reader import Recording
from tradewire.registry import find_product

FOREVER_S = 10_000.0
SIZES = {"coinex": "0.01", "coinex-futures": "0.01", "truex": "0.01", "exchange": "2"}


@pytest.fixture(scope="module")
def recorded_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Recorded]:
    """Returns a recording of a product, made once."""
    folder = tmp_path_factory.mktemp("recorded")

    @functools.cache
    def make(product: str) -> Recorded:
        return record(product, folder / f"{product}.twrec")

    return make


@pytest.fixture(params=MARKETS)
def recorded(request: pytest.FixtureRequest, recorded_of: Callable[[str], Recorded]) -> Recorded:
    return recorded_of(request.param)


@pytest.fixture
def coinex(recorded_of: Callable[[str], Recorded]) -> Recorded:
    return recorded_of("coinex")


def test_books_and_trades_are_the_recorded_ones_push_by_push(recorded: Recorded) -> None:
    """Times included: what a client was told and when."""
    seen: list[Seen] = []

    async def bot(client: Any) -> None:
        watch(client, recorded.market, seen)
        await asyncio.sleep(FOREVER_S)

    report = replay(recorded.path).run(bot)
    assert len(seen) > 20
    assert seen == recorded.seen
    assert report.result is None
    assert report.duration_ns > 5e9


async def quoting(client: Any, market: str, size: str) -> list[tuple[object, ...]]:
    """Quote behind the best bid, sell at it, and return what became of each order."""
    book = client.watch_book(market)
    client.watch_orders(on_update=lambda order: None)
    await book.ready()
    orders = []
    for _ in range(5):
        (first, _), (second, _) = book.book.bids(2)
        # Not where it sells: the venue would let it trade with itself.
        orders.append(client.send_order(market, "buy", size, second))
        orders.append(client.send_order(market, "sell", size, first))
        await asyncio.sleep(0.7)
    await client.cancel_all(market)
    return [(str(one.side), one.size, one.price, str(one.status), one.filled_size) for one in orders]


def traded(recorded: Recorded) -> Report:
    def bot(client: Any) -> Any:
        return quoting(client, recorded.market, SIZES[recorded.product])

    return replay(recorded.path).run(bot)


def test_a_bot_replayed_twice_gives_the_same_orders(recorded: Recorded) -> None:
    first, second = traded(recorded), traded(recorded)
    assert first.result == second.result
    assert first.orders == second.orders
    fills = [
        [(one.time_ns, one.side, one.price, one.size, one.fee) for one in run.fills]
        for run in (first, second)
    ]
    assert fills[0] == fills[1]
    assert first.markets == second.markets
    assert str(first) == str(second)


def test_orders_trade_with_the_recorded_book_and_the_money_adds_up(recorded: Recorded) -> None:
    report = traded(recorded)
    result, size = report.markets[recorded.market], Decimal(SIZES[recorded.product])
    # Where the book moved away while the order was on its way, it rests.
    assert result.sold >= 3 * size
    for side, amount in (("sell", result.sold), ("buy", result.bought)):
        assert amount == sum(one[4] for one in report.result if one[0] == side)
    assert sum(fill.size for fill in report.fills) == result.bought + result.sold
    assert result.pnl is not None
    assert result.last_mid is not None
    assert any(order.ahead > 0 for order in report.orders if order.side == "buy")


def by_time(seen: list[Seen]) -> dict[int, Seen]:
    """Return status and book after the last push of each moment."""
    return {one[1]: one[4:] for one in seen if one[0] == "book"}


def test_who_subscribes_late_has_the_same_book(recorded: Recorded) -> None:
    seen: list[Seen] = []

    async def bot(client: Any) -> None:
        await asyncio.sleep(3.0)
        watch(client, recorded.market, seen)
        await asyncio.sleep(FOREVER_S)

    replay(recorded.path).run(bot)
    then, now = by_time(recorded.seen), by_time(seen)
    both = then.keys() & now.keys()
    assert len(both) > 5
    assert {at: then[at] for at in both} == {at: now[at] for at in both}
    first = next(one for one in seen if one[0] == "book")
    assert (first[2], first[4]) == ("snapshot", "synced")


def test_a_recorded_loss_is_a_loss_again_and_what_follows_is_the_same(
    recorded: Recorded, tmp_path: Path
) -> None:
    async def cut(box: Sandbox, client: Any) -> None:
        del client
        box.venue(find_product(recorded.product).venue).faults.drop_socket()

    again = record(recorded.product, tmp_path / "cut.twrec", meanwhile=cut)
    seen: list[Seen] = []
    events: list[str] = []

    async def bot(client: Any) -> None:
        client.watch_events(on_update=lambda event: events.append(type(event).__name__))
        watch(client, recorded.market, seen)
        await asyncio.sleep(FOREVER_S)

    replay(again.path).run(bot)
    assert "Disconnected" in events
    assert "Reconnected" in events
    then, now = by_time(again.seen), by_time(seen)
    both = then.keys() & now.keys()
    # It reconnects in its own time.
    assert len(both) > len(then) * 0.6
    assert {at: then[at] for at in both} == {at: now[at] for at in both}


FAULTS = {
    "coinex": "corrupt_checksum",
    "coinex-futures": "corrupt_checksum",
    "truex": "skip_difference",
    "exchange": "skip_difference",
}


@pytest.mark.parametrize("product", FAULTS)
def test_a_recorded_fault_of_a_book_is_one_again(product: str, tmp_path: Path) -> None:
    """The book is not synced for as long as the recorded one was."""

    async def break_book(box: Sandbox, client: Any) -> None:
        del client
        getattr(box.venue(find_product(product).venue).faults, FAULTS[product])(count=1)

    again = record(product, tmp_path / "a.twrec", meanwhile=break_book)
    seen: list[Seen] = []

    async def bot(client: Any) -> None:
        watch(client, again.market, seen)
        await asyncio.sleep(FOREVER_S)

    replay(again.path).run(bot)
    then, now = by_time(again.seen), by_time(seen)
    assert {status for status, _ in then.values()} > {"synced"}
    # A client that asks again in its own time may be sent a whole book more than the recorder was.
    assert {at: now[at] for at in then} == then


async def over_sockets(recorded: Recorded, speed: float) -> Report:
    """Replay over sockets; what a client sees there must be what was seen then, times aside."""
    seen: list[Seen] = []
    wanted = [one[2:] for one in recorded.seen]
    made = find_product(recorded.product).client_class.for_sandbox
    async with asyncio.timeout(PATIENCE_S), replay(recorded.path, speed=speed) as box, made(box) as client:
        watch(client, recorded.market, seen)
        await box.finished()
        while [one[2:] for one in seen][-1:] != wanted[-1:]:  # noqa: ASYNC110 - it says nothing
            await asyncio.sleep(0.01)
        report = box.report()
    assert [one[2:] for one in seen] == wanted
    return report


async def test_over_sockets_clients_of_any_kind_see_the_recorded_book(recorded: Recorded) -> None:
    report = await over_sockets(recorded, math.inf)
    assert report.played > 20


async def test_over_sockets_it_passes_no_faster_than_it_is_told(coinex: Recorded) -> None:
    began_s = time.monotonic()
    await over_sockets(coinex, 20.0)
    assert time.monotonic() - began_s > 0.25


def test_public_replies_are_the_recorded_ones(coinex: Recorded, tmp_path: Path) -> None:
    path = rewritten(coinex, tmp_path / "a.twrec", b'"maker_fee_rate":"', b'"maker_fee_rate":"7')

    async def bot(client: Any) -> Any:
        [rules] = [one for one in await client.markets() if one.symbol == "BTCUSDT"]
        return rules.maker_fee_rate, await client.time(), (await client.book("BTCUSDT", depth=5)).bids

    fee, time_ns, _ = replay(path).run(bot).result
    assert fee >= 7
    # The time goes on: it is no public data.
    assert abs(time_ns - (replay(path).tape.began_wall_ns - 10**9)) < 10**9


def test_in_memory_it_passes_no_faster_than_it_is_told(coinex: Recorded) -> None:
    async def bot(client: Any) -> None:
        await asyncio.sleep(2.0)

    began_s = time.monotonic()
    replay(coinex.path, speed=8).run(bot)
    assert time.monotonic() - began_s > 0.25


def test_what_is_not_in_the_recording_is_said(coinex: Recorded) -> None:
    async def bot(client: Any) -> str:
        with pytest.raises(MarketUnavailable):
            await client.watch_book("ETHUSDT").ready()
        client.watch_book("BTCUSDT", depth=5)
        await asyncio.sleep(0.5)
        return "done"

    report = replay(coinex.path).run(bot)
    assert report.result == "done"
    assert "depth of BTCUSDT at 5" in report.missing
    assert "not in the recording" in str(report)


def test_what_the_bot_raises_is_raised(coinex: Recorded) -> None:
    async def bot(client: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replay(coinex.path).run(bot)


def test_a_replay_is_used_once(coinex: Recorded) -> None:
    async def bot(client: Any) -> None:
        pass

    session = replay(coinex.path)
    with pytest.raises(ConfigError, match="not open"):
        session.report()
    session.run(bot)
    with pytest.raises(ConfigError, match="used once"):
        session.run(bot)


def test_a_bot_of_another_venue_is_refused(coinex: Recorded) -> None:
    async def main() -> None:
        async with replay(coinex.path) as box:
            find_product("truex").client_class.for_sandbox(box)

    with pytest.raises(ConfigError, match="truex is not open"):
        asyncio.run(main())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"speed": 0}, "speed must be above 0"),
        ({"speed": math.nan}, "speed"),
        ({"latency_ms": -1}, "latency_ms must be 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    coinex: Recorded, options: dict[str, float], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        replay(coinex.path, **options)  # type: ignore[arg-type]  # by name


def test_a_damaged_recording_is_refused_and_a_torn_one_is_replayed(coinex: Recorded, tmp_path: Path) -> None:
    recording = Recording(coinex.path)
    records = list(recording.records())
    half = len(records) // 2
    whole = header_of(recording.about) + pack(records[:half]) + pack(records[half:])
    path = tmp_path / "a.twrec"
    path.write_bytes(whole[:-20] + bytes([whole[-20] ^ 4]) + whole[-19:])
    with pytest.raises(RecordingError, match="is damaged"):
        replay(path)
    path.write_bytes(whole[:-20])
    seen: list[Seen] = []

    async def bot(client: Any) -> None:
        watch(client, coinex.market, seen)
        await asyncio.sleep(FOREVER_S)

    replay(path).run(bot)
    assert 0 < len(seen) < len(coinex.seen)
    assert seen == coinex.seen[: len(seen)]


@pytest.mark.parametrize(
    ("product", "records", "message"),
    [
        ("coinex", [Record(Kind.RECEIVED, 1, 1, 1, b"{}")], "nothing was subscribed"),
        ("mtgox", [], "venue must be one of"),
        ("coinex-options", [], "product must be one of"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    tmp_path: Path, product: str, records: list[Record], message: str
) -> None:
    path = tmp_path / "odd.twrec"
    path.write_bytes(
        header_of(About(product=product, tradewire="0", id="x")) + (pack(records) if records else b"")
    )
    with pytest.raises(TradewireError, match=message):
        replay(path)


def test_parts_are_replayed_as_one(tmp_path: Path) -> None:
    again = record("coinex", tmp_path / "a.twrec", seconds=4.0, part_bytes=1)
    assert len(Recording(again.path).paths) > 1
    seen: list[Seen] = []

    async def bot(client: Any) -> None:
        watch(client, again.market, seen)
        await asyncio.sleep(FOREVER_S)

    replay(again.path).run(bot)
    assert seen == again.seen


def rewritten(recorded: Recorded, path: Path, old: bytes, new: bytes) -> Path:
    """Write a recording that names another market."""
    recording = Recording(recorded.path)
    records = [record._replace(data=record.data.replace(old, new)) for record in recording.records()]
    path.write_bytes(header_of(recording.about) + pack(records))
    return path


def test_a_market_that_the_sandbox_does_not_have_is_refused_by_its_name(
    coinex: Recorded, tmp_path: Path
) -> None:
    path = rewritten(coinex, tmp_path / "a.twrec", b"BTCUSDT", b"XYZUSDT")

    async def bot(client: Any) -> None:
        pass

    with pytest.raises(RecordingError, match=r"cannot be replayed, only inspected.*XYZUSDT"):
        replay(path).run(bot)


def test_markets_of_an_exchange_are_made(recorded_of: Callable[[str], Recorded], tmp_path: Path) -> None:
    path = rewritten(recorded_of("exchange"), tmp_path / "a.twrec", b"ABC-USD", b"QQQ-USD")
    seen: list[Seen] = []

    async def bot(client: Any) -> str:
        book = watch(client, "QQQ-USD", seen)
        await asyncio.gather(book.ready(), client.account_ready())
        order = await client.send_order("QQQ-USD", "buy", 1, book.book.best_ask()[0])
        return str(order.status)

    assert replay(path).run(bot).result in {"filled", "open"}
    assert seen
