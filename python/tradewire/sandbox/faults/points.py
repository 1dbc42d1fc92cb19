"""What a venue says of itself so that faults can be injected between it and its sockets.

The injectors know no venue: frames, numbers and rows are found through ``FaultPoints``, which each venue
implements in its own folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from tradewire.sandbox.documents import to_json
from tradewire.sandbox.faults.kinds import FaultKind, Requests
from tradewire.sandbox.reply import Reply

__all__ = ["Action", "Asked", "FaultPoints", "Push", "RequestKind", "RowFields", "Slot"]

Action: TypeAlias = Literal["place", "amend", "cancel", "query", "public"]
ACCEPTED = range(200, 300)
COMMANDS = frozenset({"place", "amend", "cancel"})
Slot: TypeAlias = tuple[Any, Any]
"""Where a row sits: a list and its index, or an object and the name of its member."""


@dataclass(frozen=True, slots=True)
class RequestKind:
    """What a REST request is about. ``topic`` names the rows of its reply."""

    action: Action
    topic: str = ""
    market: str | None = None

    @property
    def is_command(self) -> bool:
        """It changes orders."""
        return self.action in COMMANDS

    def is_among(self, requests: Requests) -> bool:
        """Say whether a fault for ``requests`` concerns it."""
        if requests == "any":
            return True
        if requests == "commands":
            return self.is_command
        return self.action == ("query" if requests == "queries" else requests)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message of a client over WebSocket wants."""

    kind: Literal["subscribe", "unsubscribe", "ping", "other"]
    markets: tuple[str, ...] = ()
    is_login: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    """What a message to a client is about. ``series`` names the sequence that its number belongs to."""

    topic: str
    market: str | None = None
    series: str = ""


@dataclass(frozen=True, slots=True)
class RowFields:
    """Names of fields in the rows of one topic: one that holds a number, and one that holds a word."""

    number: str
    word: str


class FaultPoints(Protocol):
    """One venue. What stands here in full holds for a venue that says no with HTTP statuses and sends JSON as text."""

    fields: ClassVar[Mapping[str, RowFields]]
    sequence_back: ClassVar[int]
    """How far numbers go back at a reset; 0: to 1."""

    def is_accepted(self, reply: Reply) -> bool:
        """Say whether the venue did what was asked."""
        return reply.status in ACCEPTED

    def refusal(self, kind: FaultKind, values: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """Return what the venue says when ``kind`` happens to a request with these headers."""

    def remaining_headers(self, remaining: int, long_remaining: int | None) -> dict[str, str]:  # noqa: ARG002
        """Return the headers that say how many requests are left; by default the one that proxies add."""
        return {"X-RateLimit-Remaining": str(remaining)}

    def rows_of_reply(self, topic: str, document: Any) -> Iterable[Slot]:
        """Yield where the rows of ``topic`` are in ``{"reply": ...}``."""

    def rows_of_push(self, topic: str, message: dict[str, Any]) -> Iterable[Slot]:
        """Yield where the rows of ``topic`` are in a message."""

    def asked(self, text: str) -> Asked:
        """Say what a client's message wants."""

    def decode(self, frame: bytes, /) -> dict[str, Any]:
        """Return what a frame holds."""
        message: dict[str, Any] = json.loads(frame)
        return message

    def encode(self, message: dict[str, Any]) -> bytes:
        """Return a message as a frame."""
        return to_json(message)

    def push(self, message: dict[str, Any]) -> Push | None:
        """Say what a message is about; ``None`` for replies and heartbeats."""

    def number(self, message: dict[str, Any]) -> int | None:
        """Return the number of a push of a book."""

    def renumber(self, message: dict[str, Any], number: int | None) -> None:
        """Write a number into a push of a book, or take it out."""
