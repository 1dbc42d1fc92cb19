"""Keys and signatures: who we are to a venue, and the proof of it.

The hashing is the compiled core's, re-exported here; ``CoinexSigner`` and ``HmacKey`` keep hashed pads,
not the secret. This module knows no venue's headers or hosts and keeps no log.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NoReturn, final

from tradewire._native import CoinexSigner, HmacKey, TruexSigner
from tradewire.errors import ConfigError

__all__ = ["CoinexSigner", "Credentials", "HmacKey", "Token", "TruexSigner"]


@final
class Credentials:
    """An API key and its secret. Shows the key, never the secret; refuses to be copied or pickled.

    Equality is identity: comparing secrets letter by letter would leak them through time.

    Args:
        key: The public half, as the venue names it (CoinEx: access id).
        secret: The secret half, as text.

    Raises:
        ConfigError: A half is empty or not visible ASCII. Often it was read from a file with its
            line end: strip it. The message never shows the value.
    """

    __slots__ = ("_key", "_secret")

    def __init__(self, key: str, secret: str) -> None:
        self._key = _visible("key", key)
        self._secret = _visible("secret", secret)

    @classmethod
    def from_env(cls, venue: str, environ: Mapping[str, str] | None = None) -> Credentials:
        """Read ``TRADEWIRE_<VENUE>_KEY`` and ``TRADEWIRE_<VENUE>_SECRET``.

        Args:
            venue: Name of the venue in any case, for instance ``coinex``.
            environ: Where to look; the process environment if omitted.

        Raises:
            ConfigError: A variable is missing, empty or malformed. The message names it.
        """
        source = os.environ if environ is None else environ
        names = [f"TRADEWIRE_{venue.upper()}_{half}" for half in ("KEY", "SECRET")]
        missing = [name for name in names if not source.get(name)]
        if missing:
            raise ConfigError(f"set {' and '.join(missing)} in the environment")
        return cls(*(_visible(name, source[name]) for name in names))

    @property
    def key(self) -> str:
        """The public half."""
        return self._key

    def reveal(self) -> str:
        """Return the secret, for a signer to be made of it and nothing else."""
        return self._secret

    def __repr__(self) -> str:
        return f"Credentials(key={self._key!r}, secret=redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise ConfigError("Credentials are not copied or pickled: read them where they are needed")


@final
class Token:
    """A secret that is sent as it is: an API key or a bearer token. Never shown, never copied or pickled.

    Equality is identity, as for ``Credentials``.

    Args:
        secret: The text.

    Raises:
        ConfigError: It is empty or not visible ASCII. The message never shows the value.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = _visible("token", secret)

    @classmethod
    def from_env(cls, name: str, environ: Mapping[str, str] | None = None) -> Token:
        """Read the variable ``name``, for instance ``TRADEWIRE_EXCHANGE_KEY``.

        Raises:
            ConfigError: It is missing, empty or malformed. The message names it.
        """
        source = os.environ if environ is None else environ
        if not source.get(name):
            raise ConfigError(f"set {name} in the environment")
        return cls(_visible(name, source[name]))

    def reveal(self) -> str:
        """Return the secret, for a header or a login and nothing else."""
        return self._secret

    def __repr__(self) -> str:
        return "Token(redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise ConfigError("a Token is not copied or pickled: read it where it is needed")


def _visible(what: str, text: str) -> str:
    """Return ``text`` if it may stand in a header, or say what may not without showing it."""
    if not isinstance(text, str):
        raise ConfigError(f"{what} must be str, was {type(text).__name__}")
    if not text:
        raise ConfigError(f"{what} is empty")
    if not all("!" <= letter <= "~" for letter in text):
        raise ConfigError(f"{what} must be visible ASCII without blanks or line ends")
    return text
