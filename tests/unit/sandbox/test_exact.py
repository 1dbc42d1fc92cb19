"""Exact numbers as text."""

from __future__ import annotations

from decimal import Decimal, Inexact

import pytest

from tradewire.sandbox.exact import padded, plain


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("100", "100"),
        ("1.500", "1.5"),
        ("0.000", "0"),
        ("1E+3", "1000"),
        ("1E-8", "0.00000001"),
        ("10.0", "10"),
    ],
)
def test_plain_has_no_exponent_and_no_trailing_zeros(text: str, short: str) -> None:
    assert plain(Decimal(text)) == short


def test_padded_keeps_places_and_refuses_to_round() -> None:
    assert padded(Decimal("1.5"), 4) == "1.5000"
    assert padded(Decimal("1E+2"), 2) == "100.00"
    with pytest.raises(Inexact):
        padded(Decimal("0.001"), 2)
