"""The campaign catches what it is there to catch: every deliberate fault, within a few seeds."""

from __future__ import annotations

import pytest

from chaos.mutations import MUTATIONS, caught


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_planted_fault_is_caught(name: str) -> None:
    assert caught(name) is not None
