"""Functions of the caller's that we call: what they may be, and what they raise ends nothing of ours."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable

from tradewire.errors import ConfigError

__all__ = ["CALLBACK_FAULTS", "as_exception", "check_callback"]

CALLBACK_FAULTS = (Exception, asyncio.CancelledError)
"""What a callback may raise without ending anything of ours. No one cancels a plain function: a ``CancelledError`` out
of one is its own and must not pass for the end of whichever task called it."""


def as_exception(error: BaseException) -> Exception:
    """Return one of ``CALLBACK_FAULTS`` as what may be reported and raised without cancelling who gets it."""
    if isinstance(error, Exception):
        return error
    fault = RuntimeError(f"a callback raised {error!r}")
    fault.__cause__ = error
    return fault


def check_callback(name: str, callback: Callable[..., object] | None) -> None:
    """Raise ``ConfigError`` unless ``callback`` is something to call that runs when it is called."""
    if callback is None:
        return
    if not callable(callback):
        raise ConfigError(f"{name} must be a function, got {type(callback).__name__}")
    if inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(type(callback).__call__):
        raise ConfigError(
            f"{name} must be a plain function, got an async one, which would never run; "
            "create a task in it, or iterate with `async for` where that is offered"
        )
