from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise
from tradewire.errors import CancelAllFailed, InsufficientFunds, MarketUnavailable, OrderNotFound
from tradewire.model import Order
from tradewire.sandbox import Sandbox

NO_ORDER = "1"


async def resting(client: Any, client_order_id: str | None = None) -> Order:
    """Return an order far from the market."""
    order: Order = await client.place_order(
        "BTCUSDT", "buy", "0.001", "30000", client_order_id=client_order_id
    )
    return order


async def filled(client: Any) -> Order:
    """Return an order that traded."""
    order: Order = await client.place_order("BTCUSDT", "buy", "0.001", "70000", time_in_force="ioc")
    return order


async def amend(client: Any, _: Sandbox) -> object:
    return await client.amend_order("BTCUSDT", (await resting(client)).order_id, price="31000")


async def cancel(client: Any, _: Sandbox) -> object:
    return await client.cancel_order("BTCUSDT", (await resting(client)).order_id)


async def cancel_by_client_order_id(client: Any, _: Sandbox) -> object:
    await resting(client, "mine")
    return await client.cancel_by_client_order_id("mine")


async def cancel_all(client: Any, _: Sandbox) -> object:
    await resting(client)
    return await client.cancel_all("BTCUSDT")


async def cancel_all_of_no_market(client: Any, _: Sandbox) -> object:
    try:
        return await client.cancel_all("NOPEUSDT")
    except CancelAllFailed as failed:
        [error] = failed.failures.values()
        raise error from None


async def order(client: Any, _: Sandbox) -> object:
    return await client.order("BTCUSDT", (await resting(client)).order_id)


async def open_orders(client: Any, _: Sandbox) -> object:
    await resting(client)
    [one] = found = await client.open_orders("BTCUSDT")
    assert one.size
    return found


async def closed_orders(client: Any, _: Sandbox) -> object:
    await filled(client)
    [_one] = found = await client.closed_orders("BTCUSDT")
    return found


async def fills(client: Any, _: Sandbox) -> object:
    await filled(client)
    found = await client.fills("BTCUSDT")
    assert found
    return found


async def order_fills(client: Any, _: Sandbox) -> object:
    found = await client.order_fills("BTCUSDT", (await filled(client)).order_id)
    assert found
    return found


EXERCISES = [
    Exercise(
        "POST /v2/spot/order",
        works=lambda client, _: resting(client),
        refused=lambda client, _: client.place_order("BTCUSDT", "buy", "60", "60000"),
        error=InsufficientFunds,
    ),
    Exercise(
        "POST /v2/spot/modify-order",
        works=amend,
        refused=lambda client, _: client.amend_order("BTCUSDT", NO_ORDER, price="31000"),
        error=OrderNotFound,
    ),
    Exercise(
        "POST /v2/spot/cancel-order",
        works=cancel,
        refused=lambda client, _: client.cancel_order("BTCUSDT", NO_ORDER),
        error=OrderNotFound,
    ),
    Exercise(
        "POST /v2/spot/cancel-order-by-client-id",
        works=cancel_by_client_order_id,
        refused=lambda client, _: client.cancel_by_client_order_id("mine", market="NOPEUSDT"),
        error=MarketUnavailable,
    ),
    Exercise(
        "POST /v2/spot/cancel-all-order",
        works=cancel_all,
        refused=cancel_all_of_no_market,
        error=MarketUnavailable,
    ),
    Exercise(
        "GET /v2/spot/order-status",
        works=order,
        refused=lambda client, _: client.order("BTCUSDT", NO_ORDER),
        error=OrderNotFound,
    ),
    Exercise(
        "GET /v2/spot/pending-order",
        works=open_orders,
        refused=lambda client, _: client.open_orders("NOPEUSDT"),
        error=MarketUnavailable,
    ),
    Exercise(
        "GET /v2/spot/finished-order",
        works=closed_orders,
        refused=lambda client, _: client.closed_orders("NOPEUSDT"),
        error=MarketUnavailable,
    ),
    Exercise(
        "GET /v2/spot/user-deals",
        works=fills,
        refused=lambda client, _: client.fills("NOPEUSDT"),
        error=MarketUnavailable,
    ),
    Exercise(
        "GET /v2/spot/order-deals",
        works=order_fills,
        refused=lambda client, _: client.order_fills("NOPEUSDT", NO_ORDER),
        error=MarketUnavailable,
    ),
]
