"""Bearer tokens: minted with an ES256 key, renewed before they expire.

``cryptography`` makes the signature and is imported when the first token is minted; install it with
``pip install tradewire[truex]``.

Source: docs.truemarkets.co authentication pages and the vendor's ``truemarkets`` package 0.3.0, read 2026-11-20.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NoReturn, final

import msgspec

from tradewire import codec
from tradewire.errors import AuthRejected, ConfigError, FrameError, NotSent, VenueUnavailable
from tradewire.extras import install_hint
from tradewire.signing import wipe
from tradewire.transport.seam import ConnectFailed, ConnectionLost, HttpReply, HttpRequest, HttpTransport

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["JwtKey", "Tokens"]

VENUE = "truex"
RENEW_BEFORE_S = 60.0
"""A token is renewed this long before it expires."""
CURVE = "P-256"
COORDINATE_BYTES = 32
TIMEOUT_S = 10.0
MAX_KEY_FILE_BYTES = 16 * 1024
# ECPrivateKey: version 1, the number, and that the curve is P-256.
_DER_BEFORE = bytes.fromhex("30310201010420")
_DER_AFTER = bytes.fromhex("a00a06082a8648ce3d030107")
_PLAIN_BASE64 = str.maketrans("-_", "+/", "=")

_claims_of: msgspec.json.Decoder[dict[str, object]] = msgspec.json.Decoder(dict[str, object])


class TokenRow(msgspec.Struct, frozen=True):
    """A pair of tokens."""

    access_token: str
    refresh_token: str = ""

    def __repr__(self) -> str:
        return "TokenRow(redacted)"


_tokens: msgspec.json.Decoder[TokenRow] = msgspec.json.Decoder(TokenRow)


@final
class JwtKey:
    """An ES256 key that mints tokens. Shows its id only; refuses to be copied or pickled.

    Args:
        key_id: The key's UUID.
        private_key: The private key as a JWK: ``kty`` EC, ``crv`` P-256, ``d``.

    Raises:
        ConfigError: The JWK is of another kind. The message never shows it.
    """

    __slots__ = ("_der", "_key_id")

    def __init__(self, key_id: str, private_key: Mapping[str, object]) -> None:
        # A crash report also shows an object whose constructor failed.
        self._key_id, self._der = "", bytearray()
        fault = _key_fault(key_id, private_key)
        if fault:
            # Crash reports show what a frame holds.
            del key_id, private_key
            raise ConfigError(fault)
        self._key_id = key_id
        self._der = _der_of(str(private_key["d"]))

    @classmethod
    def from_file(cls, path: Path | str) -> JwtKey:
        """Read the key file the venue hands out: JSON with ``key_id`` and ``private_key``.

        Raises:
            ConfigError: There is no such file, or it is none. The message names it and not what it holds.
        """
        from pathlib import Path

        key_id, private_key, fault = _read_key_file(Path(path))
        fault = fault or _key_fault(key_id, private_key)
        if fault:
            del key_id, private_key
            raise ConfigError(f"{path} is no key file: {fault}")
        made = cls(key_id, private_key)
        # Read here and kept by nobody else.
        wipe(private_key.pop("d"))
        return made

    @property
    def key_id(self) -> str:
        """The key's id."""
        return self._key_id

    def sign(self, timestamp_s: int) -> str:
        """Return the proof for one token: r and s of ES256 over id and time, base64url without padding.

        Raises:
            ConfigError: ``cryptography`` is not installed, or the key is no point of the curve.
        """
        try:
            from cryptography.hazmat.primitives import hashes
            from cryptography.hazmat.primitives.asymmetric import ec
            from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
            from cryptography.hazmat.primitives.serialization import load_der_private_key
        except ModuleNotFoundError:
            raise ConfigError(f"bearer tokens need cryptography: {install_hint('truex')}") from None
        try:
            # From bytes that can be overwritten: a number could not be.
            key = load_der_private_key(self._der, None) if self._der else None
        except ValueError:
            key = None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ConfigError("the private key is no key of P-256")
        text = f"{self._key_id}.{timestamp_s}".encode()
        r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
        raw = r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def __del__(self) -> None:
        wipe(self._der)

    def __repr__(self) -> str:
        return f"JwtKey(key_id={self._key_id!r}, private_key=redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise ConfigError("a JwtKey is not copied or pickled: read it where it is needed")


class Tokens:
    """Keeps one access token good.

    Args:
        key: Mints tokens.
        auth_root: The token service.
        http: Asks it.
        wall_s: Our clock.
    """

    def __init__(
        self,
        key: JwtKey,
        auth_root: str,
        http: HttpTransport,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        if not auth_root:
            raise ConfigError("this environment has no token service; use an HMAC key")
        self._key = key
        self._auth_root = auth_root
        self._http = http
        self._wall_s = wall_s
        self._access = ""
        self._refresh = ""
        self._expires_s = 0.0
        self._lock = asyncio.Lock()

    def access_token(self) -> str:
        """Return the token.

        Raises:
            ConfigError: There is none yet; ``renew`` makes one.
        """
        if not self._access:
            raise ConfigError("there is no access token yet")
        return self._access

    def invalidate_token(self) -> None:
        """Take the token for expired, whatever it says of itself: its clock is the venue's and not ours."""
        self._expires_s = 0.0

    @property
    def is_fresh(self) -> bool:
        """There is a token that does not expire within a minute."""
        return bool(self._access) and self._wall_s() < self._expires_s - RENEW_BEFORE_S

    async def renew(self) -> None:
        """Mint or refresh the token if it expires within a minute. Calls at the same time make one request.

        Raises:
            AuthRejected: The service refuses the key, or the token lacks the claim ``client_id`` without which
                the venue refuses it.
            NotSent: The service could not be reached.
            VenueUnavailable: It did not answer as it should.
        """
        async with self._lock:
            if self.is_fresh:
                return
            try:
                await self._ask_for_another()
            except (NotSent, VenueUnavailable):
                if not self._access or self._wall_s() >= self._expires_s:
                    raise
                # What there is, is still good: the next request asks again.

    async def _ask_for_another(self) -> None:
        if self._refresh:
            try:
                self._take(await self._ask(self._request("token/refresh", refresh_token=self._refresh)))
            except AuthRejected:
                # It has expired too: the key mints a new pair.
                self._refresh = ""
            else:
                return
        stamp_s = int(self._wall_s())
        self._take(
            await self._ask(
                self._request(
                    "api-key/token",
                    key_id=self._key.key_id,
                    timestamp=stamp_s,
                    signature=self._key.sign(stamp_s),
                )
            )
        )

    def _take(self, row: TokenRow) -> None:
        claims = _claims(row.access_token)
        if not claims.get("client_id"):
            raise AuthRejected(
                "the access token has no client_id, the venue would refuse it: ask for a key of a CeFi client",
                venue=VENUE,
                endpoint="token",
            )
        expires = claims.get("exp")
        self._access, self._refresh = row.access_token, row.refresh_token or self._refresh
        self._expires_s = float(expires) if isinstance(expires, int) else self._wall_s() + 2 * RENEW_BEFORE_S

    def _request(self, path: str, **members: object) -> HttpRequest:
        headers = {"Content-Type": "application/json"}
        return HttpRequest("POST", f"{self._auth_root}/{path}", headers, codec.encode(members), TIMEOUT_S)

    async def _ask(self, request: HttpRequest) -> TokenRow:
        endpoint = f"POST {request.url.removeprefix(self._auth_root + '/')}"
        try:
            reply = await self._http.send(request)
        except (ConnectFailed, ConnectionLost) as error:
            raise NotSent(f"no token: {error}", venue=VENUE, endpoint=endpoint) from error
        status, row, fault = _read(reply)
        # Crash reports show what a frame holds, and this held tokens.
        del reply
        if status in {400, 401, 403}:
            raise AuthRejected(f"no token: HTTP {status}", http_status=status, venue=VENUE, endpoint=endpoint)
        if row is None:
            raise VenueUnavailable(f"no token: {fault}", http_status=status, venue=VENUE, endpoint=endpoint)
        return row


class _KeyFile(msgspec.Struct):
    key_id: str
    private_key: dict[str, str]


_key_files: msgspec.json.Decoder[_KeyFile] = msgspec.json.Decoder(_KeyFile)


def _read_key_file(path: Path) -> tuple[str, dict[str, str], str]:
    """Return id and private key of a key file, or why there are none. Raises nothing: it holds a secret."""
    content = bytearray(MAX_KEY_FILE_BYTES)
    try:
        with path.open("rb", buffering=0) as file, memoryview(content) as view:
            size = file.readinto(view) or 0
            row = _key_files.decode(view[:size])
    except (OSError, ValueError) as error:
        return "", {}, type(error).__name__
    finally:
        wipe(content)
    return row.key_id, row.private_key, ""


def _key_fault(key_id: object, private_key: object) -> str:
    """Return why this is no key, empty if it can be one. Raises and shows nothing."""
    if not isinstance(key_id, str) or not key_id:
        return "the key id must be a text"
    jwk = private_key if isinstance(private_key, Mapping) else {}
    if not isinstance(jwk.get("d"), str) or jwk.get("kty") != "EC" or jwk.get("crv") != CURVE:
        return f"the private key must be a JWK with kty EC, crv {CURVE} and d"
    return ""


def _der_of(scalar: str) -> bytearray:
    """Return a private key as RFC 5915 writes it, empty if ``scalar`` is none. Leaves no copy of it."""
    plain = scalar.translate(_PLAIN_BASE64)
    padded = plain + "=" * (-len(plain) % 4)
    try:
        number = binascii.a2b_base64(padded)
    except ValueError:
        number = b""
    der = bytearray()
    if len(number) == COORDINATE_BYTES:
        der += bytes(len(_DER_BEFORE) + COORDINATE_BYTES + len(_DER_AFTER))
        with memoryview(der) as view:
            view[: len(_DER_BEFORE)] = _DER_BEFORE
            view[len(_DER_BEFORE) : -len(_DER_AFTER)] = number
            view[-len(_DER_AFTER) :] = _DER_AFTER
    for copy in {id(one): one for one in (plain, padded, number)}.values():
        wipe(copy)
    return der


def _read(reply: HttpReply) -> tuple[int, TokenRow | None, str]:
    """Return the status and the tokens of a reply, or why there are none."""
    if not 200 <= reply.status < 300:
        return reply.status, None, f"HTTP {reply.status}"
    try:
        return reply.status, codec.decode_as(reply.body, _tokens), ""
    except FrameError as error:
        return reply.status, None, f"unreadable reply ({error.kind})"


def _claims(token: str) -> dict[str, object]:
    """Return what a token says of itself; its signature is for the venue to check."""
    parts = token.split(".")
    try:
        return codec.decode_as(_unpadded(parts[1]), _claims_of)
    except (IndexError, ValueError, FrameError):
        return {}


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
