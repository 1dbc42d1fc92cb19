"""Candles in pages are those of the venue, whatever it does at the borders of a page: none missing, none twice."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tradewire.model import Candle, CandleInterval, Rows
from tradewire.session.candles import every_candle

MINUTE_NS = CandleInterval.MINUTE.duration_ns
PER_REQUEST = 4
ONE = Decimal(1)


def candle(number: int) -> Candle:
    return Candle(
        market="AB", interval=CandleInterval.MINUTE, start_ns=number * MINUTE_NS, open=ONE, high=ONE, low=ONE,
        close=ONE, volume=ONE, quote_volume=ONE, is_closed=True,
    )  # fmt: skip


@given(
    minutes=st.sets(st.integers(0, 40)),
    start=st.integers(0, 45 * 60),
    seconds=st.integers(1, 45 * 60),
    adds_the_first=st.booleans(),
    newest_first=st.booleans(),
    keeps_the_oldest=st.booleans(),
)
def test_every_candle_of_the_venue_comes_once_and_in_order(
    minutes: set[int],
    start: int,
    seconds: int,
    adds_the_first: bool,
    newest_first: bool,
    keeps_the_oldest: bool,
) -> None:
    start_ns, end_ns = start * 1_000_000_000, (start + seconds) * 1_000_000_000
    asked = 0

    async def fetch(from_ns: int, until_ns: int) -> Rows[Candle]:
        nonlocal asked
        asked += 1
        if adds_the_first:
            from_ns -= from_ns % MINUTE_NS
        found = [candle(one) for one in sorted(minutes) if from_ns <= one * MINUTE_NS <= until_ns]
        # The venue sends so many at most; which of them, its pages do not say.
        found = found[: PER_REQUEST + 1] if keeps_the_oldest else found[-PER_REQUEST - 1 :]
        return Rows(found[::-1] if newest_first else found)

    async def read() -> list[int]:
        candles = every_candle(fetch, CandleInterval.MINUTE, start_ns, end_ns, per_request=PER_REQUEST)
        return [one.start_ns for one in [found async for found in candles]]

    wanted = [one * MINUTE_NS for one in sorted(minutes) if start_ns <= one * MINUTE_NS < end_ns]
    assert asyncio.run(read()) == wanted
    assert asked == -(-(end_ns - start_ns) // (PER_REQUEST * MINUTE_NS))
