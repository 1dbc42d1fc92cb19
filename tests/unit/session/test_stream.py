"""StreamSession over a transport without sockets, and Subscription by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

import pytest

from support.scripted_stream import ScriptedDialect, ScriptedFeed, ScriptedNews
from support.witness import PATIENCE_S
from tradewire.errors import (
    ConfigError,
    FrameError,
    NotSent,
    Rejected,
    StreamOverflow,
    StreamStopped,
    TradewireError,
)
from tradewire.protocol import events
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.states import State
from tradewire.protocol.stream import StreamProtocol
from tradewire.protocol.timing import Timing
from tradewire.session.stream import StreamSession
from tradewire.session.subscription import Overflow, Subscription
from tradewire.transport.seam import ConnectFailed, ConnectionLost, WsListener

MS = 1_000_000
TRADES = Channel("trades", "BTC")
ALL_TRADES = Channel("trades")
BOOK = Channel("book", "BTC")


class Decoder:
    def push_name(self, channel: Channel) -> str:
        return f"{channel.topic}.update"

    def decode(self, news: ScriptedNews) -> Iterable[tuple[str, str, Any]]:
        if news.message == "bad":
            raise FrameError("bad shape", kind="bad_shape")
        topic = "trades.update" if news.kind == "book" else news.topic
        return [(topic, news.market, number) for number in range(int(news.code))]

    def refusal(self, channel: Channel, code: int | str, message: str) -> TradewireError:
        return Rejected(f"{channel} {message}", code=str(code))


class Line:
    """One connection: remembers what was sent and answers every request, unless it is mute."""

    def __init__(self, listener: WsListener, *, is_mute: bool) -> None:
        self.listener = listener
        self.is_mute = is_mute
        self.is_open = True
        self.sent: list[str] = []

    def send_text(self, data: bytes) -> None:
        if not self.is_open:
            raise ConnectionLost("closed")
        self.sent.append(data.decode())
        if not self.is_mute:
            request_id = int(data.split()[1])
            asyncio.get_running_loop().call_soon(self.hear, {"kind": "reply", "id": request_id})

    def hear(self, said: dict[str, Any]) -> None:
        if self.is_open:
            self.listener.on_frame(json.dumps(said).encode(), 0)

    def push(self, market: str, count: int = 1, message: str = "") -> None:
        self.hear({"topic": "trades.update", "market": market, "code": count, "message": message})

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self.is_open:
            self.break_off(code, reason)

    def break_off(self, code: int = 1006, reason: str = "broken") -> None:
        self.is_open = False
        self.listener.on_closed(code, reason)


class Transport:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.is_mute = False
        self.failures = 0
        self.hang: asyncio.Event | None = None

    async def connect(
        self,
        url: str,
        listener: WsListener,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_frame_bytes: int,
    ) -> Line:
        if self.hang is not None:
            await self.hang.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectFailed("no route")
        self.lines.append(Line(listener, is_mute=self.is_mute))
        return self.lines[-1]


class Rig:
    """A session on a scripted transport."""

    def __init__(self, timing: Timing | None = None, **options: Any) -> None:
        self.transport = Transport()
        self.errors: list[Exception] = []
        self.released: list[Channel] = []
        self.feed = ScriptedFeed()
        self.protocol = StreamProtocol(
            ScriptedDialect(), self.feed, Backoff(lambda: 0.0, first_ns=MS), timing or Timing()
        )
        self.session: StreamSession[ScriptedNews] = StreamSession(
            url="ws://nowhere",
            transport=self.transport,
            protocol=self.protocol,
            decoder=Decoder(),
            on_released=self.released.append,
            **{"on_error": self.errors.append} | options,
        )
        self.told: list[events.Event] = []
        self._news = asyncio.Event()
        self.session.watch_events(self.see)

    def see(self, event: events.Event) -> None:
        self.told.append(event)
        self._news.set()

    async def until_told(self, kind: type[events.Event], times: int = 1) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while sum(isinstance(event, kind) for event in self.told) < times:
                self._news.clear()
                await self._news.wait()

    def watch(self, *channels: Channel, **options: Any) -> Subscription[int]:
        subscription = Subscription[int](channels, self.session, **options)
        self.session.start(subscription)
        return subscription

    @property
    def line(self) -> Line:
        return self.transport.lines[-1]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    yield rig
    await rig.session.close()
    assert len(asyncio.all_tasks()) <= 2


async def ready(subscription: Subscription[int]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await subscription.ready()


async def take(subscription: Subscription[int], count: int) -> list[int]:
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(aiter(subscription)) for _ in range(count)]


async def test_items_go_to_those_who_watch_their_market_and_to_those_who_watch_all(rig: Rig) -> None:
    btc, everything = rig.watch(TRADES), rig.watch(ALL_TRADES)
    await ready(btc)
    await ready(everything)
    rig.line.push("BTC", 2)
    rig.line.push("ETH", 1)
    assert await take(btc, 2) == [0, 1]
    assert await take(everything, 3) == [0, 1, 0]
    await everything.close()
    rig.line.push("ETH", 1)
    assert rig.session.metrics.unclaimed == 1


async def test_an_interceptor_sees_pushes_first_and_may_keep_them(rig: Rig) -> None:
    trades = rig.watch(TRADES)
    rig.session.intercept(TRADES, lambda number: number if number % 2 == 0 else None)
    await ready(trades)
    rig.line.push("BTC", 4)
    rig.session.publish(TRADES, 7)
    assert await take(trades, 3) == [0, 2, 7]


async def test_items_in_the_frame_of_a_book_go_to_those_who_watch_them(rig: Rig) -> None:
    trades = rig.watch(TRADES)
    await ready(trades)
    rig.line.hear({"kind": "book", "topic": "book.update", "market": "BTC", "code": 2, "has_more": True})
    rig.line.hear({"kind": "book", "topic": "book.update", "market": "BTC", "code": 2})
    assert await take(trades, 2) == [0, 1]
    assert trades.received == 2


async def test_a_frame_of_the_callers_goes_out_while_live_and_is_not_sent_otherwise(rig: Rig) -> None:
    with pytest.raises(NotSent, match="idle"):
        rig.session.send(b"order 9")
    await ready(rig.watch(TRADES))
    rig.session.send(b"order 9")
    assert rig.line.sent[-1] == "order 9"
    rig.line.is_open = False
    with pytest.raises(NotSent, match="closed"):
        rig.session.send(b"order 10")
    await rig.until_told(events.Disconnected)


async def test_an_unreadable_push_is_told_and_not_dropped(rig: Rig) -> None:
    await ready(rig.watch(TRADES))
    rig.line.push("BTC", message="bad")
    assert [event.reason for event in rig.told if isinstance(event, events.Unrecognised)] == ["bad shape"]


async def test_a_mute_socket_is_left_and_a_new_one_opened() -> None:
    rig = Rig(Timing(ping_interval_ns=20 * MS, pong_ns=20 * MS))
    rig.transport.is_mute = True
    trades = rig.watch(TRADES)
    await rig.until_told(events.Disconnected)
    rig.transport.is_mute = False
    await ready(trades)
    await rig.until_told(events.Reconnected)
    assert "not answered" in next(
        event.reason for event in rig.told if isinstance(event, events.Disconnected)
    )
    assert not rig.transport.lines[0].is_open
    await rig.session.close()
    assert not any(line.is_open for line in rig.transport.lines)


async def test_failures_to_connect_are_retried_with_back_off(rig: Rig) -> None:
    rig.transport.failures = 3
    trades = rig.watch(TRADES)
    await ready(trades)
    lost = [event for event in rig.told if isinstance(event, events.Disconnected)]
    assert [(event.reason, event.retry_after_ns) for event in lost] == [
        ("no route", MS),
        ("no route", 2 * MS),
        ("no route", 4 * MS),
    ]


async def test_a_broken_line_is_replaced_and_subscriptions_go_on(rig: Rig) -> None:
    trades = rig.watch(TRADES)
    await ready(trades)
    rig.line.break_off()
    assert rig.session.state is State.BACKING_OFF
    assert not trades.is_ready
    await rig.until_told(events.Reconnected)
    rig.line.push("BTC", 1)
    assert await take(trades, 1) == [0]
    assert rig.session.metrics.reconnects == 1


async def test_frames_of_a_line_that_was_left_are_not_heard(rig: Rig) -> None:
    trades = rig.watch(TRADES)
    await ready(trades)
    old = rig.line
    old.break_off()
    frames = rig.session.metrics.frames
    rig.session.on_frame(b"{}", 0)
    rig.session.on_closed(1006, "again")
    assert rig.session.metrics.frames == frames
    assert sum(isinstance(event, events.Disconnected) for event in rig.told) == 1


async def test_watchers_of_one_channel_share_its_subscription(rig: Rig) -> None:
    one, two = rig.watch(TRADES), rig.watch(TRADES)
    await ready(one)
    await ready(two)
    await one.close()
    assert rig.released == []
    await two.close()
    assert rig.released == [TRADES]
    assert [frame for frame in rig.line.sent if "trades" in frame] == [
        "subscribe 1 trades:BTC",
        "unsubscribe 2 trades:BTC",
    ]


async def test_closing_while_connecting_waits_for_nothing(rig: Rig) -> None:
    rig.transport.hang = asyncio.Event()
    trades = rig.watch(TRADES)
    waiting = asyncio.create_task(trades.ready())
    await asyncio.sleep(0)
    await rig.session.close()
    with pytest.raises(ConfigError, match="closed"):
        await waiting
    with pytest.raises(StopAsyncIteration):
        await anext(aiter(trades))
    with pytest.raises(ConfigError):
        rig.watch(TRADES)
    with pytest.raises(ConfigError):
        rig.session.watch_events()


async def test_no_failure_while_opening_ends_the_stream(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = rig.protocol.opened

    def explode(now_ns: int) -> None:
        monkeypatch.setattr(rig.protocol, "opened", opened)
        raise ZeroDivisionError

    monkeypatch.setattr(rig.protocol, "opened", explode)
    trades = rig.watch(TRADES)
    await ready(trades)
    assert isinstance(rig.errors[0], ZeroDivisionError)


async def test_a_failure_while_live_marks_books_stale_and_starts_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = rig.protocol.tick

    def explode(now_ns: int) -> None:
        monkeypatch.setattr(rig.protocol, "tick", tick)
        raise ZeroDivisionError

    trades = rig.watch(TRADES)
    await ready(trades)
    monkeypatch.setattr(rig.protocol, "tick", explode)
    # Anything that wakes the supervising task.
    rig.watch(ALL_TRADES)
    await rig.until_told(events.Disconnected)
    assert rig.feed.disconnections
    await ready(trades)
    assert isinstance(rig.errors[0], ZeroDivisionError)


async def test_a_frame_we_cannot_handle_starts_a_new_connection(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    trades = rig.watch(TRADES)
    await ready(trades)
    take = rig.protocol.take

    def explode(news: object, now_ns: int) -> None:
        monkeypatch.setattr(rig.protocol, "take", take)
        raise ZeroDivisionError

    monkeypatch.setattr(rig.protocol, "take", explode)
    rig.line.push("BTC", 1)
    assert rig.feed.disconnections
    await ready(trades)
    assert isinstance(rig.errors[0], ZeroDivisionError)


async def test_a_cancelled_supervisor_tells_whoever_reads_and_waits(rig: Rig) -> None:
    trades = rig.watch(TRADES)
    await ready(trades)
    waiting = asyncio.ensure_future(anext(trades))
    await asyncio.sleep(0)
    [supervisor] = [task for task in asyncio.all_tasks() if task.get_name().startswith("tradewire stream")]
    supervisor.cancel()
    with pytest.raises(StreamStopped, match="cancelled"):
        await waiting
    assert rig.feed.disconnections
    assert rig.session.state is State.CLOSED
    with pytest.raises(ConfigError, match="closed"):
        rig.watch(TRADES)


async def test_an_on_error_that_raises_ends_nothing() -> None:
    def explode(_: Any) -> None:
        raise ZeroDivisionError

    rig = Rig(on_error=explode)
    trades = rig.watch(TRADES, on_update=explode)
    await ready(trades)
    rig.line.push("BTC", 1)
    assert rig.session.metrics.callback_errors == 1
    assert rig.session.state is State.LIVE
    await rig.session.close()


@pytest.mark.parametrize("error", [ZeroDivisionError, asyncio.CancelledError])
async def test_what_a_callback_raises_does_not_end_the_task_that_published(
    rig: Rig, error: type[BaseException]
) -> None:
    def explode(_: Any) -> None:
        raise error

    trades = rig.watch(TRADES, on_update=explode)
    await ready(trades)
    rig.line.push("BTC", 1)
    # What was learned elsewhere is published from a task of ours.
    await asyncio.create_task(_publish(rig, TRADES))
    assert rig.session.metrics.callback_errors == 2
    assert all(isinstance(reported, Exception) for reported in rig.errors)
    assert rig.session.state is State.LIVE


async def _publish(rig: Rig, channel: Channel) -> None:
    rig.session.publish(channel, 7)


async def test_closing_a_subscription_wakes_who_waits_for_it_though_nothing_else_happens(rig: Rig) -> None:
    """The host refuses connections: no event comes for as long as the back-off lasts."""
    rig.transport.hang = asyncio.Event()
    trades = rig.watch(TRADES)
    waiting = asyncio.ensure_future(trades.ready())
    await asyncio.sleep(0.01)
    await trades.close()
    with pytest.raises(ConfigError, match="closed before it was ready"):
        async with asyncio.timeout(PATIENCE_S):
            await waiting


async def test_an_async_callback_is_refused(rig: Rig) -> None:
    async def never(item: int) -> None:
        raise AssertionError

    with pytest.raises(ConfigError, match="plain function"):
        rig.watch(TRADES, on_update=never)


async def test_a_callback_may_close_its_own_subscription(rig: Rig) -> None:
    seen: list[int] = []

    def once(item: int) -> None:
        seen.append(item)
        closing.append(asyncio.ensure_future(trades.close()))

    closing: list[asyncio.Future[None]] = []
    trades = rig.watch(TRADES, on_update=once)
    await ready(trades)
    rig.line.push("BTC", 1)
    await asyncio.gather(*closing)
    rig.line.push("BTC", 1)
    assert seen == [0]
    with pytest.raises(ConfigError, match="on_update"):
        aiter(trades)


async def test_without_on_error_exceptions_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(on_error=None)
    rig.session.report(ZeroDivisionError("seen"))
    assert "seen" in caplog.text
    await rig.session.close()


class Owner:
    def __init__(self) -> None:
        self.released: list[Subscription[Any]] = []
        self.failed: list[Exception] = []

    def is_confirmed(self, channel: Channel) -> bool:
        return True

    async def wait_ready(self, subscription: Subscription[Any]) -> None:
        raise AssertionError

    def release(self, subscription: Subscription[Any]) -> None:
        self.released.append(subscription)

    def callback_failed(self, channel: Channel, error: Exception) -> None:
        self.failed.append(error)


def deliver_all(subscription: Subscription[int], deliver: Callable[[int], None]) -> None:
    for item in range(5):
        deliver(item)


async def test_a_full_queue_ends_after_what_is_queued() -> None:
    owner = Owner()
    subscription = Subscription[int]((TRADES,), owner, bound=3)
    deliver_all(subscription, subscription.deliver)
    assert await take(subscription, 3) == [0, 1, 2]
    with pytest.raises(StreamOverflow) as caught:
        await anext(subscription)
    assert (caught.value.bound, caught.value.channel) == (3, "trades:BTC")
    assert (subscription.dropped, subscription.received) == (2, 5)
    assert owner.released == [subscription]


async def test_a_conflating_queue_keeps_the_newest() -> None:
    subscription = Subscription[int]((TRADES,), Owner(), bound=2, overflow=Overflow.CONFLATE)
    deliver_all(subscription, subscription.deliver)
    assert [await anext(subscription), await anext(subscription)] == [3, 4]
    assert (subscription.conflated, subscription.dropped) == (3, 0)


async def test_a_reader_waits_for_the_next_item_and_leaves_with_the_block() -> None:
    owner = Owner()
    async with Subscription[int]((TRADES,), owner) as subscription:
        reader = asyncio.create_task(anext(subscription))
        await asyncio.sleep(0)
        subscription.deliver(1)
        assert await reader == 1
    assert owner.released == [subscription]
    with pytest.raises(StopAsyncIteration):
        await anext(subscription)


async def test_an_earlier_deadline_wakes_the_supervisor(rig: Rig) -> None:
    trades = rig.watch(TRADES)
    await ready(trades)
    watched = rig.watch(BOOK)
    book = {"kind": "book", "topic": "book.update", "market": "BTC", "change": "snapshot"}
    await asyncio.sleep(0)
    rig.line.hear(book)
    await ready(watched)
    # The first is made up for at once, the second when a second has passed.
    for _ in range(2):
        rig.line.hear(book | {"reason": "checksum_mismatch"})
        await asyncio.sleep(0)
        rig.line.hear(book)
    rig.line.hear(book | {"reason": "checksum_mismatch"})
    assert rig.protocol.has_output
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not rig.protocol.has_output


def test_watching_without_an_event_loop_is_refused() -> None:
    rig = Rig()
    with pytest.raises(ConfigError, match="event loop"):
        rig.watch(TRADES)


async def test_events_are_ready_at_once_and_those_that_gave_way_are_counted(rig: Rig) -> None:
    """They were never ready: no venue confirms them."""
    watched = rig.session.watch_events()
    async with asyncio.timeout(PATIENCE_S):
        await watched.ready()
    for _ in range(1001):
        rig.session.publish_event(events.Authenticated())
    assert rig.session.metrics.conflated == 1
    await watched.close()
    assert rig.session.metrics.conflated == 1
