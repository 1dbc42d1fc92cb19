from __future__ import annotations

import multiprocessing
import secrets
from itertools import count

import pytest

from tradewire.protocol.client_ids import counted_ids


def test_ids_count_up_behind_a_beginning_of_their_own() -> None:
    number = count()
    first, second = (counted_ids(lambda: f"run{next(number)}-") for _ in range(2))
    assert [first(), first(), second(), first()] == [
        "run0-00000000", "run0-00000001", "run1-00000000", "run0-00000002",
    ]  # fmt: skip


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no process forks here")
def test_process_that_forks_makes_other_ids() -> None:
    ids = counted_ids(lambda: secrets.token_hex(8))
    ids()
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    child = context.Process(target=lambda: told.put(ids()))
    child.start()
    assert told.get()[:16] != ids()[:16]
    child.join()
