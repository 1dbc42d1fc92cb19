"""A sandbox over real sockets on a thread of its own: for tests without an event loop, and bots that block theirs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from tradewire.registry import OpenVenues
from tradewire.sandbox import Sandbox

if TYPE_CHECKING:
    from tradewire.sandbox.venue import Venue

__all__ = ["BackgroundSandbox"]

ResultT = TypeVar("ResultT")
PLAIN = (str, bytes, int, float, bool, type(None), tuple, list, dict, frozenset)
PATIENCE_S = 30.0


class BackgroundSandbox(OpenVenues):
    """``tradewire.Sandbox`` on a thread and an event loop of its own; the fixture ``box``.

        with BackgroundSandbox(["coinex"]) as box:
            box.coinex.faults.lost_reply()

    What is asked of a venue is asked on its thread, and waited for: every attribute and method of ``box.coinex`` and
    of what hangs on it (``faults``, ``traffic``, ``account()``) can be used from any other thread, also inside of a
    running event loop. Cost: some 100 us each.

    Args:
        venues: As of ``tradewire.Sandbox``.
        options: As of ``tradewire.Sandbox``.

    Raises:
        ConfigError: An option makes no sense.
    """

    def __init__(self, venues: Collection[str] | str | None = None, **options: Any) -> None:
        self._sandbox = Sandbox(venues, **options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tradewire-sandbox", daemon=True)

    def venue(self, name: str, /) -> Venue:
        """Return the venue of that name.

        Raises:
            ConfigError: It is not open.
        """
        venue: Venue = _wrapped(self, self._sandbox.venue(name))
        return venue

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            return _wrapped(self, self.call(lambda: getattr(self._sandbox, name)))

    def call(self, work: Callable[[], ResultT]) -> ResultT:
        """Return what ``work`` returns on the sandbox's thread, or raise what it raises."""

        async def there() -> ResultT:
            return work()

        return self._run(there())

    def _run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._run(self._sandbox.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._run(self._sandbox.close())
        finally:
            self._stop()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()


class _OnItsThread:
    """An object of the sandbox, whose attributes are read, set and called on its thread."""

    def __init__(self, box: BackgroundSandbox, target: Any) -> None:
        vars(self).update(_box=box, _target=target)

    def __getattr__(self, name: str) -> Any:
        box, target = self._box, self._target
        value = box.call(lambda: getattr(target, name))
        if not callable(value):
            return _wrapped(box, value)

        def method(*positional: Any, **named: Any) -> Any:
            return _wrapped(box, box.call(lambda: value(*positional, **named)))

        return method

    def __setattr__(self, name: str, value: Any) -> None:
        box, target = self._box, self._target
        box.call(lambda: setattr(target, name, value))

    def __dir__(self) -> list[str]:
        return dir(self._target)

    def __repr__(self) -> str:
        return repr(self._target)


def _wrapped(box: BackgroundSandbox, value: Any) -> Any:
    return value if isinstance(value, PLAIN) else _OnItsThread(box, value)
