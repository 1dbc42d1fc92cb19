"""From a row and a request to the text that travels: path, query, body. Sans-IO."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from tradewire._native import encode_query
from tradewire.errors import ConfigError
from tradewire.protocol.endpoint import Endpoint

__all__ = ["Target", "prepare", "printable"]

RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")


class Target(NamedTuple):
    """What is signed and what is sent: the same text."""

    path: str
    """With the query, percent-encoded."""
    body: bytes


def prepare(endpoint: Endpoint[RequestT, ResponseT], request: RequestT) -> Target:
    """Encode ``request`` for ``endpoint``.

    Raises:
        ConfigError: A value cannot be a segment of a path, or is no Unicode.
    """
    params = endpoint.encode(request)
    path = endpoint.path
    try:
        for name, value in params.path:
            # Gateways resolve these before anyone judges the request: it would be about another path.
            if value in {"", ".", ".."}:
                raise ConfigError(f"{name} must not be empty, . or .., got {value!r}")
            path = path.replace(f"{{{name}}}", encode_query([("", value)])[1:])
        if params.query:
            path = f"{path}?{encode_query(list(params.query))}"
    except UnicodeEncodeError as error:
        raise ConfigError(f"a parameter must be valid Unicode: {error.reason}") from None
    return Target(path, params.body)


def printable(said: bytes | str, limit: int) -> str:
    """Return the beginning of what a venue said as it may stand in a log: one line of what can be printed."""
    text = said[:limit]
    line = " ".join((text if isinstance(text, str) else text.decode(errors="replace")).split())
    return "".join(letter if letter.isprintable() else "?" for letter in line)
