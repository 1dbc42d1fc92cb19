"""How a request says who sends it: a key in a header for traders, a bearer token for the operator. Nothing is signed.

Source: https://www.mintlify.com/jamxu88/exchange/guides/authentication and the project's ``auth.rs``, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Mapping

from tradewire.errors import ConfigError
from tradewire.protocol.endpoint import Access
from tradewire.protocol.rest import Target
from tradewire.signing import Token

__all__ = ["AdminAuth", "TraderAuth"]

JSON_TYPE = "application/json"


class TraderAuth:
    """Carries a trader's key."""

    def __init__(self, api_key: Token | None) -> None:
        self._api_key = api_key

    @property
    def has_key(self) -> bool:
        """There is a key."""
        return self._api_key is not None

    def headers(self, access: Access, target: Target) -> Mapping[str, str]:
        """Return the headers of one request.

        Raises:
            ConfigError: It needs a key and there is none.
        """
        headers = {"Content-Type": JSON_TYPE} if target.body else {}
        if access is not Access.PUBLIC:
            headers["x-api-key"] = self.reveal()
        return headers

    def reveal(self) -> str:
        """Return the key, for a header or a login frame.

        Raises:
            ConfigError: There is none.
        """
        if self._api_key is None:
            raise ConfigError("this needs a trader: Exchange(Token(api_key))")
        return self._api_key.reveal()


class AdminAuth:
    """Carries the operator's token."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def headers(self, access: Access, target: Target) -> Mapping[str, str]:
        """Return the headers of one request."""
        headers = {"Content-Type": JSON_TYPE} if target.body else {}
        if access is not Access.PUBLIC:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return headers
