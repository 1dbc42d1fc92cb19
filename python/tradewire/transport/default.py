"""The HTTP transport a client uses unless it is given another."""

from __future__ import annotations

from tradewire.transport.network import DIRECT, NetworkOptions
from tradewire.transport.seam import HttpTransport

__all__ = ["default_http"]


def default_http(network: NetworkOptions = DIRECT) -> HttpTransport:
    """Return a pool of connections of its own."""
    from tradewire.transport.http1 import Http1Transport

    return Http1Transport(network)
