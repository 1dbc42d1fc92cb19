"""What the channels push, from the wire to the words of the face. Books are read by the native feed.

Source: docs.truemarkets.co/websocket/institutional and the vendor's tools, read 2026-11-20. What ``DROPCOPY``
carries is not published; it is read as the order of REST, every member but id and status optional.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import msgspec

from tradewire import codec
from tradewire._native import TruexEvent
from tradewire.errors import FrameError
from tradewire.session.live_order import LiveOrder
from tradewire.venues.truex import parse, shapes
from tradewire.venues.truex.directory import Directory

__all__ = ["BEST", "BOOK", "DROPCOPY", "INSTRUMENTS", "ORDERS", "TAPE", "Item", "reader"]

BOOK, BEST, TAPE, INSTRUMENTS, DROPCOPY = "DEPTH", "EBBO", "TRADE", "INSTRUMENT", "DROPCOPY"
ORDERS = "orders"
"""The topic of the drop copy's orders, which the venue sends by account and we hand out by market."""

Item = tuple[str, str, Any]
"""Topic, key, and what is told."""
RowT = TypeVar("RowT")


class _Push(msgspec.Struct, Generic[RowT], frozen=True):
    data: RowT


_best: msgspec.json.Decoder[_Push[shapes.QuoteRow]] = msgspec.json.Decoder(_Push[shapes.QuoteRow])
_tape: msgspec.json.Decoder[_Push[shapes.Tape]] = msgspec.json.Decoder(_Push[shapes.Tape])
_instrument: msgspec.json.Decoder[_Push[shapes.InstrumentRow]] = msgspec.json.Decoder(
    _Push[shapes.InstrumentRow]
)
_order: msgspec.json.Decoder[_Push[shapes.OrderRow]] = msgspec.json.Decoder(_Push[shapes.OrderRow])


def reader(
    directory: Directory,
    known: Callable[[str, str], LiveOrder | None],
    only_tape: Callable[[], str] = lambda: "",
    missed_report: Callable[[], None] = lambda: None,
) -> Callable[[TruexEvent], Iterable[Item]]:
    """Return what reads a push. The reader raises ``FrameError`` for one without the documented shape.

    Args:
        directory: Names the ids; learns instruments as they are pushed.
        known: Returns the order of ours with the venue's id, or with our own.
        only_tape: Returns the one market whose trades are watched; empty for none or several.
        missed_report: Told of every report of an order that cannot be read.
    """

    def best(news: TruexEvent) -> Item:
        quote = parse.best_quote(codec.decode_as(news.payload, _best).data, directory)
        return BEST, quote.market, quote

    def tape(news: TruexEvent) -> Item:
        row = codec.decode_as(news.payload, _tape).data
        # No page shows an instrument in a trade; the vendor's own code reads one.
        is_named = bool(row.instrument_id or row.id)
        symbol = "" if is_named else only_tape()
        if not (is_named or symbol):
            raise FrameError(f"trade {row.match_id[:40]} without its instrument", kind="wrong_shape")
        trade = parse.trade(row, directory, news.received_at_ns, symbol)
        return TAPE, trade.market, trade

    def instrument(news: TruexEvent) -> Item:
        known = parse.instrument(codec.decode_as(news.payload, _instrument).data)
        directory.learn_instruments((known,))
        return INSTRUMENTS, known.symbol, known

    def order(news: TruexEvent) -> Item:
        try:
            row = codec.decode_as(news.payload, _order).data
            ours = known(row.id, row.external_id) if row.info is None else None
            report = parse.order(row, directory) if ours is None else parse.progress(row, ours)
        except FrameError:
            missed_report()
            raise
        return ORDERS, report.market, report

    readers = {BEST: best, TAPE: tape, INSTRUMENTS: instrument, DROPCOPY: order}

    def read(news: TruexEvent) -> Iterable[Item]:
        read_one = readers.get(news.topic)
        # WELCOME and SNAPSHOT_COMPLETE tell nothing that a subscription waits for.
        return () if read_one is None else (read_one(news),)

    return read
