"""Background tasks, at most one for each key: none ends in silence, none is left behind."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator, Hashable
from functools import partial
from typing import Generic, Self, TypeVar

from tradewire.errors import ConfigError

__all__ = ["Tasks", "begun", "own_loop", "watched"]

KeyT = TypeVar("KeyT", bound=Hashable)
AnyT = TypeVar("AnyT")


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


def watched(pending: asyncio.Future[AnyT]) -> asyncio.Future[AnyT]:
    """Return ``pending``, at whose failure somebody looks, whether anyone waits for it or not."""
    pending.add_done_callback(_retrieve)
    return pending


def _retrieve(pending: asyncio.Future[AnyT]) -> None:
    if not pending.cancelled():
        pending.exception()


def begun(
    coroutine: Coroutine[object, object, None], loop: asyncio.AbstractEventLoop
) -> asyncio.Task[None] | None:
    """Run ``coroutine`` until it waits, and return the task that does the rest; ``None`` if it has ended.

    Until then it is in no task: it must not use what needs one, ``asyncio.timeout`` for instance.
    """
    try:
        waits_for = coroutine.send(None)
    except (StopIteration, asyncio.CancelledError):
        return None
    return loop.create_task(_rest_of(coroutine, waits_for))


async def _rest_of(coroutine: Coroutine[object, object, None], waits_for: object) -> None:
    # From Python 3.12 on a task takes no generator.
    await _resumed(coroutine, waits_for)


@types.coroutine
def _resumed(
    coroutine: Coroutine[object, object, None], waits_for: object
) -> Generator[object, object, None]:
    """Go on with a coroutine that waits."""
    while True:
        try:
            answer = yield waits_for
        except BaseException as error:
            step = partial(coroutine.throw, error)
        else:
            step = partial(coroutine.send, answer)
        try:
            waits_for = step()
        except StopIteration:
            return
