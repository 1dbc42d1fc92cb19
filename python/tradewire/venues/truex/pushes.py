"""What the channels push, from the wire to the words of the face. Books are read by the native feed.

Source: docs.truemarkets.co/websocket/institutional and the vendor's tools, read 2026-11-20. What ``DROPCOPY``
carries is not published; it is read as the order of REST, every member but id and status optional.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from tradewire import codec
from tradewire._native import FeedEvent
from tradewire.errors import FrameError, UnreadableRow
from tradewire.model import Order, Trade
from tradewire.session.live_order import LiveOrder
from tradewire.venues.truex import parse, shapes
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.model import Instrument
from tradewire.wire import Reader, decoder

__all__ = ["BEST", "BOOK", "DROPCOPY", "INSTRUMENTS", "ORDERS", "TAPE", "Item", "reader"]

BOOK, BEST, TAPE, INSTRUMENTS, DROPCOPY = "DEPTH", "EBBO", "TRADE", "INSTRUMENT", "DROPCOPY"
ORDERS = "orders"
"""The topic of the drop copy's orders, which the venue sends by account and we hand out by market."""

Item = tuple[str, str, object]
"""Topic, key, and the item: of each topic another type, which its subscription knows."""


class _Push(msgspec.Struct, frozen=True):
    data: msgspec.Raw


_pushes: msgspec.json.Decoder[_Push] = decoder(_Push)
_best, _tape = Reader(shapes.QuoteRow), Reader(shapes.Tape)
_instrument, _order = Reader(Instrument), Reader(shapes.OrderRow)


def reader(
    directory: Directory,
    known: Callable[[str, str], LiveOrder | None],
    only_tape: Callable[[], str] = lambda: "",
) -> Callable[[FeedEvent], Iterable[Item]]:
    """Return what reads a push. One without the documented shape is read as ``UnreadableRow``.

    Args:
        directory: Names the ids; learns instruments as they are pushed.
        known: Returns the order of ours with the venue's id, or with our own.
        only_tape: Returns the one market whose trades are watched; empty for none or several.
    """

    def best(data: msgspec.Raw, _: FeedEvent) -> Item:
        quote = _best.one(data, lambda row: parse.best_quote(row, directory))
        return BEST, quote.market, quote

    def tape(data: msgspec.Raw, news: FeedEvent) -> Item:
        def build(row: shapes.Tape) -> Trade:
            # No page shows an instrument in a trade; the vendor's own code reads one.
            is_named = bool(row.instrument_id or row.id)
            symbol = "" if is_named else only_tape()
            if not (is_named or symbol):
                raise FrameError(f"trade {row.match_id[:40]} without its instrument", kind="wrong_shape")
            return parse.trade(row, directory, news.received_at_ns, symbol)

        trade = _tape.one(data, build)
        return TAPE, trade.market, trade

    def instrument(data: msgspec.Raw, _: FeedEvent) -> Item:
        known = _instrument.one(data, lambda row: row)
        directory.learn_instruments((known,))
        return INSTRUMENTS, known.symbol, known

    def order(data: msgspec.Raw, _: FeedEvent) -> Item:
        def build(row: shapes.OrderRow) -> Order:
            ours = known(row.id, row.external_id)
            if row.info is None and ours is not None:
                return parse.progress(row, ours)
            return parse.order(row, directory, ours)

        report = _order.one(data, build)
        return ORDERS, report.market, report

    readers = {BEST: best, TAPE: tape, INSTRUMENTS: instrument, DROPCOPY: order}

    def read(news: FeedEvent) -> Iterable[Item]:
        read_one = readers.get(news.topic)
        # WELCOME and SNAPSHOT_COMPLETE tell nothing that a subscription waits for.
        if read_one is None:
            return ()
        try:
            return (read_one(codec.decode_as(news.payload, _pushes).data, news),)
        except UnreadableRow as fault:
            return ((news.topic, "", fault),)

    return read
