"""How long to wait before the next connection."""

from __future__ import annotations

import random

import pytest

from tradewire.errors import ConfigError
from tradewire.protocol.backoff import Backoff

MS = 1_000_000


SECOND = 1000 * MS


def test_back_off_doubles_to_its_cap() -> None:
    backoff = Backoff(lambda: 0.0, first_ns=250 * MS, cap_ns=2 * SECOND)
    assert [backoff.failed(0) // MS for _ in range(6)] == [250, 500, 1000, 2000, 2000, 2000]


def test_back_off_spreads_over_the_upper_half_of_each_step() -> None:
    chance = random.Random(7)
    first = [Backoff(chance.random, first_ns=SECOND).failed(0) for _ in range(200)]
    assert min(first) > SECOND // 2
    assert max(first) <= SECOND
    assert len(set(first)) == 200


def test_only_a_connection_that_lasted_forgives_the_failures_before_it() -> None:
    backoff = Backoff(lambda: 0.0, first_ns=SECOND, cap_ns=60 * SECOND, stable_ns=30 * SECOND)
    now_ns = 0
    delays = []
    for lived_s in (0, 1, 29, 30, 5):
        backoff.succeeded(now_ns)
        now_ns += lived_s * SECOND
        delays.append(backoff.failed(now_ns) // SECOND)
    assert delays == [1, 2, 4, 1, 2]


def test_back_off_refuses_nonsense() -> None:
    with pytest.raises(ConfigError):
        Backoff(random.random, first_ns=0)
    with pytest.raises(ConfigError):
        Backoff(random.random, first_ns=2, cap_ns=1)
