"""What a stream asks of its venue: the small questions only the venue can answer.

``protocol.stream`` owns states, deadlines and subscriptions; a venue's ``dialect`` room writes frames and
judges codes; a ``Feed`` (native) reads frames and owns the books. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

from tradewire.protocol.channels import Channel

__all__ = ["Dialect", "Feed", "FrameEvent", "Verdict"]


class Verdict(StrEnum):
    """What a reply's code asks of us."""

    DONE = "done"
    RETRY = "retry"
    """The venue cannot now: ask again later on the same connection."""
    RESTART = "restart"
    """The conversation is in a state neither side expected: start it again."""
    STALE = "stale"
    """Refused, perhaps for its timestamp only: ask the venue's time and try again, a few times at most."""
    REFUSED = "refused"
    """Repeating the same request cannot help."""


class FrameEvent(Protocol):
    """What one frame said; the native feed's event satisfies it."""

    @property
    def kind(self) -> str:
        """``book``, ``trades``, ``bbo``, ``push``, ``reply`` or ``unrecognised``."""

    @property
    def topic(self) -> str:
        """The venue's word for a push."""

    @property
    def market(self) -> str:
        """The market of a push; empty where the frame names none."""

    @property
    def change(self) -> str:
        """For books: ``snapshot``, ``delta`` or ``ignored``."""

    @property
    def reason(self) -> str:
        """For books: why it is not synced. For unrecognised frames: why."""

    @property
    def is_plain(self) -> bool:
        """For books: it proved its book and says nothing else: no trades, no answer, no gap."""

    @property
    def id(self) -> int | None:
        """For replies: the id of the request."""

    @property
    def answers(self) -> str:
        """For replies and books of venues without request ids: what kind of request this answers.

        ``login``, ``subscribe``, ``unsubscribe`` or ``ping`` for the first of its kind still open, ``oldest``
        for whatever was asked first; empty if it answers none, or names its request by ``id``.
        """

    @property
    def has_more(self) -> bool:
        """For books: the frame also carries items for the decoder, such as trades."""

    @property
    def code(self) -> str:
        """For replies: the venue's code."""

    @property
    def message(self) -> str:
        """For replies: the venue's words. For pushes that are counted: what was expected and what came, in a gap."""

    @property
    def received_at_ns(self) -> int:
        """Our time when the frame arrived, UTC."""

    @property
    def payload(self) -> bytes:
        """The whole frame, inflated; empty for books."""


EventT_co = TypeVar("EventT_co", bound=FrameEvent, covariant=True)


class Feed(Protocol[EventT_co]):
    """Reads the frames of one connection and owns its books."""

    def on_frame(self, data: bytes, received_at_ns: int, /) -> EventT_co:
        """Read one frame.

        Raises:
            FrameError: It cannot be read.
        """

    def resync(self, market: str, reason: str, /) -> None:
        """Empty the book of ``market``, which waits for a whole one because of ``reason``."""

    def disconnected(self) -> None:
        """Mark every book stale."""


class Dialect(Protocol):
    """Writes a venue's frames and judges its codes."""

    max_batch: int
    """Most channels one request may name."""
    max_silence_ns: int | None
    """The venue is never silent longer than this on a living connection; ``None`` where it may be."""
    book_silence_ns: int | None
    """The venue pushes even a quiet book at least this often; ``None`` where a quiet market says nothing."""
    has_login: bool
    """Private channels need ``login`` first; ``False`` where every request carries its own proof."""
    shares_sequence: bool
    """The books of a connection count on one sequence: a gap in it puts all of them in doubt."""

    def login(self, request_id: int) -> bytes:
        """Return the frame that proves who we are, stamped with the venue's time as the signer knows it."""

    def ping(self, request_id: int) -> bytes | None:
        """Return the application ping; ``None`` where the venue has none."""

    def subscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:
        """Return the frame that subscribes ``channels``, all of one topic."""

    def unsubscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:
        """Return the frame that unsubscribes ``channels``, all of one topic."""

    def is_private(self, channel: Channel) -> bool:
        """Tell whether the channel needs a login."""

    def is_implied(self, channel: Channel) -> bool:
        """Tell whether the venue sends the channel unasked, after the login if it is private."""

    def is_book(self, channel: Channel) -> bool:
        """Tell whether the channel feeds a book of the feed."""

    def is_late(self, event: FrameEvent) -> bool:
        """Return whether an unrecognised frame is only a late push of a book that is no longer kept."""

    def verdict(self, code: str) -> Verdict:
        """Return what a reply's code asks of us."""
