"""Ways to sign a CoinEx request from its pieces, all with the shape of ``CoinexSigner.sign``.

The best hand-made signer keeps two SHA-256 states with the pads already hashed and copies them; it beat
``hmac.digest``, a copied ``hmac`` object and one-shot hashing over joined pads.
"""

import hmac
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from typing import Any

Sign = Callable[[str, str, str, int], str]
"""Method, path with query, body, timestamp in milliseconds; lower-case hex."""

_BLOCK_BYTES = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def hmac_new(secret: str) -> Sign:
    """Sign as the venue's own demo does: a new ``hmac`` object for each request."""
    key = secret.encode()

    def sign(method: str, path: str, body: str, timestamp_ms: int) -> str:
        return hmac.new(key, f"{method}{path}{body}{timestamp_ms}".encode(), sha256).hexdigest()

    return sign


def hmac_digest(secret: str) -> Sign:
    """Sign with the standard library's one-shot function."""
    key = secret.encode()

    def sign(method: str, path: str, body: str, timestamp_ms: int) -> str:
        return hmac.digest(key, f"{method}{path}{body}{timestamp_ms}".encode(), "sha256").hex()

    return sign


def hmac_copied(secret: str) -> Sign:
    """Sign with a keyed ``hmac`` object, copied for each request."""
    copy = hmac.new(secret.encode(), digestmod=sha256).copy

    def sign(method: str, path: str, body: str, timestamp_ms: int) -> str:
        keyed = copy()
        keyed.update(f"{method}{path}{body}{timestamp_ms}".encode())
        return keyed.hexdigest()

    return sign


def padded_states(secret: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Give copies of the two SHA-256 states that have the key's pads behind them, inner and outer.

    Raises:
        ValueError: The secret is longer than a block; HMAC would hash it first, which this does not.
    """
    key = secret.encode()
    if len(key) > _BLOCK_BYTES:
        raise ValueError(f"the secret must fit one block of {_BLOCK_BYTES} bytes")
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    return sha256(padded.translate(_INNER)).copy, sha256(padded.translate(_OUTER)).copy


def handmade(secret: str) -> Sign:
    """Sign with both pads hashed beforehand and their states copied."""
    copy_inner, copy_outer = padded_states(secret)

    def sign(method: str, path: str, body: str, timestamp_ms: int) -> str:
        inner = copy_inner()
        inner.update(f"{method}{path}{body}{timestamp_ms}".encode())
        outer = copy_outer()
        outer.update(inner.digest())
        signature: str = outer.hexdigest()
        return signature

    return sign


def cryptography(secret: str) -> Sign:
    """Sign with a keyed HMAC of the cryptography package, copied for each request."""
    sha_256 = import_module("cryptography.hazmat.primitives.hashes").SHA256()
    copy = import_module("cryptography.hazmat.primitives.hmac").HMAC(secret.encode(), sha_256).copy

    def sign(method: str, path: str, body: str, timestamp_ms: int) -> str:
        keyed = copy()
        keyed.update(f"{method}{path}{body}{timestamp_ms}".encode())
        signature: str = keyed.finalize().hex()
        return signature

    return sign


def nautilus(secret: str) -> Sign:
    """Sign with nautilus_trader's Rust HMAC."""
    core = import_module("nautilus_trader.core.nautilus_pyo3")
    hmac_signature: Callable[[str, str], str] = core.hmac_signature

    def sign(method: str, path: str, body: str, timestamp_ms: int) -> str:
        return hmac_signature(secret, f"{method}{path}{body}{timestamp_ms}")

    return sign


def ours(secret: str) -> Sign:
    """Sign with the core."""
    from tradewire._native import CoinexSigner

    return CoinexSigner("bench", secret).sign
