"""The venue of a replay: the sandbox's, with recorded market data in the place of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from tradewire.playback.model import FillModel
from tradewire.playback.tape import Play, Tape
from tradewire.playback.wire import Numbers, Subject, Wire
from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.routing import Request
from tradewire.sandbox.venue import Conversation

__all__ = ["Player", "ReplayedVenue"]

MOST_WAITING: Final = 512
"""Frames that may wait for one client before the recording waits for it, at full speed over sockets."""
CLOCK_WORDS: Final = ("/time", "/health")
"""Ends of paths that tell the venue's time."""
BOOK_WORDS: Final = ("depth", "book", "ticker", "quote", "market-data")
"""Paths that show a book."""
ORDER_WORDS: Final = ("submit_order", "amend_order", "order.place")
"""Messages that may trade."""


class Played(bytes):
    """A recorded frame, as against one of the sandbox's."""


class Sieve(Outbox):
    """An outbox from which the sandbox's own public data does not come out; wraps the venue's."""

    def __init__(self, inner: Outbox, is_public: Callable[[bytes], bool]) -> None:
        super().__init__()
        self.inner = inner
        self._is_public = is_public
        self.waiting = 0
        inner.on_overflow = lambda: self.on_overflow()

    def put(self, frame: bytes) -> None:
        """Queue a frame of the sandbox's, or a recorded one."""
        self.waiting += isinstance(frame, Played)
        self.inner.put(frame)

    async def get(self) -> bytes:
        """Return the next frame that may go out."""
        while True:
            frame = await self.inner.get()
            if isinstance(frame, Played):
                self.waiting -= 1
                return frame
            if not self._is_public(frame):
                return frame


class Follower:
    """One client's conversation, the sandbox's with recorded pushes added."""

    def __init__(self, inner: Conversation, sieve: Sieve, player: Player) -> None:
        self.inner = inner
        self.sieve = sieve
        self.numbers = Numbers()
        self._player = player
        self.subjects: dict[Subject, None] = {}
        self._covered: dict[Subject, bool] = {}

    def wants(self, subject: Subject) -> bool:
        """Tell whether it subscribed to pushes about ``subject``."""
        found = self._covered.get(subject)
        if found is None:
            found = self._covered[subject] = any(one.covers(subject) for one in self.subjects)
        return found

    def receive(self, text: str, now_ms: int) -> None:
        """Take one text message: the sandbox answers, recorded data follows."""
        self._player.handle(text, lambda: self.inner.receive(text, now_ms))
        for subject, begins in self._player.wire.wanted(text.encode()):
            self._covered.clear()
            if not begins:
                self.subjects.pop(subject, None)
            elif self.follows(subject.market):
                self.subjects[subject] = None
                self._player.welcome(self, subject)

    def follows(self, market: str) -> bool:
        return self.inner.follows(market) or not market

    def answer_instead(self, text: str, fault: FaultKind) -> None:
        self.inner.answer_instead(text, fault)

    def expire_login(self) -> bool:
        return self.inner.expire_login()

    def send(self, frame: bytes) -> None:
        """Send a recorded frame."""
        self.sieve.put(Played(self._player.wire.numbered(frame, self.numbers)))


class Player:
    """Plays a tape to followers.

    Args:
        tape: What was recorded.
        venue: The sandbox's venue, with empty books.
        model: Which orders trade.
    """

    def __init__(self, tape: Tape, venue: Any, model: FillModel) -> None:
        self.wire: Wire = tape.wire
        self._tape = tape
        self._venue = venue
        self._model = model
        self.followers: dict[Follower, None] = {}
        self._last: dict[Subject, Play] = {}
        self._now_ns = 0
        self.cut: Callable[[str], object] = lambda _: None
        """Cuts the connections that follow a market."""
        self.subscribed = asyncio.Event()
        """Somebody subscribed to something that was recorded."""
        self.played = 0
        self.missing: dict[Subject, None] = {}
        """Subscribed to, and not in the recording."""

    def handle(self, message: str, act: Callable[[], Any]) -> Any:
        """Let the sandbox handle a client's message, with the recorded book in it if that may matter."""
        if not any(word in message for word in ORDER_WORDS):
            return act()
        with self._model.mirrored(message):
            return act()

    def answer(self, request: Request, answer: Callable[[Request], Reply]) -> Reply:
        """Let the sandbox answer a request likewise."""
        path = request.path.lower()
        if request.method == "GET" and (recorded := self._recorded(request.raw_path, path)) is not None:
            return recorded
        if request.method == "DELETE" or (
            request.method == "GET" and not any(word in path for word in BOOK_WORDS)
        ):
            reply = answer(request)
            if request.method == "DELETE":
                self._model.look()
            return reply
        with self._model.mirrored(request.raw_path + request.body.decode("utf-8", "replace")):
            return answer(request)

    def _recorded(self, target: str, path: str) -> Reply | None:
        """Return what was recorded of a public request; books and the time are asked of the sandbox."""
        replies = self._tape.replies.get(target)
        if not replies or path.endswith(CLOCK_WORDS) or any(word in path for word in BOOK_WORDS):
            return None
        earlier = [reply for reply in replies if reply.at_ns <= self._now_ns]
        reply = earlier[-1] if earlier else replies[0]
        return Reply(reply.body, reply.status, reply.content_type)

    def welcome(self, follower: Follower, subject: Subject) -> None:
        """Send a new follower what it needs to begin, if the recording has come to that."""
        if not any(one.covers(subject) or subject.covers(one) for one in self._tape.subjects):
            self.missing[subject] = None
            return
        self.subscribed.set()
        for known, play in list(self._last.items()):
            if not subject.covers(known):
                continue
            book = play.source.subjects.get(known)
            if known.topic == self.wire.book_topic and (book is None or not book.is_synced):
                continue
            for frame in self.wire.fresh(known, book, play.frame):
                follower.send(frame)

    def play(self, play: Play) -> None:
        """Play one thing to everybody who wants it."""
        self._now_ns = play.at_ns
        self._model.played(play, play.apply())
        subject = play.subject
        if subject is None:
            lost = [one for one, last in self._last.items() if last.source is play.source]
            for one in lost:
                del self._last[one]
            for market in dict.fromkeys(one.market for one in lost):
                self.cut(market)
            return
        channel, missing = self.wire.lost(play.frame, play.source.following)
        if missing:
            for follower in self.followers:
                follower.numbers.skip(channel, missing)
        self.played += 1
        self._last[subject] = play
        for follower in self.followers:
            if follower.wants(subject):
                follower.send(play.frame)

    async def drain(self) -> None:
        """Wait until no follower is far behind."""
        while any(one.sieve.waiting > MOST_WAITING for one in self.followers):  # noqa: ASYNC110 - any of them
            await asyncio.sleep(0)


class ReplayedVenue:
    """The sandbox's venue, for its listener. Everything that is not here is the inner one's."""

    def __init__(self, inner: Any, player: Player) -> None:
        self._inner = inner
        self._player = player
        self.api = _ReplayedApi(inner.api, player)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def outbox(self) -> Sieve:
        """Return what keeps frames for one client."""
        wire = self._player.wire
        return Sieve(self._inner.outbox(), lambda frame: wire.subject(frame, ()) is not None)

    def connect(self, outbox: Sieve, path: str) -> Follower:
        """Begin a conversation."""
        follower = Follower(self._inner.connect(outbox.inner, path), outbox, self._player)
        self._player.followers[follower] = None
        return follower

    def disconnect(self, follower: Follower) -> None:
        """End a conversation."""
        self._player.followers.pop(follower, None)
        self._inner.disconnect(follower.inner)


class _ReplayedApi:
    def __init__(self, inner: Any, player: Player) -> None:
        self._inner = inner
        self._player = player

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def answer(self, request: Request) -> Reply:
        return self._player.answer(request, self._inner.answer)


def markets_of(subjects: Iterable[Subject]) -> str:
    """Return subjects in words, for messages."""
    return ", ".join(
        f"{one.topic} of {one.market or 'every market'}" + f" at {one.depth}" * bool(one.depth)
        for one in subjects
    )
