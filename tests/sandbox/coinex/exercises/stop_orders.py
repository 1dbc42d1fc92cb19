"""Stop orders and batches, which both products have alike."""

from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise, Use
from tradewire.errors import BadRequest, MarketUnavailable, OrderNotFound, RequestError
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.futures.client import CoinExFutures

NO_ORDER = "1"
TERMS = {"market": "BTCUSDT", "side": "buy", "size": "0.001", "price": "30000"}
STOP_TERMS = {**TERMS, "trigger_price": "31000"}
OFF_THE_GRID = {"price": "30000.0000001"}


async def resting(client: Any) -> Any:
    return await client.place_order(**TERMS)


async def waiting(client: Any, **changes: Any) -> Any:
    return await client.place_stop_order(**{**STOP_TERMS, **changes})


async def only(outcomes: Any) -> Any:
    """Return the only outcome of a batch, or raise it."""
    [outcome] = await outcomes
    if isinstance(outcome, RequestError):
        raise outcome
    return outcome


async def fired(client: Any, _: Sandbox) -> object:
    """Have a stop order fire: the best ask is above the last price, and a market order trades there."""
    ask = (await client.book("BTCUSDT")).asks[0].price
    await waiting(client, trigger_price=ask, trigger_price_type="latest_price")
    await client.place_order("BTCUSDT", "buy", "0.001", type="market", size_asset="BTC")
    [stop] = found = await client.closed_stop_orders("BTCUSDT")
    assert stop.status == "fired"
    return found


async def amend(client: Any, _: Sandbox) -> object:
    stop = await waiting(client)
    new = await client.amend_stop_order("BTCUSDT", stop.stop_id, price="30001")
    assert new != stop.stop_id
    return new


async def cancel(client: Any, _: Sandbox) -> object:
    stop = await client.cancel_stop_order("BTCUSDT", (await waiting(client)).stop_id)
    assert stop.status == "cancelled"
    return stop


async def cancel_by_client_order_id(client: Any, _: Sandbox) -> object:
    await waiting(client, client_order_id="mine")
    return await only(client.cancel_stop_orders_by_client_order_id("mine"))


async def listed(client: Any, _: Sandbox) -> object:
    stop = await waiting(client)
    [found] = rows = await client.open_stop_orders("BTCUSDT", client_order_id=stop.client_order_id)
    assert (found.stop_id, found.status, found.direction) == (stop.stop_id, "waiting", "lower")
    return rows


async def amend_batch(client: Any, _: Sandbox) -> object:
    order = await resting(client)
    return await only(
        client.amend_orders([{"market": "BTCUSDT", "order_id": order.order_id, "price": "30001"}])
    )


async def cancel_batch(client: Any, _: Sandbox) -> object:
    return await only(client.cancel_orders("BTCUSDT", [(await resting(client)).order_id]))


async def ask_batch(client: Any, _: Sandbox) -> object:
    return await only(client.orders("BTCUSDT", [(await resting(client)).order_id]))


async def cancel_stop_batch(client: Any, _: Sandbox) -> object:
    return await only(client.cancel_stop_orders("BTCUSDT", [(await waiting(client)).stop_id]))


USES: dict[str, tuple[Use, Use, type[RequestError]]] = {
    "POST stop-order": (
        lambda client, _: waiting(client),
        lambda client, _: waiting(client, **OFF_THE_GRID),
        BadRequest,
    ),
    "POST modify-stop-order": (
        amend,
        lambda client, _: client.amend_stop_order("BTCUSDT", NO_ORDER, price="30001"),
        OrderNotFound,
    ),
    "POST cancel-stop-order": (
        cancel,
        lambda client, _: client.cancel_stop_order("BTCUSDT", NO_ORDER),
        OrderNotFound,
    ),
    "POST cancel-stop-order-by-client-id": (
        cancel_by_client_order_id,
        lambda client, _: client.cancel_stop_orders_by_client_order_id("mine", market="NOPEUSDT"),
        MarketUnavailable,
    ),
    "GET pending-stop-order": (
        listed,
        lambda client, _: client.open_stop_orders("NOPEUSDT"),
        MarketUnavailable,
    ),
    "GET finished-stop-order": (
        fired,
        lambda client, _: client.closed_stop_orders("NOPEUSDT"),
        MarketUnavailable,
    ),
    "POST batch-order": (
        lambda client, _: only(client.place_orders([TERMS])),
        lambda client, _: only(client.place_orders([{**TERMS, **OFF_THE_GRID}])),
        BadRequest,
    ),
    "POST batch-modify-order": (
        amend_batch,
        lambda client, _: only(
            client.amend_orders([{"market": "BTCUSDT", "order_id": NO_ORDER, "size": "1"}])
        ),
        OrderNotFound,
    ),
    "POST cancel-batch-order": (
        cancel_batch,
        lambda client, _: only(client.cancel_orders("BTCUSDT", [NO_ORDER])),
        OrderNotFound,
    ),
    "GET batch-order-status": (
        ask_batch,
        lambda client, _: only(client.orders("BTCUSDT", [NO_ORDER])),
        OrderNotFound,
    ),
    "POST batch-stop-order": (
        lambda client, _: only(client.place_stop_orders([STOP_TERMS])),
        lambda client, _: only(client.place_stop_orders([{**STOP_TERMS, "trigger_price": "0.0000001"}])),
        BadRequest,
    ),
    "POST cancel-batch-stop-order": (
        cancel_stop_batch,
        lambda client, _: only(client.cancel_stop_orders("BTCUSDT", [NO_ORDER])),
        OrderNotFound,
    ),
}
EXERCISES = [
    Exercise(row.replace(" ", f" /v2/{client.product.name}/"), works, refused, error, client)
    for client in (CoinEx, CoinExFutures)
    for row, (works, refused, error) in USES.items()
]
