"""Ping, time and maintenance."""

from __future__ import annotations

from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json

__all__ = ["System"]


class System(Handlers):
    """Page group ``common/http``."""

    @route("GET", "/v2/ping")
    def ping(self) -> Json:
        """Answer a ping."""
        return {"result": "pong"}

    @route("GET", "/v2/time")
    def time(self, call: Call) -> Json:
        """Return the venue's clock."""
        return {"timestamp": call.now_ms}

    @route("GET", "/v2/maintain/info")
    def maintenance(self) -> list[Json]:
        """Return planned maintenance: none but what the control surface announced."""
        return [
            {
                "started_at": one.started_at,
                "ended_at": one.ended_at,
                "scope": list(one.scope),
                "announce_url": one.announce_url,
                "announce_enabled": bool(one.announce_url),
                "protect_duration_start": one.protect_duration_start,
                "protect_duration_end": one.protect_duration_end,
            }
            for one in self.core.treasury.settings.maintenance
        ]
