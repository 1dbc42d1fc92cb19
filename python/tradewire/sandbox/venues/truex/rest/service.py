"""Service status and schema versions."""

from __future__ import annotations

from datetime import UTC, datetime

from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.truex.handlers import Degraded, Handlers, Json
from tradewire.sandbox.venues.truex.options import CURRENT, OLDER

__all__ = ["Service", "clock_text"]

SUNSET_DAY = "2026-08-05"


class Service(Handlers):
    """Group ``Service``."""

    @route("GET", "/v1/cefi/health")
    def health(self) -> Json | Degraded:
        """Return the service status."""
        is_degraded = self.core.is_degraded
        document = {
            "status": "degraded" if is_degraded else "healthy",
            "timestamp": clock_text(self.core.now_ms()),
            "service": "rag",
        }
        return Degraded(document) if is_degraded else document

    @route("GET", "/v1/cefi/versions")
    def versions(self) -> Json:
        """Return the schema versions; the body is not published."""
        older = {"version": OLDER, "status": "deprecated", "sunset": SUNSET_DAY}
        current = {"version": CURRENT, "status": "current"}
        default = self.options.default_version
        return {"versions": [{**one, "default": one["version"] == default} for one in (older, current)]}


def clock_text(now_ms: int) -> str:
    """Return a time as health replies carry it, in UTC."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
