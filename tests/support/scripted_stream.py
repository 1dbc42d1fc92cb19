"""A feed and a dialect in plain JSON, and a clock with hands, to run a StreamProtocol by script."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tradewire.errors import FrameError
from tradewire.protocol.backoff import Backoff
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import FrameEvent, Verdict
from tradewire.protocol.stream import StreamProtocol
from tradewire.protocol.timing import Timing

SECOND = 1_000_000_000
CODES = {0: Verdict.DONE, 1: Verdict.RETRY, 2: Verdict.RESTART, 3: Verdict.REFUSED, 4: Verdict.STALE}


@dataclass(frozen=True)
class ScriptedNews:
    kind: str = "push"
    topic: str = ""
    market: str = ""
    change: str = ""
    reason: str = ""
    id: int | None = None
    answers: str = ""
    has_more: bool = False
    code: str = ""
    message: str = ""
    received_at_ns: int = 0
    payload: bytes = b""

    @property
    def is_plain(self) -> bool:
        says_more = self.reason or self.answers or self.message or self.has_more
        return self.kind == "book" and self.change != "ignored" and not says_more


@dataclass
class ScriptedFeed:
    """Reads frames that say themselves what they are."""

    resynced: list[str] = field(default_factory=list)
    disconnections: int = 0

    def on_frame(self, data: bytes, received_at_ns: int, /) -> ScriptedNews:
        try:
            said = json.loads(data)
        except ValueError:
            raise FrameError("not JSON", kind="bad_json", offset=0, excerpt=data) from None
        code = str(said.pop("code", ""))
        return ScriptedNews(**{"received_at_ns": received_at_ns} | said, code=code, payload=data)

    def resync(self, market: str, reason: str, /) -> None:
        self.resynced.append(f"{market} {reason}")

    def disconnected(self) -> None:
        self.disconnections += 1


class ScriptedDialect:
    """Topics in capitals are private; ``book`` feeds books; ``news`` comes unasked; codes name their verdict."""

    max_batch = 3
    max_silence_ns: int | None = None
    has_login = True
    shares_sequence = False
    book_silence_ns: int | None = None
    has_ping = True

    def login(self, request_id: int) -> bytes:
        return _say("login", request_id)

    def ping(self, request_id: int) -> bytes | None:
        return _say("ping", request_id) if self.has_ping else None

    def subscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:
        return _say("subscribe", request_id, *map(str, channels))

    def unsubscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:
        return _say("unsubscribe", request_id, *map(str, channels))

    def is_private(self, channel: Channel) -> bool:
        return channel.topic.isupper()

    def is_implied(self, channel: Channel) -> bool:
        return channel.topic.lower() == "news"

    def is_book(self, channel: Channel) -> bool:
        return channel.topic == "book"

    def is_late(self, news: FrameEvent) -> bool:
        return news.reason == "stray"

    def verdict(self, code: str) -> Verdict:
        return CODES[int(code or 0)]


def _say(word: str, request_id: int, *names: str) -> bytes:
    return " ".join((word, str(request_id), *names)).encode()


class Script:
    """Drives a protocol: what goes in at which second, what comes out."""

    def __init__(self, timing: Timing | None = None) -> None:
        self.now_ns = 1000 * SECOND
        self.feed = ScriptedFeed()
        self.dialect = ScriptedDialect()
        self.timing = timing or Timing()
        self.protocol: StreamProtocol[ScriptedNews] = StreamProtocol(
            self.dialect, self.feed, Backoff(lambda: 0.0), self.timing
        )

    def open(self, *channels: Channel) -> list[str]:
        self.protocol.subscribe(channels, self.now_ns)
        self.protocol.connect()
        self.protocol.opened(self.now_ns)
        return self.sent()

    def hear(self, **said: Any) -> ScriptedNews | None:
        return self.hear_bytes(json.dumps(said).encode())

    def hear_bytes(self, data: bytes) -> ScriptedNews | None:
        return self.protocol.receive(data, 0, self.now_ns)

    def reply(self, request_id: int, code: int = 0) -> None:
        assert self.hear(kind="reply", id=request_id, code=code, message="words") is None

    def answer(self, frames: list[str]) -> None:
        """Say OK to every request."""
        for frame in frames:
            self.reply(int(frame.split()[1]))

    def push(self, market: str, reason: str = "", change: str = "delta") -> None:
        assert self.hear(kind="book", topic="book.update", market=market, change=change, reason=reason)

    def after(self, seconds: float) -> list[str]:
        self.now_ns += int(seconds * SECOND)
        self.protocol.tick(self.now_ns)
        return self.sent()

    def sent(self) -> list[str]:
        return [frame.decode() for frame in self.protocol.data_to_send()]

    def told(self) -> list[Any]:
        return self.protocol.take_events()
