from __future__ import annotations

import pytest

from tradewire.protocol.clock import ClockEstimate

MS = 1_000_000
SAMPLES = 16


def test_estimate_without_samples_is_zero_and_unsure() -> None:
    clock = ClockEstimate()
    assert clock.offset_ns == 0
    assert clock.uncertainty_ns is None


def test_estimate_takes_the_middle_of_the_round_trip() -> None:
    clock = ClockEstimate()
    clock.observe(sent_ns=1_000 * MS, received_ns=1_010 * MS, venue_ns=1_305 * MS)
    assert clock.offset_ns == 300 * MS
    assert clock.uncertainty_ns == 5 * MS


def test_sample_with_the_shortest_round_trip_wins() -> None:
    clock = ClockEstimate()
    clock.observe(0, 100 * MS, 90 * MS)
    clock.observe(1_000 * MS, 1_002 * MS, 1_021 * MS)
    clock.observe(2_000 * MS, 2_080 * MS, 2_000 * MS)
    assert clock.offset_ns == 20 * MS
    assert clock.uncertainty_ns == 1 * MS


def test_old_samples_leave_so_that_drift_is_followed() -> None:
    clock = ClockEstimate()
    clock.observe(0, 1, 500 * MS)
    for _ in range(SAMPLES):
        clock.observe(0, 10 * MS, 5 * MS)
    assert clock.offset_ns == 0


def test_restart_forgets_everything_with_the_next_sample() -> None:
    clock = ClockEstimate()
    clock.observe(0, 2 * MS, 900 * MS)
    clock.restart()
    assert (clock.offset_ns, clock.uncertainty_ns) == (899 * MS, 1 * MS)
    clock.observe(0, 8 * MS, 500 * MS)
    assert (clock.offset_ns, clock.uncertainty_ns) == (496 * MS, 4 * MS)
    clock.observe(0, 2 * MS, 700 * MS)
    assert clock.offset_ns == 699 * MS


def test_clock_that_steps_back_during_a_request_does_not_confuse() -> None:
    clock = ClockEstimate()
    clock.observe(sent_ns=1_000 * MS, received_ns=900 * MS, venue_ns=1_000 * MS)
    assert clock.offset_ns == 0
    assert clock.uncertainty_ns == 0


HOUR_NS = 3_600_000 * MS


def test_absurd_round_trip_is_not_believed() -> None:
    clock = ClockEstimate()
    assert "5.0 s" in clock.observe(0, 5_000 * MS, 2_500 * MS)
    assert clock.offset_ns == 0
    assert clock.uncertainty_ns is None


@pytest.mark.parametrize("venue_ns", [0, 1_795_830_000, 1_795_830_000_000, 10**20])
def test_absurd_offset_is_not_believed(venue_ns: int) -> None:
    """A reply in seconds or milliseconds, for instance, where nanoseconds were meant."""
    clock = ClockEstimate()
    now_ns = 1_795_830_000 * 1_000 * MS
    assert "days" in clock.observe(now_ns, now_ns + MS, venue_ns)
    assert (clock.offset_ns, clock.believed) == (0, 0)


@pytest.mark.parametrize("step_ns", [HOUR_NS, -HOUR_NS, 300 * MS])
def test_sample_across_a_step_of_our_own_clock_is_not_believed(step_ns: int) -> None:
    clock = ClockEstimate()
    start_ns = 10 * HOUR_NS
    reason = clock.observe(start_ns, start_ns + step_ns + 20 * MS, start_ns, elapsed_ns=20 * MS)
    assert "our own clock was set" in reason
    assert clock.believed == 0


@pytest.mark.parametrize("step_ns", [HOUR_NS, -HOUR_NS])
def test_venue_time_does_not_move_when_our_own_clock_is_set(step_ns: int) -> None:
    clock = ClockEstimate()
    wall_ns, monotonic_ns = 10 * HOUR_NS, 5 * MS
    clock.venue_ns(wall_ns, monotonic_ns)
    clock.observe(wall_ns, wall_ns + 2 * MS, wall_ns + 701 * MS, elapsed_ns=2 * MS)
    assert clock.venue_ns(wall_ns + 1_000 * MS, monotonic_ns + 1_000 * MS) == wall_ns + 1_700 * MS
    stepped_ns = wall_ns + step_ns
    assert clock.venue_ns(stepped_ns + 2_000 * MS, monotonic_ns + 2_000 * MS) == wall_ns + 2_700 * MS
    assert clock.steps == 1
    assert clock.venue_ns(stepped_ns + 3_000 * MS, monotonic_ns + 3_000 * MS) == wall_ns + 3_700 * MS
    assert clock.steps == 1


def test_step_of_the_venues_clock_ends_the_old_samples() -> None:
    clock = ClockEstimate()
    for time_ns in range(0, 1_000 * MS, 100 * MS):
        clock.observe(time_ns, time_ns + 2 * MS, time_ns + MS)
    clock.observe(2_000 * MS, 2_040 * MS, 2_020 * MS + 180_000 * MS)
    assert clock.offset_ns == 180_000 * MS


def test_venue_that_tells_whole_seconds_does_not_seem_to_be_set() -> None:
    clock = ClockEstimate()
    clock.observe(0, 2 * MS, 0)
    clock.observe(1_999 * MS, 2_009 * MS, 1_000 * MS)
    assert clock.uncertainty_ns == 1 * MS
