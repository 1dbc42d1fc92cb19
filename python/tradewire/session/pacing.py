"""Who may send now: rate groups, what the venue says about them, and how many requests are under way at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from tradewire.errors import NotSent, RateLimited, RequestError
from tradewire.protocol.endpoint import AnyEndpoint
from tradewire.protocol.limits import Limiter, Mark
from tradewire.protocol.pace import BANNED, PaceHeaders, remaining, retry_after_s
from tradewire.transport.seam import Clock, HttpReply

__all__ = ["MAX_IN_FLIGHT", "Departure", "Pacer"]

NS_PER_S = 1_000_000_000
MAX_IN_FLIGHT = 56
"""Requests under way at once, cancels aside; later ones wait before they are signed. Fewer than a transport has
connections, so that nothing that is signed waits for one."""
BAN_S = 60.0
"""How long a ban lasts whose reply does not say."""
UNAVAILABLE = 503


class Departure:
    """A request that has taken its tokens: they count from when it leaves, not from when it was allowed to.

    Attributes:
        mark: Where its group stood as it left; set by ``leaving`` or ``left``.
    """

    __slots__ = ("_endpoint", "_has_left", "_is_held", "_limiter", "_monotonic_ns", "mark")

    mark: Mark

    def __init__(
        self, limiter: Limiter, endpoint: AnyEndpoint, monotonic_ns: Clock, *, is_held: bool = True
    ) -> None:
        self._limiter = limiter
        self._endpoint = endpoint
        self._monotonic_ns = monotonic_ns
        self._has_left = False
        self._is_held = is_held
        if is_held:
            limiter.hold(endpoint.rate_group, endpoint.weight)

    def leaving(self) -> None:
        """Set ``mark`` as if it left now: it is given to a transport that may not say when it sends."""
        group, weight = self._endpoint.rate_group, self._endpoint.weight
        if not self._is_held:
            self._is_held = True
            self._limiter.hold(group, weight)
        self.mark = self._limiter.mark(group, self._monotonic_ns(), weight)

    def left(self) -> None:
        """Note that it is on the wire, or never will be. Safe to call twice."""
        if self._has_left:
            return
        self._has_left = True
        group, now_ns = self._endpoint.rate_group, self._monotonic_ns()
        if self._is_held:
            self._limiter.left(group, self._endpoint.weight, now_ns)
        self.mark = self._limiter.mark(group, now_ns)


class Pacer:
    """Lets one session's requests go, in line and within its limits.

    Args:
        venue: Its name, for errors.
        limiter: The venue's rate groups.
        headers: How its replies tell what is left of them.
        max_wait_s: Longest wait for a rate limit or a free place; what would wait longer fails at once.
        monotonic_ns: The clock by which rate limits refill.
        sleep: Waits, seconds.
    """

    def __init__(
        self,
        venue: str,
        limiter: Limiter,
        headers: PaceHeaders,
        max_wait_s: float,
        monotonic_ns: Clock,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._venue = venue
        self.limiter = limiter
        self._headers = headers
        self._max_wait_s = max_wait_s
        self._monotonic_ns = monotonic_ns
        self._sleep = sleep
        self._lines: dict[tuple[str, bool], asyncio.Lock] = {}
        self.free_places = MAX_IN_FLIGHT
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def pass_limits(self, endpoint: AnyEndpoint) -> Departure:
        """Take the tokens of one request, standing in line for them if need be, and return its departure.

        Whoever takes it says when the request has left, or that it never will. Cancels have a line of their own.
        What waits beside it only estimates: cancels may go first.

        Raises:
            NotSent: They are further away than allowed.
        """
        group, weight, is_cancel = endpoint.rate_group, endpoint.weight, endpoint.is_cancel
        wait_ns = self.limiter.take(group, weight, self._monotonic_ns(), is_cancel=is_cancel)
        if not wait_ns:
            return Departure(self.limiter, endpoint, self._monotonic_ns)
        if wait_ns > self._max_wait_s * NS_PER_S:
            raise self._behind(endpoint, wait_ns)
        self.limiter.join(group, weight)
        try:
            async with self._lines.setdefault((group, is_cancel), asyncio.Lock()):
                while wait_ns := self.limiter.take(
                    group, weight, self._monotonic_ns(), is_cancel=is_cancel, is_next=True
                ):
                    # Those in front may have learned that the venue closed the group.
                    if wait_ns > self._max_wait_s * NS_PER_S:
                        raise self._behind(endpoint, wait_ns)
                    await self._sleep(wait_ns / NS_PER_S)
                return Departure(self.limiter, endpoint, self._monotonic_ns)
        finally:
            self.limiter.leave(group, weight)

    async def enter(self, endpoint: AnyEndpoint) -> None:
        """Take a place among the requests under way, until ``leave``. Cancels need none.

        Raises:
            NotSent: None came free, or the group was closed while this waited.
        """
        if endpoint.is_cancel:
            return
        if self.free_places:
            self.free_places -= 1
        else:
            await self._wait_for_a_place(endpoint)
        closed_ns = self.limiter.closed_ns(endpoint.rate_group, self._monotonic_ns())
        if closed_ns:
            self.leave(endpoint)
            raise self._behind(endpoint, closed_ns)

    def enter_now(self, endpoint: AnyEndpoint, now_ns: int) -> bool:
        """Do what ``pass_limits`` and ``enter`` do if neither has to wait; else take nothing and return ``False``.

        Nothing is held for the departure, which is the caller's to make: the request leaves in the same call, or the
        departure says ``leaving``.
        """
        is_cancel = endpoint.is_cancel
        if not (is_cancel or self.free_places):
            return False
        if self.limiter.take(endpoint.rate_group, endpoint.weight, now_ns, is_cancel=is_cancel):
            return False
        self.occupy(endpoint)
        return True

    def occupy(self, endpoint: AnyEndpoint) -> None:
        """Take a place, one of ``free_places``; cancels need none."""
        if not endpoint.is_cancel:
            self.free_places -= 1

    def leave(self, endpoint: AnyEndpoint) -> None:
        """Give the place of ``enter`` back, to whoever has waited for one the longest."""
        if endpoint.is_cancel:
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self.free_places += 1

    def learn(self, group: str, reply: HttpReply, mark: Mark) -> None:
        """Learn from a reply what was left when its request was sent."""
        left = remaining(reply.headers, self._headers.remaining)
        if left is not None:
            self.limiter.observe(group, left, self._monotonic_ns(), mark)
        counts = {name: remaining(reply.headers, name) for name in self._headers.long_periods}
        known = {name: count for name, count in counts.items() if count is not None}
        if known:
            self.limiter.observe_long_periods(known, mark)

    def obey(self, group: str, error: RequestError, reply: HttpReply, venue_now_s: float) -> None:
        """Close what a refusal for the rate is about, for as long as the venue says, and note that in ``error``."""
        wait_s = retry_after_s(reply.headers, venue_now_s)
        if isinstance(error, RateLimited):
            if reply.status == BANNED:
                error.is_global = True
                error.retry_after_s = BAN_S
            if wait_s is not None:
                error.retry_after_s = wait_s
            self.close(group, error)
        elif wait_s is not None and reply.status == UNAVAILABLE:
            self.limiter.close(round(wait_s * NS_PER_S), self._monotonic_ns(), group)

    def close(self, group: str, error: RateLimited) -> None:
        """Send nothing more in ``group``, or in any where ``error`` is global, until it says that it may be."""
        groups = () if error.is_global else (group,)
        self.limiter.close(round(error.retry_after_s * NS_PER_S), self._monotonic_ns(), *groups)

    def closed_s(self, group: str) -> float:
        """Return the seconds for which ``group`` stays closed; 0 if it is open."""
        return self.limiter.closed_ns(group, self._monotonic_ns()) / NS_PER_S

    async def _wait_for_a_place(self, endpoint: AnyEndpoint) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._max_wait_s):
                await waiter
        except BaseException as error:
            if not (waiter.cancel() or waiter.cancelled()):
                # It came in the moment this was given up.
                self.leave(endpoint)
            if not isinstance(error, TimeoutError):
                raise
            message = f"{MAX_IN_FLIGHT} requests are under way and none ended in {self._max_wait_s:g} s"
            raise NotSent(message, venue=self._venue, endpoint=endpoint.name) from None

    def _behind(self, endpoint: AnyEndpoint, wait_ns: int) -> NotSent:
        group, wait_s = endpoint.rate_group, wait_ns / NS_PER_S
        if self.closed_s(group):
            message = f"the venue closed rate group {group} for another {wait_s:.1f} s; wait, or send less"
        else:
            message = f"rate group {group} is {wait_s:.1f} s behind; send fewer requests"
        return NotSent(message, retry_after_s=wait_s, venue=self._venue, endpoint=endpoint.name)
