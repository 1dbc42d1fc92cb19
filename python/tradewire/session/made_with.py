"""What a client was made with, in words of which another process makes the same client. Holds keys: show it to no one.

Knows the kinds of arguments clients take; what cannot be said in words, a TLS context for instance, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from tradewire.description import load
from tradewire.errors import ConfigError
from tradewire.protocol.hosts import Place
from tradewire.signing import Credentials, Token
from tradewire.transport.network import NetworkOptions

__all__ = ["from_words", "in_words"]

LEFT_OUT = frozenset(
    {"guard", "journal", "on_error", "clocks", "timing", "cancel_on_close", "max_wait_s", "http", "ws"}
)
"""Options of the bot's client that a guard's has in its own way, or needs none of."""
OWN_WAY = frozenset({"http", "ws", "clocks"})


def in_words(arguments: Mapping[str, object]) -> dict[str, object]:
    """Return the arguments a client was made with.

    Raises:
        ConfigError: One of them cannot be said in words; the message names it and shows no value.
    """
    if own := sorted(name for name in OWN_WAY if arguments.get(name) is not None):
        raise ConfigError(
            f"a client with a guard cannot have {own[0]}= of its own: the guard reaches the venue itself"
        )
    return {
        name: _words(name, value)
        for name, value in arguments.items()
        if name not in LEFT_OUT and value is not None
    }


def from_words(words: Mapping[str, object]) -> dict[str, object]:
    """Return what ``in_words`` was given."""
    return {name: _value(value) for name, value in words.items()}


def _words(name: str, value: object) -> object:
    match value:
        case Credentials():
            return {"kind": "credentials", "key": value.key, "secret": value.reveal()}
        case Token():
            return {"kind": "token", "secret": value.reveal()}
        case Place():
            where = f"{type(value).__module__}:{type(value).__qualname__}"
            return {"kind": "place", "class": where, "fields": msgspec.to_builtins(value)}
        case NetworkOptions():
            return {"kind": "network", **value.in_words()}
        case StrEnum():
            return value.value
        case bool() | int() | float() | str():
            return value
        case dict():
            return {"kind": "mapping", "items": value}
        case _:
            raise ConfigError(
                f"a client with a guard cannot be made with {name}= of type {type(value).__name__}: a guard is another "
                "process, run `tradewire guard` with the keys in its environment"
            )


def _value(words: object) -> object:
    match words:
        case {"kind": "credentials", "key": str(key), "secret": str(secret)}:
            return Credentials(key, secret)
        case {"kind": "token", "secret": str(secret)}:
            return Token(secret)
        case {"kind": "place", "class": str(where), "fields": fields}:
            place: Place = msgspec.convert(fields, load(where))
            return place
        case {"kind": "network", "proxy": str() | None as proxy, "trust_env": bool(trust_env)}:
            return NetworkOptions(proxy=proxy, trust_env=trust_env)
        case {"kind": "mapping", "items": items}:
            return items
        case _:
            return words
