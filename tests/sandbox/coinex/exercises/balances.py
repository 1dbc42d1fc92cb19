from __future__ import annotations

from sandbox.coinex.exercises._exercise import Exercise, blocked
from tradewire.errors import PermissionDenied

EXERCISES = [
    Exercise(
        "GET /v2/assets/spot/balance",
        works=lambda client, _: client.balances(),
        refused=blocked(lambda client, _: client.balances()),
        error=PermissionDenied,
    ),
]
