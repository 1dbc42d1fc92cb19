"""Scripts of faults: written, read, refused, and shrunk."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from tradewire.sandbox.faults.script import Event, to_toml
from tradewire.testing.faults import FAULTS
from tradewire.testing.script import from_toml, shrunk

SCHEDULE = tuple(
    Event(at_s / 10, name, {"count": at_s}) for at_s, name in enumerate(["busy"] * 7 + ["lost_reply"])
)


def test_a_schedule_is_the_same_after_it_was_written_and_read() -> None:
    schedule = (
        Event(0.5, "ws.late", {"seconds": 1.25, "latency_ms": [20, 40]}),
        Event(1.0, "drop_push", {"topic": None, "count": 2}),
        Event(2.0, "no_pong", {"enabled": True, "seconds": 0.3}),
    )
    read = from_toml(to_toml(schedule))
    assert [(event.at_s, event.fault) for event in read] == [(event.at_s, event.fault) for event in schedule]
    assert [dict(event.values) for event in read] == [
        {"seconds": 1.25, "latency_ms": [20, 40]},
        {"count": 2},
        {"enabled": True, "seconds": 0.3},
    ]


@pytest.mark.parametrize(
    ("fault", "values", "message"),
    [
        ("rain", "", "fault must be one of bad_row, .*ws.slow_close, got 'rain'"),
        ("ws.lat", "", ".*got 'ws.lat'; is 'ws.late' meant"),
        ("ws.late", "second = 1", "ws.late takes seconds, latency_ms, not second"),
        ("ws.late", "latency_ms = 5", "latency_ms of ws.late must be two numbers, least and longest, got 5"),
        ("ws.slow", "bytes_per_s = -1", "bytes_per_s of ws.slow must be a number, 0 or more, got -1"),
        ("http.no_connection", "reason = 'rain'", "reason must be one of address, dns, reset, tls, got 'rain'"),
        ("http.changed_reply", "change = 'odd'", "change must be one of .*reply_twice.*, got 'odd'"),
        ("ws.foreign_frame", "frame = 70", "frame must be 0 to 6, got 70"),
        ("bot.callback_blocks", "blocks_ms = 'long'", "blocks_ms of bot.callback_blocks must be a number, got 'long'"),
        ("busy", "count = 0", "count must be at least 1, got 0"),
    ],
)  # fmt: skip
def test_what_is_no_fault_is_refused_by_fault_and_field(fault: str, values: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"fault 1 of the script: {message}"):
        from_toml(f"[[faults]]\nat_s = 1\nfault = '{fault}'\n{values}")


def test_what_a_script_leaves_out_is_as_usual() -> None:
    [event] = from_toml("[[faults]]\nat_s = 1\nfault = 'ws.half_open'\nseconds = 2")
    assert event.values == {"seconds": 2, "holds_up": True, "holds_down": True}


def test_every_fault_takes_what_it_draws() -> None:
    for fault in FAULTS.values():
        drawn = fault.draw(random.Random(1))
        assert from_toml(to_toml([Event(1.0, fault.name, drawn)]))[0].fault == fault.name


def test_a_schedule_is_shrunk_to_what_breaks() -> None:
    needed = {SCHEDULE[2], SCHEDULE[7]}
    assert set(shrunk(SCHEDULE, lambda events: needed <= set(events))) == needed


def test_shrinking_ends_though_everything_breaks() -> None:
    tried: list[Sequence[Event]] = []

    def breaks(events: Sequence[Event]) -> bool:
        tried.append(events)
        return True

    assert shrunk(SCHEDULE, breaks) == ()
    assert len(tried) < 2 * len(SCHEDULE)
