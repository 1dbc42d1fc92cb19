"""A new order as every venue takes one: checked before anything is asked or sent. Sans-IO."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict

from tradewire.errors import ConfigError
from tradewire.model import AccountKind, Order, OrderType, Side, TimeInForce, sent_order
from tradewire.protocol.arguments import Exact, check_plain, exact, flag, member
from tradewire.protocol.request import Request

__all__ = ["NewOrder", "OrderKind", "OrderTerms", "check_kind", "check_numbers", "check_terms"]


class OrderKind(TypedDict):
    """What is the same of two orders that differ in size and price only, by the names of the common interface."""

    market: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    post_only: bool


class OrderTerms(OrderKind):
    """What every venue asks of an order."""

    size: Decimal
    price: Decimal | None


def check_kind(
    market: str,
    side: Side | str,
    type: OrderType | str,  # noqa: A002 - the field's word for it
    time_in_force: TimeInForce | str,
    post_only: bool,
) -> OrderKind:
    """Return the kind of an order; a market order takes at once, whatever ``time_in_force`` says.

    Raises:
        ConfigError: A term is malformed, or does not go with another.
    """
    kind = OrderKind(
        market=check_plain("market", market),
        side=member("side", Side, side),
        type=member("type", OrderType, type),
        time_in_force=member("time_in_force", TimeInForce, time_in_force),
        post_only=flag("post_only", post_only),
    )
    is_market = kind["type"] is OrderType.MARKET
    if kind["post_only"] and (is_market or kind["time_in_force"] is not TimeInForce.GTC):
        raise ConfigError("a post-only order rests: it is a limit order with time in force gtc")
    if is_market:
        kind["time_in_force"] = TimeInForce.IOC
    return kind


def check_numbers(kind: OrderKind, size: Exact, price: Exact | None) -> tuple[Decimal, Decimal | None]:
    """Return size and price of an order of ``kind``.

    Raises:
        ConfigError: One is malformed, or does not go with the kind.
    """
    numbers = exact("size", size), None if price is None else exact("price", price)
    is_market = kind["type"] is OrderType.MARKET
    if is_market and price is not None:
        raise ConfigError("a market order has no price")
    if price is None and not is_market:
        raise ConfigError("a limit order needs a price")
    return numbers


def check_terms(
    market: str,
    side: Side | str,
    size: Exact,
    price: Exact | None,
    type: OrderType | str,  # noqa: A002 - the field's word for it
    time_in_force: TimeInForce | str,
    post_only: bool,
) -> OrderTerms:
    """Return the terms of one order; raises as ``check_kind`` and ``check_numbers``."""
    kind = check_kind(market, side, type, time_in_force, post_only)
    numbers = check_numbers(kind, size, price)
    return OrderTerms(**kind, size=numbers[0], price=numbers[1])


class NewOrder(Request, frozen=True, kw_only=True):
    """A new order, every value checked. A venue's own class says what travels of it, and how."""

    market: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    post_only: bool
    size: Decimal
    price: Decimal | None
    client_order_id: str
    size_asset: str = ""
    """Asset ``size`` counts in where that is known; else empty."""

    def as_sent(self, account: AccountKind = AccountKind.SPOT) -> Order:
        """Return the order as it is sent: ``PENDING``, of which the venue has said nothing."""
        return sent_order(
            client_order_id=self.client_order_id,
            market=self.market,
            side=self.side,
            type=self.type,
            time_in_force=self.time_in_force,
            post_only=self.post_only,
            price=self.price,
            size=self.size,
            size_asset=self.size_asset,
            account=account,
        )
