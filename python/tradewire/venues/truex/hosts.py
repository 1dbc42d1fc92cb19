"""Where TrueX is, and the values that choose among its generations: path prefix and schema version.

Rate limits are not published; the figures here keep below what others were seen to use.

Source: docs.truemarkets.co/apis/institutional/true-markets-cefi-rest (1.0.5) and the vendor's tools, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Unpack

from msgspec.structs import replace

from tradewire.protocol.arguments import kind_fault
from tradewire.protocol.hosts import Place, place_fault
from tradewire.protocol.limits import Limiter
from tradewire.session.lifetime import ClientOptions
from tradewire.signing import Credentials

__all__ = [
    "PRODUCTION",
    "RATES_PER_S",
    "UAT",
    "Environment",
    "Prefix",
    "Spelling",
    "Version",
    "client_fault",
    "limiter",
    "local",
    "sandbox",
]


class Prefix(StrEnum):
    """What every path begins with; part of what is signed."""

    CEFI = "/v1/cefi"
    LEGACY = "/api/v1"
    """Announced to go on 2026-08-05; whether it did is not known."""


class Version(StrEnum):
    """The schema of requests and replies."""

    V2024_01_01 = "v2024_01_01"
    """Raw bodies, pages by size and skip. Announced to go on 2026-08-05."""
    V2026_01_23 = "v2026_01_23"
    """Bodies in an envelope, pages by cursor."""


class Spelling(StrEnum):
    """How the nouns in paths are written."""

    PLURAL = "plural"
    SINGULAR = "singular"
    """As before REST 1.0.3, with the legacy prefix only."""


class Environment(Place, frozen=True):
    """A place where TrueX is spoken; ``rest_root`` is that of the current prefix."""

    legacy_root: str = ""
    """Scheme and host of REST with the legacy prefix."""
    auth_root: str = ""
    """Scheme, host and path of the token service."""

    def root(self, prefix: Prefix) -> str:
        """Return scheme and host for ``prefix``."""
        return self.rest_root if prefix is Prefix.CEFI else self.legacy_root


PRODUCTION = Environment(
    "production",
    "https://api.truex.co",
    "wss://prod.truex.co/api/v1",
    legacy_root="https://prod.truex.co",
    auth_root="https://api.truemarkets.co/v1/auth",
)
UAT = Environment(
    "uat",
    "https://api.uat.truex.co",
    "wss://uat.truex.co/api/v1",
    legacy_root="http://uat.truex.co:9742",
    auth_root="https://api.uat.truemarkets.co/v1/auth",
)


def local(rest_url: str, ws_url: str, auth_url: str = "") -> Environment:
    """Return the environment of a local venue; ``rest_url`` is without a prefix."""
    root = rest_url.rstrip("/")
    return Environment("local", root, ws_url, legacy_root=root, auth_root=auth_url.rstrip("/"))


def sandbox(rest_url: str, ws_url: str, auth_url: str = "") -> Environment:
    """Return the environment of a sandbox's venue."""
    return replace(local(rest_url, ws_url, auth_url), name="sandbox", is_sandbox=True)


def client_fault(
    environment: Environment,
    prefix: Prefix,
    credentials: Credentials | None,
    token_key_id: str,
    **options: Unpack[ClientOptions],
) -> str:
    """Return why no client is made for this place with this key, empty if one may be. Raises nothing.

    Key ids are UUIDs everywhere: they are distinguished from a sandbox's only.
    """
    fault = kind_fault("environment", Environment, environment, "hosts.PRODUCTION or hosts.local(...)")
    if credentials is not None:
        fault = (
            kind_fault("credentials", Credentials, credentials, "TrueX(Credentials(key_id, secret))") or fault
        )
    return fault or place_fault(
        (environment.root(prefix), environment.ws_url, environment.auth_root if token_key_id else ""),
        token_key_id if credentials is None else credentials.key,
        is_sandbox=environment.is_sandbox,
        **options,
    )


RATES_PER_S: dict[str, float] = {"public": 20, "orders": 10, "account": 10}
"""Requests per second by group. None is published; a live bot keeps to ten messages a second."""


def limiter(rates_per_s: Mapping[str, float] | None = None) -> Limiter:
    """Return the rate groups, all full, with other figures for some of them."""
    return Limiter(RATES_PER_S | dict(rates_per_s or {}))
