"""Where Exchange is, and how it meters requests.

Source: https://www.mintlify.com/jamxu88/exchange/introduction and the project's ``rate_limit.rs``, read 2026-11-20.
"""

from __future__ import annotations

from typing import Unpack

from msgspec.structs import replace

from tradewire.protocol.arguments import kind_fault
from tradewire.protocol.hosts import Place, place_fault
from tradewire.protocol.limits import Limiter
from tradewire.session.lifetime import ClientOptions
from tradewire.signing import Token

__all__ = ["BURSTS", "LIVE", "RATES_PER_S", "Environment", "client_fault", "limiter", "local", "sandbox"]


class Environment(Place, frozen=True):
    """A place where Exchange is spoken."""


LIVE = Environment("live", "https://exchange.jamesxu.dev", "wss://exchange.jamesxu.dev/ws")


def local(rest_url: str, ws_url: str) -> Environment:
    """Return the environment of a local venue."""
    return Environment("local", rest_url.rstrip("/"), ws_url)


def sandbox(rest_url: str, ws_url: str) -> Environment:
    """Return the environment of a sandbox's venue."""
    return replace(local(rest_url, ws_url), name="sandbox", is_sandbox=True)


def client_fault(
    environment: Environment,
    token: Token | None,
    example: str,
    **options: Unpack[ClientOptions],
) -> str:
    """Return why no client is made for this place with this key, empty if one may be. Raises nothing.

    A server of one's own has keys of the same form as any other: they are distinguished from a sandbox's only.
    """
    fault = kind_fault("environment", Environment, environment, "hosts.LIVE or hosts.local(rest_url, ws_url)")
    if token is not None:
        fault = kind_fault("the key", Token, token, example) or fault
    return fault or place_fault(
        (environment.rest_root, environment.ws_url),
        "" if token is None else token.reveal(),
        is_sandbox=environment.is_sandbox,
        **options,
    )


RATES_PER_S: dict[str, float] = {"public": 1000, "trader": 80, "admin": 1000}
"""Requests per second by group. The venue takes 100 a second from a trader and does not meter the others; their
figures only bound a program that runs wild."""
BURSTS: dict[str, float] = {"trader": 20}
"""The venue counts in fixed windows of a second: what may go at once and what refills in a second must together
stay within one window's 100."""


def limiter() -> Limiter:
    """Return the venue's rate groups, all full."""
    return Limiter(RATES_PER_S, bursts=BURSTS)
