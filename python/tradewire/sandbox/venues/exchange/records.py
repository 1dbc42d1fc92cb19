"""What the venue keeps: users, markets, orders, fills, positions, messages, and how each looks on the wire.

Every key is always there, with an explicit null; numbers are integers. Source: the project's ``state.rs`` and
``rest.rs`` at 6a38735, read 2026-11-20.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

__all__ = ["BUY", "SELL", "Fill", "Market", "Message", "Order", "User", "opposite", "utc"]

BUY = "BUY"
SELL = "SELL"
US_PER_S = 1_000_000


def opposite(side: str) -> str:
    """Return the other side."""
    return SELL if side == BUY else BUY


def utc(at_us: int, suffix: str = "Z") -> str:
    """Return a time as the venue writes it: no, three or six digits of fraction."""
    seconds, fraction = divmod(at_us, US_PER_S)
    text = _second(seconds)
    if fraction:
        text += f".{fraction:06d}" if fraction % 1000 else f".{fraction // 1000:03d}"
    return text + suffix


@lru_cache
def _second(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _shape(record: Any, *hidden: str) -> dict[str, Any]:
    """Return the members of a record as replies carry them."""
    shape = {}
    for name, shown, is_time in _members(record.__class__, hidden):
        value = getattr(record, name)
        shape[shown] = utc(value) if is_time else value
    return shape


@cache
def _members(record: type, hidden: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    """Return name, name in replies, and whether it is a time."""
    return [
        (one.name, one.name.removesuffix("_us"), one.name.endswith("_us"))
        for one in fields(record)
        if one.name not in hidden
    ]


@dataclass(slots=True)
class User:
    """A trader. ``position_limit`` is ``None`` for the venue's own market makers, which keep the books filled."""

    trader_id: str
    username: str
    api_key: str
    created_at_us: int
    position_limit: int | None

    def shape(self) -> dict[str, Any]:
        """Return the profile."""
        return _shape(self, "position_limit")


@dataclass(slots=True)
class Market:
    """A market's definition."""

    market_id: str
    display_name: str
    base_asset: str
    quote_asset: str
    tick_size: int
    min_order_quantity: int
    reference_price: int | None
    settlement_price: int | None
    status: str
    created_at_us: int
    updated_at_us: int

    def shape(self) -> dict[str, Any]:
        """Return the definition."""
        return _shape(self)


@dataclass(slots=True)
class Order:
    """An order; ``remaining`` is what still rests, or what a cancel pulled."""

    order_id: str
    trader_id: str
    market: str
    side: str
    price: int
    quantity: int
    remaining: int
    created_at_us: int

    def shape(self) -> dict[str, Any]:
        """Return the order as its owner sees it."""
        return {"id": self.order_id, **_shape(self, "order_id")}

    def public(self) -> dict[str, Any]:
        """Return the order as books show it; its time ends otherwise there."""
        return {
            "order_id": self.order_id,
            "side": self.side,
            "price": self.price,
            "remaining": self.remaining,
            "created_at": utc(self.created_at_us, "+00:00"),
        }


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution, and who took part."""

    fill_id: str
    market: str
    maker_order_id: str
    taker_order_id: str
    price: int
    quantity: int
    occurred_at_us: int
    maker_trader_id: str
    taker_trader_id: str

    def shape(self) -> dict[str, Any]:
        """Return the fill; it names neither sides nor traders."""
        return _shape(self, "maker_trader_id", "taker_trader_id")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the operator to one trader or to all."""

    message_id: str
    target_username: str | None
    target_trader_id: str | None
    market: str | None
    level: str
    title: str | None
    body: str
    created_at_us: int

    def shape(self) -> dict[str, Any]:
        """Return the message."""
        return _shape(self)
