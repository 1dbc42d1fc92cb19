"""Signatures and time windows, verified with the standard library alone.

Knows digests, not headers: which text is signed and what a refusal is called belongs to the venues. Never
holds a secret longer than one call and never puts one into an exception.
"""

from __future__ import annotations

import hashlib
import hmac

__all__ = ["hmac_sha256", "same", "sha256_with_secret_appended", "within_window"]


def hmac_sha256(secret: str, text: bytes) -> bytes:
    """Return the HMAC-SHA256 of ``text`` under ``secret``."""
    return hmac.new(secret.encode(), text, hashlib.sha256).digest()


def sha256_with_secret_appended(secret: str, text: bytes) -> bytes:
    """Return the SHA-256 of ``text`` followed by ``secret``: the form before HMAC, not safe for new work."""
    return hashlib.sha256(text + secret.encode()).digest()


def same(received: bytes, expected: bytes) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(received, expected)


def within_window(now_ms: int, stamp_ms: int, *, older_ms: int, newer_ms: int) -> bool:
    """Say whether ``stamp_ms`` is at most ``older_ms`` before and ``newer_ms`` after ``now_ms``."""
    return now_ms - older_ms <= stamp_ms <= now_ms + newer_ms
