"""Cancelling many orders: one that cannot be cancelled keeps no other from it, and what is left is named.

Knows bounds and failures; how a venue cancels is a callable.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from tradewire.errors import (
    CancelAllFailed,
    ConfigError,
    OrderNotFound,
    OutcomeUnknown,
    RequestError,
    UnreadableRow,
)
from tradewire.session.live_order import LiveOrder

__all__ = ["CLOSE_WITHIN_S", "cancel_each", "cancel_live", "close_within_s"]

TargetT = TypeVar("TargetT")

CONCURRENT = 8
"""Cancels under way at once: enough to hide the round trip, few enough to leave room in the rate limit."""
CLOSE_WITHIN_S = 5.0
"""Bound of ``cancel_on_close=True``."""
RETRY_S = 0.2
RETRY_CAP_S = 2.0


async def cancel_each(
    targets: Mapping[str, TargetT],
    cancel: Callable[[TargetT], Awaitable[object]],
    *,
    venue: str,
    unreadable: Sequence[UnreadableRow] = (),
) -> None:
    """Cancel every target, several at a time, and go on past failures.

    An order that has ended meanwhile is no failure.

    Args:
        targets: Orders by id, or markets by name where the venue cancels a whole market at once.
        unreadable: Rows of the list of open orders that could not be read: each may be an order that rests.

    Raises:
        CancelAllFailed: Some could not be cancelled; ``failures`` names them.
    """
    failures: dict[str, Exception] = {}
    left = iter(targets.items())

    async def work() -> None:
        for name, target in left:
            try:
                await cancel(target)
            except OrderNotFound:
                continue
            except Exception as error:
                # Whatever it is, the others are cancelled.
                failures[name] = error

    async with asyncio.TaskGroup() as group:
        for _ in range(min(CONCURRENT, len(targets))):
            group.create_task(work())
    failed: dict[str, Exception] = {name: failures[name] for name in targets if name in failures}
    failed.update({f"unreadable row {number}": row for number, row in enumerate(unreadable, 1)})
    if failed:
        raise CancelAllFailed(_summary(failed, len(targets) + len(unreadable)), failures=failed, venue=venue)


def close_within_s(value: object) -> float:
    """Return the seconds that ``cancel_on_close`` gives cancelling; 0 for not at all.

    Raises:
        ConfigError: It is neither a bool nor a finite number above zero.
    """
    if isinstance(value, bool):
        return CLOSE_WITHIN_S if value else 0.0
    if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise ConfigError(f"cancel_on_close must be True, False or seconds above 0, got {value!r}")
    return float(value)


async def cancel_live(orders: Iterable[LiveOrder], within_s: float, *, venue: str) -> None:
    """Cancel the orders of ours that are live and wait for their ends, for ``within_s`` seconds or ``math.inf``.

    Orders that were not sent by this client are left alone. One whose placing is under way is cancelled once the
    venue has it. A cancel that fails is tried again while there is time.

    Raises:
        CancelAllFailed: Some are not proved to have ended; ``failures`` names them.
    """
    own = [order for order in orders if order.sent_at_ns and not order.status.is_final]
    failures: dict[LiveOrder, Exception] = {}

    async def end(order: LiveOrder) -> None:
        wait_s = RETRY_S
        while True:
            try:
                await order.cancel()
                failures.pop(order, None)
                await order.finished()
            except (RequestError, ConfigError) as error:
                failures[order] = error
                if order.status.is_final:
                    return
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, RETRY_CAP_S)
            else:
                return

    tasks = [asyncio.get_running_loop().create_task(end(order)) for order in own]
    try:
        if tasks:
            await asyncio.wait(tasks, timeout=None if within_s == math.inf else within_s)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    left: dict[str, Exception] = {
        order.order_id or order.client_order_id: failures.get(order)
        or OutcomeUnknown(f"its end was not reported within {within_s:g} s", venue=venue)
        for order in own
        if not order.status.is_final
    }
    if left:
        raise CancelAllFailed(_summary(left, len(own)), failures=left, venue=venue)


def _summary(failures: Mapping[str, Exception], total: int) -> str:
    name, first = next(iter(failures.items()))
    return f"{len(failures)} of {total} were not cancelled; {name}: {first}"
