"""What anybody may ask: health, markets, the API's own description."""

from __future__ import annotations

from tradewire.sandbox.reply import Reply
from tradewire.sandbox.routing import route
from tradewire.sandbox.venues.exchange import openapi
from tradewire.sandbox.venues.exchange.handlers import Handlers, Json
from tradewire.sandbox.venues.exchange.records import utc

__all__ = ["System"]


class System(Handlers):
    """Group ``system``."""

    @route("GET", "/health")
    def health(self) -> Json:
        """Say how the server is."""
        persistence = self.core.storage.health()
        is_well = persistence["mode"] not in {"retrying", "backpressured", "stopped"}
        return {
            "status": "ok" if is_well else "degraded",
            "service": "exchange",
            "now": utc(self.core.now_us(), "+00:00"),
            "persistence": persistence,
        }

    @route("GET", "/api/v1/markets", topic="markets")
    def listed(self) -> list[Json]:
        """Return every market."""
        return self.markets()

    @route("GET", "/api-doc/openapi.json")
    def openapi(self) -> Json:
        """Return the server's own description, which covers a part."""
        return openapi.document()

    @route("GET", "/docs")
    def docs(self) -> Reply:
        """Return the page that shows it."""
        return Reply(openapi.PAGE.encode(), 200, "text/html")

    @route("GET", "/ws")
    def no_upgrade(self) -> Reply:
        """Refuse to stream to who does not ask for an upgrade."""
        return Reply(b"Connection header did not include 'upgrade'", 400, "text/plain")
