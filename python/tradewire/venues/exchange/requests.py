"""What the methods ask of Exchange, checked, and how it travels. Prices and sizes are whole numbers here.

Source: the project's ``rest.rs`` and ``admin.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tradewire.errors import ConfigError
from tradewire.model import Side
from tradewire.protocol.arguments import Exact, exact, flag, plain, shown, whole_number
from tradewire.protocol.endpoint import Params
from tradewire.venues.exchange.model import MessageLevel

__all__ = [
    "MAX_NUMBER",
    "AmendOrder",
    "LimitQuery",
    "LoadConfig",
    "MarketDefinition",
    "MarketPatch",
    "MarketQuery",
    "MarketRef",
    "NewMessage",
    "NewUser",
    "OrderRef",
    "PlaceOrder",
    "SettleMarket",
    "check_market",
    "check_order_id",
    "whole",
]

MAX_NUMBER = 2**63 - 1
"""Larger numbers overflow inside the server, possibly after the book has changed."""
SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def whole(name: str, value: Exact) -> int:
    """Return ``value`` as a whole number above zero.

    Raises:
        ConfigError: It is no exact number above zero, has a fraction, or is larger than 2^63-1.
    """
    number = exact(name, value)
    if number != number.to_integral_value():
        raise ConfigError(f"{name} must be a whole number on Exchange, got {plain(number)}")
    if number > MAX_NUMBER:
        raise ConfigError(f"{name} must be at most {MAX_NUMBER}, got {plain(number)}")
    return int(number)


def check_order_id(order_id: object) -> str:
    """Return ``order_id`` if it is a UUID in lower case, as the venue writes them.

    Raises:
        ConfigError: It is none.
    """
    if not isinstance(order_id, str) or not _UUID.fullmatch(order_id):
        raise ConfigError(f"order_id must be a UUID in lower case on Exchange, got {shown(order_id)}")
    return order_id


def check_market(market: object) -> str:
    """Return ``market`` if it can be one: two parts with a hyphen between.

    Raises:
        ConfigError: It cannot.
    """
    base, hyphen, quote = market.partition("-") if isinstance(market, str) else ("", "", "")
    if not isinstance(market, str) or not (base and hyphen and quote) or not market.isprintable():
        raise ConfigError(f"market must be BASE-QUOTE on Exchange, got {shown(market)}")
    return market


def _optional_whole(name: str, value: Exact | None) -> int | None:
    return None if value is None else whole(name, value)


def _text(name: str, value: object) -> str:
    """Return ``value`` if it is a text that says something and can be sent.

    Raises:
        ConfigError: It is none.
    """
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{name} must be a text that is not blank, got {shown(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{name} must be a text that UTF-8 can encode, got {shown(value)}") from None
    return value


def _optional_text(name: str, value: object) -> str | None:
    return None if value is None else _text(name, value)


def _optional_flag(name: str, value: object) -> bool | None:
    return None if value is None else flag(name, value)


def _body(members: dict[str, Any]) -> bytes:
    return orjson.dumps(members)


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A limit order."""

    market: str
    side: Side
    price: int
    size: int

    def members(self) -> dict[str, Any]:
        """Return the members both lanes carry."""
        return {
            "market": self.market,
            "side": SIDES[self.side],
            "price": self.price,
            "quantity": self.size,
        }

    def params(self) -> Params:
        """Encode for REST."""
        return Params(body=_body(self.members()))


@dataclass(frozen=True, slots=True)
class AmendOrder:
    """A smaller open size for a resting order."""

    order_id: str
    remaining: int

    def params(self) -> Params:
        """Encode for REST."""
        return Params(body=_body({"remaining": self.remaining}), path=(("order_id", self.order_id),))


@dataclass(frozen=True, slots=True)
class OrderRef:
    """A resting order."""

    order_id: str

    def params(self) -> Params:
        """Encode for REST."""
        return Params(path=(("order_id", self.order_id),))


@dataclass(frozen=True, slots=True)
class MarketQuery:
    """A market, or all of them."""

    market: str | None

    def params(self) -> Params:
        """Encode for REST."""
        return Params(query=() if self.market is None else (("market", check_market(self.market)),))


@dataclass(frozen=True, slots=True)
class LimitQuery:
    """How many rows, or all of them."""

    limit: int | None

    def params(self) -> Params:
        """Encode for REST."""
        if self.limit is None:
            return Params()
        return Params(query=(("limit", str(whole_number("limit", self.limit, 0, MAX_NUMBER))),))


@dataclass(frozen=True, slots=True)
class NewUser:
    """A trader to provision."""

    username: str

    def params(self) -> Params:
        """Encode for REST."""
        return Params(body=_body({"username": _text("username", self.username)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDefinition:
    """A market as the operator wants it. Its name must be ``base-quote``.

    Attributes:
        base: Asset traded, for instance ``ABC``.
        quote: What it is priced in, for instance ``USD``.
        tick_size: Prices are multiples of this.
        min_size: Smallest order.
        is_enabled: Orders are taken.
        display_name: For people; the market's name if left out.
        reference_price: Marks positions while the book is empty.
    """

    base: str
    quote: str
    tick_size: Exact = 1
    min_size: Exact = 1
    is_enabled: bool = True
    display_name: str | None = None
    reference_price: Exact | None = None

    @property
    def market(self) -> str:
        """Its name."""
        return f"{self.base}-{self.quote}"

    def members(self) -> dict[str, Any]:
        """Return the members of the wire."""
        return {
            "market_id": check_market(self.market),
            "base_asset": _text("base", self.base),
            "quote_asset": _text("quote", self.quote),
            "tick_size": whole("tick_size", self.tick_size),
            "min_order_quantity": whole("min_size", self.min_size),
            "enabled": flag("is_enabled", self.is_enabled),
            "display_name": _optional_text("display_name", self.display_name),
            "reference_price": _optional_whole("reference_price", self.reference_price),
        }

    def params(self) -> Params:
        """Encode for REST."""
        return Params(body=_body(self.members()))


@dataclass(frozen=True, slots=True)
class MarketPatch:
    """Changes of a market; ``None`` leaves as it is."""

    market: str
    display_name: str | None
    tick_size: Exact | None
    min_size: Exact | None
    reference_price: Exact | None
    is_enabled: bool | None

    def params(self) -> Params:
        """Encode for REST."""
        members = {
            "display_name": _optional_text("display_name", self.display_name),
            "tick_size": _optional_whole("tick_size", self.tick_size),
            "min_order_quantity": _optional_whole("min_size", self.min_size),
            "reference_price": _optional_whole("reference_price", self.reference_price),
            "enabled": _optional_flag("is_enabled", self.is_enabled),
        }
        changes = {name: value for name, value in members.items() if value is not None}
        return Params(body=_body(changes), path=(("market_id", check_market(self.market)),))


@dataclass(frozen=True, slots=True)
class MarketRef:
    """A market."""

    market: str

    def params(self) -> Params:
        """Encode for REST."""
        return Params(path=(("market_id", check_market(self.market)),))


@dataclass(frozen=True, slots=True)
class SettleMarket:
    """The end of a market."""

    market: str
    price: Exact
    announcement: str | None

    def params(self) -> Params:
        """Encode for REST."""
        members = {
            "settlement_price": whole("price", self.price),
            "announcement": _optional_text("announcement", self.announcement),
        }
        return Params(body=_body(members), path=(("market_id", check_market(self.market)),))


def _definitions(markets: object) -> Sequence[MarketDefinition]:
    if not isinstance(markets, list | tuple) or not all(isinstance(one, MarketDefinition) for one in markets):
        raise ConfigError(f"markets must be a list of MarketDefinition, got {shown(markets)}")
    return markets


@dataclass(frozen=True, slots=True)
class LoadConfig:
    """Markets and switch at once."""

    markets: Sequence[MarketDefinition]
    is_trading: bool | None

    def params(self) -> Params:
        """Encode for REST."""
        members = {
            "markets": [market.members() for market in _definitions(self.markets)],
            "trading_enabled": _optional_flag("is_trading", self.is_trading),
        }
        return Params(body=_body(members))


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A word to one trader or to all."""

    level: MessageLevel
    body: str
    target_username: str | None
    market: str | None
    title: str | None

    def params(self) -> Params:
        """Encode for REST."""
        members = {
            "level": self.level.value,
            "body": _text("body", self.body),
            "target_username": _optional_text("target_username", self.target_username),
            "market": _optional_text("market", self.market),
            "title": _optional_text("title", self.title),
        }
        return Params(body=_body(members))
