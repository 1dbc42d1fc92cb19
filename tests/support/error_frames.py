"""What a crash reporter would show of an error: not the test's own frames, but those of every library."""

from __future__ import annotations

import traceback
from pathlib import Path

TESTS = Path(__file__).parent.parent


def shown_with_locals(error: BaseException) -> str:
    """Return the error, its chain, and the locals of every frame outside the tests."""
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
