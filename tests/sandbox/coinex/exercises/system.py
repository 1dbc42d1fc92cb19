from __future__ import annotations

from sandbox.coinex.exercises.exercise import Exercise, blocked
from tradewire.errors import PermissionDenied

EXERCISES = [
    Exercise(
        "GET /v2/ping",
        works=lambda client, _: client.ping(),
        refused=blocked(lambda client, _: client.ping()),
        error=PermissionDenied,
    ),
    Exercise(
        "GET /v2/time",
        works=lambda client, _: client.time(),
        refused=blocked(lambda client, _: client.time()),
        error=PermissionDenied,
    ),
]
