"""Rate limits of the sandbox's venues."""

from __future__ import annotations

from tradewire.sandbox.limits import FixedWindows, LongWindow, TokenBucket


def test_bucket_refills_at_its_rate_and_no_further() -> None:
    bucket = TokenBucket(10, now_ms=0)
    assert all(bucket.take(1, 0) for _ in range(10))
    assert not bucket.take(1, 99)
    assert bucket.take(1, 100)
    assert not bucket.take(11, 10_000)
    assert bucket.take(10, 10_000)
    assert bucket.remaining == 0


def test_limits_go_on_from_where_the_clock_was_set_back_to() -> None:
    bucket = TokenBucket(1, now_ms=5000)
    assert bucket.take(1, 5000)
    assert not bucket.take(1, 0)
    assert not bucket.take(1, 999)
    assert bucket.take(1, 1000)
    windows = FixedWindows(1, length_ms=1000)
    assert windows.take("a", 5000)
    assert windows.take("a", 0)
    assert not windows.take("a", 999)


def test_long_window_counts_whole_hours() -> None:
    window = LongWindow(hours=1, quota=2)
    assert [window.spend(1, 5_000_000) for _ in range(3)] == [True, True, False]
    assert window.remaining == 0
    assert window.spend(1, 5_000_000 + 3_600_000)


def test_fixed_windows_count_each_key_by_itself() -> None:
    windows = FixedWindows(2, length_ms=1000)
    assert [windows.take("a", now_ms) for now_ms in (5, 900, 1004, 1005)] == [True, True, False, True]
    assert windows.take("b", 1004)
    unlimited = FixedWindows(None, length_ms=1000)
    assert all(unlimited.take("a", 0) for _ in range(5))
    assert not FixedWindows(0, length_ms=1000).take("a", 0)
