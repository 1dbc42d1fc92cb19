"""What CoinEx pushes, from frames to the words of the common interface. Rows are read as those of REST are.

Each row is read on its own: one that cannot be read comes as ``UnreadableRow`` among the others. What belongs to a
margin account comes on the same topics; its ``account`` says so.

Source: https://docs.coinex.com/api/v2/, the ``ws`` pages, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import FrameError, UnreadableRow
from tradewire.model import Rows
from tradewire.venues.coinex import parse, shapes
from tradewire.wire import Reader, decoder

__all__ = ["READERS", "read"]

EXCERPT_BYTES = 200

ModelT = TypeVar("ModelT")
Items = Iterator[tuple[str, object]]
"""The market or asset of an item, and the item."""


class _Push(msgspec.Struct):
    data: msgspec.Raw


_pushes: msgspec.json.Decoder[_Push] = decoder(_Push)
_deals, _deal = Reader(shapes.DealsPush), Reader(shapes.DealRow)
_tickers, _ticker = Reader(shapes.TickersPush), Reader(shapes.TickerRow)
_balances, _balance = Reader(shapes.BalancesPush), Reader(shapes.BalanceRow)
_order_push, _order = Reader(shapes.OrderPush), Reader(shapes.OrderRow)
_user_deal, _bbo = Reader(shapes.UserDealRow), Reader(shapes.BboRow)


def _items(rows: Rows[ModelT], key: Callable[[ModelT], str]) -> Items:
    for row in rows:
        yield key(row), row
    for fault in rows.unreadable:
        yield "", fault


def _read_trades(data: msgspec.Raw) -> Items:
    push = _deals.one(data, _same)
    # Newest first on the wire; readers get them in the order they happened.
    newest_last = reversed(push.deal_list or [])
    return _items(_deal.all(newest_last, partial(parse.trade, push.market)), lambda trade: trade.market)


def _read_best_quotes(data: msgspec.Raw) -> Items:
    quote = _bbo.one(data, parse.best_quote)
    yield quote.market, quote


def _read_tickers(data: msgspec.Raw) -> Items:
    rows = _tickers.one(data, _same).state_list or []
    return _items(_ticker.all(rows, parse.ticker), lambda ticker: ticker.market)


def _read_balances(data: msgspec.Raw) -> Items:
    rows = _balances.one(data, _same).balance_list or []
    return _items(_balance.all(rows, parse.balance), lambda balance: balance.asset)


def _read_orders(data: msgspec.Raw) -> Items:
    push = _order_push.one(data, _same)
    order = _order.one(push.order, partial(parse.order, event=push.event))
    yield order.market, order


def _read_fills(data: msgspec.Raw) -> Items:
    fill = _user_deal.one(data, parse.fill)
    yield fill.market, fill


def _same(push: ModelT) -> ModelT:
    return push


READERS: dict[str, Callable[[msgspec.Raw], Items]] = {
    "deals.update": _read_trades,
    "bbo.update": _read_best_quotes,
    "state.update": _read_tickers,
    "balance.update": _read_balances,
    "order.update": _read_orders,
    "user_deals.update": _read_fills,
}


def read(topic: str, payload: bytes) -> Iterable[tuple[str, object]]:
    """Return the items of one push with the market or asset each belongs to, ``UnreadableRow`` among them.

    Raises:
        FrameError: The topic is unknown, or the frame is not JSON of the documented shape.
    """
    reader = READERS.get(topic)
    if reader is None:
        raise FrameError(
            f"no reader for pushes of {topic[:64]}", kind="unknown_topic", excerpt=payload[:EXCERPT_BYTES]
        )
    try:
        return list(reader(codec.decode_as(payload, _pushes).data))
    except UnreadableRow as fault:
        return [("", fault)]
