"""Faults by script, without a socket: read, refused, played at their times, ended."""

from __future__ import annotations

import asyncio

import pytest

from tradewire.registry import find_venue
from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.faults.script import Event, events_of, to_toml
from tradewire.testing.loop import VirtualLoop

SCRIPT = """
[[faults]]
at_s = 2.5
fault = "rest_latency"
latency_ms = 80
seconds = 3

[[faults]]
at_s = 1
fault = "late_reply"
delay_ms = 300

[[faults]]
at_s = 2
fault = "lost_ack"
venue = "exchange"
"""


def faults_of(venue: str) -> Faults:
    faults = find_venue(venue).sandbox_class.faults_class()
    faults.venue = venue
    return faults


def test_a_venue_plays_what_names_it_or_no_one_in_the_order_of_time() -> None:
    late, slow = (
        Event(1.0, "late_reply", {"delay_ms": 300}),
        Event(2.5, "rest_latency", {"latency_ms": 80, "seconds": 3}),
    )
    assert events_of(SCRIPT, faults_of("coinex")) == (late, slow)
    assert events_of(SCRIPT, faults_of("exchange")) == (late, Event(2.0, "lost_ack"), slow)
    assert events_of(to_toml((late, slow)), faults_of("truex")) == (late, slow)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("faults = 3", r"must have \[\[faults\]\] tables and nothing else, got faults = 3"),
        ("[[fault]]\nat_s = 1", r"must have \[\[faults\]\] tables and nothing else, got fault"),
        ("at_s: 1", "must be TOML, got something else"),
        ('[[faults]]\nfault = "busy"', "fault 1 of the script: at_s must be seconds from the start, .*, got None"),
        ('[[faults]]\nat_s = -1\nfault = "busy"', "at_s must be seconds from the start, 0 or more, got -1"),
        ('[[faults]]\nat_s = 1\nfault = "lost_repy"', "got 'lost_repy'; is 'lost_reply' meant"),
        ("[[faults]]\nat_s = 1", "fault must be one of bad_row, .*, got None"),
        ('[[faults]]\nat_s = 1\nfault = "lost_ack"', "fault must be one of bad_row, .*, got 'lost_ack'"),
        ('[[faults]]\nat_s = 1\nfault = "ws.late"', "exist in the worlds of tradewire.testing only"),
        ('[[faults]]\nat_s = 1\nfault = "busy"\ncount = 0', "count must be at least 1, got 0"),
        ('[[faults]]\nat_s = 1\nfault = "busy"\nodd = 0', "busy takes market, count, not odd"),
        ('[[faults]]\nat_s = 1\nfault = "late_reply"', "late_reply needs delay_ms"),
        ('[[faults]]\nat_s = 1\nfault = "busy"\nseconds = 1', "busy takes no seconds; only clock_skew, no_pong"),
        ('[[faults]]\nat_s = 1\nfault = "no_pong"\nseconds = 0', "seconds of no_pong must be a number above 0"),
        ('[[faults]]\nat_s = 1\nfault = "busy"\nvenue = 7', "venue must be a venue's name, got 7"),
    ],
)  # fmt: skip
def test_a_script_is_refused_by_fault_and_field(script: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        events_of(script, faults_of("coinex"))


def test_a_script_is_refused_whole() -> None:
    faults = faults_of("coinex")

    async def main() -> None:
        with pytest.raises(ValueError, match="fault 2 of the script: fault must be"):
            faults.play('[[faults]]\nat_s = 0\nfault = "busy"\n[[faults]]\nat_s = 1\nfault = "rain"')
        await asyncio.sleep(1)

    VirtualLoop().run(main())
    assert not faults.is_armed
    assert faults.to_come == ()


def test_faults_strike_at_their_times_and_what_lasts_ends() -> None:
    faults, seen = faults_of("coinex"), {}

    async def main() -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        played = faults.play(SCRIPT)
        assert faults.to_come == played
        for at_s in (0.9, 1.1, 2.4, 2.6, 5.4, 5.6):
            await asyncio.sleep(began_s + at_s - loop.time())
            seen[at_s] = faults.is_armed, faults.rest_delay.latency_ms, len(faults.to_come)

    VirtualLoop().run(main())
    assert seen == {
        0.9: (False, 0, 2),
        1.1: (True, 0, 1),
        2.4: (True, 0, 1),
        2.6: (True, 80, 0),
        5.4: (True, 80, 0),
        5.6: (True, 0, 0),
    }
    assert faults.triggered[FaultKind.REST_LATENCY] == 2


def test_clear_ends_the_script_too() -> None:
    faults = faults_of("truex")

    async def main() -> None:
        faults.play(SCRIPT)
        await asyncio.sleep(1.5)
        faults.clear()
        await asyncio.sleep(5)

    VirtualLoop().run(main())
    assert (faults.is_armed, faults.rest_delay.latency_ms, faults.to_come) == (False, 0, ())
