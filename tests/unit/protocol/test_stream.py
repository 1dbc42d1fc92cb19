"""StreamProtocol by script: frames and seconds in, frames and events out."""

from __future__ import annotations

import pytest

from support.scripted_stream import SECOND, Script
from tradewire.errors import LocalProtocolError
from tradewire.protocol import events
from tradewire.protocol.channels import Channel
from tradewire.protocol.states import State
from tradewire.protocol.timing import Timing

BTC = Channel("book", "BTC", 5)
ETH = Channel("book", "ETH", 5)
TRADES = Channel("trades", "BTC")
ALL_TRADES = Channel("trades")
ORDERS = Channel("ORDERS")
FILLS = Channel("FILLS")


def live(*channels: Channel, timing: Timing | None = None) -> Script:
    script = Script(timing)
    for frame in script.open(*channels):
        script.reply(int(frame.split()[1]))
    for frame in script.sent():
        script.reply(int(frame.split()[1]))
    assert script.protocol.state is State.LIVE
    script.told()
    return script


def test_public_channels_are_asked_for_at_once_and_live_when_all_are_confirmed() -> None:
    script = Script()
    assert script.open(BTC, ETH, TRADES) == ["subscribe 1 book:BTC book:ETH", "subscribe 2 trades:BTC"]
    script.reply(2)
    assert script.protocol.state is State.SUBSCRIBING
    assert script.protocol.is_confirmed(TRADES)
    assert not script.protocol.is_confirmed(BTC)
    script.reply(1)
    assert script.protocol.state is State.LIVE
    assert script.told() == [events.Live()]


def test_private_channels_wait_for_the_login_and_public_ones_do_not() -> None:
    script = Script()
    assert script.open(ORDERS, TRADES) == ["login 1", "subscribe 2 trades:BTC"]
    assert script.protocol.state is State.AUTHENTICATING
    script.reply(1)
    assert script.sent() == ["subscribe 3 ORDERS:*"]
    script.reply(2)
    script.reply(3)
    assert script.told() == [events.Authenticated(), events.AccountSubscribed(), events.Live()]


def test_private_recovery_does_not_wait_for_a_public_channel_that_is_put_off() -> None:
    script = Script()
    script.open(ORDERS, TRADES)
    script.reply(1)
    script.reply(2, code=1)
    script.reply(3)
    assert script.told() == [events.Authenticated(), events.AccountSubscribed()]
    assert script.protocol.state is State.SUBSCRIBING


def test_private_channels_added_later_are_announced_again() -> None:
    script = live(ORDERS)
    script.protocol.subscribe([FILLS], script.now_ns)
    assert script.sent() == ["subscribe 3 FILLS:*"]
    script.reply(3)
    assert script.told() == [events.AccountSubscribed(), events.Live()]


def test_a_login_refused_for_its_timestamp_waits_for_the_venues_time() -> None:
    script = Script()
    script.open(ORDERS)
    script.reply(1, code=4)
    assert script.told() == [events.LoginRetried("4", "words", 1)]
    assert script.sent() == []
    script.protocol.retry_login(script.now_ns)
    assert script.sent() == ["login 2"]
    script.reply(2)
    script.reply(3)
    assert script.told() == [events.Authenticated(), events.AccountSubscribed(), events.Live()]


def test_a_login_is_tried_again_though_nobody_answered_for_the_time() -> None:
    script = Script()
    script.open(ORDERS)
    script.reply(1, code=4)
    deadline_ns = script.protocol.next_deadline_ns()
    assert deadline_ns == script.now_ns + script.timing.reply_ns
    assert script.after(script.timing.reply_ns / SECOND) == ["login 2"]


def test_a_login_refused_three_times_is_refused_for_good_and_never_called_live() -> None:
    script = Script()
    script.open(ORDERS)
    for request_id in (1, 2, 3):
        script.reply(request_id, code=4)
        script.protocol.retry_login(script.now_ns)
    told = script.told()
    assert told[-2:] == [events.LoginRefused("4", "words"), events.SubscriptionRefused(ORDERS, "4", "words")]
    assert [type(event) for event in told[:-2]] == [events.LoginRetried, events.LoginRetried]


def test_a_signed_subscription_refused_for_its_timestamp_waits_for_the_venues_time() -> None:
    script = Script()
    script.dialect.has_login = False
    script.open(ORDERS)
    script.reply(1, code=4)
    assert script.told() == [events.LoginRetried("4", "words", 1)]
    script.protocol.retry_login(script.now_ns)
    assert script.sent() == ["subscribe 2 ORDERS:*"]
    script.reply(2)
    assert script.told() == [events.AccountSubscribed(), events.Live()]


def test_an_unsubscribe_that_is_put_off_is_asked_again() -> None:
    script = live(TRADES, ETH)
    script.protocol.unsubscribe([TRADES], script.now_ns)
    assert script.sent() == ["unsubscribe 3 trades:BTC"]
    script.reply(3, code=1)
    assert script.after(0.9) == []
    assert script.after(0.1) == ["unsubscribe 4 trades:BTC"]
    script.reply(4)
    assert script.after(5) == []


def test_a_channel_wanted_again_is_not_left_by_an_unsubscribe_that_was_put_off() -> None:
    script = live(TRADES, ETH)
    script.protocol.unsubscribe([TRADES], script.now_ns)
    script.reply(3, code=1)
    script.protocol.subscribe([TRADES], script.now_ns)
    script.sent()
    script.reply(4)
    assert script.after(5) == []
    assert script.protocol.is_confirmed(TRADES)


def test_a_book_wanted_again_that_the_venue_never_left_is_left_first() -> None:
    script = live(BTC, TRADES)
    script.protocol.unsubscribe([BTC], script.now_ns)
    script.protocol.subscribe([BTC], script.now_ns)
    assert script.sent() == ["unsubscribe 3 book:BTC", "subscribe 4 book:BTC"]
    script.reply(3, code=4)
    script.reply(4, code=4)
    script.told()
    script.protocol.retry_login(script.now_ns)
    assert script.sent() == ["unsubscribe 5 book:BTC", "subscribe 6 book:BTC"]
    script.reply(5)
    script.reply(6)
    script.push("BTC", change="snapshot")
    assert script.protocol.is_confirmed(BTC)


def test_a_book_put_off_for_long_does_not_spin() -> None:
    script = Script()
    asked = script.open(BTC)
    put_off = 0
    while put_off < 8:
        for frame in asked:
            request_id = int(frame.split()[1])
            if frame.startswith("subscribe"):
                put_off += 1
                script.reply(request_id, code=1)
            else:
                script.reply(request_id)
        deadline_ns = script.protocol.next_deadline_ns()
        assert deadline_ns is not None
        assert deadline_ns > script.now_ns
        script.now_ns = deadline_ns
        script.protocol.tick(script.now_ns)
        asked = script.sent()


def test_a_market_answered_with_ok_and_silence_is_given_up() -> None:
    script = live(BTC)
    missing = []
    for _ in range(60):
        for frame in script.after(1):
            script.reply(int(frame.split()[1]))
        missing += [event for event in script.told() if not isinstance(event, events.Resyncing)]
    assert missing == [
        events.SnapshotMissing(BTC, 1),
        events.SnapshotMissing(BTC, 2),
        events.SnapshotMissing(BTC, 3),
        events.SubscriptionRefused(
            BTC, "no_snapshot", "subscribed, and no book came for 30 s: does it exist?"
        ),
    ]


def test_a_market_that_was_there_is_never_given_up() -> None:
    script = live(BTC)
    script.push("BTC", change="snapshot")
    script.push("BTC", reason="checksum")
    for _ in range(120):
        for frame in script.after(1):
            script.reply(int(frame.split()[1]))
    assert not [event for event in script.told() if isinstance(event, events.SubscriptionRefused)]


def test_ignored_pushes_prove_nothing_and_several_fetch_the_book_again() -> None:
    script = live(BTC)
    script.push("BTC", change="snapshot")
    script.push("BTC", change="ignored")
    script.push("BTC", change="ignored")
    assert script.sent() == []
    script.push("BTC", change="ignored")
    assert script.sent() == ["unsubscribe 2 book:BTC", "subscribe 3 book:BTC"]
    assert script.told() == [events.Resyncing(BTC, "stale_pushes")]
    assert script.feed.resynced[-1] == "BTC stale_pushes"


def test_a_refused_login_gives_up_private_channels_only() -> None:
    script = Script()
    script.open(ORDERS, TRADES)
    script.reply(1, code=3)
    script.reply(2)
    assert script.told() == [
        events.LoginRefused("3", "words"),
        events.SubscriptionRefused(ORDERS, "3", "words"),
        events.Live(refused_login=True),
    ]
    assert script.protocol.disconnect_reason == ""


def test_a_login_put_off_starts_anew_with_back_off() -> None:
    script = Script()
    script.open(ORDERS)
    script.reply(1, code=1)
    assert "login" in script.protocol.disconnect_reason


def test_a_private_channel_added_later_logs_in_then() -> None:
    script = live(TRADES)
    script.protocol.subscribe([ORDERS], script.now_ns)
    assert script.sent() == ["login 2"]
    script.reply(2)
    assert script.sent() == ["subscribe 3 ORDERS:*"]


def test_requests_are_cut_to_the_venues_batch() -> None:
    script = Script()
    channels = [Channel("trades", f"M{number}") for number in range(4)]
    assert script.open(*channels) == ["subscribe 1 trades:M0 trades:M1 trades:M2", "subscribe 2 trades:M3"]


def test_one_bad_market_does_not_take_its_batch_with_it() -> None:
    script = Script()
    script.open(TRADES, Channel("trades", "BAD"), Channel("trades", "ETH"))
    script.reply(1, code=3)
    assert script.sent() == ["subscribe 2 trades:BTC", "subscribe 3 trades:BAD", "subscribe 4 trades:ETH"]
    script.reply(2)
    script.reply(3, code=3)
    script.reply(4)
    assert script.told() == [
        events.SubscriptionRefused(Channel("trades", "BAD"), "3", "words"),
        events.Live(),
    ]


def test_a_channel_put_off_is_asked_for_again_with_growing_patience() -> None:
    script = Script()
    script.open(TRADES)
    script.reply(1, code=1)
    assert script.after(0.9) == []
    assert script.protocol.next_deadline_ns() == script.now_ns + SECOND // 10
    assert script.after(0.1) == ["subscribe 2 trades:BTC"]
    script.reply(2, code=1)
    assert script.after(1.9) == []
    assert script.after(0.1) == ["subscribe 3 trades:BTC"]
    script.reply(3)
    assert script.told() == [events.Live()]


def test_unsubscribing_is_asked_for_once_and_an_all_channel_covers_its_topic() -> None:
    script = live(ALL_TRADES, TRADES)
    script.protocol.unsubscribe([TRADES], script.now_ns)
    assert script.sent() == []
    script.protocol.unsubscribe([ALL_TRADES, ALL_TRADES], script.now_ns)
    assert script.sent() == ["unsubscribe 3 trades:*"]
    assert script.protocol.state is State.LIVE


def test_leaving_an_all_channel_asks_for_the_rest_of_its_topic_again() -> None:
    script = live(ALL_TRADES, TRADES)
    script.protocol.unsubscribe([ALL_TRADES], script.now_ns)
    assert script.sent() == ["unsubscribe 3 trades:*", "subscribe 4 trades:BTC"]
    script.reply(3)
    script.reply(4)
    assert script.protocol.is_confirmed(TRADES)


def test_pings_prove_the_transport_and_a_mute_socket_is_dropped() -> None:
    script = live(TRADES)
    assert script.after(15) == ["ping 2"]
    script.reply(2)
    assert script.after(15) == ["ping 3"]
    assert script.after(4.9) == []
    assert script.protocol.disconnect_reason == ""
    script.after(0.1)
    assert script.protocol.disconnect_reason == "ping request 3 was not answered in time"
    assert script.after(100) == []


def test_a_lost_answer_to_a_subscription_starts_anew() -> None:
    script = Script()
    script.open(TRADES)
    script.after(10)
    assert "subscribe request 1" in script.protocol.disconnect_reason


def test_a_code_that_means_start_anew_does_so() -> None:
    script = live(TRADES)
    script.protocol.subscribe([ALL_TRADES], script.now_ns)
    script.reply(2, code=2)
    assert "code 2: words" in script.protocol.disconnect_reason


def test_after_a_loss_everything_is_asked_for_anew_and_ids_go_on() -> None:
    script = live(ORDERS, BTC)
    script.push("BTC", change="snapshot")
    script.protocol.lost("broken", script.now_ns)
    assert script.told() == [events.Disconnected("broken", SECOND // 4, 1)]
    assert script.feed.disconnections == 1
    assert script.protocol.next_deadline_ns() == script.now_ns + SECOND // 4
    assert script.protocol.state is State.BACKING_OFF
    assert not script.protocol.is_confirmed(BTC)
    script.now_ns += SECOND
    script.protocol.connect()
    script.protocol.opened(script.now_ns)
    assert script.sent() == ["login 4", "subscribe 5 book:BTC"]
    script.reply(2)
    script.reply(4)
    script.reply(5)
    script.reply(6)
    [stale, *told] = script.told()
    assert isinstance(stale, events.Unrecognised)
    assert told == [
        events.Authenticated(),
        events.AccountSubscribed(),
        events.Live(),
        events.Reconnected(SECOND),
    ]
    assert script.protocol.reconnects == 1


def test_the_loss_is_measured_from_its_first_moment() -> None:
    script = live(TRADES)
    script.protocol.lost("broken", script.now_ns)
    script.now_ns += SECOND
    script.protocol.connect()
    script.protocol.lost("refused", script.now_ns)
    script.now_ns += SECOND
    script.protocol.connect()
    script.protocol.opened(script.now_ns)
    script.reply(2)
    told = script.told()
    assert [type(event) for event in told[:2]] == [events.Disconnected, events.Disconnected]
    assert told[0].retry_after_ns < told[1].retry_after_ns
    assert told[-1] == events.Reconnected(2 * SECOND)


def test_a_book_in_doubt_is_fetched_anew_once() -> None:
    script = live(BTC)
    script.push("BTC", change="snapshot")
    script.push("BTC", "checksum_mismatch")
    assert script.sent() == ["unsubscribe 2 book:BTC", "subscribe 3 book:BTC"]
    assert script.told() == [events.Resyncing(BTC, "checksum_mismatch")]
    script.push("BTC", "delta_before_snapshot", change="ignored")
    script.push("BTC", "delta_before_snapshot", change="ignored")
    assert script.sent() == []
    script.reply(2)
    script.reply(3)
    script.push("BTC", change="snapshot")
    assert script.told() == []
    assert script.protocol.resyncs == 1
    assert script.protocol.state is State.LIVE


def test_a_book_that_stays_wrong_is_fetched_ever_more_rarely() -> None:
    script = live(BTC)
    script.push("BTC", "checksum_mismatch", change="snapshot")
    gaps: list[int] = []
    sent = script.sent()
    while len(gaps) < 9:
        seconds = 0
        script.answer(sent)
        script.push("BTC", "checksum_mismatch", change="snapshot")
        assert script.sent() == []
        while not any(frame.startswith("subscribe") for frame in sent) or not seconds:
            seconds += 1
            sent = script.after(1)
            script.answer([frame for frame in sent if frame.startswith("ping")])
        sent = [frame for frame in sent if not frame.startswith("ping")]
        gaps.append(seconds)
    assert gaps == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_full_push_heals_a_book_before_its_resync_is_due() -> None:
    script = live(BTC)
    script.push("BTC", "checksum_mismatch", change="snapshot")
    script.sent()
    script.push("BTC", change="snapshot")
    script.push("BTC", "checksum_mismatch")
    assert script.sent() == []
    script.push("BTC", change="snapshot")
    assert script.after(2) == []
    assert script.protocol.resyncs == 1


def test_books_in_doubt_together_share_one_pair_of_requests() -> None:
    script = live(BTC, ETH)
    script.push("BTC", change="snapshot")
    script.push("ETH", change="snapshot")
    assert script.hear_bytes(b"\xff garbage") is None
    assert script.sent() == ["unsubscribe 2 book:BTC book:ETH", "subscribe 3 book:BTC book:ETH"]
    assert script.told() == [
        events.Unreadable("bad_json", 0, b"\xff garbage"),
        events.Resyncing(BTC, "unreadable_frame"),
        events.Resyncing(ETH, "unreadable_frame"),
    ]


def test_a_book_whose_snapshot_never_comes_is_asked_for_again() -> None:
    script = live(BTC)
    assert script.after(9.9) == []
    assert script.after(0.1) == ["unsubscribe 2 book:BTC", "subscribe 3 book:BTC"]
    assert script.told() == [events.SnapshotMissing(BTC, 1), events.Resyncing(BTC, "no_snapshot")]


def test_a_quiet_book_is_left_alone_and_a_silent_one_is_not() -> None:
    script = live(BTC, timing=Timing(silence_ns=90 * SECOND))
    script.push("BTC", change="snapshot")
    for ping in range(2, 6):
        assert script.after(15) == [f"ping {ping}"]
        script.reply(ping)
    script.push("BTC", change="snapshot")
    for ping in range(6, 11):
        assert script.after(15) == [f"ping {ping}"]
        script.reply(ping)
    assert script.after(14) == []
    assert script.after(1) == ["ping 11", "unsubscribe 12 book:BTC", "subscribe 13 book:BTC"]
    assert script.told() == [events.Resyncing(BTC, "silent")]


def test_frames_nobody_understands_become_events_and_strays_are_counted() -> None:
    script = live(BTC)
    assert script.hear(kind="unrecognised", reason="unknown_frame") is None
    assert script.hear(kind="unrecognised", reason="stray", market="OLD") is None
    script.reply(99)
    assert [event.reason for event in script.told()] == ["unknown_frame", "a reply to no request of ours"]
    assert (script.protocol.unrecognised, script.protocol.unsolicited) == (2, 1)


def test_a_refused_unsubscribe_is_told() -> None:
    script = live(TRADES)
    script.protocol.unsubscribe([TRADES], script.now_ns)
    script.reply(2, code=3)
    assert [event.reason for event in script.told()] == ["unsubscribe was answered with code 3"]


def test_pushes_are_handed_on_as_news() -> None:
    script = live(TRADES)
    script.protocol.next_deadline_ns()
    news = script.hear(kind="trades", topic="trades.update", market="BTC")
    assert news is not None
    assert news.topic == "trades.update"
    assert not script.protocol.has_output


def test_closing_is_for_good() -> None:
    script = live(TRADES)
    script.protocol.close()
    assert script.protocol.next_deadline_ns() is None
    assert script.after(100) == []
    with pytest.raises(LocalProtocolError, match="closed"):
        script.protocol.connect()
