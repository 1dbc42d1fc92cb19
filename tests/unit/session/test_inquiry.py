"""When the venue's not knowing an order is proof, and when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from support.own_orders import Desk
from tradewire.model import Fill, Order
from tradewire.session.inquiry import Inquiries
from tradewire.session.live_order import LiveOrder

WINDOW_S = 16.0


class Venue:
    """Knows no order, takes a moment to say so, and keeps the time; ``early_s`` is how much too early timers wake."""

    def __init__(self, early_s: float = 0.0) -> None:
        self.now_s = 0.0
        self.early_s = early_s
        self.asked_at_s: list[float] = []
        self.absent: list[LiveOrder] = []

    async def open_orders(self) -> Sequence[Order]:
        raise AssertionError

    async def fills_since(self, market: str, since_ns: int) -> Sequence[Fill]:
        raise AssertionError

    async def find_order(self, order: LiveOrder) -> Order | None:
        self.asked_at_s.append(self.now_s)
        self.now_s += 0.01
        return None

    async def sleep(self, seconds: float) -> None:
        self.now_s += max(0.0, seconds - self.early_s)

    def take_order(self, report: Order) -> None:
        raise AssertionError

    def answered(self, order: LiveOrder, report: Order) -> None:
        raise AssertionError

    def take_fill(self, fill: Fill) -> None:
        raise AssertionError

    def confirm_absent(self, order: LiveOrder, reason: str) -> None:
        self.absent.append(order)

    def failing(self, question: str, error: Exception) -> None:
        raise AssertionError


@pytest.mark.parametrize("early_s", [0.0, 0.000001])
async def test_the_question_that_proves_absence_is_asked_when_the_window_ends(early_s: float) -> None:
    venue, order = Venue(early_s), Desk().register()
    inquiries = Inquiries(venue, venue, window_s=WINDOW_S, sleep=venue.sleep, monotonic_s=lambda: venue.now_s)
    await inquiries.ask(order)
    assert venue.absent == [order]
    # Doubling alone would ask again twice the window later.
    assert WINDOW_S <= venue.asked_at_s[-1] < WINDOW_S + 0.1
