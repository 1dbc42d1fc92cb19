"""What a stream reports about itself: connections, subscriptions, suspect books, frames without a known meaning.

Market and account data never travel as these; they go straight from the frame to whoever watches them.
Every event is frozen and small. Nothing here knows a venue.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from tradewire.errors import UnreadableRow
from tradewire.protocol.channels import Channel

__all__ = [
    "AccountSubscribed",
    "Authenticated",
    "CallbackFailed",
    "CatchUpFailing",
    "CatchUpStarted",
    "CaughtUp",
    "Disconnected",
    "Event",
    "Gap",
    "GuardActed",
    "GuardCleared",
    "GuardLost",
    "GuardStarted",
    "Live",
    "LoginRefused",
    "LoginRetried",
    "ProtocolVersionDetected",
    "Reconnected",
    "Resyncing",
    "RowUnreadable",
    "SnapshotMissing",
    "SubscriptionRefused",
    "Unreadable",
    "Unrecognised",
]


class Live(Struct, frozen=True):
    """Every channel asked for is confirmed, the private ones too.

    Attributes:
        refused_login: The venue refused the login for good: public channels are live, private ones are not.
    """

    refused_login: bool = False


class AccountSubscribed(Struct, frozen=True):
    """Every private channel is confirmed on this connection, whatever the public ones do: catch-up begins."""


class CatchUpStarted(Struct, frozen=True):
    """The venue is being asked over REST for what the stream missed.

    Attributes:
        questions: How many, one for each order, each market and the list of open orders.
    """

    questions: int


class CatchUpFailing(Struct, frozen=True):
    """One question of a catch-up failed; it is asked again by itself and holds up no other one.

    Attributes:
        question: What is asked, in words.
        error: Why it failed.
    """

    question: str
    error: Exception


class CaughtUp(Struct, frozen=True):
    """Every question of the catch-up is answered: orders and fills are certain again.

    Attributes:
        duration_ns: From the start of the catch-up to now.
    """

    duration_ns: int


class LoginRetried(Struct, frozen=True):
    """The venue refused a login that may be good, for its timestamp for instance: the venue's time is asked first."""

    code: str
    """The venue's code."""
    message: str
    """The venue's words."""
    attempt: int
    """Logins refused so far on this connection."""


class Reconnected(Struct, frozen=True):
    """Live again after a loss. User channels have no snapshot: ask REST for what happened meanwhile.

    Attributes:
        down_ns: How long nothing was heard, from the loss to now.
    """

    down_ns: int


class Authenticated(Struct, frozen=True):
    """The venue accepted the login."""


class LoginRefused(Struct, frozen=True):
    """The venue refused the login for good; channels that need it are given up, the others go on."""

    code: str
    """The venue's code."""
    message: str
    """The venue's words."""


class SubscriptionRefused(Struct, frozen=True):
    """The venue refused a channel for good; it is no longer wanted."""

    channel: Channel
    """The channel it is about."""
    code: str
    """The venue's code."""
    message: str
    """The venue's words."""


class Disconnected(Struct, frozen=True):
    """The connection is gone; the next try comes by itself.

    Attributes:
        reason: Who ended it and why.
        retry_after_ns: Back-off before the next try.
        attempt: Tries since the connection was last stable.
    """

    reason: str
    retry_after_ns: int
    attempt: int


class Resyncing(Struct, frozen=True):
    """A book could not be proved equal to the venue's and is being fetched again."""

    channel: Channel
    """The channel it is about."""
    reason: str
    """Why it could not be proved."""


class SnapshotMissing(Struct, frozen=True):
    """A confirmed subscription brought no whole book in time: the market may not exist, or the venue is slow.

    Attributes:
        attempts: Subscriptions without a book so far.
    """

    channel: Channel
    """The channel it is about."""
    attempts: int


class ProtocolVersionDetected(Struct, frozen=True):
    """The venue gave itself away as speaking another generation of its protocol.

    Attributes:
        generation: Which one.
        missing: What cannot be done there.
    """

    generation: str
    missing: str


class Gap(Struct, frozen=True):
    """Pushes of a topic that feeds no book were missed: ask REST for what they said."""

    topic: str
    """The topic, in the venue's spelling."""
    message: str
    """What was missed."""


class Unreadable(Struct, frozen=True):
    """A frame could not be read. Every book of the connection may have missed it and is fetched again.

    Attributes:
        excerpt: At most 200 bytes around the fault.
    """

    kind: str
    """The kind of fault, a stable word."""
    offset: int
    """Bytes before it."""
    excerpt: bytes


class RowUnreadable(Struct, frozen=True):
    """One row of a reply over REST or of a push could not be read; its neighbours were, and went where they belong.

    Attributes:
        error: Where it came from, why it could not be read, and the row itself.
    """

    error: UnreadableRow


class Unrecognised(Struct, frozen=True):
    """A readable frame with no known meaning, whole."""

    raw: bytes
    """The frame."""
    reason: str
    """Why nothing was made of it."""


class CallbackFailed(Struct, frozen=True):
    """A callback of the caller raised. The stream goes on."""

    channel: Channel
    """The channel it is about."""
    error: Exception
    """What it raised."""


class GuardStarted(Struct, frozen=True):
    """A guard is there: from now on it cancels what is open should the bot die."""

    pid: int
    """Its process."""


class GuardLost(Struct, frozen=True):
    """The guard is gone, or does not answer; what the bot does then is ``on_lost`` of ``tradewire.Guard``."""

    reason: str
    """How that was found."""


class GuardActed(Struct, frozen=True):
    """The guard cancels what the bot has open, for it took the bot for stuck: no order is sent before ``resume``."""

    reason: str
    """What it saw."""


class GuardCleared(Struct, frozen=True):
    """The venues have confirmed to the guard that nothing of the bot is open."""

    orders: int
    """How many orders it found that were not final."""
    text: str
    """What became of them, for people."""


Event: TypeAlias = (
    Live
    | AccountSubscribed
    | CatchUpStarted
    | CatchUpFailing
    | CaughtUp
    | LoginRetried
    | SnapshotMissing
    | Reconnected
    | Authenticated
    | LoginRefused
    | SubscriptionRefused
    | Disconnected
    | Resyncing
    | Gap
    | ProtocolVersionDetected
    | Unreadable
    | RowUnreadable
    | Unrecognised
    | CallbackFailed
    | GuardStarted
    | GuardLost
    | GuardActed
    | GuardCleared
)
