"""Exchange: one market a connection, order by order; trades are part of the book's changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from tradewire._native import ExchangeFeed
from tradewire.description import Product
from tradewire.playback.wire import Numbers, PublicTrade, Resting, Subject, Want
from tradewire.sandbox.market import Command
from tradewire.sandbox.venues.exchange.operating import MarketSpec
from tradewire.sandbox.venues.exchange.options import ExchangeOptions

__all__ = ["wire_of"]

L3: Final = "l3"
PUSHES: Final = frozenset({"snapshot", "delta", "resync_required"})
UNKNOWN_TIME: Final = "1970-01-01T00:00:00.000000+00:00"
"""A book does not keep when its orders came; nothing depends on it."""


class _Push(msgspec.Struct):
    type: str = ""
    channel: str = ""
    market: str | None = ""


_push = msgspec.json.Decoder(_Push).decode


class ExchangeWire:
    """Its frames."""

    book_topic = L3

    def feed(self) -> ExchangeFeed:
        return ExchangeFeed()

    def add_book(self, feed: ExchangeFeed, subject: Subject) -> Any:
        return feed.add_book(subject.market)

    def wanted(self, message: bytes) -> Iterable[Want]:
        try:
            asked = msgspec.json.decode(message)
            if asked.get("channel") == L3 and asked.get("op") in {"subscribe", "unsubscribe"}:
                return [Want(Subject(L3, asked["market"]), asked["op"] == "subscribe")]
        except (msgspec.MsgspecError, KeyError, AttributeError):
            pass
        return ()

    def subject(self, frame: bytes, books: Iterable[Subject]) -> Subject | None:
        del books
        try:
            push = _push(frame)
        except msgspec.MsgspecError:
            return None
        return Subject(L3, push.market or "") if push.channel == L3 and push.type in PUSHES else None

    def trades(self, frame: bytes, event: Any) -> Sequence[PublicTrade]:
        del frame
        return [
            PublicTrade(
                event.market, Decimal(one.price), Decimal(one.quantity), one.aggressor, one.maker_order_id
            )
            for one in event.trades
        ]

    def fresh(self, subject: Subject, book: Any, last: bytes) -> Sequence[bytes]:
        del last
        sides = {
            name: [
                {
                    "order_id": number,
                    "side": side,
                    "price": price,
                    "remaining": left,
                    "created_at": UNKNOWN_TIME,
                }
                for number, price, left in book.orders(ours)
            ]
            for name, ours, side in (("bids", "buy", "BUY"), ("asks", "sell", "SELL"))
        }
        head = {"type": "snapshot", "channel": L3, "market": subject.market, "sequence": book.sequence}
        return [msgspec.json.encode(head | sides)]

    def numbered(self, frame: bytes, numbers: Numbers) -> bytes:
        del numbers
        return frame

    def lost(self, frame: bytes, following: dict[str, int]) -> tuple[str, int]:
        del frame, following
        return "", 0

    def options(self, markets: Sequence[str]) -> ExchangeOptions:
        del markets
        return ExchangeOptions(quotes=1, per_user_requests_per_second=100)

    def prepare(self, venue: Any, markets: Sequence[str]) -> None:
        venue.traffic.clear()
        for name in markets:
            if name not in venue.core.markets:
                base, _, quote = name.partition("-")
                # Its operator makes the markets: what is recorded of one shows whole numbers and nothing coarser.
                venue.operating.put_market(
                    MarketSpec(
                        market_id=name,
                        base_asset=base,
                        quote_asset=quote or "USD",
                        tick_size=1,
                        min_order_quantity=1,
                        enabled=True,
                    )
                )

    def resting(self, venue: Any, market: str) -> Iterable[Resting]:
        core = venue.core
        return [
            Resting(
                order.order_id,
                core.users[order.trader_id].position_limit is None,
                order.side.lower(),
                Decimal(order.price),
                Decimal(order.remaining),
            )
            for order in core.books[market].orders.values()
        ]

    def play(self, venue: Any, command: Command) -> None:
        venue.traffic.play(command)

    def mark(self, venue: Any, market: str, mid: Decimal) -> None:
        """Do nothing: positions are valued by the venue's book."""


def wire_of(product: Product) -> ExchangeWire:
    """Return how to read the venue's frames."""
    del product
    return ExchangeWire()
