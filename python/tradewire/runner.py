"""``tradewire.run``: ``asyncio.run`` with what traders do by hand to react sooner, each an argument with its price.

Knows no client and no venue; what it sets it takes back at the end.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import importlib
import math
import os
import selectors
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from tradewire.errors import ConfigError
from tradewire.extras import install_hint
from tradewire.interrupts import CLOSE_WITHIN_S, Interrupts

__all__ = ["run"]

T = TypeVar("T")


def run(
    main: Coroutine[Any, Any, T],
    *,
    busy_poll: bool = False,
    uvloop: bool | Literal["auto"] = "auto",
    pin: int | Iterable[int] | None = None,
    freeze: bool = False,
    close_within_s: float = CLOSE_WITHIN_S,
    debug: bool | None = None,
) -> T:
    """Run ``main`` in a new event loop and return its result; ends as ``asyncio.run`` does.

    Ctrl-C cancels ``main`` and raises ``KeyboardInterrupt`` after its cleanup, which no further Ctrl-C breaks into:
    from the second one on there are 2 seconds left for it. What has not ended by then, or ``close_within_s`` after the
    first, is interrupted wherever it is, stuck code too, and again every second until it is left: Ctrl-C, once or many
    times, ends within ``close_within_s`` and 3 seconds. Only code that swallows ``KeyboardInterrupt`` and threads of
    the executor take longer. Where the parent ignores SIGINT, as a shell does for background jobs, it stays ignored.
    SIGTERM ends the process at once, unless ``main`` takes it with ``loop.add_signal_handler``. Whatever tasks are left
    are cancelled, asynchronous generators and the default executor are closed. The figures were measured on loopback
    with CPython 3.11.

    Args:
        main: The coroutine to run, ``main()``.
        busy_poll: Look at the sockets again and again instead of sleeping until one is ready. Takes some 25 us,
            which waking a sleeping core costs, off every reaction. Price: one core at 100% all the time, and other
            threads of the program get the interpreter only every 5 ms (``sys.getswitchinterval``). Give it a
            core of its own: where cores are short it waits for those it displaces, and reacts later than without.
        uvloop: Use uvloop: some 10 us off every reaction against asyncio's loop. ``"auto"`` uses it where it is
            installed, ``True`` demands it, ``False`` uses asyncio's. Price: its timers count whole milliseconds.
        pin: Core, or cores, to run on: keeps the caches warm and the latency even. Price: threads and
            processes that are started meanwhile are pinned too, and whatever else runs on that core is waited for;
            the operating system keeps others away only if it is set up so (``isolcpus``, cpusets). Linux only.
        freeze: Let the garbage collector never look at what exists when ``main`` starts. Takes up to some 10 ms off
            each of its rare full passes. Price: cycles among those objects are not freed before the end.
            Objects that ``main`` makes are not frozen: call ``gc.freeze()`` after the warm-up for them.
        close_within_s: What a Ctrl-C leaves ``main`` to clean up, seconds.
        debug: asyncio's debug mode; as the environment says if left out. Price: everything is several times slower.

    Raises:
        ConfigError: An argument cannot be: there is no such core or no uvloop, or a loop is running already.
            ``main`` was not started.
    """
    try:
        if not asyncio.iscoroutine(main):
            raise ConfigError(f"main must be a coroutine, got {main!r}; call it: tradewire.run(main())")
        if asyncio._get_running_loop() is not None:
            raise ConfigError("tradewire.run must not be called in a running event loop; await main() there")
        new_loop = _loop_factory(uvloop=uvloop, busy_poll=busy_poll)
        cores = _cores_of(pin)
        if not 0 < close_within_s < math.inf:
            raise ConfigError(f"close_within_s must be seconds above 0, got {close_within_s!r}")
    except ConfigError:
        if asyncio.iscoroutine(main):
            main.close()
        raise
    with (
        _pinned(cores),
        _frozen(freeze),
        Interrupts(close_within_s) as interrupts,
        asyncio.Runner(debug=debug, loop_factory=new_loop) as runner,
    ):
        return runner.run(interrupts.main(main))


def _loop_factory(*, uvloop: bool | str, busy_poll: bool) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the loop, ``None`` for asyncio's own default."""
    if not (isinstance(uvloop, bool) or uvloop == "auto"):
        raise ConfigError(f'uvloop must be True, False or "auto", got {uvloop!r}')
    new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
    if uvloop:
        try:
            new_loop = importlib.import_module("uvloop").new_event_loop
        except ModuleNotFoundError:
            if uvloop != "auto":
                raise ConfigError(
                    f"uvloop must be installed for uvloop=True: {install_hint('uvloop')}"
                ) from None
    if not busy_poll:
        return new_loop
    if new_loop is None and sys.platform != "win32":
        # A microsecond less a reaction than a callback in every iteration.
        return lambda: asyncio.SelectorEventLoop(_PollingSelector())
    return lambda: _polled((new_loop or asyncio.new_event_loop)())


class _PollingSelector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:  # noqa: ARG002 - the loop passes it
        """Return what is ready now, whatever the loop is willing to wait."""
        return super().select(0)


def _polled(loop: asyncio.AbstractEventLoop) -> asyncio.AbstractEventLoop:
    """Leave ``loop`` a callback for every iteration, so that it never waits."""
    call_soon, context = loop.call_soon, contextvars.copy_context()

    def poll() -> None:
        call_soon(poll, context=context)

    poll()
    return loop


def _cores_of(pin: int | Iterable[int] | None) -> set[int]:
    """Return the cores to run on, none for all."""
    if pin is None:
        return set()
    if not hasattr(os, "sched_setaffinity"):
        raise ConfigError(f"pin must be None on this operating system, got {pin!r}")
    cores = {pin} if isinstance(pin, int) else set(pin)
    allowed = os.sched_getaffinity(0)
    if not cores or not cores <= allowed:
        there = ", ".join(map(str, sorted(allowed)))
        raise ConfigError(f"pin must name cores that this process may use, {there}, got {pin!r}")
    return cores


@contextmanager
def _pinned(cores: set[int]) -> Iterator[None]:
    if not cores:
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def _frozen(is_asked: bool) -> Iterator[None]:
    if not is_asked:
        yield
        return
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
