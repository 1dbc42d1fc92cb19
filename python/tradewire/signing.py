"""Keys and signatures: who we are to a venue, and the proof of it.

The hashing is the compiled core's, re-exported here; ``HmacKey`` and the signers of the venues keep hashed pads,
not the secret. This module knows no venue's headers or hosts and keeps no log.

Secrets are overwritten when ``Credentials`` and ``Token`` are dropped, which a client does with those it was given
when it is dropped itself. One given as ``str`` is left alone if anything else of the program refers to it; one given as
``bytearray`` is overwritten there at once. An environment stays readable for as long as the process lives, so a secret
that must not be found in a core dump comes from elsewhere: a file, a pipe.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn, final

from tradewire._native import HmacKey
from tradewire.errors import ConfigError

__all__ = ["SOLE_REFERENCES", "Credentials", "HmacKey", "Token", "wipe"]

SOLE_REFERENCES = 2
"""What ``sys.getrefcount`` counts of an object that one local variable holds, at most."""


@final
class Credentials:
    """An API key and its secret. Shows the key, never the secret; refuses to be copied or pickled.

    Equality is identity: comparing secrets letter by letter would leak them through time.

    Args:
        key: The public half, as the venue names it.
        secret: The secret half, as text; a ``bytearray`` is overwritten with zeros once it was read.

    Raises:
        ConfigError: A half is empty or not visible ASCII. Often it was read from a file with its
            line end: strip it. The message never shows the value.
    """

    __slots__ = ("_is_ours", "_key", "_secret")

    def __init__(self, key: str, secret: str | bytearray) -> None:
        # A crash report also shows an object whose constructor failed.
        self._key = self._secret = ""
        self._is_ours = isinstance(secret, bytearray)
        secret = _taken(secret)
        fault = _fault("key", key) or _fault("secret", secret)
        if fault:
            # Crash reports show what a frame holds; the halves may have been swapped, too.
            del key, secret
            raise ConfigError(fault)
        self._key = key
        self._secret = secret

    @classmethod
    def from_env(cls, venue: str, environ: Mapping[str, str] | None = None) -> Credentials:
        """Read ``TRADEWIRE_<VENUE>_KEY`` and ``TRADEWIRE_<VENUE>_SECRET``.

        Args:
            venue: Name of the venue in any case, see ``tradewire.venue_names()``.
            environ: Where to look; the process environment if omitted.

        Raises:
            ConfigError: A variable is missing, empty or malformed. The message names it.
        """
        names = [f"TRADEWIRE_{venue.upper()}_{half}" for half in ("KEY", "SECRET")]
        values, fault = _read(names, os.environ if environ is None else environ)
        if fault:
            del values, environ
            raise ConfigError(fault)
        return cls(*values)

    @property
    def key(self) -> str:
        """The public half."""
        return self._key

    def reveal(self) -> str:
        """Return the secret, for a signer to be made of it and nothing else."""
        return self._secret

    def __del__(self) -> None:
        secret, self._secret = self._secret, ""
        if self._is_ours or sys.getrefcount(secret) <= SOLE_REFERENCES:
            wipe(secret)

    def __repr__(self) -> str:
        return f"Credentials(key={self._key!r}, secret=redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise ConfigError("Credentials are not copied or pickled: read them where they are needed")


@final
class Token:
    """A secret that is sent as it is: an API key or a bearer token. Never shown, never copied or pickled.

    Equality is identity, as for ``Credentials``.

    Args:
        secret: The text; a ``bytearray`` is overwritten with zeros once it was read.

    Raises:
        ConfigError: It is empty or not visible ASCII. The message never shows the value.
    """

    __slots__ = ("_is_ours", "_secret")

    def __init__(self, secret: str | bytearray) -> None:
        self._secret = ""
        self._is_ours = isinstance(secret, bytearray)
        secret = _taken(secret)
        fault = _fault("token", secret)
        if fault:
            # Crash reports show what a frame holds.
            del secret
            raise ConfigError(fault)
        self._secret = secret

    @classmethod
    def from_env(cls, name: str, environ: Mapping[str, str] | None = None) -> Token:
        """Read the variable ``name``, for instance ``TRADEWIRE_EXCHANGE_KEY``.

        Raises:
            ConfigError: It is missing, empty or malformed. The message names it.
        """
        values, fault = _read([name], os.environ if environ is None else environ)
        if fault:
            del values, environ
            raise ConfigError(fault)
        return cls(*values)

    def reveal(self) -> str:
        """Return the secret, for a header or a login and nothing else."""
        return self._secret

    def __del__(self) -> None:
        secret, self._secret = self._secret, ""
        if self._is_ours or sys.getrefcount(secret) <= SOLE_REFERENCES:
            wipe(secret)

    def __repr__(self) -> str:
        return "Token(redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise ConfigError("a Token is not copied or pickled: read it where it is needed")


def wipe(secret: str | bytes | bytearray) -> None:
    """Overwrite the memory of a secret that only the caller holds; it must not be used any more.

    Immutable text is overwritten in place on CPython, where it is ASCII; elsewhere it is left to the allocator.
    """
    if isinstance(secret, bytearray):
        secret[:] = bytes(len(secret))
        return
    # An empty text is shared by everybody, and so is one of a single letter.
    if len(secret) < SOLE_REFERENCES or sys.implementation.name != "cpython" or sys.is_finalizing():
        return
    if isinstance(secret, bytes) or secret.isascii():
        import ctypes

        kind = type(secret)
        ctypes.memset(id(secret) + sys.getsizeof(kind()) - 1, 0, len(secret))


def _taken(secret: str | bytearray) -> str:
    """Return a secret as text; a ``bytearray`` is overwritten."""
    if not isinstance(secret, bytearray):
        return secret
    try:
        return secret.decode("latin-1")
    finally:
        wipe(secret)


def _read(names: Sequence[str], source: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the variables' values, or why they cannot be used. Raises nothing: ``source`` holds secrets."""
    missing = [name for name in names if not source.get(name)]
    if missing:
        return [], f"set {' and '.join(missing)} in the environment"
    values = [source[name] for name in names]
    return values, next(filter(None, map(_fault, names, values)), "")


def _fault(what: str, text: object) -> str:
    """Return why ``text`` cannot stand in a header, without showing it; empty if it can. Never raises."""
    if not isinstance(text, str):
        return f"{what} must be str, got {type(text).__name__}"
    if not text:
        return f"{what} must be set, got an empty text"
    if not all("!" <= letter <= "~" for letter in text):
        return (
            f"{what} must be visible ASCII without blanks or line ends; strip it if it was read from a file"
        )
    return ""
