"""The tape: how many quotes a market begins with."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice

import pytest

from tradewire.sandbox.market import Pair, Quote, opening_commands, tape

PAIR = Pair("BTCUSDT", Decimal(60_000), Decimal("0.01"), Decimal("0.001"), Decimal("0.02"))


@pytest.mark.parametrize("quotes", [1, 24, 56])
def test_a_market_begins_with_as_many_quotes_a_side_as_it_is_told(quotes: int) -> None:
    pair = PAIR.filled(quotes)
    opening = list(islice(tape(1, [pair]), opening_commands([pair])))
    assert len(opening) == 2 * quotes
    assert all(isinstance(command, Quote) for command in opening)


def test_the_usual_number_changes_nothing() -> None:
    assert PAIR.filled(PAIR.opening_levels) == PAIR


def test_a_market_without_quotes_is_refused() -> None:
    with pytest.raises(ValueError, match="quotes must be at least 1, got 0"):
        PAIR.filled(0)
