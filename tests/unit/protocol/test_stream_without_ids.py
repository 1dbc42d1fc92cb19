"""StreamProtocol with venues whose replies carry no request id: matched first in, first out."""

from __future__ import annotations

import pytest

from support.scripted_stream import SECOND, Script
from tradewire.protocol import events
from tradewire.protocol.channels import Channel
from tradewire.protocol.states import State
from tradewire.protocol.timing import Timing

BTC = Channel("book", "BTC", 5)
ETH = Channel("book", "ETH", 5)
ORDERS = Channel("ORDERS")
NEWS = Channel("news")
OWN_NEWS = Channel("NEWS")


def test_a_snapshot_confirms_the_subscription_it_answers() -> None:
    script = Script()
    script.open(BTC)
    assert not script.protocol.is_confirmed(BTC)
    assert script.hear(kind="book", topic="book.update", market="BTC", change="snapshot", answers="subscribe")
    assert script.protocol.is_confirmed(BTC)
    assert script.protocol.state is State.LIVE


def test_replies_pair_up_with_requests_of_their_kind_in_order() -> None:
    script = Script()
    assert script.open(ORDERS, BTC) == ["login 1", "subscribe 2 book:BTC"]
    script.hear(kind="reply", answers="subscribe", code=3, message="no")
    assert script.told() == [events.SubscriptionRefused(BTC, "3", "no")]
    script.hear(kind="reply", answers="login")
    assert script.told() == [events.Authenticated()]
    assert script.sent() == ["subscribe 3 ORDERS:*"]
    script.hear(kind="reply", answers="subscribe")
    assert script.protocol.state is State.LIVE


def test_an_answer_to_the_oldest_request_answers_whatever_that_was() -> None:
    script = Script()
    script.dialect.has_login = False
    assert script.open(ORDERS, BTC) == ["subscribe 1 ORDERS:*", "subscribe 2 book:BTC"]
    script.hear(kind="reply", answers="oldest")
    assert script.protocol.is_confirmed(ORDERS)
    assert not script.protocol.is_confirmed(BTC)
    script.hear(kind="reply", answers="oldest")
    assert script.protocol.state is State.LIVE


def test_an_answer_nobody_waits_for_is_told() -> None:
    script = Script()
    script.open(BTC)
    script.hear(kind="reply", answers="login")
    assert [event.reason for event in script.told()] == ["a reply to no request of ours"]


def test_channels_that_come_unasked_are_confirmed_without_a_request() -> None:
    script = Script()
    assert script.open(NEWS) == []
    assert script.protocol.is_confirmed(NEWS)
    assert script.told() == [events.Live()]
    script.protocol.unsubscribe([NEWS], script.now_ns)
    assert script.sent() == []


def test_private_channels_that_come_unasked_are_confirmed_by_the_login() -> None:
    script = Script()
    assert script.open(OWN_NEWS) == ["login 1"]
    assert not script.protocol.is_confirmed(OWN_NEWS)
    script.hear(kind="reply", answers="login")
    assert script.protocol.is_confirmed(OWN_NEWS)
    assert script.told() == [events.Authenticated(), events.AccountSubscribed(), events.Live()]


def test_a_venue_that_is_never_silent_is_given_up_when_it_is() -> None:
    script = Script(Timing(silence_ns=None))
    script.dialect.has_ping = False
    script.dialect.max_silence_ns = 45 * SECOND
    script.open(NEWS)
    assert script.after(44) == []
    assert script.protocol.disconnect_reason == ""
    script.hear(kind="push", topic="heartbeat")
    assert script.after(44) == []
    assert script.protocol.disconnect_reason == ""
    assert script.protocol.next_deadline_ns() == script.now_ns + SECOND
    script.after(1)
    assert script.protocol.disconnect_reason == "nothing was heard for 45 s"


def test_a_quiet_book_is_left_alone_where_the_venue_refreshes_none() -> None:
    script = Script(Timing(silence_ns=None))
    script.dialect.has_ping = False
    script.open(BTC)
    script.hear(kind="book", market="BTC", change="snapshot", answers="subscribe")
    assert script.after(10_000) == []


def test_a_resync_the_venue_asks_for_is_done_though_the_frame_changed_nothing() -> None:
    script = Script()
    script.open(BTC)
    script.hear(kind="book", market="BTC", change="snapshot", answers="subscribe")
    script.told()
    script.push("BTC", reason="resync_required", change="ignored")
    assert script.sent() == ["unsubscribe 2 book:BTC", "subscribe 3 book:BTC"]
    assert script.told() == [events.Resyncing(BTC, "resync_required")]


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_gap_in_a_shared_sequence_puts_every_book_in_doubt(*, is_shared: bool) -> None:
    script = Script()
    script.dialect.shares_sequence = is_shared
    script.open(BTC, ETH)
    script.hear(kind="reply", answers="oldest")
    script.push("BTC", change="snapshot")
    script.push("ETH", change="snapshot")
    script.told()
    script.push("BTC", reason="sequence_gap")
    books = {event.channel for event in script.told()}
    assert books == ({BTC, ETH} if is_shared else {BTC})


@pytest.mark.parametrize(
    "sign", [{"market": "BTC", "change": "snapshot"}, {"market": "OLD", "reason": "stray"}]
)
def test_a_gap_shown_by_a_whole_book_or_one_just_left_puts_the_others_in_doubt(sign: dict[str, str]) -> None:
    script = Script()
    script.dialect.shares_sequence = True
    script.open(BTC, ETH)
    script.hear(kind="reply", answers="oldest")
    script.push("BTC", change="snapshot")
    script.push("ETH", change="snapshot")
    script.told()
    kind = "unrecognised" if "reason" in sign else "book"
    script.hear(kind=kind, message="expected 42, was 50", **sign)
    assert events.Resyncing(ETH, "sequence_gap") in script.told()


def test_a_gap_in_a_topic_without_a_book_is_told_and_its_push_is_handed_on() -> None:
    script = Script()
    script.open(NEWS)
    script.told()
    assert script.hear(kind="push", topic="ORDERS", reason="sequence_gap", message="expected 4, was 6")
    assert script.told() == [events.Gap("ORDERS", "expected 4, was 6")]
