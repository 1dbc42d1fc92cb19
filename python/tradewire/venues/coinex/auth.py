"""How CoinEx wants a request signed: HMAC-SHA256 over verb, path with query, body and timestamp, in lower hex.

Source: https://docs.coinex.com/api/v2/authorization, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Mapping

from tradewire._native import CoinexSigner, RequestTemplate
from tradewire.errors import ConfigError
from tradewire.protocol.endpoint import Access
from tradewire.protocol.rest import Target
from tradewire.signing import Credentials

__all__ = ["WINDOW_S", "Auth"]

JSON_TYPE = "application/json"
WINDOW_S = 5.0
"""A request whose timestamp is older is refused; the venue's default, which we leave as it is."""


class Auth:
    """Makes the headers of requests and the parameters of ``server.sign``. Keeps no secret, only a native key."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._signer = CoinexSigner(credentials.key, credentials.reveal()) if credentials else None

    @property
    def can_sign(self) -> bool:
        """There are credentials."""
        return self._signer is not None

    def headers(self, access: Access, method: str, target: Target, timestamp_ms: int) -> Mapping[str, str]:
        """Return the headers of one request.

        Raises:
            ConfigError: It must be signed and there are no credentials.
        """
        headers: dict[str, str] = {}
        if access is not Access.PUBLIC:
            headers = self._need_signer().headers(method, target.path, target.body, timestamp_ms)
        if target.body:
            headers["Content-Type"] = JSON_TYPE
        return headers

    def template(
        self, method: str, target: Target, host: str, holes: list[tuple[bytes, str, str, str]]
    ) -> RequestTemplate:
        """Return what writes signed requests with a body as ``headers`` would have them; raises as that does."""
        headers = {"Content-Type": JSON_TYPE}
        return RequestTemplate(
            method, target.path, host, self._need_signer().for_templates, headers, target.body, holes
        )

    def stream_login(self, timestamp_ms: int) -> dict[str, str | int]:
        """Return the parameters of ``server.sign``.

        Raises:
            ConfigError: There are no credentials.
        """
        return self._need_signer().ws_params(timestamp_ms)

    def _need_signer(self) -> CoinexSigner:
        if self._signer is None:
            raise ConfigError("this needs an account: CoinEx(Credentials(access_id, secret))")
        return self._signer
