"""Ctrl-C while an event loop runs: however often it comes, the loop ends once, in order, and within a bound.

Knows tasks and signals; what runs in the loop is none of its business.
"""

from __future__ import annotations

import _thread
import asyncio
import math
import signal
import sys
import threading
import time
from collections.abc import Coroutine
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

__all__ = ["CLOSE_WITHIN_S", "HURRY_S", "LAST_S", "Interrupts"]

T = TypeVar("T")

CLOSE_WITHIN_S = 10.0
HURRY_S = 2.0
"""What is left for closing from the second Ctrl-C on."""
LAST_S = 1.0
"""Pause between two interruptions of what has not ended in time."""
LOOK_S = 0.02


class Interrupts:
    """Takes SIGINT while it is entered: the first one cancels the main task, the others only shorten the time it has.

    Once that is over, ``KeyboardInterrupt`` is raised wherever the program is, and again every second: code that
    never comes back to the loop is left, tasks that will not end are abandoned. Where SIGINT is ignored, or is
    another's, and in other threads than the main one, nothing is taken.

    Args:
        close_within_s: Seconds that the main task has, from the first Ctrl-C on, to end; ``HURRY_S`` from the second.
    """

    def __init__(self, close_within_s: float = CLOSE_WITHIN_S) -> None:
        self._close_within_s = close_within_s
        # A handler may be interrupted by the next signal: whoever gets this lock is the first.
        self._first = _thread.allocate_lock()
        self._deadline_s = math.inf
        self._hurried_s = math.inf
        self._task: asyncio.Task[Any] | None = None
        self._is_late = False
        self._is_due = False
        self._is_over = False
        self._main_thread = 0
        self._interrupting = _thread.allocate_lock()

    def __enter__(self) -> Self:
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            self._main_thread = _thread.get_ident()
            signal.signal(signal.SIGINT, self._on_sigint)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._interrupting:
            self._is_over = True
        if self._main_thread and signal.getsignal(signal.SIGINT) == self._on_sigint:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._is_interrupted and (kind is asyncio.CancelledError or (kind is None and self._is_late)):
            raise KeyboardInterrupt from None

    async def main(self, main: Coroutine[Any, Any, T]) -> T:
        """Run what Ctrl-C cancels."""
        if self._is_interrupted:
            main.close()
            raise asyncio.CancelledError
        self._task = asyncio.current_task()
        try:
            return await main
        finally:
            self._is_late = not self._is_interrupted

    @property
    def _is_interrupted(self) -> bool:
        return self._first.locked()

    def _on_sigint(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_due and not self._is_over:
            self._is_due = False
            raise KeyboardInterrupt
        is_first = self._first.acquire(blocking=False)
        if self._is_over:
            return
        now_s = time.monotonic()
        if not is_first:
            self._hurried_s = min(self._hurried_s, now_s + HURRY_S)
            return
        self._deadline_s = now_s + self._close_within_s
        # Not a Thread: to start one takes locks that the code we interrupt may hold.
        _thread.start_new_thread(self._watch, ())
        if self._task is not None and not self._task.done():
            self._task.cancel()
            # Wakes a loop that sleeps.
            self._task.get_loop().call_soon_threadsafe(_do_nothing)

    def _watch(self) -> None:
        """Interrupt the program once its time is over, and again until it has ended."""
        while True:
            with self._interrupting:
                if self._is_over:
                    return
                now_s = time.monotonic()
                if now_s >= min(self._deadline_s, self._hurried_s):
                    self._deadline_s, self._hurried_s = now_s + LAST_S, math.inf
                    self._is_due = True
                    _interrupt(self._main_thread)
            time.sleep(LOOK_S)


def _interrupt(thread: int) -> None:
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        # Ends a call to the system that the thread waits in, too.
        signal.pthread_kill(thread, signal.SIGINT)


def _do_nothing() -> None:
    """Wake the loop."""
