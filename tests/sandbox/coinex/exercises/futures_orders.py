from __future__ import annotations

from dataclasses import replace

from sandbox.coinex.exercises import spot_orders
from tradewire.venues.coinex.futures.client import CoinExFutures

EXERCISES = [
    replace(exercise, row=exercise.row.replace("/spot/", "/futures/"), client=CoinExFutures)
    for exercise in spot_orders.EXERCISES
]
