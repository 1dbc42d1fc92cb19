"""Who signed a request: the venue's headers and the WebSocket sign-in, verified with the standard library.

Sources: docs.coinex.com/api/v2/authorization and .../common/ws/sign, read 2026-11-20. The time is checked
before the signature. The venue does not say whether a timestamp from the future is refused; this sandbox
refuses both directions: 4010 when too old, 4017 when too far ahead.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tradewire.sandbox.routing import Request
from tradewire.sandbox.venue import SANDBOX_MARK
from tradewire.sandbox.venues.coinex.codes import Code, Refusal, WsCode, WsRefusal, unreadable
from tradewire.sandbox.verifier import hmac_sha256, same, sha256_with_secret_appended, within_window

__all__ = ["Keyring", "Trader"]

DEFAULT_WINDOW_MS = 5000
HEX_64 = re.compile(r"[0-9a-f]{64}", re.ASCII)
DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Trader:
    """One account with its key; a sub-account may have several. The secret stays out of ``repr``."""

    name: str
    access_id: str
    secret: str = field(repr=False)
    key_id: int = 0
    addresses: tuple[str, ...] = ()
    """Where it may be used; anywhere if empty."""
    trades: bool = True
    withdraws: bool = True
    created_ms: int = 0
    expires_ms: int = 0
    """When it ends; 0 for never."""
    remark: str = ""


class Keyring:
    """Every trader of the venue, and the verification of what they sign.

    Args:
        seed: Makes the keys; the same seed gives the same keys.
        accept_legacy_hash: Also take the plain SHA-256 that was used before April 2024.
        reserved: Names that no trader may have.
    """

    def __init__(
        self, seed: int, *, accept_legacy_hash: bool = False, reserved: Collection[str] = ()
    ) -> None:
        self._seed = seed
        self._traders: dict[str, Trader] = {}
        self._names: set[str] = set()
        self._reserved = frozenset(reserved)
        self.accept_legacy_hash = accept_legacy_hash
        self.is_barred: Callable[[str], bool] = lambda _: False
        """Says which accounts may do nothing."""

    def issue(self, name: str) -> Trader:
        """Make the key of a new trader.

        Raises:
            ValueError: The name is taken, empty, or has a ``/``: that begins the names of a trader's further accounts.
        """
        if not name or "/" in name:
            raise ValueError(f"a trader's name must not be empty nor have a '/', got {name!r}")
        self.reserve(name)
        trader = self.make(name, name)
        self.put(trader)
        return trader

    def make(self, name: str, stem: str) -> Trader:
        """Return a key of a trader, the same one for the same ``stem``; it is good once it was ``put``."""
        digest = hashlib.sha256(f"tradewire sandbox coinex {self._seed} {stem}".encode()).hexdigest().upper()
        access_id = f"{SANDBOX_MARK.upper()}{digest[:24]}"
        return Trader(name, access_id, secret=hashlib.sha256(digest.encode()).hexdigest()[:48].upper())

    def put(self, trader: Trader) -> None:
        """Take a key, in place of what it was before."""
        self._traders[trader.access_id] = trader

    def revoke(self, access_id: str) -> None:
        """Forget a key."""
        del self._traders[access_id]

    def reserve(self, name: str) -> None:
        """Take a name for a trader who has no key yet.

        Raises:
            ValueError: It is taken.
        """
        if name in self._reserved:
            raise ValueError(f"{name!r} trades for the venue itself")
        if name in self._names:
            raise ValueError(f"there is a trader named {name!r} already")
        self._names.add(name)

    @property
    def names(self) -> Collection[str]:
        """Every trader's name."""
        return self._names

    def find(self, access_id: str) -> Trader | None:
        """Return the trader of a key."""
        return self._traders.get(access_id)

    def verify_window(self, headers: Mapping[str, str], now_ms: int) -> None:
        """Check the timestamp of any request that carries one.

        Raises:
            Refusal: It is malformed or outside the window.
        """
        stamp = headers.get("X-COINEX-TIMESTAMP")
        if stamp is None:
            return
        if not DIGITS.fullmatch(stamp):
            raise unreadable("X-COINEX-TIMESTAMP must be milliseconds in decimal digits")
        window = headers.get("X-COINEX-WINDOWTIME", str(DEFAULT_WINDOW_MS))
        if not DIGITS.fullmatch(window):
            raise unreadable("X-COINEX-WINDOWTIME must be milliseconds in decimal digits")
        stamp_ms, window_ms = int(stamp), int(window)
        if not within_window(now_ms, stamp_ms, older_ms=window_ms, newer_ms=window_ms):
            if stamp_ms < now_ms:
                raise Refusal(Code.EXPIRED, "Request expired")
            raise Refusal(Code.SIGNATURE_EXPIRED, "Signature expired: the timestamp is ahead of the server")

    def verify(self, request: Request) -> Trader:
        """Return who signed the request.

        Raises:
            Refusal: The key is unknown, or not this request, or not now.
        """
        headers = request.headers
        trader = self.find(headers.get("X-COINEX-KEY", ""))
        if trader is None:
            raise Refusal(Code.BAD_ACCESS_ID, "Access_id not exist")
        signature = headers.get("X-COINEX-SIGN", "")
        if not HEX_64.fullmatch(signature):
            raise Refusal(Code.MALFORMED_SIGNATURE, "X-COINEX-SIGN must be 64 lower-case hex characters")
        stamp = headers.get("X-COINEX-TIMESTAMP")
        if stamp is None:
            raise unreadable("X-COINEX-TIMESTAMP is missing")
        self.verify_window(headers, request.now_ms)
        path = request.raw_path.encode(errors="surrogateescape")
        text = b"".join((request.method.encode(), path, request.body, stamp.encode()))
        if not self._is_genuine(trader, text, signature):
            raise Refusal(Code.BAD_SIGNATURE, "Signature check failed")
        if self._has_expired(trader, request.now_ms):
            raise Refusal(Code.BAD_ACCESS_ID, "Access_id expired")
        if trader.addresses and request.peer not in trader.addresses:
            raise Refusal(Code.ADDRESS_NOT_ALLOWED, "IP not allow visit")
        if self.is_barred(trader.name):
            raise Refusal(Code.USER_BARRED, "user is prohibited from accessing")
        return trader

    def verify_sign_in(self, params: Mapping[str, Any], now_ms: int) -> Trader:
        """Return who signed in over WebSocket.

        Raises:
            WsRefusal: The parameters are malformed, the key unknown, the signature wrong or out of time.
        """
        access_id, signature, stamp = (params.get(name) for name in ("access_id", "signed_str", "timestamp"))
        if not isinstance(access_id, str) or not isinstance(signature, str):
            raise WsRefusal(WsCode.INVALID_ARGUMENT, "invalid argument: access_id and signed_str are texts")
        if not isinstance(stamp, int) or isinstance(stamp, bool):
            raise WsRefusal(
                WsCode.INVALID_ARGUMENT, "invalid argument: timestamp is an integer in milliseconds"
            )
        trader = self.find(access_id)
        on_time = within_window(now_ms, stamp, older_ms=DEFAULT_WINDOW_MS, newer_ms=DEFAULT_WINDOW_MS)
        if trader is None or not on_time or not HEX_64.fullmatch(signature):
            raise WsRefusal(WsCode.BAD_SIGNATURE, "signature incorrect")
        if not self._is_genuine(trader, str(stamp).encode(), signature):
            raise WsRefusal(WsCode.BAD_SIGNATURE, "signature incorrect")
        if self._has_expired(trader, now_ms) or self.is_barred(trader.name):
            raise WsRefusal(WsCode.NOT_SIGNED, "require auth")
        return trader

    def _has_expired(self, trader: Trader, now_ms: int) -> bool:
        return 0 < trader.expires_ms <= now_ms

    def _is_genuine(self, trader: Trader, text: bytes, signature: str) -> bool:
        received = bytes.fromhex(signature)
        return same(received, hmac_sha256(trader.secret, text)) or (
            self.accept_legacy_hash and same(received, sha256_with_secret_appended(trader.secret, text))
        )
