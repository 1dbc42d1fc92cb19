"""The service itself: how it is, what time it has, what it speaks."""

from __future__ import annotations

from datetime import UTC, datetime
from types import NoneType

import msgspec

from tradewire.errors import FrameError
from tradewire.model import Rows
from tradewire.protocol.endpoint import Endpoint
from tradewire.venues.truex import replies
from tradewire.venues.truex.api import Part, api, legacy
from tradewire.venues.truex.model import Health, SchemaVersion
from tradewire.wire import Text

__all__ = ["HEALTH", "TIME", "Service"]

NS_PER_S = 1_000_000_000


class HealthRow(msgspec.Struct, frozen=True):
    """The service's health."""

    status: Text
    timestamp: Text
    service: Text = ""


def _health(row: HealthRow) -> Health:
    """Build the service's health; its time is UTC to the second."""
    try:
        now = datetime.strptime(row.timestamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise FrameError(f"not a time: {row.timestamp[:40]!r}", kind="wrong_shape") from None
    return Health(
        is_healthy=row.status == "healthy", now_ns=int(now.timestamp()) * NS_PER_S, service=row.service
    )


HEALTH = api(
    "GET", "/v1/cefi/health", NoneType, replies.one(HealthRow, _health),
    group="public", source="apis/cefi/rest/v1/service/getservicehealth", spellings=legacy("health"),
)  # fmt: skip
VERSIONS = api(
    "GET", "/v1/cefi/versions", NoneType, replies.every(SchemaVersion),
    group="public", source="apis/institutional/true-markets-cefi-rest", spellings=legacy("versions"),
)  # fmt: skip
TIME: Endpoint[None, int] = HEALTH.reading(lambda health: health.now_ns)
"""The venue has no clock of its own to ask; its health tells the second."""


class Service(Part):
    """What says how the venue is."""

    @HEALTH.client_method
    async def health(self) -> Health:
        """Return how the venue is; it answers even when it is not well."""
        return await self._rest.call(HEALTH, None)

    async def time(self) -> int:
        """Return the venue's time, nanoseconds UTC, to the second, as ``health`` tells it."""
        return (await self.health()).now_ns

    @VERSIONS.client_method
    async def versions(self) -> Rows[SchemaVersion]:
        """Return the schema versions the venue speaks.

        Not confirmed: the page that shows the reply could not be read. A list is understood, and an object
        that holds one under ``versions``.
        """
        return await self._rest.call(VERSIONS, None)
