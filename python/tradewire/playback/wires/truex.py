"""TrueX: JSON with a number that counts per channel and connection, whatever the markets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from tradewire._native import TruexFeed
from tradewire.description import Product
from tradewire.playback.wire import HOUSE, Numbers, PublicTrade, Resting, Subject, Want
from tradewire.sandbox.market import Command
from tradewire.sandbox.venues.truex.instruments import instruments
from tradewire.sandbox.venues.truex.options import TrueXOptions

__all__ = ["wire_of"]

DEPTH: Final = "DEPTH"
CHANNELS: Final = frozenset({DEPTH, "TRADE", "EBBO", "INSTRUMENT"})
NUMBER: Final = re.compile(rb'"seqnum":"(\d+)"')
UPDATE: Final = b'"update":"UPDATE"'
NO_LIMIT: Final = Decimal(10**6)


class _Push(msgspec.Struct):
    channel: str = ""
    update: str = ""
    item: str = ""
    seqnum: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


_push = msgspec.json.Decoder(_Push).decode


class TrueXWire:
    """Its frames."""

    book_topic = DEPTH

    def __init__(self) -> None:
        # Trades name the instrument by its id alone.
        self._symbols = {one.instrument_id: one.symbol for one in instruments(None).values()}

    def feed(self) -> TruexFeed:
        return TruexFeed()

    def add_book(self, feed: TruexFeed, subject: Subject) -> Any:
        return feed.add_book(subject.market)

    def wanted(self, message: bytes) -> Iterable[Want]:
        try:
            asked = msgspec.json.decode(message)
            kind, channels, names = asked["type"], asked["channels"], asked["item_names"]
            begins = kind.startswith("SUBSCRIBE")
            if not begins and not kind.startswith("UNSUBSCRIBE"):
                return ()
            return [
                Want(Subject(channel, name), begins)
                for channel in channels
                if channel in CHANNELS
                for name in names
            ]
        except (msgspec.MsgspecError, KeyError, TypeError, AttributeError):
            return ()

    def subject(self, frame: bytes, books: Iterable[Subject]) -> Subject | None:
        del books
        try:
            push = _push(frame)
            if push.channel not in CHANNELS:
                return None
            return Subject(push.channel, push.item or self._symbol(push))
        except msgspec.MsgspecError:
            return None

    def trades(self, frame: bytes, event: Any) -> Sequence[PublicTrade]:
        del event
        push = _push(frame)
        if push.channel != "TRADE" or push.update != "UPDATE":
            return ()
        data = msgspec.json.decode(push.data)
        return [PublicTrade(self._symbol(push), Decimal(data["trade_price"]), Decimal(data["trade_qty"]), "")]

    def fresh(self, subject: Subject, book: Any, last: bytes) -> Sequence[bytes]:
        head = NUMBER.search(last)
        if subject.topic == "TRADE":
            return [msgspec.json.encode(_complete(subject))]
        if book is None:
            return [last.replace(UPDATE, b'"update":"SNAPSHOT"', 1), msgspec.json.encode(_complete(subject))]
        levels = {
            f"{side}s": [
                {"price": str(price), "qty": str(size), "order_count": str(count)}
                for price, size, count in book.levels(name)
            ]
            for side, name in (("bid", "buy"), ("ask", "sell"))
        }
        snapshot = {
            "seqnum": head[1].decode() if head else "0",
            "channel": DEPTH,
            "update": "SNAPSHOT",
            "status": msgspec.json.decode(last).get("status", "AUTHENTICATED"),
            "data": {"symbol": subject.market, **levels},
        }
        return [msgspec.json.encode(snapshot), msgspec.json.encode(_complete(subject))]

    def numbered(self, frame: bytes, numbers: Numbers) -> bytes:
        push = _push(frame)
        if not push.seqnum:
            return frame
        recorded = int(push.seqnum)
        number = numbers.get(push.channel, recorded)
        numbers[push.channel] = number + (push.update == "UPDATE")
        return frame if number == recorded else NUMBER.sub(b'"seqnum":"%d"' % number, frame, count=1)

    def lost(self, frame: bytes, following: dict[str, int]) -> tuple[str, int]:
        push = _push(frame)
        if not push.seqnum:
            return "", 0
        number = int(push.seqnum)
        expected = following.get(push.channel, number)
        following[push.channel] = number + (push.update == "UPDATE")
        return push.channel, max(0, number - expected)

    def options(self, markets: Sequence[str]) -> TrueXOptions:
        return TrueXOptions(instruments=markets)

    def prepare(self, venue: Any, markets: Sequence[str]) -> None:
        del markets
        venue.traffic.clear()
        for instrument in venue.instruments.values():
            # The recorded market moves as it did.
            instrument.price_limit_percent = NO_LIMIT

    def resting(self, venue: Any, market: str) -> Iterable[Resting]:
        return [
            Resting(str(number), order.account in HOUSE, order.side.value, order.price, order.remaining)
            for number, order in venue.core.markets[market].engine.orders.items()
        ]

    def play(self, venue: Any, command: Command) -> None:
        venue.traffic.play(command)

    def mark(self, venue: Any, market: str, mid: Decimal) -> None:
        """Do nothing: there are no positions."""

    def _symbol(self, push: _Push) -> str:
        data = msgspec.json.decode(push.data)
        found = data.get("symbol") or data.get("info", {}).get("symbol")
        return str(found or self._symbols.get(data.get("id", ""), ""))


def _complete(subject: Subject) -> dict[str, str]:
    return {"channel": subject.topic, "update": "SNAPSHOT_COMPLETE", "item": subject.market}


def wire_of(product: Product) -> TrueXWire:
    """Return how to read the venue's frames."""
    del product
    return TrueXWire()
