"""The venue's times: either suffix, 0 to 9 digits of a fraction, exact to the nanosecond."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire.venues.exchange.shapes import nanoseconds


@pytest.mark.parametrize(
    ("text", "wanted_ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-04-02T09:30:00Z", 1_775_122_200_000_000_000),
        ("2026-04-02T09:30:00.1Z", 1_775_122_200_100_000_000),
        ("2026-04-02T09:30:00.000451+00:00", 1_775_122_200_000_451_000),
        ("2026-04-02T09:30:00.123456789+00:00", 1_775_122_200_123_456_789),
        ("2026-04-02T11:30:00.000000001+02:00", 1_775_122_200_000_000_001),
        ("2026-04-02T04:00:00-05:30", 1_775_122_200_000_000_000),
        ("1969-12-31T23:59:59.5Z", -500_000_000),
    ],
)
def test_a_time_to_the_nanosecond(text: str, wanted_ns: int) -> None:
    assert nanoseconds(text) == wanted_ns


@given(
    st.datetimes(min_value=dt.datetime(1970, 1, 1), max_value=dt.datetime(2200, 1, 1)),  # noqa: DTZ001
    st.integers(-1439, 1439),
)
def test_a_time_is_what_the_standard_library_says(at: dt.datetime, offset_min: int) -> None:
    zoned = at.replace(tzinfo=dt.timezone(dt.timedelta(minutes=offset_min)))
    since = zoned - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    wanted_ns = (since // dt.timedelta(microseconds=1)) * 1000
    assert nanoseconds(zoned.isoformat()) == wanted_ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-04-02",
        "2026-04-02T09:30:00",
        "2026-04-02T09:30:00.Z",
        "2026-04-02T09:30:00,125Z",
        "2026-04-02T09:30:00.5.5Z",
        "2026-04-02T09:30:00.1234567890Z",
        "2026-13-02T09:30:00Z",
        "2026-02-30T09:30:00Z",
        "2026-04-02T24:30:00Z",
        "2026-04-02T09:30:00+25:00",
        "2026-04-02T09:30:00Z ",
        "20260402T093000Z",
        "٢٠٢٦-04-02T09:30:00Z",
        "x" * 100_000,
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_time_is_refused_in_few_words(text: str) -> None:
    with pytest.raises(ValueError, match="must be an RFC 3339 time") as caught:
        nanoseconds(text)
    assert len(str(caught.value)) < 80
