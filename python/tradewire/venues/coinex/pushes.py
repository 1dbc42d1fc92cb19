"""What CoinEx pushes, from frames to the words of the common interface. Rows are read as those of REST are.

Each row is read on its own: one that cannot be read comes as ``UnreadableRow`` among the others. What belongs to a
margin account comes on the same topics; its ``account`` says so.

Source: https://docs.coinex.com/api/v2/, the ``ws`` pages, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import FrameError, UnreadableRow
from tradewire.model import Balance, Rows, Ticker
from tradewire.venues.coinex import notices, parse, shapes
from tradewire.venues.coinex.products import SPOT, Product
from tradewire.wire import Reader, decoder

__all__ = ["read", "readers"]

EXCERPT_BYTES = 200

ModelT = TypeVar("ModelT")
TickerT = TypeVar("TickerT", bound=shapes.TickerRow)
BalanceT = TypeVar("BalanceT", bound=shapes.BalanceRow)
Items = Iterator[tuple[str, object]]
"""The market or asset of an item, and the item."""


class _Push(msgspec.Struct):
    data: msgspec.Raw


_pushes: msgspec.json.Decoder[_Push] = decoder(_Push)


def _items(rows: Rows[ModelT], key: Callable[[ModelT], str]) -> Items:
    for row in rows:
        yield key(row), row
    for fault in rows.unreadable:
        yield "", fault


def _same(push: ModelT) -> ModelT:
    return push


@cache
def readers(product: Product) -> Mapping[str, Callable[[msgspec.Raw], Items]]:
    """Return what reads the pushes of a product's stream, by topic; asked for when the first push is there."""
    from tradewire.venues.coinex import parse_prices, parse_stops

    deals, deal = Reader(shapes.DealsPush), Reader(shapes.DealRow)
    best_quote, index = Reader(shapes.BboRow), Reader(shapes.IndexPush)
    order_push, stop_push, tickers, balances = (
        Reader(shapes.OrderPush),
        Reader(shapes.StopPush),
        Reader(shapes.TickersPush),
        Reader(shapes.BalancesPush),
    )

    def read_trades(data: msgspec.Raw) -> Items:
        push = deals.one(data, _same)
        # Newest first on the wire; readers get them in the order they happened.
        newest_last = reversed(push.deal_list or [])
        return _items(deal.all(newest_last, partial(parse.trade, push.market)), lambda trade: trade.market)

    def read_best_quotes(data: msgspec.Raw) -> Items:
        quote = best_quote.one(data, parse.best_quote)
        yield quote.market, quote

    def read_index(data: msgspec.Raw) -> Items:
        price = index.one(data, parse_prices.pushed_index_price)
        yield price.market, price

    def read_orders(order: Reader[shapes.OrderRow], data: msgspec.Raw) -> Items:
        push = order_push.one(data, _same)
        report = order.one(push.order, partial(parse.order, event=push.event))
        yield report.market, report

    def read_stop_orders(stop: Reader[shapes.StopOrderRow], data: msgspec.Raw) -> Items:
        push = stop_push.one(data, _same)
        report = stop.one(push.stop, partial(parse_stops.stop_order, event=push.event))
        yield report.market, report

    def read_fills(deal: Reader[shapes.UserDealRow], data: msgspec.Raw) -> Items:
        fill = deal.one(data, parse.fill)
        yield fill.market, fill

    def read_tickers(ticker: Reader[TickerT], build: Callable[[TickerT], Ticker], data: msgspec.Raw) -> Items:
        rows = tickers.one(data, _same).state_list or []
        return _items(ticker.all(rows, build), lambda ticker: ticker.market)

    def read_balances(
        balance: Reader[BalanceT], build: Callable[[BalanceT], Balance], data: msgspec.Raw
    ) -> Items:
        rows = balances.one(data, _same).balance_list or []
        return _items(balance.all(rows, build), lambda balance: balance.asset)

    notice = Reader(notices.NoticePush)

    def read_notices(data: msgspec.Raw) -> Items:
        yield "", notice.one(data, notices.maintenance)

    found: dict[str, Callable[[msgspec.Raw], Items]] = {
        "notice.update": read_notices,
        "deals.update": read_trades,
        "bbo.update": read_best_quotes,
        "index.update": read_index,
    }
    if product is SPOT:
        return found | {
            "order.update": partial(read_orders, Reader(shapes.OrderRow)),
            "stop.update": partial(read_stop_orders, Reader(shapes.StopOrderRow)),
            "user_deals.update": partial(read_fills, Reader(shapes.UserDealRow)),
            "state.update": partial(read_tickers, Reader(shapes.TickerRow), parse.ticker),
            "balance.update": partial(read_balances, Reader(shapes.BalanceRow), parse.balance),
        }
    from tradewire.venues.coinex.futures import words

    position_push, position = Reader(words.PositionPush), Reader(words.PositionRow)

    premium = Reader(words.PremiumRow)

    def read_premiums(data: msgspec.Raw) -> Items:
        found = premium.one(data, words.premium)
        yield found.market, found

    def read_positions(data: msgspec.Raw) -> Items:
        push = position_push.one(data, _same)
        report = position.one(push.position, partial(words.position, event=push.event))
        yield report.market, report

    return found | {
        "order.update": partial(read_orders, Reader(shapes.FuturesOrderRow)),
        "stop.update": partial(read_stop_orders, Reader(shapes.FuturesStopOrderRow)),
        "user_deals.update": partial(read_fills, Reader(shapes.FuturesUserDealRow)),
        "state.update": partial(read_tickers, Reader(words.TickerRow), words.ticker),
        "balance.update": partial(read_balances, Reader(words.BalanceRow), words.balance),
        "premium.update": read_premiums,
        "position.update": read_positions,
    }


def read(product: Product, topic: str, payload: bytes) -> Iterable[tuple[str, object]]:
    """Return the items of one push with the market or asset each belongs to, ``UnreadableRow`` among them.

    Raises:
        FrameError: The topic is unknown, or the frame is not JSON of the documented shape.
    """
    reader = readers(product).get(topic)
    if reader is None:
        raise FrameError(
            f"no reader for pushes of {topic[:64]}", kind="unknown_topic", excerpt=payload[:EXCERPT_BYTES]
        )
    try:
        return list(reader(codec.decode_as(payload, _pushes).data))
    except UnreadableRow as fault:
        return [("", fault)]
