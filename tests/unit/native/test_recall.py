"""What was made of the same objects is found again, and of equal ones is not."""

from __future__ import annotations

import pytest

from tradewire._native import Recall


def test_very_same_objects_are_remembered_and_equal_ones_are_not() -> None:
    made: list[tuple[object, ...]] = []

    def make(*terms: object) -> object:
        made.append(terms)
        return object()

    recall = Recall(make)
    name, other = (bytes.decode(b"BTC") for _ in range(2))
    one = recall(name, True)
    assert recall(name, True) is one
    assert recall(name, 1) is not one
    assert recall(other, True) is not one
    assert recall(name, True, None) is not one
    assert len(made) == 4
    for number in range(16):
        recall(number)
    assert recall(name, True) is not one


def test_what_raised_is_made_again() -> None:
    recall = Recall({"there": 1}.__getitem__)
    for _ in range(2):
        with pytest.raises(KeyError):
            recall("missing")
    assert recall("there") == 1
