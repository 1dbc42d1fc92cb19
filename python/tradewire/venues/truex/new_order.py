"""A new order as a caller wants it: every argument checked before anything is asked or sent."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from tradewire.errors import ConfigError, NotSupported
from tradewire.model import OrderType, Side, StpMode, TimeInForce
from tradewire.protocol.arguments import Exact, check_plain, exact, flag, member, spelled
from tradewire.venues.truex import ids, increments
from tradewire.venues.truex.errors import VENUE
from tradewire.venues.truex.model import STP_WORDS

__all__ = ["NewOrder", "validate_new_order"]


class NewOrder(NamedTuple):
    """An order somebody wants, checked; the ids it needs are looked up when it is sent."""

    market: str
    side: Side
    type: OrderType
    size: Decimal
    price: Decimal | None
    time_in_force: TimeInForce
    post_only: bool
    client_order_id: str
    stp: StpMode | None
    aggressive: bool


def validate_new_order(
    market: str,
    side: Side | str,
    size: Exact,
    price: Exact | None,
    *,
    order_type: OrderType | str,
    time_in_force: TimeInForce | str,
    stp: StpMode | str | None,
    client_order_id: str | None,
    post_only: bool,
    aggressive: bool,
) -> NewOrder:
    """Return the order; arguments as ``TrueX.place_order``.

    Raises:
        ConfigError: An argument is malformed, does not go with another, or is off the grids.
        NotSupported: Fill or kill.
    """
    wanted = NewOrder(
        market=check_plain("market", market),
        side=member("side", Side, side),
        type=member("type", OrderType, order_type),
        size=exact("size", size),
        price=None if price is None else exact("price", price),
        time_in_force=member("time_in_force", TimeInForce, time_in_force),
        post_only=flag("post_only", post_only),
        client_order_id=ids.new_client_order_id()
        if client_order_id is None
        else ids.check_client_order_id(client_order_id),
        stp=None if stp is None else spelled("stp", STP_WORDS, stp)[0],
        aggressive=flag("aggressive", aggressive),
    )
    is_market = wanted.type is OrderType.MARKET
    if wanted.time_in_force is TimeInForce.FOK:
        raise NotSupported("TrueX has no fill-or-kill orders", venue=VENUE, instead="ioc")
    if post_only and (wanted.time_in_force is not TimeInForce.GTC or is_market):
        raise ConfigError("a post-only order rests: it is a limit order with time in force gtc")
    if is_market:
        if wanted.price is not None:
            raise ConfigError("a market order has no price")
        # The venue makes a limit order of it: what it does not fill at once must not stay in the book.
        return wanted._replace(time_in_force=TimeInForce.IOC)
    if wanted.price is None:
        raise ConfigError("a limit order needs a price")
    increments.check(wanted.size, wanted.price)
    return wanted
