"""The patience of a stream, in one place: every deadline with its reason."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Timing"]

NS_PER_S = 1_000_000_000


class Timing(Struct, frozen=True):
    """Deadlines of one stream, nanoseconds. The defaults suit a venue across the internet."""

    connect_ns: int = 10 * NS_PER_S
    """Longest wait for a connection and its upgrade."""
    ping_interval_ns: int = 15 * NS_PER_S
    """Pings are sent this often, whatever else is said: the reply proves the transport."""
    pong_ns: int = 5 * NS_PER_S
    """A ping unanswered for this long means a mute socket: it is dropped."""
    reply_ns: int = 10 * NS_PER_S
    """Any other request unanswered for this long drops the connection: a new one starts from known ground."""
    retry_ns: int = 1 * NS_PER_S
    """Wait before asking again for a channel the venue put off; doubles up to ``resync_cap_ns``."""
    snapshot_ns: int = 10 * NS_PER_S
    """Longest wait for the first whole book after subscribing."""
    snapshot_attempts: int = 3
    """Subscriptions to a book that never came before it is given up with an error: a misspelt market that the venue
    answers with OK and silence ends after this many times ``snapshot_ns``."""
    silence_ns: int | None = None
    """A book without a proof for this long is suspect; ``None`` takes the venue's own habit, see
    ``Dialect.book_silence_ns``."""
    resync_ns: int = 1 * NS_PER_S
    """Least time between two resyncs of one book; doubles up to ``resync_cap_ns``."""
    resync_cap_ns: int = 60 * NS_PER_S
    """Longest pause between two tries to fetch a book again."""
    settled_ns: int = 120 * NS_PER_S
    """A book verified for this long has its resync interval reset."""
