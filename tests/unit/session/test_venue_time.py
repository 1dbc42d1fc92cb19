"""Since when to ask after a loss, whichever clock steps."""

from __future__ import annotations

import pytest

from tradewire.errors import VenueUnavailable
from tradewire.session.venue_time import VenueTime

SECOND = 1_000_000_000
MINUTES = 60 * SECOND


class Clocks:
    def __init__(self) -> None:
        self.monotonic_ns = 1000 * SECOND
        self.venue_ns = 50_000 * SECOND
        self.is_answering = True
        self.time = VenueTime(lambda: self.venue_ns, self.ask, lambda: self.monotonic_ns)

    async def ask(self) -> None:
        if not self.is_answering:
            raise VenueUnavailable("busy")

    def pass_s(self, seconds: int) -> None:
        self.monotonic_ns += seconds * SECOND
        self.venue_ns += seconds * SECOND


@pytest.fixture
def clocks() -> Clocks:
    clocks = Clocks()
    clocks.time.caught_up()
    return clocks


def test_a_loss_is_asked_for_from_its_beginning(clocks: Clocks) -> None:
    at_ns = clocks.venue_ns
    clocks.time.lost()
    clocks.pass_s(30)
    clocks.time.lost()
    clocks.pass_s(30)
    assert clocks.time.since() == at_ns


@pytest.mark.parametrize("step_ns", [-3 * MINUTES, 3 * MINUTES], ids=["back", "forward"])
def test_a_step_of_the_venues_clock_loses_nothing(clocks: Clocks, step_ns: int) -> None:
    clocks.time.reported(clocks.venue_ns)
    before_ns = clocks.venue_ns
    clocks.time.lost()
    clocks.pass_s(10)
    clocks.venue_ns += step_ns
    clocks.pass_s(10)
    # Stamped before the step, and after it.
    assert clocks.time.since() <= min(before_ns, before_ns + step_ns + 20 * SECOND)


def test_before_anything_was_caught_up_with_the_oldest_report_counts() -> None:
    clocks = Clocks()
    clocks.time.reported(clocks.venue_ns - 5 * MINUTES)
    clocks.time.reported(clocks.venue_ns)
    assert clocks.time.since() == clocks.venue_ns - 5 * MINUTES


async def test_the_venues_time_counts_as_asked_until_the_next_loss(clocks: Clocks) -> None:
    clocks.is_answering = False
    clocks.time.lost()
    with pytest.raises(VenueUnavailable):
        await clocks.time.refresh()
    assert not clocks.time.is_asked
    clocks.is_answering = True
    await clocks.time.refresh()
    assert clocks.time.is_asked
    clocks.time.lost()
    assert not clocks.time.is_asked
