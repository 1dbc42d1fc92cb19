"""Why something failed, as one line: never empty, and with nothing of the frames it came from.

A library's exception keeps its frames alive, and their locals hold headers with keys. So a transport takes the
reason out of it, leaves the ``except`` block, and raises its own error without a chain.
"""

from __future__ import annotations

import asyncio
from typing import Final

__all__ = ["is_cancelled", "reason_of"]

MAX_LENGTH: Final = 300
"""Libraries quote what the peer sent."""


def reason_of(error: BaseException) -> str:
    """Return what ``error`` says, with its class where that alone would not tell what happened."""
    if isinstance(error, asyncio.CancelledError):
        return "the library gave it up"
    words = " ".join(str(error).split())[:MAX_LENGTH]
    if not words:
        return type(error).__name__
    return words if isinstance(error, OSError) else f"{type(error).__name__}: {words}"


def is_cancelled() -> bool:
    """Return whether somebody cancelled the running task, as against a library that cancelled a future of its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
