"""What a bot and its guard say to each other: one line each, JSON, but for the heartbeat, which is an empty line.

The bot beats and the guard answers every beat with one of its own. Each side hears at once when the other's process
ends: the system then closes the connection. A pipe would carry one way only, shared memory and the time of a file would
have to be looked at again and again, and none of them tells of a death.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from tradewire.errors import GuardFailed

__all__ = [
    "BEAT", "MAX_LINE_BYTES", "VERSION", "Acted", "Cleared", "Dismiss", "Done", "FromBot", "FromGuard", "Hello",
    "Join", "Leave", "LineReader", "Ready", "Refused", "Resume", "from_bot", "from_guard", "line_of",
]  # fmt: skip

VERSION = 1
BEAT = b"\n"
MAX_LINE_BYTES = 256 * 1024


class Hello(msgspec.Struct, frozen=True, tag=True):
    """The bot's first line."""

    version: int
    journal: str
    """Its journal, as an absolute path."""
    pid: int
    mute_s: float
    """How long the bot may be mute."""
    at_close: str
    """``leave`` or ``cancel`` what is open when a client closes in good order."""
    prefix: str
    """Beginning of the bot's client order ids; empty to go by the journal alone."""


class Join(msgspec.Struct, frozen=True, tag=True):
    """The bot wants a product guarded, with a client that is made as its own was; holds keys."""

    product: str
    made_with: dict[str, Any] | None
    """``None`` for a guard that has keys of its own."""


class Leave(msgspec.Struct, frozen=True, tag=True):
    """The bot's client of a product has closed."""

    product: str
    failed: str
    """The exception it was left with; empty in good order."""


class Resume(msgspec.Struct, frozen=True, tag=True):
    """The bot is well again and wants to trade."""


class Dismiss(msgspec.Struct, frozen=True, tag=True):
    """The guard is to end and to cancel nothing."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """What was asked for last is done: hello, join, resume."""

    pid: int
    mute_s: float
    """How long the bot may be mute, as the guard was told when it was started, or by the bot."""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """What was asked for last cannot be."""

    reason: str


class Acted(msgspec.Struct, frozen=True, tag=True):
    """From now on the guard cancels what the bot has open."""

    reason: str


class Cleared(msgspec.Struct, frozen=True, tag=True):
    """The venues have confirmed that nothing of the bot is open."""

    orders: int
    """How many were cancelled or found to have ended."""
    text: str
    """The same for people, account by account."""


class Done(msgspec.Struct, frozen=True, tag=True):
    """A client that has left is not guarded any more."""

    product: str


FromBot: TypeAlias = Hello | Join | Leave | Resume | Dismiss
FromGuard: TypeAlias = Ready | Refused | Acted | Cleared | Done

_encode = msgspec.json.Encoder().encode_into
_from_bot: msgspec.json.Decoder[FromBot] = msgspec.json.Decoder(FromBot)
_from_guard: msgspec.json.Decoder[FromGuard] = msgspec.json.Decoder(FromGuard)


def line_of(message: FromBot | FromGuard) -> bytearray:
    """Return a message as a line. It may hold keys: overwrite it once it is sent."""
    line = bytearray()
    _encode(message, line)
    line += b"\n"
    return line


def from_bot(line: bytes) -> FromBot:
    """Return what a bot says. Raises ``GuardFailed``, which does not show it."""
    try:
        return _from_bot.decode(line)
    except msgspec.MsgspecError:
        raise GuardFailed(
            "the bot says what this guard does not understand; give both the same tradewire"
        ) from None


def from_guard(line: bytes) -> FromGuard:
    """Return what a guard says. Raises ``GuardFailed``."""
    try:
        return _from_guard.decode(line)
    except msgspec.MsgspecError as error:
        raise GuardFailed(f"the guard says what this bot does not understand: {error}") from error


class LineReader:
    """Cuts what arrives into lines."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that are whole now, without their ends. Raises ``GuardFailed`` for one beyond all measure."""
        self._rest += data
        while (end := self._rest.find(b"\n")) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            yield line
        if len(self._rest) > MAX_LINE_BYTES:
            raise GuardFailed(f"a line between bot and guard must be at most {MAX_LINE_BYTES} bytes")
