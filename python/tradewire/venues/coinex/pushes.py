"""What CoinEx pushes, and what it means in the words of the common face.

The one room that knows the wire's spelling of stream pushes. Older spellings and both cases of enums are
understood; a push without the documented shape is refused whole with ``FrameError``, never half read.

Source: https://docs.coinex.com/api/v2/, the ``ws`` pages, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import msgspec

from tradewire.errors import FrameError, RemoteProtocolError
from tradewire.model import (
    Balance,
    BestQuote,
    Fill,
    Level,
    Liquidity,
    Order,
    OrderStatus,
    OrderType,
    Side,
    Ticker,
    Trade,
)
from tradewire.venues.coinex.parse import order_words

__all__ = ["READERS", "read"]

NS_PER_MS = 1_000_000
EXCERPT_BYTES = 200
ZERO = Decimal(0)

Amount = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$")]
"""A decimal as CoinEx writes it; anything else, NaN and Infinity too, does not pass."""

WordT = TypeVar("WordT", bound=StrEnum)
DataT = TypeVar("DataT")
Items = Iterator[tuple[str, Any]]


class _Deal(msgspec.Struct):
    deal_id: int
    created_at: int
    side: str
    price: Amount
    amount: Amount


class _Deals(msgspec.Struct):
    market: str
    deal_list: list[_Deal]


class _Bbo(msgspec.Struct):
    market: str
    updated_at: int
    best_bid_price: Amount | None = None
    best_bid_size: Amount | None = None
    best_ask_price: Amount | None = None
    best_ask_size: Amount | None = None


class _State(msgspec.Struct):
    market: str
    last: Amount
    open: Amount
    high: Amount
    low: Amount
    volume: Amount
    value: Amount


class _States(msgspec.Struct):
    state_list: list[_State]


class _Balance(msgspec.Struct):
    ccy: str
    available: Amount
    frozen: Amount
    margin_market: str = ""


class _Balances(msgspec.Struct):
    balance_list: list[_Balance]


class _Order(msgspec.Struct):
    order_id: int
    market: str
    type: str
    side: str
    amount: Amount
    price: Amount
    filled_amount: Amount
    created_at: int
    updated_at: int
    unfilled_amount: Amount | None = None
    unfill_amount: Amount | None = None
    filled_value: Amount | None = None
    fill_value: Amount | None = None
    client_id: str = ""


class _OrderEvent(msgspec.Struct):
    event: str
    order: _Order


class _UserDeal(msgspec.Struct):
    deal_id: int
    created_at: int
    order_id: int
    market: str
    side: str
    price: Amount
    amount: Amount
    client_id: str = ""
    role: str = ""
    fee: Amount | None = None
    fee_ccy: str = ""


def _word(enum: type[WordT], text: str) -> WordT:
    try:
        return enum(text.lower())
    except ValueError:
        raise msgspec.ValidationError(f"unknown {enum.__name__.lower()} {text[:32]!r}") from None


def _decimal(text: str | None) -> Decimal:
    if text is None:
        raise msgspec.ValidationError("a quantity is missing")
    return Decimal(text)


def _level(price: str | None, size: str | None) -> Level | None:
    """Return a level, or none: an empty side is absent, or zero, or both."""
    if price is None or size is None:
        return None
    level = Level(Decimal(price), Decimal(size))
    return level if level.size else None


def _trades(data: _Deals) -> Items:
    # Newest first on the wire; readers get them in the order they happened.
    for deal in reversed(data.deal_list):
        yield (
            data.market,
            Trade(
                trade_id=str(deal.deal_id),
                market=data.market,
                side=_word(Side, deal.side),
                price=Decimal(deal.price),
                size=Decimal(deal.amount),
                time_ns=deal.created_at * NS_PER_MS,
            ),
        )


def _best_quotes(data: _Bbo) -> Items:
    yield (
        data.market,
        BestQuote(
            market=data.market,
            bid=_level(data.best_bid_price, data.best_bid_size),
            ask=_level(data.best_ask_price, data.best_ask_size),
            time_ns=data.updated_at * NS_PER_MS,
        ),
    )


def _tickers(data: _States) -> Items:
    for state in data.state_list:
        yield (
            state.market,
            Ticker(
                market=state.market,
                last=Decimal(state.last),
                open=Decimal(state.open),
                high=Decimal(state.high),
                low=Decimal(state.low),
                volume=Decimal(state.volume),
                quote_volume=Decimal(state.value),
            ),
        )


def _balances(data: _Balances) -> Items:
    # Margin accounts come in the same list; the common face has the spot account only.
    for balance in data.balance_list:
        if not balance.margin_market:
            yield (
                balance.ccy,
                Balance(
                    asset=balance.ccy, available=Decimal(balance.available), locked=Decimal(balance.frozen)
                ),
            )


def _orders(data: _OrderEvent) -> Items:
    order = data.order
    kind, time_in_force, post_only = order_words(order.type)
    yield (
        order.market,
        Order(
            order_id=str(order.order_id),
            client_order_id=order.client_id,
            market=order.market,
            side=_word(Side, order.side),
            type=kind,
            time_in_force=time_in_force,
            post_only=post_only,
            price=None if kind is OrderType.MARKET else Decimal(order.price),
            size=Decimal(order.amount),
            filled_size=Decimal(order.filled_amount),
            filled_notional=_decimal(
                order.filled_value if order.filled_value is not None else order.fill_value
            ),
            status=_status(data.event, order),
            created_at_ns=order.created_at * NS_PER_MS,
            updated_at_ns=max(order.updated_at, order.created_at) * NS_PER_MS,
        ),
    )


def _status(event: str, order: _Order) -> OrderStatus:
    """Pushes carry no status: the event and the quantities tell it."""
    unfilled = _decimal(order.unfilled_amount if order.unfilled_amount is not None else order.unfill_amount)
    match event.lower():
        case "put" | "update" | "modify":
            return OrderStatus.PARTIALLY_FILLED if Decimal(order.filled_amount) else OrderStatus.OPEN
        case "finish":
            return OrderStatus.CANCELLED if unfilled else OrderStatus.FILLED
        case other:
            raise msgspec.ValidationError(f"unknown order event {other[:32]!r}")


def _fills(deal: _UserDeal) -> Items:
    yield (
        deal.market,
        Fill(
            trade_id=str(deal.deal_id),
            order_id=str(deal.order_id),
            client_order_id=deal.client_id,
            market=deal.market,
            side=_word(Side, deal.side),
            price=Decimal(deal.price),
            size=Decimal(deal.amount),
            liquidity=_word(Liquidity, deal.role) if deal.role else None,
            fee=None if deal.fee is None else Decimal(deal.fee),
            fee_asset=deal.fee_ccy,
            time_ns=deal.created_at * NS_PER_MS,
        ),
    )


def _reader(
    shape: type[DataT], items: Callable[[DataT], Items]
) -> Callable[[bytes], Iterable[tuple[str, Any]]]:
    frame = msgspec.defstruct(f"Push{shape.__name__}", [("data", shape)])
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(frame)

    def read_push(payload: bytes) -> Iterable[tuple[str, Any]]:
        return list(items(decoder.decode(payload).data))

    return read_push


READERS = {
    "deals.update": _reader(_Deals, _trades),
    "bbo.update": _reader(_Bbo, _best_quotes),
    "state.update": _reader(_States, _tickers),
    "balance.update": _reader(_Balances, _balances),
    "order.update": _reader(_OrderEvent, _orders),
    "user_deals.update": _reader(_UserDeal, _fills),
}


def read(topic: str, payload: bytes) -> Iterable[tuple[str, Any]]:
    """Return the items of one push with the market or asset each belongs to.

    Raises:
        FrameError: The topic is unknown or the push lacks the documented shape; nothing of it is used.
    """
    reader = READERS.get(topic)
    if reader is None:
        raise FrameError(
            f"no reader for pushes of {topic[:64]}", kind="unknown_topic", excerpt=payload[:EXCERPT_BYTES]
        )
    try:
        return reader(payload)
    except (msgspec.DecodeError, RemoteProtocolError) as error:
        raise FrameError(f"{topic}: {error}", kind="bad_shape", excerpt=payload[:EXCERPT_BYTES]) from error
