"""The WebSocket of the toy exchange: frames out, frames in, and its books, kept by hand.

Every push of a book has a number; the first is whole, the others are changes. A gap puts the book in doubt, and it is
asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tradewire._native import Level2Book
from tradewire.errors import BadRequest, FrameError, TradewireError
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import Verdict

from . import rows

__all__ = ["Dialect", "ToyEvent", "ToyFeed", "messages"]

BOOK, ORDERS, FILLS = "book", "orders", "fills"


@dataclass(frozen=True, slots=True)
class ToyEvent:
    """What one frame said."""

    kind: str
    received_at_ns: int
    topic: str = ""
    market: str = ""
    change: str = ""
    reason: str = ""
    id: int | None = None
    answers: str = ""
    has_more: bool = False
    code: str = ""
    message: str = ""
    payload: bytes = b""
    proved: bool = False
    top_changed: bool = False
    is_plain: bool = False
    book: Level2Book | None = None


class ToyFeed:
    """Reads frames and owns the books of a connection."""

    def __init__(self) -> None:
        self.books: dict[str, Level2Book] = {}
        self._numbers: dict[str, int] = {}

    def add_book(self, market: str) -> Level2Book:
        """Return the book of ``market``, a new one if there was none."""
        return self.books.setdefault(market, Level2Book(market))

    def remove_book(self, market: str) -> None:
        """Keep the book no longer."""
        self.books.pop(market, None)
        self._numbers.pop(market, None)

    def resync(self, market: str, reason: str) -> None:
        """Empty the book, which waits for a whole one."""
        self.books[market].reset(reason)
        self._numbers.pop(market, None)

    def disconnected(self) -> None:
        """Mark every book stale."""
        self._numbers.clear()
        for book in self.books.values():
            book.mark_stale("disconnected")

    def on_frame(self, data: bytes, received_at_ns: int) -> ToyEvent:
        """Read one frame.

        Raises:
            FrameError: It cannot be read.
        """
        try:
            row = json.loads(bytes(data))
            if "id" in row:
                return ToyEvent(
                    "reply", received_at_ns, id=row["id"], code=row["code"], message=row["message"]
                )
            if row["push"] == BOOK:
                return self._on_book(row, received_at_ns)
            return ToyEvent(
                "push", received_at_ns, topic=row["push"], market=row["market"], payload=bytes(data)
            )
        except (LookupError, TypeError, ValueError) as error:
            raise FrameError(f"not the documented shape: {error!r}") from error

    def _on_book(self, row: dict[str, Any], received_at_ns: int) -> ToyEvent:
        market, number = row["market"], row["n"]
        book = self.books.get(market)
        if book is None:
            return ToyEvent("unrecognised", received_at_ns, market=market, reason="no_such_book")
        before = _best(book)
        expected = self._numbers.get(market, number - 1) + 1
        change = "snapshot" if row["whole"] else "delta"
        if not row["whole"] and (market not in self._numbers or number != expected):
            if book.is_synced:
                book.mark_stale("sequence_gap")
            self._numbers.pop(market, None)
            change = "ignored"
        elif row["whole"]:
            book.snapshot(*([(price, size) for price, size in row[side]] for side in ("bids", "asks")))
            self._numbers[market] = number
        else:
            for side, name in (("bids", "buy"), ("asks", "sell")):
                for price, size in row[side]:
                    book.update(name, price, size)
            self._numbers[market] = number
        return ToyEvent(
            "book", received_at_ns, topic=BOOK, market=market, change=change, reason=book.reason,
            proved=change != "ignored", top_changed=book.is_synced and _best(book) != before, book=book,
        )  # fmt: skip


def _best(book: Level2Book) -> object:
    return book.is_synced and (book.best_bid(), book.best_ask())


class Dialect:
    """Writes frames, judges codes and reads pushes.

    Args:
        key: The account's key; empty for public topics only.
    """

    max_batch = 10
    max_silence_ns: int | None = None
    book_silence_ns: int | None = None
    has_login = False
    shares_sequence = False

    def __init__(self, key: str) -> None:
        self.key = key

    def login(self, request_id: int) -> bytes:
        """There is none: every request carries the key."""
        raise NotImplementedError

    def ping(self, request_id: int) -> bytes | None:
        """Return none: protocol pings are answered."""
        return None

    def subscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:
        """Return the frame that subscribes."""
        return self._request("subscribe", channels, request_id)

    def unsubscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:
        """Return the frame that unsubscribes."""
        return self._request("unsubscribe", channels, request_id)

    def is_private(self, channel: Channel) -> bool:
        """Tell whether the topic is the account's."""
        return channel.topic != BOOK

    def is_implied(self, channel: Channel) -> bool:
        """Tell that nothing comes unasked."""
        return False

    def is_book(self, channel: Channel) -> bool:
        """Tell whether it is a book."""
        return channel.topic == BOOK

    def is_late(self, event: object) -> bool:
        """Tell whether it is a push of a book that is no longer kept."""
        return getattr(event, "reason", "") == "no_such_book"

    def verdict(self, code: str) -> Verdict:
        """Say what a code asks of us."""
        return Verdict.DONE if code == "ok" else Verdict.REFUSED

    def push_name(self, channel: Channel) -> str:
        """Return the topic itself."""
        return channel.topic

    def decode(self, news: ToyEvent) -> Iterable[tuple[str, str, Any]]:
        """Return the one item of a push."""
        row = json.loads(news.payload)["row"]
        item = rows.order(row) if news.topic == ORDERS else rows.fill(row)
        return [(news.topic, news.market, item)]

    def refusal(self, channel: Channel, code: str, message: str) -> TradewireError:
        """Return why a channel was refused."""
        return BadRequest(f"{channel}: {message}", code=code, venue=rows.VENUE)

    def _request(self, what: str, channels: Sequence[Channel], request_id: int) -> bytes:
        markets = [channel.key for channel in channels]
        frame = {
            "id": request_id,
            "do": what,
            "topic": channels[0].topic,
            "markets": markets,
            "key": self.key,
        }
        return json.dumps(frame).encode()


def messages() -> list[tuple[str, str]]:
    """Return every message of the stream with the Python name that covers it."""
    return [("book", "Toy.watch_book"), ("orders", "Toy.watch_orders"), ("fills", "Toy.watch_fills")]
