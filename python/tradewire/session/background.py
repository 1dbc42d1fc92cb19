"""Background tasks, at most one for each key: none ends in silence, none is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Generic, Self, TypeVar

from tradewire.errors import ConfigError

__all__ = ["Tasks", "own_loop"]

KeyT = TypeVar("KeyT", bound=Hashable)


def own_loop(bound: asyncio.AbstractEventLoop | None, what: str, hint: str = "") -> asyncio.AbstractEventLoop:
    """Return the running event loop; ``ConfigError`` if there is none, or another one than a client is bound to."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is None or (bound is not None and loop is not bound):
        got = "a thread without one" + hint if loop is None else "another loop"
        raise ConfigError(f"{what} the event loop of its client, got {got}")
    return loop


class Tasks(dict[KeyT, "asyncio.Task[object]"], Generic[KeyT]):
    """The tasks under way, by key; what one raises is reported.

    As an async context manager it waits for them, or cancels them if it is left early.
    """

    def __init__(self, report: Callable[[Exception], None]) -> None:
        self._report = report

    def start(self, key: KeyT, work: Callable[[], Coroutine[object, object, object]]) -> asyncio.Task[object]:
        """Return the task of ``key`` that is under way; begin ``work()`` if there is none."""
        task = self.get(key)
        # One that has ended is removed a moment later: until then it must not pass for one under way.
        if task is None or task.done():
            task = asyncio.get_running_loop().create_task(work(), name=f"tradewire {key}")
            self[key] = task
            task.add_done_callback(lambda ended: self._end(key, ended))
        return task

    async def wait(self) -> None:
        """Wait until none is under way, those included that begin meanwhile."""
        while pending := [task for task in self.values() if not task.done()]:
            await asyncio.wait(pending)

    async def close(self) -> None:
        """Cancel them and wait until they have ended."""
        for task in self.values():
            task.cancel()
        await self.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                await self.wait()
        finally:
            for task in self.values():
                task.cancel()

    def _end(self, key: KeyT, ended: asyncio.Task[object]) -> None:
        if self.get(key) is ended:
            del self[key]
        error = None if ended.cancelled() else ended.exception()
        if isinstance(error, Exception):
            self._report(error)
