"""Stop orders of REST and the stream, read as orders are."""

from __future__ import annotations

from tradewire.model import OrderType
from tradewire.venues.coinex import shapes
from tradewire.venues.coinex.model import StopOrder, StopStatus, TriggerDirection, TriggerPrice
from tradewire.venues.coinex.parse import account_of, order_words

__all__ = ["cancelled_stop", "fired_stop", "stop_order"]

NS_PER_MS = 1_000_000
_STOP_STATUS = {
    "put": StopStatus.WAITING,
    "active_success": StopStatus.PLACED,
    "active_fail": StopStatus.FAILED,
    "active": StopStatus.FIRED,
    "cancel": StopStatus.CANCELLED,
}
_TRIGGER_PRICES = {kind.value: kind for kind in TriggerPrice}
# The second as the page spells it.
_DIRECTIONS = {
    "higher": TriggerDirection.HIGHER,
    "higer": TriggerDirection.HIGHER,
    "lower": TriggerDirection.LOWER,
}


def stop_order(
    row: shapes.StopOrderRow, *, event: str = "", status: StopStatus = StopStatus.WAITING
) -> StopOrder:
    """Read a stop order of REST or the stream.

    Args:
        row: It.
        event: What a push says happened to it, which tells where its status is a new word.
        status: What follows from where it was found, as replies do not say.

    Raises:
        RemoteProtocolError: Its side or account is a new word.
    """
    order_type, time_in_force, post_only = order_words(row.type)
    known = _STOP_STATUS.get(row.status.lower()) or _STOP_STATUS.get(event.lower())
    return StopOrder(
        stop_id=row.stop_id,
        client_order_id=row.client_id,
        market=row.market,
        account=account_of(row),
        side=row.side,
        type=order_type,
        time_in_force=time_in_force,
        post_only=post_only,
        price=None if order_type is OrderType.MARKET or not row.price else row.price,
        size=row.amount,
        trigger_price=row.trigger_price,
        trigger_price_type=_TRIGGER_PRICES.get(row.trigger_price_type.lower()),
        direction=_DIRECTIONS.get(row.trigger_direction.lower()),
        status=known or status,
        size_asset=row.ccy,
        created_at_ns=row.created_at * NS_PER_MS,
        updated_at_ns=max(row.updated_at, row.created_at) * NS_PER_MS,
        venue_type=row.type,
        venue_status=row.status,
    )


def fired_stop(row: shapes.StopOrderRow) -> StopOrder:
    """Read a stop order found where only those are that fired."""
    return stop_order(row, status=StopStatus.FIRED)


def cancelled_stop(row: shapes.StopOrderRow) -> StopOrder:
    """Read a stop order that was cancelled."""
    return stop_order(row, status=StopStatus.CANCELLED)
