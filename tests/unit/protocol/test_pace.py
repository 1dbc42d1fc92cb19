from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from tradewire.protocol.pace import MAX_RETRY_AFTER_S, remaining, retry_after_s

NOW_S = 1_795_830_000.0


def http_date(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (" 3 ", 3.0),
        ("0.5", 0.5),
        ("999999999999", MAX_RETRY_AFTER_S),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1" * 400, None),
        ("1e9", None),
        ("nan", None),
        ("\u0663", None),
        ("Mon, 02 Feb 99999999999 02:40:00 GMT", None),
    ],
)
def test_seconds(text: str, wait_s: float | None) -> None:
    assert retry_after_s({"retry-after": text}, NOW_S) == wait_s


def test_date_is_judged_by_the_clock_that_wrote_it() -> None:
    headers = {"retry-after": http_date(NOW_S + 90), "date": http_date(NOW_S + 60)}
    assert retry_after_s(headers, NOW_S - 1000) == 30.0


@pytest.mark.parametrize(("ahead_s", "wait_s"), [(30, 30.0), (-30, 0.0), (10 * 86_400, MAX_RETRY_AFTER_S)])
def test_date_without_a_date_is_judged_by_the_estimate(ahead_s: float, wait_s: float) -> None:
    assert retry_after_s({"retry-after": http_date(NOW_S + ahead_s)}, NOW_S) == wait_s


@pytest.mark.parametrize("text", ["Sat, 28 Nov 2026 23:00:00 GMT", "Saturday, 28-Nov-26 23:00:00 GMT"])
def test_forms_of_dates(text: str) -> None:
    at_s = datetime(2026, 11, 28, 22, 59, tzinfo=UTC).timestamp()
    assert retry_after_s({"retry-after": text}, at_s) == 60.0


@pytest.mark.parametrize(
    ("text", "count"),
    [("0", 0.0), ("59", 59.0), ("", None), ("-1", None), ("many", None), ("\u0663", None), ("9" * 30, None)],
)
def test_remaining(text: str, count: float | None) -> None:
    assert remaining({"left": text}, "left") == count
    assert remaining({}, "left") is None
