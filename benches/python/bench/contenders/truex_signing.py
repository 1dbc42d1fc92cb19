"""Ways to sign a TrueX request from its pieces, all with the shape of ``TruexSigner.sign``."""

import hmac
from base64 import b64encode
from binascii import b2a_base64
from collections.abc import Callable
from hashlib import sha256

from bench.contenders.signing import padded_states

Sign = Callable[[str, str, str, int], str]
"""Method, path without query, body, timestamp in seconds; standard base64."""


def hmac_new(secret: str) -> Sign:
    """Sign as the venue's own example does: a new ``hmac`` object for each request."""
    key = secret.encode()

    def sign(method: str, path: str, body: str, timestamp_s: int) -> str:
        digest = hmac.new(key, f"{timestamp_s}{method}{path}{body}".encode(), sha256).digest()
        return b64encode(digest).decode()

    return sign


def hmac_digest(secret: str) -> Sign:
    """Sign with the standard library's one-shot functions."""
    key = secret.encode()

    def sign(method: str, path: str, body: str, timestamp_s: int) -> str:
        digest = hmac.digest(key, f"{timestamp_s}{method}{path}{body}".encode(), "sha256")
        return b2a_base64(digest, newline=False).decode()

    return sign


def handmade(secret: str) -> Sign:
    """Sign with both pads hashed beforehand and their states copied."""
    copy_inner, copy_outer = padded_states(secret)

    def sign(method: str, path: str, body: str, timestamp_s: int) -> str:
        inner = copy_inner()
        inner.update(f"{timestamp_s}{method}{path}{body}".encode())
        outer = copy_outer()
        outer.update(inner.digest())
        return b2a_base64(outer.digest(), newline=False).decode()

    return sign


def ours(secret: str) -> Sign:
    """Sign with the core."""
    from tradewire._native import TruexSigner

    return TruexSigner("bench", secret).sign
