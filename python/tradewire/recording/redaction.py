"""Taking secrets out of what is recorded. Three rules, each of which holds without the others:

1. Frames with credentials are marked where they are made (``protocol.confidential``), every login by the protocol
   itself; what is recorded of one is what its maker shows of it.
2. Of HTTP headers only those named here are recorded, of members of JSON and of queries those whose names do not say
   that they are keys, tokens, signatures or passwords.
3. What was withheld once is withheld everywhere: it is remembered and taken out of whatever comes later, in plain text,
   percent-encoded, in base64 and in hexadecimal, inside gzip too.

Everything else is recorded byte for byte. A gzip member that had to be changed is packed again.
"""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn
from urllib.parse import quote

import msgspec

from tradewire.errors import ConfigError
from tradewire.protocol.confidential import WITHHELD

__all__ = ["Redactor"]

SHOWN_HEADERS: Final = frozenset(
    {
        "accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "date", "host",
        "retry-after", "server", "transfer-encoding", "user-agent", "x-truex-version",
    }
)  # fmt: skip
SHOWN_PREFIXES: Final = ("x-ratelimit", "x-rate-limit", "ratelimit", "x-mbx-used-weight", "x-mbx-order-count")
_NAME: Final = (
    "api_?key|access_?id|access_?key|key|key_?id|(?:[a-z_]*_)?secret(?:_?key)?|api_?secret|listen_?key|(?:[a-z_]*_)?"
    "token|accesstoken|refreshtoken|pass|passwd|password|passphrase|sign|signature|signed_?str|auth|authorization|jwt|"
    "assertion|client_assertion|private_?key|cookie|session_?id|otp|totp|captcha|credentials?"
)
SECRET_NAME: Final = re.compile(_NAME, re.IGNORECASE)
MEMBER: Final = re.compile(
    rb'"(?:' + _NAME.encode() + rb')"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([-+.\w]+)|([\[{]))', re.IGNORECASE
)
STEMS: Final = (
    b"key", b"secret", b"token", b"access_id", b"accessid", b"signat", b"signed", b"passw", b"passp", b"authoriz",
    b"jwt", b"assert", b"cookie", b"session", b"otp", b"captcha", b"credent", b'"pass"', b'"sign"', b'"auth"', b"pass=",
    b"sign=", b"auth=",
)  # fmt: skip
"""One of them is in every name above, in lower case: looking for them costs a fraction of the expression."""
GZIP: Final = b"\x1f\x8b"
GZIP_WBITS: Final = 31
SHORTEST: Final = 8
"""Shorter values are withheld by name only, and so are numbers: taken out everywhere they would take half of the file,
times and ids with them."""
AT_ONCE: Final = 64
"""Messages that are looked through together."""
MOST: Final = 64
"""Values that are remembered; the least recently seen are given up. Keys are sent with every request, and stay."""
HARMLESS: Final = frozenset({b"null", b"true", b"false", WITHHELD.encode()})


class Redactor:
    """Takes secrets out of what one client and its venue say to each other. Belongs to one thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[bytes, ...]] = OrderedDict()
        self._needles: tuple[bytes, ...] = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise ConfigError("a Redactor is not copied or pickled: it remembers secrets")

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers, names in lower case, values withheld but for those that hold no secret."""
        shown: dict[str, str] = {}
        for name, value in headers.items():
            lower = name.lower()
            if lower in SHOWN_HEADERS or lower.startswith(SHOWN_PREFIXES):
                shown[lower] = self.text(value.encode()).decode("latin-1")
            else:
                self._remember(value.rpartition(" ")[2].encode())
                shown[lower] = WITHHELD
        return shown

    def url(self, url: str) -> str:
        """Return a URL without user, password and the values of members that are secret."""
        head, mark, query = url.partition("?")
        scheme, slashes, rest = head.partition("://")
        host, slash, path = rest.partition("/")
        if "@" in host:
            user, _, host = host.rpartition("@")
            for secret in user.split(":"):
                self._remember(secret.encode())
            host = f"{WITHHELD}@{host}"
        members = [self._member(one) for one in query.split("&")] if mark else []
        return self.text(f"{scheme}{slashes}{host}{slash}{path}{mark}{'&'.join(members)}".encode()).decode(
            "latin-1"
        )

    def texts(self, frames: Sequence[bytes]) -> list[bytes]:
        """Return messages without secrets; those of public data at a third of the cost of ``text`` for each."""
        shown: list[bytes] = []
        for start in range(0, len(frames), AT_ONCE):
            some = frames[start : start + AT_ONCE]
            whole = b"\n".join(map(_plain, some))
            if _may_hold_secrets(whole.lower()) or any(needle in whole for needle in self._needles):
                shown += map(self.text, some)
            else:
                shown += some
        return shown

    def text(self, data: bytes) -> bytes:
        """Return a message or a body without secrets; the very same object if there is none."""
        if data[:2] == GZIP:
            return self._packed(data)
        if _may_hold_secrets(data.lower()):
            if data[:1] not in b"[{":
                data = self._form(data)
            data = self._members(data)
        return self._scrub(data)

    def _packed(self, data: bytes) -> bytes:
        try:
            plain = zlib.decompress(data, wbits=GZIP_WBITS)
        except zlib.error:
            return self._scrub(data)
        shown = self.text(plain) if plain[:2] != GZIP else WITHHELD.encode()
        return data if shown is plain else gzip.compress(shown, mtime=0)

    def _member(self, member: str) -> str:
        name, equals, value = member.partition("=")
        if not equals or not SECRET_NAME.fullmatch(name):
            return member
        self._remember(value.encode())
        return f"{name}={WITHHELD}"

    def _form(self, data: bytes) -> bytes:
        """Return a body of ``name=value&...`` without secrets."""
        if b"=" not in data or any(mark in data for mark in b"\r\n {"):
            return data
        text = data.decode("latin-1")
        shown = "&".join(map(self._member, text.split("&")))
        return data if shown == text else shown.encode("latin-1")

    def _members(self, data: bytes) -> bytes:
        is_nested = False

        def withhold(found: re.Match[bytes]) -> bytes:
            nonlocal is_nested
            value = found[1] if found[1] is not None else found[2]
            if value is None:
                is_nested = True
                return found[0]
            if not value or value in HARMLESS:
                return found[0]
            self._remember(value)
            start, end = found.span(1) if found[1] is not None else found.span(2)
            whole, base = found[0], found.start()
            quotes = b"" if found[1] is not None else b'"'
            return whole[: start - base] + quotes + WITHHELD.encode() + quotes + whole[end - base :]

        shown = MEMBER.sub(withhold, data)
        if is_nested:
            return self._nested(shown)
        return data if shown == data else shown

    def _nested(self, data: bytes) -> bytes:
        """Return a document without what lists and objects of secret names hold; it is written anew."""
        try:
            document = msgspec.json.decode(data)
        except msgspec.MsgspecError:
            return WITHHELD.encode()
        return msgspec.json.encode(self._shown(document, is_secret=False))

    def _shown(self, value: Any, *, is_secret: bool) -> Any:
        if isinstance(value, dict):
            return {
                name: self._shown(one, is_secret=is_secret or SECRET_NAME.fullmatch(name) is not None)
                for name, one in value.items()
            }
        if isinstance(value, list):
            return [self._shown(one, is_secret=is_secret) for one in value]
        if is_secret and isinstance(value, str | int | float) and not isinstance(value, bool):
            self._remember(str(value).encode())
            return WITHHELD
        return value

    def _remember(self, value: bytes) -> None:
        if len(value) < SHORTEST or value == WITHHELD.encode() or value.isdigit():
            return
        if value in self._known:
            self._known.move_to_end(value)
            return
        self._known[value] = _spellings(value)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        self._needles = tuple(dict.fromkeys(one for spelt in self._known.values() for one in spelt))

    def _scrub(self, data: bytes) -> bytes:
        found = [needle for needle in self._needles if needle in data]
        for needle in sorted(found, key=len, reverse=True):
            data = data.replace(needle, WITHHELD.encode())
        return data


def _spellings(value: bytes) -> tuple[bytes, ...]:
    """Return how a value may be spelled: plain, escaped, percent-encoded, in hexadecimal and base64 at any offset."""
    plain = value.decode("latin-1")
    try:
        unescaped = msgspec.json.decode(b'"' + value + b'"', type=str).encode()
    except msgspec.MsgspecError:
        unescaped = value
    spelt = {value, unescaped, msgspec.json.encode(plain)[1:-1], quote(plain, safe="").encode()}
    for one in (value, unescaped):
        spelt |= {one.hex().encode(), one.hex().upper().encode()}
        for offset in range(3):
            # What stands before it moves the letters; the first and last are shared with neighbours.
            padded = base64.b64encode(b"\0" * offset + one)
            inner = padded[-(-offset * 4 // 3) :].rstrip(b"=")
            inner = inner[: len(inner) - (1 if (offset + len(one)) % 3 else 0)]
            spelt |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return tuple(one for one in spelt if len(one) >= SHORTEST)


def _plain(frame: bytes) -> bytes:
    """Return a message inflated, where it is packed."""
    if frame[:2] != GZIP:
        return frame
    try:
        return zlib.decompress(frame, wbits=GZIP_WBITS)
    except zlib.error:
        return frame


def _may_hold_secrets(lower: bytes) -> bool:
    for stem in STEMS:  # noqa: SIM110 - a third of the time of any()
        if stem in lower:
            return True
    return False
