from __future__ import annotations

from tradewire.protocol.clock import SAMPLES, ClockEstimate

MS = 1_000_000


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
