"""A frame's way to those who watch: what a plain push passes by, and what it must not."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from support import oracle
from tradewire._native import CoinexFeed, FeedEvent, FramePath, Inlet, Pulse, Traffic
from tradewire.errors import FrameError
from tradewire.protocol.channels import Channel
from tradewire.session.subscription import Subscription, inlet_of

CHANNEL = Channel("depth", "M")
LEVELS = [("30000", "1")], [("30001", "2")]


class Rig:
    """One market, ``M``, which is watched and verified."""

    def __init__(self, on_update: Callable[[Any], None] | None = None, feed: Any = None) -> None:
        self.heard: list[Any] = []
        self.taken: list[Any] = []
        self.broken: list[Exception] = []
        self.failed: list[BaseException] = []
        self.feed = CoinexFeed()
        self.feed.add_book("M", 5)
        self.traffic, self.pulse = Traffic(), Pulse()
        self.pulse.is_verified, self.pulse.ignored = True, 2
        self.inlet = Inlet(on_update or self.heard.append, self.failed.append)
        self.inlets: dict[str, tuple[Inlet, ...]] = {"M": (self.inlet,)}
        self.path = FramePath(
            feed or self.feed, lambda: 77, self.traffic, pulses={"M": self.pulse}, inlets=self.inlets,
            take=lambda event, now_ns: self.taken.append((event, now_ns)),
            broken=lambda error, now_ns: self.broken.append(error),
        )  # fmt: skip
        self.path.is_open = True

    def push(self, updated_at: int = 1, *, is_good: bool = True) -> None:
        model = oracle.DictBook(5)
        model.snapshot(*LEVELS)
        checksum = model.checksum if is_good else model.checksum ^ 1
        self.path.on_frame(oracle.depth_json(*LEVELS, checksum, market="M", updated_at=updated_at), 5)


def test_plain_push_of_a_verified_book_goes_to_who_watches_and_is_noted() -> None:
    rig = Rig()
    rig.push()
    [event] = rig.heard
    assert isinstance(event, FeedEvent)
    assert (event.market, event.received_at_ns, event.proved) == ("M", 5, True)
    assert (rig.pulse.heard_at_ns, rig.pulse.ignored) == (77, 0)
    assert (rig.traffic.frames, rig.traffic.heard_at_ns, rig.inlet.received) == (1, 77, 1)
    assert (rig.taken, rig.broken) == ([], [])


def test_everything_else_is_taken_by_the_session() -> None:
    rig = Rig()
    rig.push(is_good=False)
    rig.path.on_frame(b'{"id":1,"code":0,"message":"OK"}', 5)
    rig.pulse.is_verified = False
    rig.push(2)
    rig.pulse.is_verified = True
    rig.inlets.clear()
    rig.push(3)
    assert [(event.kind, event.reason, now_ns) for event, now_ns in rig.taken] == [
        ("book", "checksum_mismatch", 77), ("reply", "", 77), ("book", "", 77), ("book", "", 77),
    ]  # fmt: skip
    assert (rig.heard, rig.pulse.heard_at_ns, rig.traffic.frames) == ([], 0, 4)


def test_feed_written_in_python_is_asked_and_its_events_are_taken() -> None:
    class Feed:
        def on_frame(self, data: bytes, received_at_ns: int) -> tuple[bytes, int]:
            return data, received_at_ns

    rig = Rig(feed=Feed())
    rig.path.on_frame(b"said", 9)
    assert rig.taken == [((b"said", 9), 77)]


def test_closed_path_takes_nothing() -> None:
    rig = Rig()
    rig.path.is_open = False
    rig.push()
    assert (rig.heard, rig.taken, rig.traffic.frames) == ([], [], 0)


def test_unreadable_frame_and_fault_of_the_session_are_told_apart_by_their_class() -> None:
    rig = Rig()
    rig.path.on_frame(b"{", 5)
    rig.inlets["M"] = (Inlet({}.pop, None),)
    rig.push()
    assert [type(error) for error in rig.broken] == [FrameError, KeyError]


@pytest.mark.parametrize("fault", [ZeroDivisionError, asyncio.CancelledError])
def test_callback_that_raises_keeps_the_push_from_no_one(fault: type[BaseException]) -> None:
    def fail(_: object) -> None:
        raise fault

    rig = Rig(fail)
    rig.inlets["M"] += (Inlet(rig.heard.append, None),)
    rig.push()
    assert [type(error) for error in rig.failed] == [fault]
    assert rig.failed[0].__traceback__ is not None
    assert (len(rig.heard), rig.broken) == (1, [])


def test_keyboard_interrupt_in_a_callback_is_nobodys_to_catch() -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    rig = Rig(interrupt)
    with pytest.raises(KeyboardInterrupt):
        rig.push()
    assert (rig.failed, rig.broken) == ([], [])


def test_watchers_may_go_while_a_push_is_delivered() -> None:
    rig = Rig()
    rig.inlets["M"] = (Inlet(lambda _: rig.inlets.clear(), None), rig.inlet)
    rig.push()
    assert len(rig.heard) == 1
    rig.push(2)
    assert (len(rig.heard), len(rig.taken)) == (1, 1)


def test_subscription_that_overrides_deliver_is_asked() -> None:
    class Choosy(Subscription[Any]):
        def deliver(self, item: Any) -> None:
            if item.change != "snapshot":
                super().deliver(item)

    rig, chosen = Rig(), list[Any]()
    usual = Subscription[Any]((CHANNEL,), Mock(), on_update=rig.heard.append)
    rig.inlets["M"] = (inlet_of(Choosy((CHANNEL,), Mock(), on_update=chosen.append)), inlet_of(usual))
    rig.push()
    assert (chosen, len(rig.heard), usual.received) == ([], 1, 1)


def test_path_that_holds_its_owner_is_collected() -> None:
    rig = Rig()
    rig.push()
    gone = weakref.ref(rig)
    rig.heard.append(rig)
    del rig
    gc.collect()
    assert gone() is None
