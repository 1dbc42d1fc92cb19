"""The HTTP transport a client uses unless it is given another."""

from __future__ import annotations

from tradewire.transport.seam import HttpTransport

__all__ = ["default_http"]


def default_http() -> HttpTransport:
    """Return a pool of connections of its own.

    Cost: loads aiohttp, a tenth of a second: when the client is made, and not while its first request waits.
    """
    from tradewire.transport.http import AiohttpTransport

    return AiohttpTransport()
