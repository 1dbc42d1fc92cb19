"""The other credential: tokens minted for a signed statement, refreshed, and checked on each request.

A mint request carries key id, time and an ES256 signature over ``{key_id}.{timestamp}``: 64 bytes r and s,
base64url without padding. Access tokens are JSON Web Tokens the venue signs for itself with HS256; they must
name a ``client_id``. A refresh token works once.

Sources: docs.truemarkets.co/apis/institutional/true-markets-cefi-rest; package ``truemarkets`` 0.3.0; read
2026-11-20. Verifying ES256 needs the ``cryptography`` package, which is imported at the first mint only.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from tradewire.sandbox.venues.truex.auth import as_bytes
from tradewire.sandbox.venues.truex.clients import Directory, Key
from tradewire.sandbox.venues.truex.fields import UUID4, Fields
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.verifier import hmac_sha256, same, within_window

__all__ = ["Tokens", "key_file"]

WINDOW_MS = 30_000
RAW_SIGNATURE = re.compile("[A-Za-z0-9_-]{86}")
HALF_BYTES = 32
HEADER = {"alg": "HS256", "typ": "JWT"}
FAILED = "Authentication failed"
MAX_TOKEN_CHARS = 4096
KEPT_REFRESH_TOKENS = 1000


class Tokens:
    """Mints and checks tokens.

    Args:
        directory: The keys.
        options: Lives of tokens.
        seed: Makes the venue's own signing secret.
    """

    def __init__(self, directory: Directory, options: TrueXOptions, seed: int) -> None:
        self._directory = directory
        self._options = options
        self._secret = hashlib.sha256(f"tradewire sandbox truex tokens {seed}".encode()).hexdigest()
        self._refresh: dict[str, tuple[str, int]] = {}
        self._minted = 0

    def mint(self, fields: Fields, now_ms: int) -> dict[str, Any]:
        """Return new tokens for a signed statement.

        Raises:
            Problem: 400 or 401.
        """
        key_id, signature = fields.text("key_id", UUID4), fields.text("signature")
        # Text or number: the vendor's package sends a number, the page shows none.
        stamp = fields.members.get("timestamp")
        stamp = str(stamp) if type(stamp) is int else fields.text("timestamp", re.compile("[0-9]{1,12}"))
        if len(stamp) > len("999999999999") or not within_window(
            now_ms, int(stamp) * 1000, older_ms=WINDOW_MS, newer_ms=WINDOW_MS
        ):
            raise Problem(401, f"{FAILED}: the timestamp is outside the window")
        key = self._directory.keys.get(key_id)
        if key is None or not _is_signed_by(key, f"{key_id}.{stamp}".encode(), signature):
            raise Problem(401, FAILED)
        return self._issue(key, now_ms)

    def refresh(self, fields: Fields, now_ms: int) -> dict[str, Any]:
        """Return new tokens for a refresh token, which is used up.

        Raises:
            Problem: 400 or 401.
        """
        key_id, until_ms = self._refresh.pop(fields.text("refresh_token"), ("", 0))
        key = self._directory.keys.get(key_id)
        if key is None or now_ms >= until_ms:
            raise Problem(401, FAILED)
        return self._issue(key, now_ms)

    def admit(self, authorization: str, now_ms: int) -> Key:
        """Return the key behind an ``Authorization`` header.

        Raises:
            Problem: 401.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or len(token) > MAX_TOKEN_CHARS:
            raise Problem(401, FAILED)
        text, _, signature = token.rpartition(".")
        expected = _base64url(hmac_sha256(self._secret, as_bytes(text)))
        if not same(as_bytes(signature), expected.encode()):
            raise Problem(401, FAILED)
        claims = json.loads(_unbase64url(text.partition(".")[2]))
        key = self._directory.keys.get(claims["sub"])
        if key is None or now_ms >= claims["exp"] * 1000:
            raise Problem(401, f"{FAILED}: the token has expired")
        if claims.get("client_id") not in key.clients:
            raise Problem(401, f"{FAILED}: the token names no client_id")
        return key

    def _issue(self, key: Key, now_ms: int) -> dict[str, Any]:
        self._minted += 1
        until_s = now_ms // 1000 + self._options.access_token_s
        claims = {"sub": key.key_id, "iat": now_ms // 1000, "exp": until_s, "jti": str(self._minted)}
        if self._options.tokens_name_client:
            claims["client_id"] = next(iter(key.clients))
        text = ".".join(_base64url(json.dumps(part).encode()) for part in (HEADER, claims))
        refresh_token = _base64url(hmac_sha256(self._secret, f"refresh {self._minted}".encode()))
        while len(self._refresh) >= KEPT_REFRESH_TOKENS:
            del self._refresh[next(iter(self._refresh))]
        self._refresh[refresh_token] = (key.key_id, now_ms + self._options.refresh_token_s * 1000)
        return {
            "access_token": f"{text}.{_base64url(hmac_sha256(self._secret, text.encode()))}",
            "refresh_token": refresh_token,
            "expires_in": datetime.fromtimestamp(until_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "token_type": "Bearer",
        }


def key_file(key: Key) -> dict[str, Any]:
    """Return what the key file of ``key`` holds: its id and private key.

    Raises:
        ModuleNotFoundError: The ``cryptography`` package is not installed.
    """
    from cryptography.hazmat.primitives.asymmetric import ec

    numbers = ec.derive_private_key(key.token_number, ec.SECP256R1()).private_numbers()
    public = numbers.public_numbers
    parts = {"d": numbers.private_value, "x": public.x, "y": public.y}
    return {
        "key_id": key.key_id,
        "algorithm": "ES256",
        "private_key": {
            "kty": "EC",
            "crv": "P-256",
            **{name: _base64url(number.to_bytes(HALF_BYTES)) for name, number in parts.items()},
        },
    }


def _is_signed_by(key: Key, text: bytes, signature: str) -> bool:
    if RAW_SIGNATURE.fullmatch(signature) is None:
        return False
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.hashes import SHA256

    raw = _unbase64url(signature)
    halves = (int.from_bytes(raw[:HALF_BYTES]), int.from_bytes(raw[HALF_BYTES:]))
    public = ec.derive_private_key(key.token_number, ec.SECP256R1()).public_key()
    try:
        public.verify(utils.encode_dss_signature(*halves), text, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unbase64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
