"""Where Exchange is, and how it meters requests.

Source: https://www.mintlify.com/jamxu88/exchange/introduction and the project's ``rate_limit.rs``, read 2026-11-20.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BURSTS", "LIVE", "RATES_PER_S", "Environment", "local"]


@dataclass(frozen=True, slots=True)
class Environment:
    """One place where the venue's protocol is spoken."""

    name: str
    rest_root: str
    """Scheme and host of REST."""
    ws_url: str


LIVE = Environment("live", "https://exchange.jamesxu.dev", "wss://exchange.jamesxu.dev/ws")


def local(rest_url: str, ws_url: str) -> Environment:
    """Return the environment of a local venue."""
    return Environment("local", rest_url.rstrip("/"), ws_url)


RATES_PER_S: dict[str, float] = {"public": 1000, "trader": 80, "admin": 1000}
"""Requests per second by group. The venue takes 100 a second from a trader and does not meter the others; their
figures only bound a program that runs wild."""
BURSTS: dict[str, float] = {"trader": 20}
"""The venue counts in fixed windows of a second: what may go at once and what refills in a second must together
stay within one window's 100."""
