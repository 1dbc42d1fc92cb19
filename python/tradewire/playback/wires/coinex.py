"""CoinEx: a frame is a gzip member with JSON; a depth push does not say how many levels were subscribed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from tradewire._native import CoinexFeed
from tradewire.description import Product
from tradewire.playback.wire import HOUSE, Numbers, PublicTrade, Resting, Subject, Want
from tradewire.sandbox.market import Cancel, Command
from tradewire.sandbox.venues.coinex.options import CoinExOptions

__all__ = ["wire_of"]

DEPTH: Final = "depth"
TOPICS: Final = frozenset({DEPTH, "deals", "bbo", "state", "index", "premium"})


class _Data(msgspec.Struct):
    market: str = ""


class _Push(msgspec.Struct):
    method: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


_push = msgspec.json.Decoder(_Push).decode
_data = msgspec.json.Decoder(_Data).decode


class CoinExWire:
    """The frames of one product."""

    book_topic = DEPTH

    def __init__(self, product: Product) -> None:
        self._is_futures = product.name != product.venue

    def feed(self) -> CoinexFeed:
        return CoinexFeed()

    def add_book(self, feed: CoinexFeed, subject: Subject) -> Any:
        return feed.add_book(subject.market, subject.depth)

    def wanted(self, message: bytes) -> Iterable[Want]:
        try:
            asked = msgspec.json.decode(message)
            topic, _, verb = asked["method"].partition(".")
            names = asked["params"].get("market_list")
        except (msgspec.MsgspecError, KeyError, TypeError, AttributeError):
            return ()
        if topic not in TOPICS or verb not in {"subscribe", "unsubscribe"} or not isinstance(names, list):
            return ()
        begins = verb == "subscribe"
        if topic == DEPTH and begins:
            return [Want(Subject(topic, market, limit), True) for market, limit, *_ in names]
        if topic == DEPTH:
            return [
                Want(Subject(topic, market, limit), False) for market in names for limit in (5, 10, 20, 50)
            ]
        return [Want(Subject(topic, market), begins) for market in names or [""]]

    def subject(self, frame: bytes, books: Iterable[Subject]) -> Subject | None:
        try:
            push = _push(gzip.decompress(frame))
            topic, _, verb = push.method.partition(".")
            if verb != "update" or topic not in TOPICS:
                return None
            market = _data(push.data).market
        except (OSError, EOFError, zlib.error, msgspec.MsgspecError):
            return None
        if topic != DEPTH:
            return Subject(topic, market)
        return next((one for one in books if one.market == market), Subject(topic, market))

    def trades(self, frame: bytes, event: Any) -> Sequence[PublicTrade]:
        del event
        push = _push(gzip.decompress(frame))
        if push.method != "deals.update":
            return ()
        data = msgspec.json.decode(push.data)
        # Newest first.
        return [
            PublicTrade(data["market"], Decimal(deal["price"]), Decimal(deal["amount"]), deal["side"])
            for deal in reversed(data["deal_list"])
        ]

    def fresh(self, subject: Subject, book: Any, last: bytes) -> Sequence[bytes]:
        if book is None:
            return [last] if subject.topic in {"bbo", "state", "index", "premium"} else []
        bids, asks = book.texts()
        depth = {
            "asks": asks,
            "bids": bids,
            "last": str(book.last or 0),
            "updated_at": book.updated_at_ms,
            "checksum": book.checksum,
        }
        data = {"market": subject.market, "is_full": True, "depth": depth}
        whole = msgspec.json.encode({"method": "depth.update", "data": data, "id": None})
        return [gzip.compress(whole, mtime=0)]

    def numbered(self, frame: bytes, numbers: Numbers) -> bytes:
        del numbers
        return frame

    def lost(self, frame: bytes, following: dict[str, int]) -> tuple[str, int]:
        del frame, following
        return "", 0

    def options(self, markets: Sequence[str]) -> CoinExOptions:
        return CoinExOptions(
            markets=markets, perpetuals=markets if self._is_futures else (), push_ms=1000, idle_s=1e9
        )

    def prepare(self, venue: Any, markets: Sequence[str]) -> None:
        del markets
        venue.traffic.clear()
        if self._is_futures:
            venue.futures.traffic.clear()

    def resting(self, venue: Any, market: str) -> Iterable[Resting]:
        core = venue.futures.core if self._is_futures else venue.core
        return [
            Resting(str(number), order.account in HOUSE, order.side.value, order.price, order.remaining)
            for number, order in core.engine(market).orders.items()
        ]

    def play(self, venue: Any, command: Command) -> None:
        if not self._is_futures:
            venue.traffic.play(command)
            return
        desk = venue.futures
        if not isinstance(command, Cancel):
            # The desk moves what the tape says to where its index is; this is there already.
            moved = desk.core.prices[command.market].index - desk.core.rules[command.market].start_price
            command = _at(command, command.price - moved)
        desk.traffic.play(command)

    def mark(self, venue: Any, market: str, mid: Decimal) -> None:
        if self._is_futures:
            rules = venue.futures.core.rules[market]
            venue.futures.force_index(market, mid // rules.tick * rules.tick)


def _at(command: Any, price: Decimal) -> Any:
    from dataclasses import replace

    return replace(command, price=price)


def wire_of(product: Product) -> CoinExWire:
    """Return how to read the frames of a product."""
    return CoinExWire(product)
