"""Every error tradewire raises, in one tree.

    TradewireError
    ├── ConfigError                     the caller's fault, before anything was sent
    ├── RequestError                    one request failed      .outcome .venue .endpoint
    │   ├── NotSent                     limits, encoding, connect refused
    │   ├── Rejected                    the venue said no       .code .message .http_status
    │   │   ├── AuthRejected            key, signature or permission of the key itself
    │   │   │   └── TimestampRejected   our clock and the venue's disagree
    │   │   ├── PermissionDenied        a good key that may not do this
    │   │   ├── BadRequest              the venue did not understand or accept the parameters
    │   │   ├── RateLimited             too many requests        .retry_after_s
    │   │   ├── InsufficientFunds
    │   │   ├── OrderNotFound
    │   │   ├── OrderRejected           the order breaks a rule of the market
    │   │   │   └── PostOnlyRejected    it would have taken
    │   │   ├── MarketUnavailable       unknown, closed or not tradable market
    │   │   └── VenueUnavailable        busy, down or in maintenance, and it said so
    │   ├── OutcomeUnknown              sent, no proof either way   .lookup
    │   └── CancelAllFailed             some orders may rest still  .failures
    ├── ProtocolError
    │   ├── LocalProtocolError          we broke the conversation: a bug of tradewire, please report it
    │   └── RemoteProtocolError         the venue did
    │       ├── FrameError              unreadable bytes        .kind .offset .excerpt
    │       │   └── UnreadableRow       one row of a reply or push    .raw .endpoint .reason
    │       └── SequenceGap             .channel .expected .received
    ├── BookError
    │   ├── NotSynced                   .market .status .reason .age_ns
    │   ├── CrossedBook
    │   └── ChecksumMismatch
    ├── StreamOverflow                  a reader too slow for its stream    .channel .bound
    ├── JournalFailed                   the journal cannot be read or written
    ├── GuardFailed                     the guard cannot be started, or is gone
    └── NotSupported                    .venue .instead

Each error answers three questions. Whose fault: its class. What happened to my request: ``outcome``.
May I repeat it: ``tradewire.protocol.retry.decide``, a table by the effect of the request.

This module knows nothing else of tradewire and imports nothing from it; the compiled core imports
its classes from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

__all__ = [
    "AuthRejected",
    "BadRequest",
    "BookError",
    "CancelAllFailed",
    "ChecksumMismatch",
    "ConfigError",
    "CrossedBook",
    "FrameError",
    "GuardFailed",
    "InsufficientFunds",
    "JournalFailed",
    "LocalProtocolError",
    "MarketUnavailable",
    "NotSent",
    "NotSupported",
    "NotSynced",
    "OrderNotFound",
    "OrderRejected",
    "Outcome",
    "OutcomeUnknown",
    "PermissionDenied",
    "PostOnlyRejected",
    "ProtocolError",
    "RateLimited",
    "RecordingError",
    "Rejected",
    "RemoteProtocolError",
    "RequestError",
    "SequenceGap",
    "StreamOverflow",
    "StreamStopped",
    "TimestampRejected",
    "TradewireError",
    "UnreadableRow",
    "VenueDeprecationWarning",
    "VenueUnavailable",
]


class Outcome(StrEnum):
    """What became of a request that failed."""

    NOT_SENT = "not_sent"
    """No byte of it reached the venue: repeating it is safe."""

    REJECTED = "rejected"
    """The venue answered no, in its own words."""

    UNKNOWN = "unknown"
    """It was sent and there is no proof either way: ask before doing anything else."""


ErrorT = TypeVar("ErrorT", bound="TradewireError")


class TradewireError(Exception):
    """The root: ``except TradewireError`` catches everything tradewire raises on purpose.

    Every error says why: an empty message becomes ``default_reason`` of its class. Every error can be copied and
    pickled with all its fields; ``__cause__`` and the traceback stay behind.
    """

    default_reason: ClassVar[str] = "tradewire failed and no reason was given"
    """What the message says where the raiser gave no reason."""

    def __init__(self, message: str = "", *args: object) -> None:
        super().__init__(self._reason(message), *args)

    def _reason(self, message: str) -> str:
        text = str(message)
        return self.default_reason if not text or text.isspace() else text

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the constructor with ``args``, which several classes do not take.
        return _restored, (type(self), self.args), self.__dict__


def _restored(kind: type[ErrorT], args: tuple[object, ...]) -> ErrorT:
    """Return an error without its fields, which the caller sets: what ``copy`` and ``pickle`` begin with."""
    return kind.__new__(kind, *args)


class ConfigError(TradewireError):
    """The caller asked for something impossible; nothing was sent. The message says what to change.

    Attributes:
        kind: The core's stable name of the fault, for instance ``not_a_decimal``; empty elsewhere.
    """

    default_reason = "an argument is not valid and none was named"

    def __init__(self, message: str, *, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class RequestError(TradewireError):
    """One request failed.

    Attributes:
        outcome: What became of the request.
        venue: The venue's name, see ``tradewire.venue_names()``.
        endpoint: Verb and path, for instance ``POST /v2/spot/order``.
    """

    default_reason = "the request failed and no reason was given"

    outcome: Outcome

    def __init__(self, message: str, *, venue: str = "", endpoint: str = "") -> None:
        super().__init__(message)
        self.message = self._reason(message)
        self.venue = venue
        self.endpoint = endpoint

    def __str__(self) -> str:
        where = " ".join(part for part in (self.venue, self.endpoint) if part)
        return f"{where}: {self.message}" if where else self.message


class NotSent(RequestError):
    """The request never left this machine. Repeating it is safe once the cause is gone.

    Attributes:
        retry_after_s: Seconds until its rate group takes it, where the group is what held it back; else 0.
    """

    default_reason = "the request was not sent and no reason was given"

    outcome = Outcome.NOT_SENT

    def __init__(
        self, message: str, *, retry_after_s: float = 0.0, venue: str = "", endpoint: str = ""
    ) -> None:
        super().__init__(message, venue=venue, endpoint=endpoint)
        self.retry_after_s = retry_after_s


class Rejected(RequestError):
    """The venue said no.

    Attributes:
        code: The venue's own code, as text; empty where the venue has none.
        message: The venue's own words.
        http_status: Status of the HTTP reply, 0 where the answer came over WebSocket.
    """

    default_reason = "the venue refused and gave no reason"

    outcome = Outcome.REJECTED

    def __init__(
        self, message: str, *, code: str = "", http_status: int = 0, venue: str = "", endpoint: str = ""
    ) -> None:
        super().__init__(message, venue=venue, endpoint=endpoint)
        self.code = code
        self.http_status = http_status

    def __str__(self) -> str:
        return f"{super().__str__()} (code {self.code})" if self.code else super().__str__()


class AuthRejected(Rejected):
    """The key or the signature was refused. Check key, secret and the account they belong to."""

    default_reason = "the venue refused the key or the signature and gave no reason"


class TimestampRejected(AuthRejected):
    """The venue found our timestamp outside its window. The session has estimated its clock again: repeat."""

    default_reason = "the venue found the timestamp outside its window"


class PermissionDenied(Rejected):
    """The key is good but may not do this: look at its permissions and its IP whitelist."""

    default_reason = "the key may not do this"


class BadRequest(Rejected):
    """The venue did not accept the parameters. Repeating the same request cannot help."""

    default_reason = "the venue did not accept the parameters and gave no reason"


class RateLimited(Rejected):
    """Too many requests. The client sends nothing more in the groups concerned until ``retry_after_s`` is over.

    Attributes:
        retry_after_s: Seconds to wait before the next try, as the venue said or as its limits imply.
        is_global: It is about the address or the key as a whole and not about one rate group.
    """

    default_reason = "too many requests"

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float = 1.0,
        is_global: bool = False,
        code: str = "",
        http_status: int = 0,
        venue: str = "",
        endpoint: str = "",
    ) -> None:
        super().__init__(message, code=code, http_status=http_status, venue=venue, endpoint=endpoint)
        self.retry_after_s = retry_after_s
        self.is_global = is_global


class InsufficientFunds(Rejected):
    """The free balance does not cover the order and its fees."""

    default_reason = "the free balance does not cover the order"


class OrderNotFound(Rejected):
    """The venue knows no such order. It may be finished: some venues forget cancelled orders at once."""

    default_reason = "the venue knows no such order"


class OrderRejected(Rejected):
    """The order breaks a rule of its market (tick, size, price band, liquidity). Change it before repeating."""

    default_reason = "the order breaks a rule of its market"


class PostOnlyRejected(OrderRejected):
    """A post-only order would have taken liquidity. Quote further from the touch."""

    default_reason = "the post-only order would have taken liquidity"


class MarketUnavailable(Rejected):
    """The market is unknown, closed or not open to API trading."""

    default_reason = "the market is unknown, closed or not open to API trading"


class VenueUnavailable(Rejected):
    """The venue said it is busy, down or in maintenance and did not act. Try again later."""

    default_reason = "the venue is busy, down or in maintenance"


class OutcomeUnknown(RequestError):
    """The request was sent and nothing proves what became of it. Never repeat it blindly.

    Attributes:
        lookup: What to ask to learn its fate, as a Python call, for instance
            ``venue.open_orders(market, client_order_id=...)``.
        code: The venue's own code where it answered without saying what it did; else empty.
        http_status: Status of the HTTP reply; 0 if none came.
    """

    default_reason = "sent, and nothing proves what became of it"

    outcome = Outcome.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        lookup: str = "",
        code: str = "",
        http_status: int = 0,
        venue: str = "",
        endpoint: str = "",
    ) -> None:
        super().__init__(message, venue=venue, endpoint=endpoint)
        self.lookup = lookup
        self.code = code
        self.http_status = http_status

    def __str__(self) -> str:
        return f"{super().__str__()}; ask {self.lookup}" if self.lookup else super().__str__()


class CancelAllFailed(RequestError):
    """Cancelling went on past failures and these are left; everything else was cancelled. Cancelling again is safe.

    Attributes:
        failures: What went wrong, by order id, or by market where the venue cancels a whole market at once.
        outcome: ``unknown`` if it is of any of them; else the outcome of the first.
    """

    default_reason = "some orders could not be cancelled"

    def __init__(
        self,
        message: str,
        *,
        failures: Mapping[str, Exception] | None = None,
        venue: str = "",
        endpoint: str = "",
    ) -> None:
        super().__init__(message, venue=venue, endpoint=endpoint)
        self.failures = dict(failures or {})
        outcomes = [getattr(error, "outcome", Outcome.NOT_SENT) for error in self.failures.values()]
        self.outcome = Outcome.UNKNOWN if Outcome.UNKNOWN in outcomes or not outcomes else outcomes[0]


class ProtocolError(TradewireError):
    """The conversation with a venue went wrong."""

    default_reason = "the conversation with the venue broke"


class LocalProtocolError(ProtocolError):
    """tradewire broke the conversation. This is a bug of ours: please report it."""

    default_reason = "tradewire broke the conversation; please report it"


class RemoteProtocolError(ProtocolError):
    """The venue sent something its protocol does not allow."""

    default_reason = "the venue sent something its protocol does not allow"


class FrameError(RemoteProtocolError):
    """Bytes from the venue that cannot be read.

    Attributes:
        kind: Stable snake-case name of the fault, one of ``tradewire._native.ERROR_KINDS``.
        offset: Byte offset of the fault in the (inflated) frame.
        excerpt: At most 200 bytes around the fault.
    """

    default_reason = "unreadable bytes from the venue"

    def __init__(self, message: str, *, kind: str = "", offset: int = 0, excerpt: bytes = b"") -> None:
        super().__init__(message)
        self.kind = kind
        self.offset = offset
        self.excerpt = excerpt


_ORDER_IDS = ("order_id", "id", "maker_order_id", "taker_order_id")
_CLIENT_ORDER_IDS = ("external_id", "ref_external_id")
"""Where venues name an order in a row; ``client_id`` does so where there are none of these, else it is the account."""


class UnreadableRow(FrameError):
    """One row of a reply or a push that cannot be understood. Its neighbours are read all the same.

    What the row is about is not known: as long as one is missing, absence from its list proves nothing.

    Attributes:
        reason: What must be and what was got.
        raw: The row as the venue sent it, at most 1000 bytes.
        endpoint: The endpoint or topic it came from; empty until that is known.
    """

    default_reason = "a row of the venue cannot be read"

    def __init__(self, reason: str, *, raw: bytes = b"", endpoint: str = "") -> None:
        super().__init__(reason, kind="unreadable_row", excerpt=raw[:200])
        self.reason = str(self.args[0])
        self.raw = raw[:1000]
        self.endpoint = endpoint

    def may_concern(self, order_id: str, client_order_id: str = "") -> bool:
        """Return whether the row may be about an order: it names it, or names none at all that can be read.

        Args:
            order_id: The venue's id of the order; empty if it is not known.
            client_order_id: Our own, by which the row is judged where the venue's is not known.
        """
        # Importing tradewire loads this module, and almost no one needs JSON of it.
        import json

        try:
            row = json.loads(self.raw)
        except ValueError:
            return True
        names: tuple[str, ...]
        names, wanted = (_ORDER_IDS, order_id) if order_id else (_CLIENT_ORDER_IDS, client_order_id)
        if not isinstance(row, dict) or not wanted:
            return True
        if not order_id and not any(name in row for name in names):
            names = ("client_id",)
        named = {str(row[name]) for name in names if isinstance(row.get(name), str | int) and row[name]}
        # A fill that names only one of its two orders may have been of any.
        is_half = ("maker_order_id" in row) != ("taker_order_id" in row) or (
            "maker_order_id" in row and not (row["maker_order_id"] and row["taker_order_id"])
        )
        return not named or wanted in named or (bool(order_id) and is_half)

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.reason}" if self.endpoint else self.reason


class SequenceGap(RemoteProtocolError):
    """Messages are missing from a numbered channel; its book is being resynchronised."""

    default_reason = "messages are missing from a numbered channel"

    def __init__(self, message: str, *, channel: str = "", expected: int = 0, received: int = 0) -> None:
        super().__init__(message)
        self.channel = channel
        self.expected = expected
        self.received = received


class BookError(TradewireError):
    """An order book cannot answer."""

    default_reason = "the order book cannot answer"


class NotSynced(BookError):
    """The book is not proved to equal the venue's, or not as lately as asked for, so it does not answer.

    Wait for the resync under way, or read on purpose with ``unsynced_ok=True``.

    Attributes:
        market: The book's market.
        status: ``syncing``, ``stale`` or ``suspect``; ``synced`` if its proof is too old.
        reason: Why, for instance ``checksum_mismatch``; ``too_old`` if its proof is older than ``max_age_ns``.
        age_ns: How old the proof is if it is too old; ``None`` if there was none, or for another reason.
    """

    default_reason = "the order book is not proved to equal the venue's"

    def __init__(
        self,
        message: str,
        *,
        market: str = "",
        status: str = "",
        reason: str = "",
        age_ns: int | None = None,
    ) -> None:
        super().__init__(message)
        self.market = market
        self.status = status
        self.reason = reason
        self.age_ns = age_ns


class CrossedBook(BookError):
    """The best bid is not below the best ask."""

    default_reason = "the best bid is not below the best ask"


class ChecksumMismatch(BookError):
    """The book's checksum differs from the venue's."""

    default_reason = "the book's checksum differs from the venue's"


class StreamOverflow(TradewireError):
    """A stream's queue was full, so items are lost. Read faster, or use ``on_update``, and watch again.

    What was missed must be asked for: REST for orders and fills.

    Attributes:
        channel: The channel that overflowed.
        bound: Items its queue holds.
    """

    def __init__(self, channel: str, bound: int) -> None:
        super().__init__(f"{channel}: {bound} items were waiting unread; read faster or use on_update")
        self.channel = channel
        self.bound = bound


class StreamStopped(TradewireError):
    """A stream ended before its client was closed: its task was cancelled or its loop ended. Open a new client."""

    default_reason = "the stream ended before its client was closed"


class JournalFailed(TradewireError):
    """The journal of orders cannot be read or written.

    An order whose intent could not be written was not sent: placing it raises ``NotSent`` from this.
    """

    default_reason = "the journal of orders cannot be read or written"


class RecordingError(TradewireError):
    """A recording cannot be written or read: it is none, damaged, of another version or venue, or the disk is full.

    The message says where and what to do; ``tradewire inspect FILE`` tells what is left of a damaged one.
    """

    default_reason = "the recording cannot be written or read"


class GuardFailed(TradewireError):
    """The process that guards the bot cannot be started, refuses, or is gone; what it wrote says more.

    An order that was not sent for want of a guard raises ``NotSent``.
    """

    default_reason = "the guard failed and gave no reason"


class NotSupported(TradewireError):
    """The venue cannot do this.

    Attributes:
        venue: The venue's name.
        instead: The venue's own way to the same end, or an empty text.
    """

    default_reason = "the venue cannot do this"

    def __init__(self, message: str, *, venue: str = "", instead: str = "") -> None:
        reason = self._reason(message)
        super().__init__(f"{reason}; {instead}" if instead else reason)
        self.venue = venue
        self.instead = instead


class VenueDeprecationWarning(UserWarning):
    """The venue says that what was asked for will go, or should have gone already; the message says when."""
