"""The venue itself: is it there, and what time has it."""

from __future__ import annotations

from types import NoneType

import msgspec

from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import Part, api
from tradewire.wire import Whole

__all__ = ["PING", "TIME", "Common"]

NS_PER_MS = 1_000_000


class TimeReply(msgspec.Struct, frozen=True):
    """The venue's time."""

    timestamp: Whole


PING = api(
    "GET", "/v2/ping", NoneType, replies.nothing('{"result": "pong"}'), group="ip", source="common/http/ping"
)
TIME = api(
    "GET", "/v2/time", NoneType, replies.one(TimeReply, lambda reply: reply.timestamp * NS_PER_MS),
    group="ip", source="common/http/time",
)  # fmt: skip


class Common(Part):
    """What says that the venue is there."""

    @PING.client_method
    async def ping(self) -> None:
        """Ask whether the venue answers."""
        return await self._rest.call(PING, None)

    @TIME.client_method
    async def time(self) -> int:
        """Return the venue's time, nanoseconds UTC, to the millisecond."""
        return await self._rest.call(TIME, None)
