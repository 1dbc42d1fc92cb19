"""Where CoinEx is, and how it meters requests.

Where it was: on 2026-09-15 it announced its orderly cessation of operations, in its notice 53539656293908
(www.coinex.com/en/announcements/detail/53539656293908). Futures ended on 2026-09-22, spot trading on 2026-09-29;
withdrawals are open until 2026-12-22. ``LIVE`` still leads there. The protocol is kept whole, with the sandbox to speak
it.

Source: https://docs.coinex.com/api/v2/guide and /rate-limit, read 2026-11-20.
"""

from __future__ import annotations

from typing import Unpack

from msgspec.structs import replace

from tradewire.protocol.arguments import kind_fault
from tradewire.protocol.hosts import Place, place_fault
from tradewire.protocol.limits import Limiter
from tradewire.session.lifetime import ClientOptions
from tradewire.signing import Credentials
from tradewire.venues.coinex.products import FUTURES, Product

__all__ = [
    "LIVE",
    "RATES_PER_S",
    "SHARED_GROUP",
    "Environment",
    "client_fault",
    "limiter",
    "local",
    "sandbox",
]

LIVE_KEY = "[0-9A-F]{32}"
"""The form of the venue's own access ids."""


class Environment(Place, frozen=True):
    """A place where CoinEx is spoken: paths of REST begin with ``/v2``, and ``ws_url`` is the spot stream."""

    futures_ws_url: str = ""
    """The futures stream; empty if it is not known."""

    def stream_url(self, product: Product) -> str:
        """Return where the stream of a product is."""
        return self.futures_ws_url if product is FUTURES else self.ws_url


SPOT_STREAM, FUTURES_STREAM = "/v2/spot", "/v2/futures"
LIVE = Environment(
    "live",
    "https://api.coinex.com",
    f"wss://socket.coinex.com{SPOT_STREAM}",
    futures_ws_url=f"wss://socket.coinex.com{FUTURES_STREAM}",
)


def local(rest_url: str, ws_spot_url: str, ws_futures_url: str = "") -> Environment:
    """Return the environment of a local venue; ``rest_url`` ends in ``/v2`` as the sandbox prints it.

    Left out, the futures stream is at ``/v2/futures`` where that of spot is at ``/v2/spot``.
    """
    root = ws_spot_url.rstrip("/")
    if not ws_futures_url and root.endswith(SPOT_STREAM):
        ws_futures_url = root.removesuffix(SPOT_STREAM) + FUTURES_STREAM
    return Environment(
        "local", rest_url.rstrip("/").removesuffix("/v2"), ws_spot_url, futures_ws_url=ws_futures_url
    )


def sandbox(rest_url: str, ws_spot_url: str) -> Environment:
    """Return the environment of a sandbox's venue."""
    return replace(local(rest_url, ws_spot_url), name="sandbox", is_sandbox=True)


def client_fault(
    environment: Environment,
    credentials: Credentials | None,
    **options: Unpack[ClientOptions],
) -> str:
    """Return why no client is made for this place with these credentials, empty if one may be. Raises nothing."""
    fault = kind_fault(
        "environment", Environment, environment, "hosts.LIVE or hosts.local(rest_url, ws_spot_url)"
    )
    if credentials is not None:
        fault = (
            kind_fault("credentials", Credentials, credentials, "CoinEx(Credentials(access_id, secret))")
            or fault
        )
    return fault or place_fault(
        (environment.rest_root, environment.ws_url, environment.futures_ws_url),
        "" if credentials is None else credentials.key,
        is_sandbox=environment.is_sandbox,
        live_key=LIVE_KEY,
        **options,
    )


RATES_PER_S: dict[str, float] = {
    "ip": 400,
    "spot-put": 30,
    "spot-cancel": 60,
    "spot-cancel-batch": 40,
    "spot-query": 50,
    "spot-history": 10,
    "futures-put": 20,
    "futures-cancel": 40,
    "futures-cancel-batch": 20,
    "futures-query": 50,
    "futures-history": 10,
    "futures-account": 10,
    "account-modify": 10,
    "account-query": 10,
    "account-history": 10,
}
"""Requests per second by group; every account has its own buckets, the IP limit is shared by all."""
SHARED_GROUP = "ip"
"""Every request counts here besides its own group."""
SLOW_RATE_PER_S = 1.0
"""An account that has used up its quota of 1, 4, 8 or 24 hours is served slowly until it has some again, cancels
aside. Neither the quota nor the pace is published."""


def limiter() -> Limiter:
    """Return the venue's rate groups, all full."""
    account = RATES_PER_S.keys() - {SHARED_GROUP}
    return Limiter(
        RATES_PER_S, shared=SHARED_GROUP, long_period_groups=account, slow_rate_per_s=SLOW_RATE_PER_S
    )
