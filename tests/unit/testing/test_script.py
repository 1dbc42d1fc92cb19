"""Scripts of faults: written, read, refused, and shrunk."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tradewire.testing.fault import Event
from tradewire.testing.script import from_toml, shrunk, to_toml

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


@pytest.mark.parametrize("text", ['[[faults]]\nat_s = 1\nfault = "rain"', '[[faults]]\nfault = "busy"'])
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="fault 1 must have at_s, seconds, and one of"):
        from_toml(text)


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
