"""The venue's grids: tick and lot depend on the price of the order itself, in quote units.

The published table leaves prices from 0.0001 to 0.001 open; they are taken as the bucket below, which is a
judgement. Source: docs.truemarkets.co/documentation/exchange/cefi/information/increment_sizes, read 2026-11-20.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from tradewire.errors import ConfigError
from tradewire.model import Side
from tradewire.protocol.arguments import EXACT, plain

__all__ = ["MIN_NOTIONAL", "Increment", "check", "increment_at", "round_price"]

MIN_NOTIONAL = Decimal(1)
"""Quote units; the older page had tick times lot."""


class Increment(NamedTuple):
    """Steps of prices from ``start`` on."""

    start: Decimal
    tick: Decimal
    lot: Decimal


TABLE = tuple(
    Increment(Decimal(start), Decimal(tick), Decimal(lot))
    for start, tick, lot in (
        ("500000", "1", "0.000001"),
        ("100000", "0.5", "0.00001"),
        ("10000", "0.1", "0.0001"),
        ("1000", "0.01", "0.001"),
        ("10", "0.001", "0.01"),
        ("0.1", "0.0001", "1"),
        ("0.001", "0.000001", "100"),
        ("0.00001", "0.00000001", "10000"),
        ("0", "0.0000000001", "1000000"),
    )
)


def increment_at(price: Decimal) -> Increment:
    """Return the steps of orders at ``price``."""
    return next(increment for increment in TABLE if price >= increment.start)


def round_price(price: Decimal, side: Side) -> Decimal:
    """Return the nearest price on the grid that is no worse for its owner: down for a buy, up for a sell."""
    tick = increment_at(price).tick
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    steps = EXACT.divide(price, tick).to_integral_value(rounding)
    rounded = EXACT.multiply(steps, tick)
    # A step up may lead into the bucket above, whose tick is coarser.
    return rounded if not EXACT.remainder(rounded, increment_at(rounded).tick) else round_price(rounded, side)


def check(size: Decimal, price: Decimal) -> None:
    """Refuse what is off the grids or too small.

    Raises:
        ConfigError: The message names the nearest values that are on them.
    """
    increment = increment_at(price)
    if EXACT.remainder(price, increment.tick):
        near = _named(round_price(price, Side.BUY), round_price(price, Side.SELL))
        raise ConfigError(f"a price near {plain(price)} is a multiple of {plain(increment.tick)}: {near}")
    if EXACT.remainder(size, increment.lot):
        low = EXACT.multiply(EXACT.divide_int(size, increment.lot), increment.lot)
        near = _named(low, EXACT.add(low, increment.lot))
        raise ConfigError(
            f"a size at {plain(price)} is a multiple of {plain(increment.lot)}: {near}, got {plain(size)}"
        )
    if EXACT.multiply(size, price) < MIN_NOTIONAL:
        raise ConfigError(
            f"an order is worth at least {MIN_NOTIONAL} quote unit, {plain(size)} at {plain(price)} is less"
        )


def _named(low: Decimal, high: Decimal) -> str:
    """Name the neighbours of a number off its grid; zero is no price and no size."""
    return f"{plain(low)} or {plain(high)}" if low else plain(high)
