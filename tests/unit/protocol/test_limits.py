from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire.errors import ConfigError, LocalProtocolError
from tradewire.protocol.limits import Limiter

S = 1_000_000_000
MS = 1_000_000


def drained(limiter: Limiter, group: str, now_ns: int) -> int:
    """Take until there is nothing left for ordinary requests, and return how many there were."""
    taken = 0
    while limiter.take(group, 1, now_ns) == 0:
        taken += 1
    return taken


def test_bucket_holds_a_second_less_what_cancels_keep() -> None:
    assert drained(Limiter({"put": 30}, cancel_share=0.1), "put", 0) == 27


def test_cancels_may_use_what_is_kept_back() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0.2)
    assert drained(limiter, "put", 0) == 8
    assert [limiter.take("put", 1, 0, is_cancel=True) for _ in range(3)] == [0, 0, 100 * MS]


def test_empty_bucket_refills_at_its_rate() -> None:
    limiter = Limiter({"put": 20}, cancel_share=0)
    drained(limiter, "put", 0)
    wait_ns = limiter.take("put", 1, 0)
    assert wait_ns == 50 * MS
    assert limiter.take("put", 1, wait_ns - 1) > 0
    assert limiter.take("put", 1, wait_ns) == 0


def test_refusal_takes_nothing() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0)
    assert limiter.take("put", 10, 0) == 0
    assert [limiter.take("put", 5, 0) for _ in range(4)] == [500 * MS] * 4


def test_bucket_never_holds_more_than_a_second() -> None:
    limiter = Limiter({"put": 5}, cancel_share=0)
    assert drained(limiter, "put", 3_600 * S) == 5


def test_who_comes_later_waits_behind_those_in_line() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0)
    drained(limiter, "put", 0)
    limiter.join("put", 3)
    assert limiter.take("put", 1, 0) == 400 * MS
    assert limiter.take("put", 1, 100 * MS) > 0
    assert limiter.take("put", 1, 100 * MS, is_next=True) == 0
    limiter.leave("put", 3)
    assert limiter.take("put", 1, 200 * MS) == 0


def test_cancels_do_not_stand_behind_orders() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0.1)
    drained(limiter, "put", 0)
    limiter.join("put", 50)
    assert limiter.take("put", 1, 0, is_cancel=True) == 0


def test_shared_bucket_counts_every_group() -> None:
    limiter = Limiter({"ip": 4, "put": 10, "query": 10}, shared="ip", cancel_share=0)
    assert [limiter.take(group, 1, 0) for group in ("put", "query", "ip", "put")] == [0, 0, 0, 0]
    assert limiter.take("query", 1, 0) == 250 * MS
    assert limiter.take("ip", 1, 0) == 250 * MS


def test_what_is_refused_by_one_bucket_is_not_taken_from_the_other() -> None:
    limiter = Limiter({"ip": 100, "put": 1}, shared="ip", cancel_share=0)
    assert limiter.take("put", 1, 0) == 0
    for _ in range(200):
        assert limiter.take("put", 1, 0) > 0
    assert drained(limiter, "ip", 0) == 99


def test_venue_knows_better_when_it_has_less() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0)
    limiter.observe("put", 3, 0)
    assert drained(limiter, "put", 0) == 3


def test_venue_is_not_believed_when_it_has_more() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0)
    drained(limiter, "put", 0)
    limiter.observe("put", 1e300, 0)
    assert limiter.take("put", 1, 0) > 0


def test_refused_request_empties_the_bucket() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0)
    limiter.close(0, 0, "put")
    assert limiter.take("put", 1, 0) == 100 * MS


def test_batch_that_fits_only_without_the_reserve_still_goes() -> None:
    assert Limiter({"put": 10}, cancel_share=0.5).take("put", 10, 0) == 0


def test_batch_that_never_fits_is_refused() -> None:
    with pytest.raises(ConfigError, match="11"):
        Limiter({"put": 10}).take("put", 11, 0)


def test_unknown_group_is_our_bug() -> None:
    with pytest.raises(LocalProtocolError, match="nope"):
        Limiter({"put": 10}).take("nope", 1, 0)


@given(st.lists(st.tuples(st.integers(0, 300 * MS), st.integers(1, 3)), max_size=200))
def test_no_second_ever_sees_more_than_the_venue_allows(requests: list[tuple[int, int]]) -> None:
    """The venue's own bucket, counted by hand, is never overdrawn."""
    rate = 7
    limiter = Limiter({"put": rate}, cancel_share=0)
    now_ns = venue_at_ns = 0
    venue_tokens = float(rate)
    for pause_ns, weight in requests:
        now_ns += pause_ns
        if limiter.take("put", weight, now_ns) == 0:
            venue_tokens = min(rate, venue_tokens + (now_ns - venue_at_ns) * rate / S) - weight
            venue_at_ns = now_ns
            assert venue_tokens > -1e-6


def test_late_reply_costs_no_token_the_venue_has() -> None:
    """60 cancels at once; their replies come 300 ms later and count down from 59: 18 are refilled by then."""
    limiter = Limiter({"cancel": 60}, cancel_share=0)
    marks = []
    while limiter.take("cancel", 1, 0) == 0:
        marks.append(limiter.mark("cancel", 0))
    assert len(marks) == 60
    for left, mark in zip(range(59, -1, -1), marks, strict=True):
        limiter.observe("cancel", left, 300 * MS, mark)
    assert drained(limiter, "cancel", 300 * MS) == 18


def test_what_was_sent_after_a_request_is_not_in_its_count() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0)
    limiter.take("put", 1, 0)
    first = limiter.mark("put", 0)
    limiter.take("put", 4, 0)
    # Another program of the same account took four before our first arrived: five are left there, one after ours.
    limiter.observe("put", 5, 0, first)
    assert drained(limiter, "put", 0) == 1


def test_closed_group_takes_nothing_until_it_opens_and_others_go_on() -> None:
    limiter = Limiter({"put": 10, "query": 10}, cancel_share=0)
    limiter.close(3 * S, 0, "put")
    assert limiter.take("put", 1, 0) == 3 * S
    assert limiter.take("put", 1, 0, is_cancel=True) == 3 * S
    assert (limiter.closed_ns("put", 1 * S), limiter.closed_ns("query", 1 * S)) == (2 * S, 0)
    assert limiter.take("query", 1, 0) == 0
    assert limiter.take("put", 1, 3 * S) == 0


def test_shorter_penalty_does_not_open_a_group_that_is_closed_for_longer() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0)
    limiter.close(30 * S, 0, "put")
    limiter.close(1 * S, 0, "put")
    assert limiter.take("put", 1, 2 * S) == 28 * S


def test_global_penalty_closes_every_group() -> None:
    limiter = Limiter({"ip": 10, "put": 10, "query": 10}, shared="ip", cancel_share=0)
    limiter.close(2 * S, 0)
    assert {limiter.take(group, 1, 0) for group in ("ip", "put", "query")} == {2 * S}


def test_penalty_of_the_shared_group_holds_for_all_that_draw_from_it() -> None:
    limiter = Limiter({"ip": 10, "put": 10}, shared="ip", cancel_share=0)
    limiter.close(2 * S, 0, "ip")
    assert limiter.take("put", 1, 0) == 2 * S


def long_limited() -> Limiter:
    groups: dict[str, float] = {"ip": 100, "put": 100, "cancel": 100}
    return Limiter(groups, cancel_share=0, long_period_groups=("put", "cancel"), slow_rate_per_s=2)


def test_used_up_quota_of_hours_slows_all_but_cancels_and_public_requests() -> None:
    limiter = long_limited()
    limiter.take("put", 1, 0)
    limiter.observe_long_periods({"1h": 0, "4h": 500}, limiter.mark("put", 0))
    assert limiter.take("put", 1, 0) == 0
    assert limiter.take("put", 1, 0) == 500 * MS
    assert [limiter.take("cancel", 1, 0, is_cancel=True) for _ in range(20)] == [0] * 20
    assert drained(limiter, "ip", 0) == 100
    assert limiter.take("put", 1, 500 * MS) == 0


def test_quota_of_hours_is_counted_down_before_the_venue_says_so() -> None:
    limiter = long_limited()
    limiter.observe_long_periods({"1h": 3}, limiter.mark("put", 0))
    # Three at full pace, one more at the slow one.
    assert drained(limiter, "put", 0) == 4


def test_quota_of_hours_that_has_come_back_is_believed() -> None:
    limiter = long_limited()
    limiter.observe_long_periods({"1h": 0}, limiter.mark("put", 0))
    drained(limiter, "put", 0)
    mark = limiter.mark("put", 0)
    limiter.observe_long_periods({"1h": 1000}, mark)
    assert drained(limiter, "put", 0) == 99


def test_bucket_does_not_fill_up_behind_requests_that_have_not_left() -> None:
    """Ten are allowed at once and leave half a second later, from connections that had to be opened first."""
    limiter = Limiter({"put": 10}, cancel_share=0)
    for _ in range(10):
        assert limiter.take("put", 1, 0) == 0
        limiter.hold("put", 1)
    # The venue has its ten, and never more: whatever left now would be the eleventh.
    assert limiter.take("put", 1, 500 * MS) > 0
    for _ in range(10):
        limiter.left("put", 1, 500 * MS)
    assert limiter.take("put", 1, 500 * MS) == 100 * MS
    assert limiter.take("put", 1, 600 * MS) == 0


def test_requests_that_have_not_left_are_not_in_the_venues_count() -> None:
    limiter = Limiter({"put": 10}, cancel_share=0)
    for _ in range(3):
        limiter.take("put", 1, 0)
        limiter.hold("put", 1)
    limiter.left("put", 1, 0)
    mark = limiter.mark("put", 0)
    # One has arrived and nine are left there; two of them are for those that follow.
    limiter.observe("put", 9, 0, mark)
    assert drained(limiter, "put", 0) == 7


@given(
    st.lists(st.tuples(st.integers(0, 300 * MS), st.integers(1, 3), st.integers(0, 900 * MS)), max_size=120)
)
def test_no_second_ever_sees_more_however_late_requests_leave(requests: list[tuple[int, int, int]]) -> None:
    rate = 7
    limiter = Limiter({"put": rate}, cancel_share=0)
    departures: list[tuple[int, int]] = []
    held: list[tuple[int, int]] = []
    now_ns = 0
    for pause_ns, weight, delay_ns in requests:
        now_ns += pause_ns
        for leaves_ns, one in sorted(held):
            if leaves_ns <= now_ns:
                limiter.left("put", one, leaves_ns)
                held.remove((leaves_ns, one))
                departures.append((leaves_ns, one))
        if limiter.take("put", weight, now_ns) == 0:
            limiter.hold("put", weight)
            held.append((now_ns + delay_ns, weight))
    venue_tokens, venue_at_ns = float(rate), 0
    for leaves_ns, weight in sorted([*departures, *held]):
        venue_tokens = min(rate, venue_tokens + (leaves_ns - venue_at_ns) * rate / S) - weight
        venue_at_ns = leaves_ns
        assert venue_tokens > -1e-6
