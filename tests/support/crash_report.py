"""What a crash reporter would send away, and a secret to look for in it."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
CANARY = "CANARY0SECRET0DO0NOT0LEAK0A1B2C3D4E5F60718293A4B"
DEEP = 6
"""How far the walk through a client's attributes goes."""


def leaks(text: str) -> bool:
    return CANARY.lower() in text.lower() or CANARY.encode().hex() in text.lower()


def shown(error: BaseException) -> str:
    """Return what a crash reporter would send: messages, chain, and the locals of every frame outside the tests."""
    parts: list[str] = []
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        pending += [current.__cause__, current.__context__]
        parts += [str(current), repr(current), repr(vars(current))]
        for frame, _ in traceback.walk_tb(current.__traceback__):
            if not Path(frame.f_code.co_filename).is_relative_to(TESTS):
                parts += [f"{name} = {value!r}" for name, value in frame.f_locals.items()]
    return "\n".join(parts)


def attributes(root: object) -> Iterator[object]:
    """Walk whatever hangs on ``root`` by attributes, slots, containers and closures."""
    seen: set[int] = set()
    pending: list[tuple[object, int]] = [(root, 0)]
    while pending:
        thing, depth = pending.pop()
        if id(thing) in seen or depth > DEEP:
            continue
        seen.add(id(thing))
        yield thing
        if not isinstance(thing, type) and "logging" not in type(thing).__module__:
            pending += [
                (child, depth + 1) for child in gc.get_referents(thing) if type(child).__module__ != "types"
            ]
