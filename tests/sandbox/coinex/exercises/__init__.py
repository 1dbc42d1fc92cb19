"""Each endpoint of CoinEx used once for real and once so that the venue refuses; ``test_every_endpoint.py`` runs them.

One file for each subject, with a list ``EXERCISES``; a new file is found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil

from sandbox.coinex.exercises.exercise import Exercise

__all__ = ["EXERCISES", "Exercise"]

EXERCISES: list[Exercise] = [
    exercise
    for module in pkgutil.iter_modules(__path__)
    if module.name != "exercise"
    for exercise in importlib.import_module(f"{__name__}.{module.name}").EXERCISES
]
