"""The short way of plain pushes: who watches a healthy book gets its event at once, everything else is handed back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from support.oracle import l3_delta, l3_order, l3_snapshot
from tradewire._native import ExchangeFeed, FeedEvent, ShortWay
from tradewire.errors import FrameError
from tradewire.protocol.channels import Channel
from tradewire.protocol.health import VERIFIED, BookHealth
from tradewire.protocol.timing import Timing
from tradewire.session.subscription import AnySubscription, Subscription

BOOK = Channel("l3", "ABC-USD")
SNAPSHOT = json.dumps(l3_snapshot(0, [], [])).encode()


def delta(number: int) -> bytes:
    order = l3_order(f"00000000-0000-4000-8000-{number:012}", "buy", 100, 5)
    return json.dumps(l3_delta(number, {"kind": "order_added", "order": order})).encode()


class Count:
    """What a protocol is to it."""

    frames = 0
    heard_at_ns = 0


class Watcher(Subscription[FeedEvent]):
    """One that wants to look at what comes."""

    def deliver(self, item: FeedEvent) -> None:
        super().deliver(item)


class Way:
    """One book and who watches it."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.protocol, self.health = Count(), BookHealth(Timing())
        feed = ExchangeFeed()
        feed.add_book("ABC-USD")
        self.watchers: dict[str, tuple[AnySubscription, ...]] = {}
        books = {"ABC-USD": self.health}
        self.take = ShortWay(feed.on_frame, self.protocol, books, VERIFIED, self.watchers).take
        self.open()

    def open(self) -> None:
        assert self.take(SNAPSHOT, 0, 0) is not None
        self.health.proved(1)

    def watch(
        self,
        on_update: Callable[[FeedEvent], None] | None,
        kind: type[Subscription[FeedEvent]] = Subscription,
    ) -> Subscription[FeedEvent]:
        subscription = kind((BOOK,), self, on_update=on_update)
        self.watchers["ABC-USD"] = (*self.watchers.get("ABC-USD", ()), subscription)
        return subscription

    def callback_failed(self, channel: Channel, error: Exception) -> None:
        assert channel == BOOK
        self.errors.append(error)

    def is_confirmed(self, channel: Channel) -> bool:
        raise NotImplementedError

    async def wait_ready(self, subscription: AnySubscription) -> None:
        raise NotImplementedError

    def release(self, subscription: AnySubscription) -> None:
        raise NotImplementedError


def test_a_plain_push_reaches_every_watcher_at_once() -> None:
    way, seen = Way(), list[FeedEvent]()
    direct, queued, looking = way.watch(seen.append), way.watch(None), way.watch(seen.append, Watcher)
    way.health.ignored_pushes = 2
    assert way.take(delta(1), 70, 80) is None
    assert [event.received_at_ns for event in seen] == [70, 70]
    assert [one.received for one in (direct, queued, looking)] == [1, 1, 1]
    assert (way.protocol.frames, way.protocol.heard_at_ns) == (2, 80)
    assert (way.health.heard_at_ns, way.health.ignored_pushes) == (80, 0)


def test_what_a_callback_raises_is_reported_and_the_next_watcher_is_told() -> None:
    way, seen = Way(), list[FeedEvent]()
    way.watch(lambda _: [].pop())
    way.watch(seen.append)
    assert way.take(delta(1), 1, 2) is None
    assert [type(error) for error in way.errors] == [IndexError]
    assert len(seen) == 1


def test_what_is_for_nobody_to_catch_is_raised() -> None:
    def stop(_: FeedEvent) -> None:
        raise KeyboardInterrupt

    way = Way()
    way.watch(stop)
    with pytest.raises(KeyboardInterrupt):
        way.take(delta(1), 1, 2)


def test_a_push_nobody_watches_or_of_a_book_in_doubt_is_handed_back() -> None:
    way, seen = Way(), list[FeedEvent]()
    assert way.take(delta(1), 1, 2) is not None
    way.watch(seen.append)
    way.health.mark_suspect("sequence_gap", 3)
    assert way.take(delta(2), 1, 2) is not None
    way.health.proved(4)
    assert way.take(delta(4), 1, 2) is not None
    assert seen == []


def test_a_frame_that_cannot_be_read_counts_and_is_raised() -> None:
    way = Way()
    with pytest.raises(FrameError):
        way.take(b"{", 1, 90)
    assert (way.protocol.frames, way.protocol.heard_at_ns) == (2, 90)
