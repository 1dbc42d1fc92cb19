"""Requests of one stream that are not answered yet: their frames, their deadlines, and which reply is whose."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from msgspec import Struct

from tradewire.protocol.channels import Channel
from tradewire.protocol.confidential import Confidential
from tradewire.protocol.dialect import Dialect, FrameEvent

__all__ = ["InFlight", "Purpose", "Request"]


class Purpose(StrEnum):
    """What a request is for."""

    LOGIN = "login"
    PING = "ping"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    QUESTION = "question"
    """Something that a client asks, see ``answer``."""


class Request(Struct, frozen=True):
    """A request under way."""

    purpose: Purpose
    channels: tuple[Channel, ...]
    deadline_ns: int
    answer: Callable[[FrameEvent | None], None] | None = None
    """Takes the reply, or ``None`` when the connection is lost before it comes."""


class InFlight:
    """Numbers requests and remembers them until they are answered.

    Args:
        dialect: Writes the frames.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._by_id: dict[int, Request] = {}
        self._last_id = 0

    def __bool__(self) -> bool:
        return bool(self._by_id)

    def register(self, purpose: Purpose, channels: tuple[Channel, ...], deadline_ns: int) -> bytes | None:
        """Return the frame of a new request, ``None`` where the venue has no such request."""
        self._last_id += 1
        frame = self._frame(purpose, channels)
        if frame is not None:
            self._by_id[self._last_id] = Request(purpose, channels, deadline_ns)
        return frame

    def ask(
        self, frame: Callable[[int], bytes], answer: Callable[[FrameEvent | None], None], deadline_ns: int
    ) -> bytes:
        """Return the frame of a question, which ``frame`` makes of its number."""
        self._last_id += 1
        self._by_id[self._last_id] = Request(Purpose.QUESTION, (), deadline_ns, answer)
        return frame(self._last_id)

    def answered(self, news: FrameEvent) -> Request | None:
        """Take the request that ``news`` answers: by its id, or the first it can be the answer to."""
        if news.id is not None:
            return self._by_id.pop(news.id, None)
        for request_id, request in self._by_id.items():
            if news.answers in (request.purpose, "oldest"):
                return self._by_id.pop(request_id)
        return None

    def overdue(self, now_ns: int) -> str:
        """Return in words which request was not answered in time; empty if none."""
        for request_id, request in self._by_id.items():
            if now_ns >= request.deadline_ns:
                return f"{request.purpose} request {request_id} was not answered in time"
        return ""

    def deadlines_ns(self) -> Iterable[int]:
        """Return every deadline."""
        return (request.deadline_ns for request in self._by_id.values())

    def has(self, purpose: Purpose) -> bool:
        """Tell whether a request of this kind is under way."""
        return any(request.purpose is purpose for request in self._by_id.values())

    def clear(self) -> None:
        """Forget all of them: their connection is gone. Numbers go on."""
        lost = list(self._by_id.values())
        self._by_id.clear()
        for request in lost:
            if request.answer is not None:
                request.answer(None)

    def _frame(self, purpose: Purpose, channels: tuple[Channel, ...]) -> bytes | None:
        match purpose:
            case Purpose.LOGIN:
                frame = self._dialect.login(self._last_id)
                return frame if isinstance(frame, Confidential) else Confidential(frame)
            case Purpose.PING:
                return self._dialect.ping(self._last_id)
            case Purpose.SUBSCRIBE:
                return self._dialect.subscribe(channels, self._last_id)
            case Purpose.UNSUBSCRIBE:
                return self._dialect.unsubscribe(channels, self._last_id)
            case Purpose.QUESTION:
                raise AssertionError("a question brings its own frame")
