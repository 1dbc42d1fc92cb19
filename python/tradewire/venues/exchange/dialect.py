"""What Exchange WebSocket frames look like and what its answers ask of us.

Frames are made and judged here; what the user's events mean is in ``user_state``, books are in the native feed. One
connection carries one market, and another one the user.

Source: https://www.mintlify.com/jamxu88/exchange/guides/websocket-api and the project's ``ws.rs`` at 6a38735, read
2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

import msgspec

from tradewire._native import FeedEvent, FrameTemplate, PublicTrade
from tradewire.errors import (
    AuthRejected,
    ConfigError,
    FrameError,
    LocalProtocolError,
    NotSupported,
    RequestError,
    TradewireError,
)
from tradewire.model import Side, Trade
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import FrameEvent, Verdict
from tradewire.protocol.request import COUNT, TEXT
from tradewire.venues.exchange import errors
from tradewire.venues.exchange.model import Message
from tradewire.venues.exchange.user_values import Attributes, Change
from tradewire.wire import decoder

__all__ = [
    "BOOK",
    "FILLS",
    "KNOWN",
    "MESSAGES",
    "MISSING",
    "ORDERS",
    "POSITIONS",
    "TRADES",
    "UPGRADES",
    "USER",
    "USER_TOPICS",
    "Item",
    "MarketDialect",
    "UserDialect",
    "change_frame",
    "messages",
    "read_message",
    "submit_frame",
    "submit_template",
]

UPGRADES = {"/ws": "Exchange.watch_book"}
"""Paths that become WebSockets, with the Python name that opens them: the venue lists them among its endpoints."""
BOOK, TRADES, MESSAGES = "l3", "trades", "messages"
ORDERS, FILLS, POSITIONS = "orders", "fills", "positions"
USER, KNOWN = "user", "known"
"""The login itself, and whether the account is known; the venue has no such topics."""
USER_TOPICS = (USER, KNOWN, ORDERS, FILLS, POSITIONS, MESSAGES)
PUSHES = frozenset({"ack", "reject", "order_state", "fill", "resync_required", "admin_message"})
"""What the venue says about the user, unasked but for answers to trading requests."""
MISSING = {
    "M": "order-by-order books unless logged in",
    "L": "order-by-order books",
}
"""What this client cannot do with a later generation of the venue."""
_GENERATIONS = {"channel is data": "L", "l2 and l3": "M", "subscribing to l3": "M"}
"""By what each says when it is asked for an order-by-order book."""
MAX_SILENCE_NS = 30 * 1_000_000_000
"""Two heartbeats."""


Item: TypeAlias = tuple[str, str, object]
"""Topic, market and what is published: the topic says what that is, hence ``Any``."""


class _Shared:
    """What both kinds of connection have in common."""

    max_batch = 1
    max_silence_ns: int | None = MAX_SILENCE_NS
    book_silence_ns: int | None = None
    has_login = True
    shares_sequence = False

    def ping(self, request_id: int) -> bytes | None:  # noqa: ARG002 - the contract's
        """Return nothing: the venue beats by itself."""
        return None

    def subscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:  # noqa: ARG002 - the contract's
        """Return ``subscribe``."""
        return _encode({"op": "subscribe", "channel": BOOK, "market": channels[0].key})

    def unsubscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:  # noqa: ARG002 - the contract's
        """Return ``unsubscribe``."""
        return _encode({"op": "unsubscribe", "channel": BOOK, "market": channels[0].key})

    def is_book(self, channel: Channel) -> bool:
        """Return whether the channel is a market's book."""
        return channel.topic == BOOK

    def is_implied(self, channel: Channel) -> bool:
        """Tell that everything but books comes unasked."""
        return channel.topic != BOOK

    def is_late(self, news: FrameEvent) -> bool:
        """Return whether a frame is of a book just left."""
        return news.reason == "no_such_book"

    def verdict(self, code: str) -> Verdict:
        """Say what an answer's code asks of us: asking again helps none of them."""
        return Verdict.REFUSED if code else Verdict.DONE

    def push_name(self, channel: Channel) -> str:
        """Return the topic itself."""
        return channel.topic

    def refusal(self, channel: Channel, code: str, message: str) -> TradewireError:
        """Return the error that says why ``channel`` was refused and what to do about it."""
        generation = next((name for words, name in _GENERATIONS.items() if words in message), "")
        if generation:
            return NotSupported(
                f"the venue speaks generation {generation} of its protocol, without {MISSING[generation]}",
                venue=errors.VENUE,
                instead=f"it says: {message}",
            )
        if code == "invalid_api_key":
            return AuthRejected(f"{message}; check the key", code=str(code), venue=errors.VENUE)
        return errors.by_code(f"subscribe {channel}", str(code), message)


class MarketDialect(_Shared):
    """A connection that carries one market's book and trades.

    Args:
        on_trade: Takes every trade as it comes, with the ids of both orders.
    """

    def __init__(self, on_trade: Callable[[PublicTrade], None] = lambda _: None) -> None:
        self._on_trade = on_trade

    def login(self, request_id: int) -> bytes:
        """Refuse: market data needs no login."""
        raise LocalProtocolError(f"request {request_id}: a market's connection does not log in")

    def is_private(self, channel: Channel) -> bool:  # noqa: ARG002 - the contract's
        """Tell that nothing here needs a login."""
        return False

    def decode(self, news: FeedEvent) -> Iterable[Item]:
        """Return the trades of a delta."""
        if news.kind != "book":
            # Heartbeats, and calls to resync that name no market of ours.
            return ()
        return [(TRADES, news.market, self._trade(trade, news)) for trade in news.trades]

    def _trade(self, trade: PublicTrade, news: FeedEvent) -> Trade:
        self._on_trade(trade)
        return Trade(
            trade_id=f"{news.market}-{trade.sequence}",
            market=news.market,
            side=Side(trade.aggressor) if trade.aggressor else None,
            price=Decimal(trade.price),
            size=Decimal(trade.quantity),
            time_ns=news.received_at_ns,
        )


class UserDialect(_Shared):
    """The connection that carries the user: login, orders, fills, messages, trading.

    Args:
        api_key: Returns the key; leave it out for public data only.
        take: Takes a push about the user and returns the items to publish.
    """

    def __init__(
        self, api_key: Callable[[], str] | None, take: Callable[[FeedEvent], Iterable[Item]]
    ) -> None:
        self._api_key = api_key
        self._take = take

    @property
    def can_login(self) -> bool:
        """There is a key."""
        return self._api_key is not None

    def login(self, request_id: int) -> bytes:
        """Return ``authenticate``."""
        if self._api_key is None:
            raise LocalProtocolError(f"request {request_id}: there is no key to log in with")
        return _encode({"op": "authenticate", "api_key": self._api_key()})

    def is_private(self, channel: Channel) -> bool:
        """Return whether the channel needs ``authenticate`` first."""
        return channel.topic in USER_TOPICS

    def decode(self, news: FeedEvent) -> Iterable[Item]:
        """Return the items of a push.

        Raises:
            FrameError: It lacks the documented shape, or no one knows what it is about.
        """
        if news.topic in PUSHES:
            return self._take(news)
        if news.topic != "heartbeat":
            raise FrameError(
                f"{news.topic} {news.code}: {news.message}", kind="unknown_topic", excerpt=news.payload[:200]
            )
        return ()


class _Envelope(msgspec.Struct):
    message: Message


_envelopes: msgspec.json.Decoder[_Envelope] = decoder(_Envelope)


def read_message(news: FeedEvent) -> Message:
    """Return an operator's message.

    Raises:
        FrameError: It lacks the documented shape.
    """
    try:
        return _envelopes.decode(news.payload).message
    except msgspec.MsgspecError as error:
        raise FrameError(f"admin_message: {error}", kind="bad_shape", excerpt=news.payload[:200]) from error


def submit_frame(request_id: str, attributes: Attributes) -> bytes:
    """Return a new order."""
    return _encode(
        {
            "op": "submit_order",
            "request_id": request_id,
            "market": attributes.market,
            "side": attributes.side.upper(),
            "price": attributes.price,
            "quantity": attributes.size,
        }
    )


def submit_template(market: str, side: Side) -> FrameTemplate | None:
    """Return what writes as ``submit_frame`` does, by request id, price and size; ``None`` where only that can."""
    name, price, size = (90071992547409930 + place for place in range(3))
    frame = submit_frame(str(name), Attributes(market, side, price, size))
    holes = [(str(name).encode(), *TEXT), *((str(mark).encode(), *COUNT) for mark in (price, size))]
    try:
        return FrameTemplate(frame, holes)
    except ConfigError:
        # The market's name holds a mark.
        return None


def change_frame(request_id: str, change: Change) -> bytes:
    """Return an amend or a cancel."""
    order_id, remaining = change
    if remaining is None:
        return _encode({"op": "cancel_order", "request_id": request_id, "order_id": order_id})
    return _encode(
        {"op": "amend_order", "request_id": request_id, "order_id": order_id, "remaining": remaining}
    )


def rejection(news: FeedEvent) -> RequestError:
    """Return the error of a ``reject``."""
    return errors.by_code(f"WS {news.op}", news.code, news.message)


def messages() -> list[tuple[str, str]]:
    """Return every message of the stream, ours and the venue's, with the Python name that covers it."""
    ours = {
        "authenticate": "Exchange.watch_orders",
        "subscribe": "Exchange.watch_book",
        "unsubscribe": "Exchange.watch_book",
        "submit_order": "Exchange.place_order",
        "amend_order": "Exchange.amend_order",
        "cancel_order": "Exchange.cancel_order",
    }
    theirs = {
        "heartbeat": "Exchange.watch_events",
        "authenticated": "Exchange.watch_events",
        "snapshot": "Exchange.watch_book",
        "delta": "Exchange.watch_book",
        "unsubscribed": "Exchange.watch_book",
        "ack": "Exchange.place_order",
        "reject": "Exchange.place_order",
        "fill": "Exchange.watch_fills",
        "order_state": "Exchange.watch_orders",
        "admin_message": "Exchange.watch_messages",
        "resync_required": "Exchange.watch_events",
        "error": "Exchange.watch_events",
    }
    return [*ours.items(), *theirs.items()]


_encode = msgspec.json.Encoder().encode
