"""Candles in pages, read as one list: no candle of the venue is missing and none comes twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from tradewire.errors import ConfigError
from tradewire.model import Candle, CandleInterval, Rows
from tradewire.protocol.arguments import whole_number

__all__ = ["check_span", "every_candle"]

CandleT = TypeVar("CandleT", bound=Candle)


def check_span(start_ns: int, end_ns: int | None) -> None:
    """Refuse a span of time that makes no sense.

    Raises:
        ConfigError: ``start_ns`` or ``end_ns`` is no time, or the end is not after the start.
    """
    whole_number("start_ns", start_ns, 0)
    if end_ns is not None and whole_number("end_ns", end_ns, 0) <= start_ns:
        raise ConfigError(f"end_ns must be after start_ns, {start_ns}, got {end_ns}")


async def every_candle(
    fetch: Callable[[int, int], Awaitable[Rows[CandleT]]],
    interval: CandleInterval,
    start_ns: int,
    end_ns: int,
    *,
    per_request: int,
) -> AsyncIterator[CandleT]:
    """Yield the candles that begin from ``start_ns`` on and before ``end_ns``, oldest first, each once.

    Asks for spans of time that hold at most ``per_request`` candles, so that no page can be cut short. One request a
    span, sent when its first candle is wanted.

    Args:
        fetch: Returns the candles from a time to another, both included, in any order.
        interval: How long each is.
        start_ns: Time, nanoseconds UTC.
        end_ns: Time, nanoseconds UTC.
        per_request: Candles of one request, one fewer than the venue sends at most: where it adds the one that the
            span begins in, there must be room for it.

    Raises:
        UnreadableRow: A candle cannot be read; without it the list would have a gap.
    """
    from_ns, done_ns = start_ns, start_ns - 1
    while from_ns < end_ns:
        until_ns = min(from_ns + per_request * interval.duration_ns, end_ns)
        page = await fetch(from_ns, until_ns - 1)
        if page.unreadable:
            raise page.unreadable[0]
        for candle in sorted(page, key=lambda one: one.start_ns):
            if done_ns < candle.start_ns < end_ns:
                done_ns = candle.start_ns
                yield candle
        from_ns = until_ns
