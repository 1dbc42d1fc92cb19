"""What is logged during a run: kept, and shown to no one, for it is about broken connections, which are wanted."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["captured_logs"]

LOGGERS = ("tradewire", "aiohttp.server", "asyncio")


class _Capture(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what a user would read."""
        self._said.append(self.format(record))


@contextmanager
def captured_logs(said: list[str]) -> Iterator[None]:
    """Append to ``said`` what tradewire, its sandbox's server and asyncio log."""
    handler = _Capture(said)
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.propagate, list(logger.handlers)) for logger in loggers]
    for logger in loggers:
        logger.propagate, logger.handlers = False, [handler]
    try:
        yield
    finally:
        for logger, (propagate, handlers) in zip(loggers, before, strict=True):
            logger.propagate, logger.handlers = propagate, handlers
