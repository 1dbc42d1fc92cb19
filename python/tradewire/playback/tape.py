"""The records of a recording as a replay needs them: what was recorded, and each public push with what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from tradewire.errors import FrameError, RecordingError
from tradewire.playback.wire import Subject, Wire
from tradewire.playback.wires import wire_of
from tradewire.protocol.confidential import WITHHELD
from tradewire.recording.format import Kind
from tradewire.recording.reader import Recording
from tradewire.registry import find_product

__all__ = ["Play", "Source", "Tape"]


class Source:
    """One recorded connection: what it carried, and the books that follow from it."""

    def __init__(self, wire: Wire, url: str) -> None:
        self.url = url
        self.subjects: dict[Subject, Any] = {}
        """What was subscribed, with the book where it has one."""
        self.books: list[Subject] = []
        self.feed = wire.feed()
        self.following: dict[str, int] = {}
        """By channel: the number of its next message, where the venue counts."""

    def subscribe(self, wire: Wire, subject: Subject) -> None:
        """Take note of a subscription."""
        if subject not in self.subjects:
            is_book = subject.topic == wire.book_topic
            self.subjects[subject] = wire.add_book(self.feed, subject) if is_book else None
            if is_book:
                self.books.append(subject)


class Play(NamedTuple):
    """Something to be played: a public push, or the loss of the connection that carried some."""

    at_ns: int
    """Since the recording began, by the monotonic clock."""
    wall_ns: int
    source: Source
    subject: Subject | None
    """``None`` for a loss."""
    frame: bytes
    is_book: bool

    def apply(self) -> Any:
        """Bring the books of the connection to what they are after it; return what the feed made of a push of one."""
        if self.subject is None:
            self.source.feed.disconnected("disconnected")
        elif self.is_book:
            try:
                return self.source.feed.on_frame(self.frame, self.wall_ns)
            except FrameError:
                # Clients get it as it is; the feed's books say that they are suspect.
                pass
        return None


class PublicReply(NamedTuple):
    """What the venue answered to anybody who asked."""

    at_ns: int
    """Since the recording began."""
    status: int
    content_type: str
    body: bytes

    @classmethod
    def read(cls, at_ns: int, data: bytes) -> PublicReply:
        """Read a record."""
        line, _, body = data.partition(b"\n")
        head = msgspec.json.decode(line)
        kind = str(head["headers"].get("content-type", "application/json")).partition(";")[0]
        return cls(at_ns, int(head["status"]), kind, body)


class Tape:
    """A recording, looked through once.

    Attributes:
        product: What was recorded.
        wire: How to read its frames.
        subjects: Everything public that was subscribed.
        markets: Whose books those are.
        began_wall_ns: Wall clock of the first record.
        duration_ns: From the first record to the last, by the monotonic clock.
        frames: Messages received.

    Raises:
        RecordingError: Nothing was recorded, the recording is damaged, or its venue cannot be replayed.
        ConfigError: The venue of the recording is not installed.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.product = find_product(recording.about.product)
        self.wire = wire_of(self.product)
        self.subjects: dict[Subject, None] = {}
        self.replies: dict[str, list[PublicReply]] = {}
        """Public replies to ``GET``, by path with query, oldest first."""
        asked: dict[int, str] = {}
        self.began_wall_ns = self.began_ns = self._ended_ns = self.frames = 0
        for record in recording.records():
            if not self.began_wall_ns:
                self.began_wall_ns, self.began_ns = record.wall_ns, record.monotonic_ns
            self._ended_ns = record.monotonic_ns
            self.frames += record.kind == Kind.RECEIVED
            if record.kind == Kind.SENT:
                self.subjects |= {want.subject: None for want in self.wire.wanted(record.data) if want.begins}
            elif record.kind == Kind.REQUEST:
                if target := _public_target(record.data):
                    asked[record.source] = target
            elif record.kind == Kind.REPLY and record.source in asked:
                at_ns = record.monotonic_ns - self.began_ns
                reply = PublicReply.read(at_ns, record.data)
                self.replies.setdefault(asked.pop(record.source), []).append(reply)
        if not self.subjects:
            raise RecordingError(
                f"{recording.paths[0]} must hold public data of a market: nothing was subscribed while it was recorded"
            )
        books = (one.market for one in self.subjects if one.topic == self.wire.book_topic)
        self.markets = tuple(dict.fromkeys(books))

    @property
    def duration_ns(self) -> int:
        """From the first record to the last."""
        return self._ended_ns - self.began_ns

    def plays(self) -> Iterator[Play]:
        """Yield what is to be played; each is to be applied when its time has come."""
        wire, began_ns = self.wire, self.began_ns
        sources: dict[int, Source] = {}
        for record in self.recording.records():
            kind, number, at_ns = record.kind, record.source, record.monotonic_ns - began_ns
            if kind == Kind.OPENED:
                sources[number] = Source(wire, record.data.decode())
                continue
            source = sources.get(number)
            if source is None:
                continue
            if kind == Kind.SENT:
                for want in wire.wanted(record.data):
                    if want.begins:
                        source.subscribe(wire, want.subject)
            elif kind == Kind.RECEIVED:
                subject = wire.subject(record.data, source.books)
                if subject is not None:
                    is_book = subject.topic == wire.book_topic
                    yield Play(at_ns, record.wall_ns, source, subject, record.data, is_book)
            elif kind == Kind.CLOSED:
                del sources[number]
                if not record.data.startswith(b"1000"):
                    yield Play(at_ns, record.wall_ns, source, None, b"", False)


def _public_target(data: bytes) -> str:
    """Return path and query of a ``GET`` that showed no key; empty for every other request."""
    head = msgspec.json.decode(data.partition(b"\n")[0])
    if head["method"] != "GET" or WITHHELD in head["headers"].values() or WITHHELD in head["url"]:
        return ""
    _, slash, target = str(head["url"]).partition("//")[2].partition("/")
    return slash + target
