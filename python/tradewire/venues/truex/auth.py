"""Who sends a request: an HMAC key that signs it, or a bearer token that comes with it.

Source: docs.truemarkets.co/apis/institutional/true-markets-cefi-rest and the WebSocket page, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Mapping

from tradewire._native import RequestTemplate, TruexSigner
from tradewire.errors import ConfigError
from tradewire.protocol.endpoint import Access
from tradewire.protocol.rest import Target
from tradewire.signing import Credentials
from tradewire.venues.truex.hosts import Prefix
from tradewire.venues.truex.jwt import Tokens

__all__ = ["Auth"]

JSON_TYPE = "application/json"
VERSION_HEADER = "X-Truex-Version"
MS_PER_S = 1000


class Auth:
    """Makes the headers of requests and the credentials of stream frames. Keeps no secret, only a native key.

    Args:
        credentials: Id and secret of the HMAC key.
        tokens: Or where bearer tokens come from.
        user_id: What the user header carries; the pages say "client identifier", others send other ids.
        signed_prefix: What paths begin with in the text that is signed; as they are sent if left out.
        organization_id: Of the key, for streams; may become known later.
        version: The schema version asked for.
    """

    def __init__(
        self,
        credentials: Credentials | None,
        tokens: Tokens | None,
        *,
        user_id: str,
        organization_id: str,
        version: str,
        signed_prefix: Prefix | None = None,
    ) -> None:
        if credentials is not None and tokens is not None:
            raise ConfigError("give credentials or a JWT key, one of them")
        self._signer = (
            None if credentials is None else TruexSigner(credentials.key, credentials.reveal(), user_id)
        )
        self._tokens = tokens
        self.organization_id = organization_id
        self._version = version
        self._signed_prefix = signed_prefix

    @property
    def can_sign(self) -> bool:
        """There is an HMAC key: what streams need."""
        return self._signer is not None

    def headers(self, access: Access, method: str, target: Target, timestamp_ms: int) -> Mapping[str, str]:
        """Return the headers of one request. Seconds are rounded down: the venue refuses what is ahead of it.

        Raises:
            ConfigError: It needs credentials and there are none.
        """
        headers: dict[str, str] = {}
        if access is not Access.PUBLIC:
            if self._tokens is not None:
                headers["Authorization"] = f"Bearer {self._tokens.access_token()}"
            else:
                stamp_s = timestamp_ms // MS_PER_S
                headers = self._need_signer().headers(method, self._signed(target), target.body, stamp_s)
        headers[VERSION_HEADER] = self._version
        if target.body:
            headers["Content-Type"] = JSON_TYPE
        return headers

    def template(
        self, method: str, target: Target, host: str, holes: list[tuple[bytes, str, str, str]]
    ) -> RequestTemplate | None:
        """Return what writes signed requests as ``headers`` would have them; none for a bearer token."""
        if self._tokens is not None:
            return None
        signer = self._need_signer().for_templates
        headers = {VERSION_HEADER: self._version}
        if target.body:
            headers["Content-Type"] = JSON_TYPE
        return RequestTemplate(
            method, target.path, host, signer, headers, target.body, holes, signed_path=self._signed(target)
        )

    def signed_text(self, method: str, target: Target, timestamp_ms: int) -> str:
        """Return the text that was signed, for a message; empty for a bearer token."""
        if self._signer is None:
            return ""
        return TruexSigner.string_to_sign(method, self._signed(target), target.body, timestamp_ms // MS_PER_S)

    def frame_credentials(self, timestamp_ms: int, path: str) -> dict[str, str]:
        """Return the members that prove a stream's request; ``path`` is empty where it is not signed.

        Raises:
            ConfigError: There is no HMAC key: bearer tokens are for REST.
        """
        signer = self._need_signer()
        members = {
            "timestamp": self.stamp(timestamp_ms),
            "key": signer.key_id,
            "signature": signer.sign_stream(timestamp_ms // MS_PER_S, path),
        }
        if self.organization_id:
            members["organization_id"] = self.organization_id
        return members

    @staticmethod
    def stamp(timestamp_ms: int) -> str:
        """Return a time as frames carry it: whole seconds, rounded down."""
        return str(timestamp_ms // MS_PER_S)

    def stream_text(self, timestamp_ms: int, path: str) -> str:
        """Return the text that a stream's request signs, for a message; empty without an HMAC key."""
        if self._signer is None:
            return ""
        return f"{self.stamp(timestamp_ms)}TRUEXWS{self._signer.key_id}{path}"

    @property
    def is_ready(self) -> bool:
        """A request can be signed now, without ``refresh_credentials``."""
        return self._tokens is None or self._tokens.is_fresh

    async def refresh_credentials(self) -> None:
        """Make sure that the bearer token, if that is what is used, is good for one more request."""
        if self._tokens is not None:
            await self._tokens.renew()

    def _signed(self, target: Target) -> str:
        """Return the path as it is signed: something on the way may have another prefix than the venue."""
        if self._signed_prefix is None:
            return target.path
        sent = next(prefix for prefix in Prefix if target.path.startswith(prefix.value))
        return self._signed_prefix.value + target.path.removeprefix(sent.value)

    def invalidate_token(self) -> None:
        """The venue refused what we showed it: a bearer token is renewed before it is shown again."""
        if self._tokens is not None:
            self._tokens.invalidate_token()

    def _need_signer(self) -> TruexSigner:
        if self._signer is None:
            raise ConfigError("this needs an HMAC key: TrueX(Credentials(key_id, secret))")
        return self._signer
