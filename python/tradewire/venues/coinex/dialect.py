"""What CoinEx WebSocket frames look like and what its codes ask of us.

Frames are made and judged here; pushes are read in ``pushes``, books in the native feed. Knows no socket.

Source: https://docs.coinex.com/api/v2/common/ws and the ``ws`` page of each topic, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from tradewire._native import FeedEvent
from tradewire.errors import (
    AuthRejected,
    BadRequest,
    ConfigError,
    MarketUnavailable,
    NotSupported,
    RateLimited,
    TradewireError,
    VenueUnavailable,
)
from tradewire.model import Fill, Market, Order
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import FrameEvent, Verdict
from tradewire.venues.coinex import notices, parse, pushes
from tradewire.venues.coinex.products import FUTURES, SPOT, Product

__all__ = [
    "BALANCE",
    "BBO",
    "BOOK_DEPTHS",
    "DEPTH",
    "FILLS",
    "INDEX",
    "NOTICES",
    "ORDERS",
    "POSITIONS",
    "PREMIUM",
    "STOP_ORDERS",
    "TICKER",
    "TOPICS",
    "TRADES",
    "Dialect",
    "Topic",
    "futures_messages",
    "messages",
    "time_request",
]

VENUE = "coinex"
BOOK_DEPTHS = (5, 10, 20, 50)
"""Levels a side the venue offers."""
NO_MERGING = "0"
MAX_BATCH = 100
"""Channels in one request. The venue publishes no limit; a frame of 100 stays under 4 KiB."""
BOOK_SILENCE_NS = 90 * 1_000_000_000
"""The venue pushes a whole book every minute, however quiet the market; half of that again is for the way."""
FUTURES_FAMILY = 10_000
"""The futures socket answers with the same codes plus this; both are understood on both."""


class Topic(Struct, frozen=True):
    """One topic of the venue."""

    name: str
    is_private: bool
    list_field: str
    method: str
    """What watches it."""


DEPTH = Topic("depth", is_private=False, list_field="market_list", method="watch_book")
TRADES = Topic("deals", is_private=False, list_field="market_list", method="watch_trades")
BBO = Topic("bbo", is_private=False, list_field="market_list", method="watch_bbo")
TICKER = Topic("state", is_private=False, list_field="market_list", method="watch_ticker")
INDEX = Topic("index", is_private=False, list_field="market_list", method="watch_index")
ORDERS = Topic("order", is_private=True, list_field="market_list", method="watch_orders")
STOP_ORDERS = Topic("stop", is_private=True, list_field="market_list", method="watch_stop_orders")
FILLS = Topic("user_deals", is_private=True, list_field="market_list", method="watch_fills")
BALANCE = Topic("balance", is_private=True, list_field="ccy_list", method="watch_balances")
NOTICES = Topic("notice", is_private=True, list_field="channels", method="watch_maintenance")
PREMIUM = Topic("premium", is_private=False, list_field="market_list", method="watch_premium")
POSITIONS = Topic("position", is_private=True, list_field="market_list", method="watch_positions")
_COMMON = (DEPTH, TRADES, BBO, TICKER, INDEX, ORDERS, STOP_ORDERS, FILLS, BALANCE, NOTICES)
TOPICS = {
    SPOT: {topic.name: topic for topic in _COMMON},
    FUTURES: {topic.name: topic for topic in (*_COMMON, PREMIUM, POSITIONS)},
}

VERDICTS: Mapping[int, Verdict] = {
    0: Verdict.DONE,
    20001: Verdict.REFUSED,
    20002: Verdict.REFUSED,
    21001: Verdict.RESTART,
    # "Signature incorrect or expired": which of the two, the venue does not say.
    21002: Verdict.STALE,
    23001: Verdict.RETRY,
    23002: Verdict.RETRY,
    24001: Verdict.RETRY,
    24002: Verdict.RETRY,
}
"""Section "error code" of the WebSocket guide. A code that is not here cannot be helped by asking again."""


class Dialect:
    """Writes CoinEx frames, judges its codes and reads its pushes.

    Args:
        product: Whose stream it is: topics have the same names on both, and pushes do not say whose they are.
        login_params: Returns the signed parameters of ``server.sign`` with the venue's time in them; leave it
            out for public topics only.
    """

    max_batch = MAX_BATCH
    max_silence_ns: int | None = None
    book_silence_ns: int | None = BOOK_SILENCE_NS
    has_login = True
    shares_sequence = False

    def __init__(
        self, product: Product, login_params: Callable[[], Mapping[str, str | int]] | None = None
    ) -> None:
        self._topics = TOPICS[product]
        self._product = product
        self._login_params = login_params
        self.market_of: Callable[[str], Market | None] = lambda _: None
        """Returns the rules of a market, as far as they were read: pushes do not name the unit of a size."""

    @property
    def can_login(self) -> bool:
        """There are credentials."""
        return self._login_params is not None

    def login(self, request_id: int) -> bytes:
        """Return ``server.sign``."""
        if self._login_params is None:
            raise ConfigError("user topics need credentials; pass them to the client")
        return _request("server.sign", dict(self._login_params()), request_id)

    def ping(self, request_id: int) -> bytes:
        """Return ``server.ping``; the venue answers protocol pings unreliably."""
        return _request("server.ping", {}, request_id)

    def subscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:
        """Return ``<topic>.subscribe``; an all-channel is an empty list."""
        topic = self._topics[channels[0].topic]
        if topic is DEPTH:
            wanted: Sequence[object] = [
                [channel.key, channel.depth, NO_MERGING, False] for channel in channels
            ]
        else:
            wanted = _names(topic, channels)
        return _request(f"{topic.name}.subscribe", {topic.list_field: wanted}, request_id)

    def unsubscribe(self, channels: Sequence[Channel], request_id: int) -> bytes:
        """Return ``<topic>.unsubscribe``; depth too takes plain names here."""
        topic = self._topics[channels[0].topic]
        return _request(f"{topic.name}.unsubscribe", {topic.list_field: _names(topic, channels)}, request_id)

    def is_private(self, channel: Channel) -> bool:
        """Return whether the channel needs ``server.sign`` first."""
        return self._topics[channel.topic].is_private

    def is_implied(self, channel: Channel) -> bool:  # noqa: ARG002 - the contract's
        """Tell that no channel comes unasked."""
        return False

    def is_book(self, channel: Channel) -> bool:
        """Return whether the channel is a depth channel."""
        return channel.topic == DEPTH.name

    def verdict(self, code: str) -> Verdict:
        """Say what a reply's code asks of us."""
        return VERDICTS.get(_family(code), Verdict.REFUSED)

    def is_late(self, news: FrameEvent) -> bool:
        """Return whether a frame is a depth push of a market just unsubscribed."""
        return news.reason == "no_such_book"

    def push_name(self, channel: Channel) -> str:
        """Return the method of the channel's pushes."""
        return f"{channel.topic}.update"

    def decode(self, news: FeedEvent) -> Iterable[tuple[str, str, object]]:
        """Return the items of a push, ``UnreadableRow`` among them.

        Raises:
            FrameError: The frame or its topic cannot be read at all.
        """
        topic = news.topic
        return [
            (topic, key, self._named(item)) for key, item in pushes.read(self._product, topic, news.payload)
        ]

    def _named(self, item: object) -> object:
        return parse.name_unit(item, self.market_of(item.market)) if isinstance(item, Order | Fill) else item

    def refusal(self, channel: Channel, code: str, message: str) -> TradewireError:
        """Return the error that says why ``channel`` was refused and what to do about it."""
        endpoint = f"{channel.topic}.subscribe"
        words = f"{channel.key or 'every market'}: {message}"
        about: dict[str, Any] = {"code": code, "venue": VENUE, "endpoint": endpoint}
        match _family(code):
            case 20001 if "not found" in message.lower():
                return MarketUnavailable(
                    f"{words}; see {self._product.client}.markets() for the names", **about
                )
            case 20002:
                return NotSupported(f"{VENUE} does not offer {endpoint} here", venue=VENUE, instead=message)
            case 21001 | 21002:
                return AuthRejected(f"{words}; check access id, secret and this machine's clock", **about)
            case 23002:
                return RateLimited(words, **about)
            case 23001 | 24001 | 24002:
                return VenueUnavailable(words, **about)
            case _:
                return BadRequest(words, **about)


def time_request(request_id: int) -> bytes:
    """Return ``server.time``."""
    return _request("server.time", {}, request_id)


def messages() -> list[tuple[str, str]]:
    """Return every message of the spot stream that is covered, with the method that covers it."""
    return _messages(SPOT)


def futures_messages() -> list[tuple[str, str]]:
    """Return every message of the futures stream that is covered, with the method that covers it."""
    return _messages(FUTURES)


def _messages(product: Product) -> list[tuple[str, str]]:
    by_itself = [(name, f"{product.client} (by itself)") for name in ("server.sign", "server.ping")]
    return [*by_itself, ("server.time", f"{product.client}.stream_time")] + [
        (f"{topic.name}.{action}", f"{product.client}.{topic.method}")
        for topic in TOPICS[product].values()
        for action in ("subscribe", "unsubscribe", "update")
    ]


def _family(code: str) -> int:
    number = int(code or 0)
    return number - FUTURES_FAMILY if number >= 3 * FUTURES_FAMILY else number


def _names(topic: Topic, channels: Sequence[Channel]) -> Sequence[object]:
    """Return what is listed in a request: nothing for everything."""
    if topic is NOTICES:
        return [notices.MAINTENANCE]
    return [channel.key for channel in channels if channel.key]


def _request(method: str, params: Mapping[str, object], request_id: int) -> bytes:
    return _encode({"method": method, "params": params, "id": request_id})


_encode = msgspec.json.Encoder().encode
