"""Requests that wait to be sent, and how a wait ends early: the client is closed, or a request is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tradewire.errors import NotSent
from tradewire.protocol.endpoint import AnyEndpoint

__all__ = ["Line"]


class Line:
    """Tasks of one session whose requests wait.

    Args:
        venue: Its name, for errors.
    """

    def __init__(self, venue: str) -> None:
        self._venue = venue
        self._waiting: set[asyncio.Task[object]] = set()
        self._leaving: set[asyncio.Task[object]] = set()
        self.is_closed = False

    def close(self) -> None:
        """Let no one wait any more: those who do raise ``NotSent``."""
        self.is_closed = True
        self._leaving |= self._waiting
        for task in tuple(self._leaving):
            task.cancel()

    @contextmanager
    def stand(self, endpoint: AnyEndpoint) -> Iterator[None]:
        """Let ``close`` and ``withdraw`` end a wait before anything is sent; a caller's cancellation stays one."""
        task = asyncio.current_task()
        assert task is not None
        self._check_open(endpoint)
        self._waiting.add(task)
        try:
            yield
        except asyncio.CancelledError:
            # Not ours unless we asked for it; then the request to cancel is taken back.
            if task in self._leaving and not task.uncancel():
                self._check_open(endpoint)
                message = "given up before it was sent"
                raise NotSent(message, venue=self._venue, endpoint=endpoint.name) from None
            raise
        finally:
            self._waiting.discard(task)
            self._leaving.discard(task)

    def withdraw(self, task: asyncio.Task[object]) -> None:
        """Let a request of ``task`` that waits go no further: it raises ``NotSent``. What has left goes on."""
        if task in self._waiting:
            self._leaving.add(task)
            task.cancel()

    def _check_open(self, endpoint: AnyEndpoint) -> None:
        if self.is_closed:
            raise NotSent("the client is closed", venue=self._venue, endpoint=endpoint.name) from None
