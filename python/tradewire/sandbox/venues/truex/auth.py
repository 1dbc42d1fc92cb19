"""Credentials verified: four headers per request over REST, four members per frame over WebSocket.

Signed over REST: timestamp, method, path without query, body. Signed over WebSocket: timestamp, ``TRUEXWS``,
key, path. HMAC-SHA256 under the secret's text, base64. Sources: docs.truemarkets.co/apis/institutional/
true-markets-cefi-rest and docs.truemarkets.co/websocket/institutional, read 2026-11-20; that the query stays
unsigned and that the secret is not decoded is from the vendor's samples.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping

from tradewire.sandbox.venues.truex.clients import Directory, Key
from tradewire.sandbox.venues.truex.fields import Fields
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.verifier import hmac_sha256, same, within_window

__all__ = ["STREAM_PATH", "Authenticator", "as_bytes", "require_fresh_frame"]

STREAM_PATH = "/api/v1"
OLDER_MS = 15_000
NEWER_MS = 1_000
SECONDS = re.compile("[0-9]{1,12}")
FAILED = "Authentication failed"


class Authenticator:
    """Finds out which key stands behind a request or frame.

    Args:
        directory: The keys.
        options: Strictness.
    """

    def __init__(self, directory: Directory, options: TrueXOptions) -> None:
        self._directory = directory
        self._options = options

    def admit(self, method: str, path: str, headers: Mapping[str, str], body: bytes, now_ms: int) -> Key:
        """Return the key that signed a request.

        Raises:
            Problem: 401.
        """
        token = headers.get("x-truex-auth-token", "")
        stamp = headers.get("x-truex-auth-timestamp", "")
        signature = headers.get("x-truex-auth-signature", "")
        user = headers.get("x-truex-auth-userid") or headers.get("x-truex-auth-user-id")
        if not (token and stamp and signature):
            raise Problem(401, f"{FAILED}: signing headers are missing")
        if self._options.require_user_id and not user:
            raise Problem(401, f"{FAILED}: x-truex-auth-userid is missing")
        _require_fresh(stamp, now_ms, newer_ms=NEWER_MS)
        text = as_bytes(f"{stamp}{method}{path}") + body
        return self._verify(token, signature, text)

    def admit_frame(self, fields: Fields, now_ms: int) -> Key:
        """Return the key that signed a frame.

        Raises:
            Problem: 401; 400 if a member is missing or of the wrong type.
        """
        organization_id, key_id = fields.text("organization_id"), fields.text("key")
        stamp, signature = fields.text("timestamp"), fields.text("signature")
        require_fresh_frame(stamp, now_ms)
        text = f"{stamp}TRUEXWS{key_id}"
        try:
            key = self._verify(key_id, signature, as_bytes(f"{text}{STREAM_PATH}"))
        except Problem:
            if not self._options.accept_signature_without_path:
                raise
            key = self._verify(key_id, signature, as_bytes(text))
        if key.organization_id != organization_id:
            raise Problem(401, FAILED)
        return key

    def _verify(self, key_id: str, signature: str, text: bytes) -> Key:
        key = self._directory.keys.get(key_id)
        expected = b64encode(hmac_sha256(key.secret if key else "", text))
        if key is None or not same(as_bytes(signature), expected):
            raise Problem(401, FAILED)
        return key


def as_bytes(text: str) -> bytes:
    """Return what was signed; characters that no text holds are kept apart instead of failing."""
    return text.encode(errors="backslashreplace")


def require_fresh_frame(stamp: str, now_ms: int) -> None:
    """Refuse a frame that is too old or at all in the future.

    Raises:
        Problem: 401.
    """
    _require_fresh(stamp, now_ms, newer_ms=0)


def _require_fresh(stamp: str, now_ms: int, *, newer_ms: int) -> None:
    if SECONDS.fullmatch(stamp) is None or not within_window(
        now_ms, int(stamp) * 1000, older_ms=OLDER_MS, newer_ms=newer_ms
    ):
        raise Problem(401, f"{FAILED}: the timestamp is outside the window")
