"""What an amount buys, against trying every multiple of a lot."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from tradewire.sandbox.venues.truex.increments import (
    bucket_of,
)
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.venues.truex.quoting import of_base, of_quote


def brute_quote(levels: list[tuple[Fraction, Fraction]], amount: Fraction) -> Fraction:
    """Try every multiple of each level's lot, the plain way."""
    best = Fraction(0)
    for last, (price, size) in enumerate(levels):
        lot = Fraction(bucket_of(Decimal(str(float(price)))).lot)
        before = sum((s for _, s in levels[:last]), Fraction(0))
        spent = sum((p * s for p, s in levels[:last]), Fraction(0))
        if spent > amount:
            break
        quantity = before // lot * lot
        while quantity < before:
            quantity += lot
        while quantity <= before + size and spent + (quantity - before) * price <= amount:
            best = max(best, quantity)
            quantity += lot
        best = max(best, before)
    return best


def test_quote_amounts_against_trying_everything() -> None:
    dice = random.Random(4)
    for _ in range(200):
        price = Decimal(dice.randrange(640000, 640500)) / 10
        levels = []
        for _ in range(4):
            price += Decimal(dice.randrange(1, 30)) / 10
            levels.append((price, Decimal(dice.randrange(1, 40)) / 10_000))
        total = sum(p * s for p, s in levels)
        amount = (total * Decimal(dice.randrange(1, 99)) / 100).quantize(Decimal("0.01"))
        wanted = brute_quote([(Fraction(p), Fraction(s)) for p, s in levels], Fraction(amount))
        if not wanted:
            with pytest.raises(Problem):
                of_quote(levels, amount)
            continue
        found = of_quote(levels, amount)
        assert Fraction(found.quantity) == wanted
        assert found.notional + found.residual == amount
        left, spent = wanted, Fraction(0)
        for p, s in levels:
            used = min(left, Fraction(s))
            spent, left = spent + used * Fraction(p), left - used
        assert Fraction(found.notional) == spent


def test_quotes_across_a_change_of_grid() -> None:
    # Bids fall through 10000: lots of 0.0001 above, of 0.001 below.
    levels = [(Decimal("10000.0"), Decimal("0.0005")), (Decimal("9999.99"), Decimal("1.000"))]
    found = of_quote(levels, Decimal("5.1"))
    # One lot of 0.001 in all does not fit the amount: the level before was the last.
    assert (found.quantity, found.residual) == (Decimal("0.0005"), Decimal("0.1"))
    # 0.0005 at 10000 and 0.0015 at 9999.99 make two lots for 19.999985.
    found = of_quote(levels, Decimal(20))
    assert (found.quantity, found.residual) == (Decimal("0.002"), Decimal("0.000015"))


def test_quotes_refuse_thin_books() -> None:
    levels = [(Decimal("64000.0"), Decimal("0.0010"))]
    assert of_base(levels, Decimal("0.0010")).notional == 64
    with pytest.raises(Problem) as refusal:
        of_base(levels, Decimal("0.0011"))
    assert refusal.value.status == 400
    with pytest.raises(Problem):
        of_quote(levels, Decimal(65))
    with pytest.raises(Problem):
        of_quote(levels, Decimal("6.39"))
