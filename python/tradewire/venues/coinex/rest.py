"""What the REST session must know of CoinEx: headers, complaints, the clock, what is left of a rate group."""

from __future__ import annotations

from collections.abc import Mapping

from tradewire.errors import RequestError
from tradewire.protocol.endpoint import Access
from tradewire.protocol.rest import Target
from tradewire.session.rest import AsItIs
from tradewire.transport.seam import HttpReply
from tradewire.venues.coinex import endpoints, faults
from tradewire.venues.coinex.auth import Auth

__all__ = ["RestRules"]

REMAINING = "x-ratelimit-remaining"


class RestRules(AsItIs):
    """CoinEx as ``session.rest`` sees it."""

    name = faults.VENUE
    time = endpoints.TIME

    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    def headers(self, access: Access, method: str, target: Target, timestamp_ms: int) -> Mapping[str, str]:
        """Return the headers of a request."""
        return self._auth.headers(access, method, target, timestamp_ms)

    def judge(self, endpoint: str, reply: HttpReply) -> RequestError | None:
        """Return what the venue complains about."""
        return faults.judge(endpoint, reply)

    def remaining(self, reply: HttpReply) -> float | None:
        """Return the tokens left, from the reply's headers."""
        text = reply.headers.get(REMAINING, "")
        return float(text) if text.isascii() and text.isdigit() else None
