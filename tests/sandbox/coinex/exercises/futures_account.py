from __future__ import annotations

from sandbox.coinex.exercises.exercise import Exercise, blocked
from tradewire.errors import PermissionDenied
from tradewire.venues.coinex.futures.client import CoinExFutures

EXERCISES = [
    Exercise(
        "GET /v2/assets/futures/balance",
        works=lambda client, _: client.balances(),
        refused=blocked(lambda client, _: client.balances()),
        error=PermissionDenied,
        client=CoinExFutures,
    ),
]
