"""Where CoinEx is, and how it meters requests.

Source: https://docs.coinex.com/api/v2/guide and /rate-limit, read 2026-11-20.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LIVE", "RATES_PER_S", "SHARED_GROUP", "Environment", "local"]


@dataclass(frozen=True, slots=True)
class Environment:
    """One place where the venue's protocol is spoken."""

    name: str
    rest_root: str
    """Scheme and host of REST; paths begin with ``/v2``."""
    ws_spot_url: str


LIVE = Environment("live", "https://api.coinex.com", "wss://socket.coinex.com/v2/spot")


def local(rest_url: str, ws_spot_url: str) -> Environment:
    """Return the environment of a local venue; ``rest_url`` ends in ``/v2`` as the sandbox prints it."""
    return Environment("local", rest_url.rstrip("/").removesuffix("/v2"), ws_spot_url)


RATES_PER_S: dict[str, float] = {
    "ip": 400,
    "spot-put": 30,
    "spot-cancel": 60,
    "spot-cancel-batch": 40,
    "spot-query": 50,
    "spot-history": 10,
    "account-query": 10,
}
"""Requests per second by group; every account has its own buckets, the IP limit is shared by all."""
SHARED_GROUP = "ip"
"""Every request counts here besides its own group."""
