"""The compiled core (crate tradewire-py): signing, fixed point, books, feeds.

Nothing here does I/O by itself or reads a clock, save for ``age_ns`` and ``max_age_ns``: paths and lanes call what they
were given for that.
Errors are the classes of ``tradewire.errors``.
"""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Final, Generic, TypeAlias, final

from typing_extensions import (
    Buffer,  # replaced by collections.abc.Buffer on 3.12+
    TypeVar,  # its default came with 3.13
)

_Text: TypeAlias = str | bytes
_BookT_co = TypeVar(
    "_BookT_co", bound=Level2Book | Level3Book, covariant=True, default=Level2Book | Level3Book
)
_MadeT = TypeVar("_MadeT")
_Levels: TypeAlias = list[tuple[Decimal, Decimal]]

__all__ = [
    "ERROR_KINDS",
    "ClockEstimate",
    "CoinexFeed",
    "CoinexSigner",
    "CountedIds",
    "ExchangeFeed",
    "FeedEvent",
    "FramePath",
    "FrameTemplate",
    "HmacKey",
    "HttpDoor",
    "HttpReplyReader",
    "Inlet",
    "Level2Book",
    "Level3Book",
    "Limiter",
    "Mark",
    "OrderPath",
    "OwnFill",
    "OwnOrder",
    "PublicTrade",
    "Pulse",
    "QueuePlace",
    "Recall",
    "RequestLane",
    "RequestSigner",
    "RequestTemplate",
    "TextSender",
    "Top",
    "Traffic",
    "TruexFeed",
    "TruexSigner",
    "WholeMessages",
    "Wire",
    "__version__",
    "encode_query",
    "http_request",
    "inflate_gzip",
    "set_book_clock",
]

__version__: Final[str]
ERROR_KINDS: Final[tuple[str, ...]]

@final
class HmacKey:
    """An HMAC-SHA256 key with both pads pre-hashed. Redacted in repr, refuses pickle and copy."""
    def __new__(cls, secret: _Text) -> HmacKey: ...
    def sign_hex(self, *pieces: _Text) -> str: ...
    def sign_base64(self, *pieces: _Text) -> str: ...

@final
class RequestSigner:
    """Signs a venue's requests inside the core only. Redacted in repr, refuses pickle and copy."""

@final
class CoinexSigner:
    def __new__(cls, access_id: str, secret: str) -> CoinexSigner: ...
    @property
    def access_id(self) -> str: ...
    @property
    def for_templates(self) -> RequestSigner: ...
    def sign(self, method: _Text, path: _Text, body: _Text, timestamp_ms: int) -> str: ...
    def headers(
        self, method: _Text, path: _Text, body: _Text, timestamp_ms: int, window_ms: int | None = None
    ) -> dict[str, str]: ...
    def ws_params(self, timestamp_ms: int) -> dict[str, str | int]: ...

def http_request(method: str, target: str, host: str, headers: dict[str, str], body: bytes) -> bytes: ...

@final
class HttpReplyReader:
    """Reads the reply to one request after another: status, headers by lower-case names, body, may be kept.

    A text is why the reply is refused, ``None`` means that more must come.
    """
    def __new__(cls, max_head_bytes: int, max_body_bytes: int) -> HttpReplyReader: ...
    def begin(self, is_head_request: bool) -> None: ...
    def feed(self, data: bytes) -> tuple[int, dict[str, str], bytes, bool] | str | None: ...
    def finish(self) -> tuple[int, dict[str, str], bytes, bool] | str: ...

@final
class FrameTemplate:
    """A frame that is written but for a few values; ``holes`` as in ``RequestTemplate``."""
    def __new__(cls, text: bytes, holes: list[tuple[bytes, str, str, str]]) -> FrameTemplate: ...
    def fill(self, *values: object) -> bytes | None: ...  # None if a value is not of the usual form
    # Hands ``send`` the frame whose first value ``new_id`` returns, and returns that; None as above, nothing was sent.
    def send(
        self, send: Callable[[bytes], object], new_id: Callable[[], str], *values: object
    ) -> str | None: ...

@final
class RequestTemplate:
    """One kind of request to one host: only values, timestamp and signature are written for each.

    Args:
        headers: Those that follow the signer's.
        body: Of a sample; the marks stand in it, or in the path.
        holes: Mark, kind (``number``, ``text``, ``digits``, ``count``, ``uuid`` or ``segment``), step and minimum of a
            number; empty for none.
        signed_path: The path as it is signed, if that is another.
    """
    def __new__(
        cls,
        method: str,
        path: str,
        host: str,
        signer: RequestSigner | None,
        headers: dict[str, str],
        body: bytes,
        holes: list[tuple[bytes, str, str, str]],
        *,
        signed_path: str | None = None,
    ) -> RequestTemplate: ...
    # The whole request, or None if a value is not of the usual form, or off its grid.
    def fill(self, timestamp_ms: int, *values: object) -> bytes | None: ...

@final
class ClockEstimate:
    """Offset between our clock and the venue's, nanoseconds. When our own is set it moves along and is in doubt."""
    def __new__(cls) -> ClockEstimate: ...
    @property
    def offset_ns(self) -> int: ...  # the venue's time minus ours; 0 until the first sample
    @property
    def uncertainty_ns(self) -> int | None: ...  # largest error of it, None before the first sample
    @property
    def believed(self) -> int: ...  # samples taken so far
    @property
    def steps(self) -> int: ...  # how often our own clock was set, as far as we saw
    @property
    def is_in_doubt(self) -> bool: ...  # our own clock was set since `settle`
    def settle(self) -> None: ...
    # The venue's time, given both of our clocks; notices when the first of them was set.
    def venue_ns(self, wall_ns: int, monotonic_ns: int) -> int: ...
    # Empty, or why the sample is not believed. A monotonic clock counted `elapsed_ns` between sending and receiving.
    def observe(
        self, sent_ns: int, received_ns: int, venue_ns: int, elapsed_ns: int | None = None
    ) -> str: ...
    def restart(self) -> None: ...  # forget all samples once there is a new one

@final
class CountedIds:
    """Makes ids that count up, in eight hexadecimal digits, behind a beginning of their own."""
    def __new__(cls, new_prefix: Callable[[], str]) -> CountedIds: ...
    def next(self) -> str: ...
    def renew(self) -> None: ...

@final
class RequestLane:
    """Checks, meters, stamps and writes requests of one kind, in one call each."""
    def __new__(
        cls,
        template: RequestTemplate,
        limiter: Limiter,
        group: str,
        weight: float,
        clock: ClockEstimate,
        *,
        is_cancel: bool,
        is_signed: bool,
        ours: tuple[Callable[[], int], Callable[[], int], object, object, HttpDoor | None],
    ) -> RequestLane: ...
    # The whole request, or None if a value is not of the usual form, or it has to wait: nothing was taken.
    def fill(self, wall_ns: int, monotonic_ns: int, values: tuple[object, ...]) -> bytes | None: ...
    # Connection, request and timestamp in milliseconds; None as above, or if no connection or no place is free.
    def write(self, *values: object) -> tuple[Any, bytes, int] | None: ...

@final
class Wire:
    """The sending side of one connection, and whether a request may be written to it."""

    expires_s: float
    def __new__(
        cls,
        write: Callable[[bytes], object],
        is_closing: Callable[[], bool],
        unread: Callable[[int], object] | None,
        expires_s: float,
    ) -> Wire: ...
    @property
    def has_unread(self) -> bool: ...
    def is_ready(self, now_s: float) -> bool: ...

@final
class OrderPath:
    """Sends orders of one kind whose terms are of the usual form, as long as what they were prepared for is known."""

    def __new__(
        cls,
        lane: RequestLane,
        tracker: object,
        *,
        basis: Callable[[], object],
        known: object,
        new_id: Callable[[], str],
        general: Callable[..., Any],
        go_on: Callable[..., Any],
    ) -> OrderPath: ...
    def send(self, size: object, price: object = None, client_order_id: object = None) -> Any: ...
    # Goes the way of an order without taking or writing anything, so that the next one finds its caches warm.
    def rehearse(self, size: object, price: object, name: str) -> None: ...

@final
class Recall(Generic[_MadeT]):
    """Calls ``make`` unless it was called with the very same objects a moment ago; they must not change."""

    def __new__(cls, make: Callable[..., _MadeT]) -> Recall[_MadeT]: ...
    def __call__(self, *arguments: object) -> _MadeT: ...

@final
class HttpDoor:
    """The connections to one host that wait for a request, the one used last at the end."""

    def __new__(cls, event_loop: AbstractEventLoop, idle: list[Any]) -> HttpDoor: ...

@final
class Pulse:
    """The sign of life of one book: when it was heard of, pushes ignored since, whether it only waits for the next."""

    heard_at_ns: int
    ignored: int
    is_verified: bool
    def __new__(cls) -> Pulse: ...
    def proved(self, now_ns: int) -> None: ...

@final
class Traffic:
    """What a connection has brought."""

    heard_at_ns: int
    def __new__(cls) -> Traffic: ...
    @property
    def frames(self) -> int: ...
    def heard(self, now_ns: int) -> None: ...

@final
class Inlet:
    """Where the items of one subscription go. What ``take`` raises goes to ``failed``, if that is given."""

    def __new__(
        cls, take: Callable[[Any], object], failed: Callable[[BaseException], object] | None
    ) -> Inlet: ...
    @property
    def received(self) -> int: ...
    def deliver(self, item: object) -> None: ...

@final
class FramePath:
    """Reads the frames of one connection. A push that proves its verified book and says nothing else goes to those who
    watch it at once; everything else goes to ``take``, and what goes wrong to ``broken``."""

    is_open: bool
    def __new__(
        cls,
        feed: object,
        monotonic_ns: Callable[[], int],
        traffic: Traffic,
        *,
        pulses: dict[str, Pulse],
        inlets: dict[str, tuple[Inlet, ...]],
        take: Callable[[Any, int], object],
        broken: Callable[[Exception, int], object],
    ) -> FramePath: ...
    def on_frame(self, data: bytes, received_at_ns: int) -> None: ...

@final
class Mark:
    """Where a group stood when a request left. Counts in its reply belong to this moment, not to the reply's."""
    @property
    def time_ns(self) -> int: ...

@final
class Limiter:
    """Says whether a request may go now, and if not, how long it must wait.

    Args:
        rates_per_s: Requests per second by group; a bucket holds one second's worth, see ``bursts``.
        shared: The group every request draws from besides its own; empty if there is none.
        bursts: What a bucket holds, by group, where that is not one second's worth.
        cancel_share: Part of every bucket that only cancels may use, so that quoting can never starve them.
        long_period_groups: Groups that count against the venue's quotas of hours, if it has any.
        slow_rate_per_s: Requests per second, cancels aside, once such a quota is used up.

    Raises:
        LocalProtocolError: There is no such group.
    """
    def __new__(
        cls,
        rates_per_s: dict[str, float],
        *,
        shared: str = "",
        bursts: dict[str, float] | None = None,
        cancel_share: float = 0.1,
        long_period_groups: Collection[str] | None = None,
        slow_rate_per_s: float = 1.0,
    ) -> Limiter: ...
    @property
    def rates_per_s(self) -> dict[str, float]: ...
    # Take `weight` tokens and return 0, or take nothing and return the nanoseconds to wait. A cancel may use what is
    # kept back and need not stand in line; who stood in line is next. ConfigError if no bucket ever holds so many.
    def take(
        self, group: str, weight: float, now_ns: int, *, is_cancel: bool = False, is_next: bool = False
    ) -> int: ...
    def join(self, group: str, weight: float) -> None: ...  # stand in line: those who come later wait behind
    def leave(self, group: str, weight: float) -> None: ...
    def hold(self, group: str, weight: float) -> None: ...  # tokens taken by a request that has not left yet
    def left(self, group: str, weight: float, now_ns: int) -> None: ...
    # Where a group stands as a request leaves; `ahead` are tokens of held ones that leave now.
    def mark(self, group: str, now_ns: int, ahead: float = 0.0) -> Mark: ...
    # What the venue says is left; what was refilled and spent since the request's mark is allowed for.
    def observe(self, group: str, remaining: float, now_ns: int, since: Mark | None = None) -> None: ...
    def observe_long_periods(self, left: Mapping[str, float], since: Mark) -> None: ...  # by period
    # Empty `groups`, or all if none is named, and send nothing in them for `wait_ns`.
    def close(self, wait_ns: int, now_ns: int, *groups: str) -> None: ...
    def closed_ns(self, group: str, now_ns: int) -> int: ...  # 0 if it is open

def set_book_clock(wall_ns: Callable[[], int] | None) -> None: ...  # books' time, instead of the system's
def encode_query(pairs: list[tuple[str, str]]) -> str: ...
def inflate_gzip(data: Buffer, *, max_output_bytes: int = ..., max_ratio: int = ...) -> bytes: ...

@final
class Level2Book:
    def __new__(cls, market: str, *, limit: int = 0) -> Level2Book: ...
    market: Final[str]
    limit: Final[int]
    @property
    def status(self) -> str: ...  # syncing | synced | stale | suspect
    @property
    def reason(self) -> str: ...  # "" when synced, else snake-case why, or the words given to the feed
    @property
    def is_synced(self) -> bool: ...
    @property
    def checksum(self) -> int: ...  # CRC-32 of the book as it stands now (unsigned)
    @property
    def updated_at_ms(self) -> int: ...  # venue time of the last applied push, 0 before the first
    @property
    def received_at_ns(self) -> int: ...  # our time of the last applied push
    @property
    def proved_at_ns(self) -> int: ...  # our time of the last push whose checksum matched
    # How long ago that was, by the clock; None before the first. Negative if the clock was set back since.
    @property
    def age_ns(self) -> int | None: ...
    @property
    def updates(self) -> int: ...  # pushes applied so far
    @property
    def last(self) -> Decimal | None: ...  # last trade price carried by the push
    def top(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> Top: ...
    def best_bid(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[Decimal, Decimal] | None: ...
    def best_ask(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[Decimal, Decimal] | None: ...
    def bids(
        self, depth: int | None = None, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> _Levels: ...
    def asks(
        self, depth: int | None = None, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> _Levels: ...
    # Price, size, number of orders (0 where the venue does not tell); best first.
    def levels(
        self, side: str, depth: int | None = None, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> list[tuple[Decimal, Decimal, int]]: ...
    def texts(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]: ...
    def mid(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> Decimal | None: ...
    def spread(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> Decimal | None: ...
    def best_float(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[float, float, float, float]: ...
    def mid_float(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> float: ...
    def micro_price_float(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> float: ...
    def imbalance_float(
        self, depth: int = 1, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> float: ...
    def vwap(
        self, side: str, size: Decimal, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[Decimal, Decimal]: ...
    def size_to_price(
        self, side: str, price: Decimal, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> Decimal: ...
    def levels_f64(
        self, side: str, depth: int | None = None, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> bytes: ...
    # A book kept by hand (backtests, other venues, benches): snapshot replaces, update sets or removes (size 0).
    # Nothing feeds it any more: stale, with a reason. Or it waits for a snapshot: empty and syncing.
    def mark_stale(self, reason: str) -> None: ...
    def reset(self, reason: str) -> None: ...
    def snapshot(self, bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> None: ...
    def update(self, side: str, price: str, size: str) -> None: ...
    def update_ticks(self, is_bid: bool, price_ticks: int, size_ticks: int) -> None: ...
    def best_ticks(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[int, int, int, int]: ...

@final
class CoinexFeed:
    """Owns the books of one CoinEx connection. One call per frame."""
    def __new__(cls, *, max_frame_bytes: int = ..., max_ratio: int = ...) -> CoinexFeed: ...
    def add_book(
        self, market: str, limit: int
    ) -> Level2Book: ...  # same object again if it is there; status syncing
    def remove_book(self, market: str) -> None: ...
    def book(self, market: str) -> Level2Book | None: ...
    def resync(
        self, market: str, reason: str = "no_snapshot"
    ) -> None: ...  # empties the book, status syncing
    # Every book is stale from now on; ``reason`` shows as theirs, a name or words of your own.
    def disconnected(self, reason: str = "disconnected") -> None: ...
    def on_frame(
        self, data: Buffer, received_at_ns: int
    ) -> FeedEvent[Level2Book]: ...  # FrameError; books then suspect "unreadable_frame"
    @property
    def frames(self) -> int: ...
    @property
    def bytes_in(self) -> int: ...
    @property
    def bytes_inflated(self) -> int: ...
    @property
    def checksums_ok(self) -> int: ...
    @property
    def checksums_failed(self) -> int: ...
    @property
    def stale_pushes(self) -> int: ...  # ignored because they were old

@final
class Top:
    """Best bid and ask at one moment; later pushes do not change it. Numbers are made when they are first read."""

    # Exact; None where the side is empty.
    bid: Final[Decimal | None]
    bid_size: Final[Decimal | None]
    ask: Final[Decimal | None]
    ask_size: Final[Decimal | None]
    # For signals only; NaN where the side is empty.
    bid_float: Final[float]
    bid_size_float: Final[float]
    ask_float: Final[float]
    ask_size_float: Final[float]
    def __eq__(self, other: object, /) -> bool: ...

@final
class QueuePlace:
    """Where an order stands in its queue."""

    side: Final[str]  # "buy" | "sell"
    price: Final[int]
    remaining: Final[int]
    orders_ahead: Final[int]  # 0: it trades next
    size_ahead: Final[int]
    own_ahead: Final[int]  # how many of the orders ahead are marked as our own

@final
class Level3Book:
    """A book of single orders; sizes and prices are whole numbers. Sides are "buy" (bids) and "sell" (asks)."""
    def __new__(cls, market: str) -> Level3Book: ...
    def __len__(self) -> int: ...  # resting orders, whatever the status
    @property
    def market(self) -> str: ...
    @property
    def status(self) -> str: ...  # syncing | synced | stale | suspect
    @property
    def reason(self) -> str: ...  # "" when synced, else snake-case why, or the words given to the feed
    @property
    def is_synced(self) -> bool: ...
    @property
    def sequence(self) -> int: ...  # number of the last event the book reflects
    @property
    def received_at_ns(self) -> int: ...
    @property
    def proved_at_ns(self) -> int: ...  # our time of the last frame that continued the sequence
    # How long ago that was, by the clock; None before the first. Negative if the clock was set back since.
    @property
    def age_ns(self) -> int | None: ...
    @property
    def updates(self) -> int: ...
    def top(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> Top: ...
    def best_bid(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[Decimal, Decimal] | None: ...
    def best_ask(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[Decimal, Decimal] | None: ...
    def bids(
        self, depth: int | None = None, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> _Levels: ...
    def asks(
        self, depth: int | None = None, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> _Levels: ...
    # Price, size, number of orders; best first.
    def levels(
        self, side: str, depth: int | None = None, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> list[tuple[int, int, int]]: ...
    # Id, price, remaining; who trades first comes first.
    def orders(
        self, side: str, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> list[tuple[str, int, int]]: ...
    def order(
        self, order_id: str, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[str, int, int] | None: ...
    def queue(
        self, order_id: str, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> QueuePlace | None: ...
    def mark_own(self, order_id: str) -> None: ...
    def unmark_own(self, order_id: str) -> None: ...
    def own_orders(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> list[str]: ...
    def mid(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> Decimal | None: ...
    def spread(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> Decimal | None: ...
    def best_float(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[float, float, float, float]: ...
    def mid_float(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> float: ...
    def micro_price_float(self, *, unsynced_ok: bool = False, max_age_ns: int | None = None) -> float: ...
    def imbalance_float(
        self, depth: int = 1, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> float: ...
    def vwap(
        self, side: str, size: Decimal | int, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[Decimal, Decimal]: ...
    def size_to_price(
        self, side: str, price: Decimal | int, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> Decimal: ...
    def best_ticks(
        self, *, unsynced_ok: bool = False, max_age_ns: int | None = None
    ) -> tuple[int, int, int, int]: ...
    # A book kept by hand: rows are (id, price, remaining) in priority. The first two as on Level2Book.
    def mark_stale(self, reason: str) -> None: ...
    def reset(self, reason: str) -> None: ...
    def snapshot(
        self, bids: list[tuple[str, int, int]], asks: list[tuple[str, int, int]], *, sequence: int = 0
    ) -> None: ...
    def add(self, order_id: str, side: str, price: int, remaining: int) -> None: ...
    def update(self, order_id: str, remaining: int) -> bool: ...
    def remove(self, order_id: str) -> bool: ...

@final
class OwnOrder:
    """An order of ours, as ``order_state`` describes it."""

    order_id: Final[str]
    trader_id: Final[str]
    market: Final[str]
    side: Final[str]  # "buy" | "sell"
    price: Final[int]
    quantity: Final[int]  # as sent
    remaining: Final[int]  # still open, or pulled by a cancel
    created_at_ns: Final[int]
    def __eq__(self, other: object, /) -> bool: ...

@final
class OwnFill:
    """A fill of ours. It names no side: one of its orders is ours."""

    fill_id: Final[str]
    market: Final[str]
    maker_order_id: Final[str]
    taker_order_id: Final[str]
    price: Final[int]
    quantity: Final[int]
    time_ns: Final[int]
    def __eq__(self, other: object, /) -> bool: ...

@final
class PublicTrade:
    """A public trade. Its ids are written out when they are read."""

    maker_order_id: Final[str]
    taker_order_id: Final[str]
    price: Final[int]
    quantity: Final[int]
    aggressor: Final[str]  # "buy" | "sell" | ""
    sequence: Final[int]
    def __eq__(self, other: object, /) -> bool: ...

@final
class FeedEvent(Generic[_BookT_co]):
    """What one frame said, on every venue. Small; ``payload`` is copied out only when read."""

    kind: Final[str]  # "book" | "trades" | "bbo" | "push" | "reply" | "unrecognised"
    topic: Final[str]  # the wire's name of a push: "depth.update", "l3", "DEPTH"; "" for replies
    channel: Final[str]  # what a push belongs to, where its topic is another; else ""
    market: Final[str]  # "" when the frame names none
    change: Final[str]  # book: "snapshot" | "delta" | "ignored"; else ""
    # Why the book is not synced, "stale_push" for an old one; "sequence_gap" on a push; unrecognised: why; else "".
    reason: Final[str]
    proved: Final[bool]  # the frame proved its book; False for whatever was ignored
    # The book is synced, and its best bid or ask differs in price or size from before, or was not synced in between.
    top_changed: Final[bool]
    is_plain: Final[bool]  # it proved its book and says nothing else: no trades, no answer, no gap
    @property
    def book(self) -> _BookT_co | None: ...  # what the frame went into
    has_more: Final[bool]  # a book's frame that carries trades
    trades: Final[list[PublicTrade]]  # made at each look
    seqnum: Final[int | None]  # where the venue counts
    id: Final[int | None]  # reply: the request it names
    answers: Final[str]  # reply that names none: "login" | "subscribe" | "unsubscribe" | "oldest"; else ""
    code: Final[str]  # reply, reject, error; "" for success
    message: Final[str]  # the venue's words; "expected 41, was 43" in a gap
    op: Final[str]  # ack, reject
    request_id: Final[str | None]  # ack, reject
    status: Final[str]  # order state: "open" | "filled" | "canceled"
    order: Final[OwnOrder | None]  # order state
    fill: Final[OwnFill | None]
    generation: Final[str]  # "M" | "L" when the frame is of a later generation of the protocol
    received_at_ns: Final[int]
    payload: bytes  # the whole frame as inflated JSON; empty for kind "book"
    def __class_getitem__(cls, key: object) -> object: ...

@final
class WholeMessages:
    """Takes picows' frames that are whole messages, stamps and hands them on; any other is for ``otherwise``."""

    def __new__(
        cls,
        on_message: Callable[[bytes, int], object],
        otherwise: Callable[[Any, Any, int], object],  # transport, frame and the time
        wall_ns: Callable[[], int],
        kinds: tuple[object, object],  # of messages
    ) -> WholeMessages: ...
    def on_ws_frame(self, transport: object, frame: object) -> None: ...

@final
class TextSender:
    """Sends texts over a transport of picows as long as that takes any; then raises what ``lost`` returns."""

    def __new__(cls, transport: object, kind: object, lost: Callable[[], Exception]) -> TextSender: ...
    def send_text(self, data: bytes) -> None: ...

@final
class ExchangeFeed:
    """Owns the order-by-order books of one Exchange connection. One call per frame."""
    def __new__(cls, *, max_frame_bytes: int = ...) -> ExchangeFeed: ...
    def add_book(self, market: str) -> Level3Book: ...
    def remove_book(self, market: str) -> None: ...
    def book(self, market: str) -> Level3Book | None: ...
    def resync(self, market: str, reason: str = "no_snapshot") -> None: ...
    def disconnected(self, reason: str = "disconnected") -> None: ...
    def on_frame(self, data: Buffer, received_at_ns: int) -> FeedEvent[Level3Book]: ...
    @property
    def generation(self) -> str: ...  # the later generation met so far, "M" or "L"
    @property
    def frames(self) -> int: ...
    @property
    def bytes_in(self) -> int: ...
    @property
    def gaps(self) -> int: ...

@final
class TruexSigner:
    """Signs TrueX requests. Redacted in repr, refuses pickle and copy. Timestamps are whole seconds, rounded down."""
    def __new__(cls, key_id: str, secret: str, user_id: str = "") -> TruexSigner: ...
    @property
    def key_id(self) -> str: ...
    @property
    def for_templates(self) -> RequestSigner: ...
    def sign(self, method: _Text, path: _Text, body: _Text, timestamp_s: int) -> str: ...  # query not signed
    def headers(self, method: _Text, path: _Text, body: _Text, timestamp_s: int) -> dict[str, str]: ...
    def sign_stream(self, timestamp_s: int, path: _Text) -> str: ...  # "" leaves the path out
    @staticmethod
    def string_to_sign(method: _Text, path: _Text, body: _Text, timestamp_s: int) -> str: ...

@final
class TruexFeed:
    """Owns the books of one TrueX connection. One call per frame."""

    coalesced: bool  # jumps in a sequence mean nothing
    def __new__(
        cls, *, max_frame_bytes: int = ..., coalesced: bool = False, limit: int = 0
    ) -> TruexFeed: ...  # limit: levels a side, 0 for all
    def add_book(self, symbol: str) -> Level2Book: ...
    def remove_book(self, symbol: str) -> None: ...
    def book(self, symbol: str) -> Level2Book | None: ...
    def resync(self, symbol: str, reason: str = "no_snapshot") -> None: ...
    def disconnected(self, reason: str = "disconnected") -> None: ...
    def on_frame(self, data: Buffer, received_at_ns: int) -> FeedEvent[Level2Book]: ...
    @property
    def frames(self) -> int: ...
    @property
    def bytes_in(self) -> int: ...
    @property
    def gaps(self) -> int: ...
    @property
    def stale_pushes(self) -> int: ...  # ignored because their number had been seen
