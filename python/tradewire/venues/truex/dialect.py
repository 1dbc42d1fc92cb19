"""What TrueX WebSocket frames look like and what its connection status asks of us.

There is no login: every request carries its own proof, and none names itself, so replies answer in order. Frames
are made and judged here; pushes are read in ``pushes``, books in the native feed.

Source: docs.truemarkets.co/websocket/institutional (1.0.5), read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tradewire import codec
from tradewire._native import FeedEvent
from tradewire.errors import (
    AuthRejected,
    BadRequest,
    LocalProtocolError,
    Rejected,
    TradewireError,
    VenueUnavailable,
)
from tradewire.protocol.addresses import path_of
from tradewire.protocol.channels import Channel
from tradewire.protocol.confidential import WITHHELD, Confidential
from tradewire.protocol.dialect import FrameEvent, Verdict
from tradewire.venues.truex.auth import Auth
from tradewire.venues.truex.errors import VENUE
from tradewire.venues.truex.pushes import BEST, BOOK, DROPCOPY, INSTRUMENTS, ORDERS, TAPE, Item

__all__ = ["FILLS", "UPDATES", "Dialect", "messages"]

FILLS = "fills"
MAX_BATCH = 100
"""Items in one request. The venue publishes no limit."""
UPDATES = ("SNAPSHOT", "UPDATE", "SNAPSHOT_COMPLETE")
MARGIN_MS = 1000
"""Frames are stamped this long ago: the venue refuses what is ahead of its clock by any amount."""
AUTHENTICATED, UNAUTHENTICATED = "AUTHENTICATED", "UNAUTHENTICATED"
REFUSED_SIGNATURE = ("UNAUTHORIZED", UNAUTHENTICATED)


class Dialect:
    """Writes TrueX frames, judges what comes back and reads its pushes.

    Args:
        auth: Signs, if there is a key; without one, data comes merged about once a second.
        url: Where the connection goes; its path is part of what is signed.
        account_id: Returns the account whose orders are followed.
        unidentified: Returns why account or organization could not be found out.
        venue_now_ms: Returns the venue's time.
        read: Reads a push.
        sign_path: The pages say that the path is signed; the vendor's samples leave it out.
    """

    max_batch = MAX_BATCH
    max_silence_ns: int | None = None
    book_silence_ns: int | None = None
    has_login = False
    shares_sequence = True

    def __init__(
        self,
        auth: Auth,
        url: str,
        account_id: Callable[[], str],
        unidentified: Callable[[], TradewireError | None],
        venue_now_ms: Callable[[], int],
        read: Callable[[FeedEvent], Iterable[Item]],
        *,
        sign_path: bool,
    ) -> None:
        self._auth = auth
        self._signed_path = (path_of(url) or "/") if sign_path else ""
        self._account_id = account_id
        self._unidentified = unidentified
        self._venue_now_ms = venue_now_ms
        self._read = read
        self._stamp_ms = 0

    @property
    def can_login(self) -> bool:
        """There is a key to sign with."""
        return self._auth.can_sign

    def login(self, request_id: int) -> bytes:
        """Refuse: there is no such frame."""
        raise LocalProtocolError(f"request {request_id}: TrueX has no login")

    def ping(self, request_id: int) -> bytes | None:  # noqa: ARG002 - the contract's
        """Return nothing: the transport pings, as WebSocket has it."""
        return None

    def subscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:  # noqa: ARG002 - the contract's
        """Return a ``SUBSCRIBE``, signed if there is a key."""
        return self._request("SUBSCRIBE", channels)

    def unsubscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:  # noqa: ARG002 - the contract's
        """Return an ``UNSUBSCRIBE``, signed if there is a key."""
        return self._request("UNSUBSCRIBE", channels)

    def is_private(self, channel: Channel) -> bool:
        """Return whether the channel needs a key."""
        return channel.topic in {DROPCOPY, ORDERS, FILLS}

    def is_implied(self, channel: Channel) -> bool:
        """Tell that orders and fills come with the drop copy."""
        return channel.topic in {ORDERS, FILLS}

    def is_book(self, channel: Channel) -> bool:
        """Return whether the channel feeds a book."""
        return channel.topic == BOOK

    def is_late(self, news: FrameEvent) -> bool:
        """Return whether a frame is of a book just left."""
        return news.reason == "no_such_book"

    def verdict(self, code: str) -> Verdict:
        """Say what the status of the connection after a request asks of us."""
        if code == AUTHENTICATED or (code == UNAUTHENTICATED and not self._auth.can_sign):
            return Verdict.DONE
        if code == "ERROR" and self._unidentified() is None:
            # The venue failed at what was well named; a market it does not know is INVALID.
            return Verdict.RETRY
        # A signature that is too old or ahead of the venue's clock is refused in the same words as a wrong one.
        return Verdict.STALE if self._auth.can_sign and code in REFUSED_SIGNATURE else Verdict.REFUSED

    def push_name(self, channel: Channel) -> str:
        """Return the topic itself."""
        return channel.topic

    def decode(self, news: FeedEvent) -> Iterable[Item]:
        """Return the item of a push.

        Raises:
            FrameError: It lacks the documented shape.
        """
        return self._read(news)

    def refusal(self, channel: Channel, code: str, message: str) -> TradewireError:
        """Return the error that says why ``channel`` was refused and what to do about it."""
        cause = self._unidentified()
        if cause is not None and (channel.topic == DROPCOPY or isinstance(cause, Rejected)):
            return cause
        words = f"{channel.key or 'the account'}: {message or code}"
        kind: type[Rejected | VenueUnavailable] = VenueUnavailable
        if code in {"UNAUTHORIZED", "UNAUTHENTICATED"}:
            kind, signed = AuthRejected, self._auth.stream_text(self._stamp_ms, self._signed_path)
            hint = f"signed was {signed!r}; check key, secret, account and" if signed else "check"
            words += f"; {hint} this machine's clock"
        elif code == "INVALID":
            kind, words = BadRequest, f"{words}; see TrueX.markets() for the names"
        return kind(words, code=code, venue=VENUE, endpoint=f"SUBSCRIBE {channel.topic}")

    def _request(self, kind: str, channels: Sequence[Channel]) -> bytes:
        topic = channels[0].topic
        names = [self._account_id()] if topic == DROPCOPY else [channel.key for channel in channels]
        self._stamp_ms = self._venue_now_ms() - MARGIN_MS
        frame: dict[str, object] = {"item_names": names, "channels": [topic]}
        if not self._auth.can_sign:
            frame |= {"type": f"{kind}_NO_AUTH", "timestamp": self._auth.stamp(self._stamp_ms)}
            return codec.encode(frame)
        signed = self._auth.frame_credentials(self._stamp_ms, self._signed_path)
        shown = codec.encode(frame | {"type": kind, **dict.fromkeys(signed, WITHHELD)})
        return Confidential(codec.encode(frame | {"type": kind, **signed}), shown)


def messages() -> list[tuple[str, str]]:
    """Return every message of the stream with the Python name that covers it."""
    by = {
        INSTRUMENTS: "TrueX.watch_instruments",
        BEST: "TrueX.watch_bbo",
        TAPE: "TrueX.watch_trades",
        BOOK: "TrueX.watch_book",
        DROPCOPY: "TrueX.watch_orders",
    }
    requests = ("SUBSCRIBE", "UNSUBSCRIBE", "SUBSCRIBE_NO_AUTH", "UNSUBSCRIBE_NO_AUTH")
    rows = [(name, "TrueX (by itself)") for name in requests]
    rows += [(f"WEBSOCKET {update}", "TrueX (by itself)") for update in ("WELCOME", "SNAPSHOT", "UPDATE")]
    for channel, python in by.items():
        updates = ("UPDATE",) if channel == TAPE else UPDATES
        rows += [(f"{channel} {update}", python) for update in updates]
    return rows
