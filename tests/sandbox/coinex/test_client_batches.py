"""Batches of both products over real sockets: one outcome for each item, and no order that is lost or sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from support.witness import PATIENCE_S, Witness, ready
from tradewire.errors import (
    BadRequest,
    ConfigError,
    InsufficientFunds,
    NotSent,
    OrderNotFound,
    OutcomeUnknown,
    RequestError,
)
from tradewire.model import Order, OrderStatus
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.testing.world import World
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.futures.client import CoinExFutures
from tradewire.venues.coinex.model import StopOrder, StopStatus
from tradewire.venues.coinex.rest.batches import MAX_BATCH

MARKET = "BTCUSDT"
TERMS: dict[str, Any] = {"market": MARKET, "side": "buy", "size": "0.001", "price": "30000"}
NO_ORDER = "1"
OPTIONS = CoinExOptions(markets=(MARKET,), push_ms=0)
both_products = pytest.mark.parametrize("kind", [CoinEx, CoinExFutures], ids=lambda kind: kind.product.name)


@pytest.fixture
async def client(box: Sandbox, kind: Any) -> AsyncIterator[Any]:
    async with kind.for_sandbox(box) as venue, asyncio.timeout(PATIENCE_S):
        yield venue


async def stocked(client: Any, box: Sandbox) -> None:
    """See to it that the account can pay what is ordered here."""
    if isinstance(client, CoinExFutures):
        box.coinex.core.ledger.deposit("trader/futures", "USDT", Decimal(1_000_000))


def names(found: Any) -> list[str]:
    return [one.client_order_id for one in found]


@both_products
async def test_every_item_has_an_outcome_of_its_own_in_its_place(client: Any, box: Sandbox) -> None:
    await stocked(client, box)
    items = [
        {**TERMS, "client_order_id": "first"},
        {**TERMS, "price": "30000.0000001"},
        {**TERMS, "size": "-1"},
        {**TERMS, "client_order_id": "last", "type": "limit"},
        {**TERMS, "colour": "red"},
        {"market": MARKET},
    ]
    first, off_grid, wrong, last, unknown, bare = await client.place_orders(items)
    assert isinstance(first, Order)
    assert isinstance(last, Order)
    assert isinstance(off_grid, BadRequest)
    for outcome, words in ((wrong, "size"), (unknown, "colour"), (bare, "side")):
        assert isinstance(outcome, NotSent)
        assert isinstance(outcome.__cause__, ConfigError)
        assert words in str(outcome)
    assert sorted(names(await client.open_orders(MARKET))) == ["first", "last"]
    assert sorted(names(client.live_orders)) == ["first", "last"]

    found = await client.orders(MARKET, [first.order_id, NO_ORDER, last.order_id])
    assert [isinstance(one, OrderNotFound) for one in found] == [False, True, False]
    amended, absent = await client.amend_orders(
        [
            {"market": MARKET, "order_id": first.order_id, "price": "30001"},
            {"market": MARKET, "order_id": NO_ORDER, "price": "30001"},
        ]
    )
    assert amended.price == 30001
    assert isinstance(absent, OrderNotFound)
    cancelled, gone, other, odd = await client.cancel_orders(
        MARKET, [first.order_id, NO_ORDER, last.order_id, "x"]
    )
    assert [one.status for one in (cancelled, other)] == [OrderStatus.CANCELLED] * 2
    assert isinstance(gone, OrderNotFound)
    assert isinstance(odd, NotSent)
    assert client.live_orders == ()


@both_products
async def test_orders_of_a_batch_are_followed_and_asked_for_when_its_reply_is_lost(
    client: Any, box: Sandbox
) -> None:
    await stocked(client, box)
    witness = Witness(client)
    await ready(client.watch_orders(on_update=witness.poke))
    box.coinex.faults.lost_reply(requests="place")
    live = client.send_orders([{**TERMS, "client_order_id": name} for name in ("a", "b", "c")])
    await witness.until(lambda: all(order.status is OrderStatus.OPEN for order in live))
    assert sorted(names(await client.open_orders(MARKET))) == ["a", "b", "c"]
    for order in live:
        await order.cancel()
        await order.finished()


@both_products
async def test_a_batch_whose_request_is_lost_is_not_sent_again(client: Any, box: Sandbox) -> None:
    await stocked(client, box)
    box.coinex.faults.lost_request(requests="place")
    outcomes = await client.place_orders([TERMS, TERMS])
    assert [type(one) for one in outcomes] == [OutcomeUnknown] * 2
    assert not await client.open_orders(MARKET)


@both_products
def test_batches_cost_a_token_for_each_item(kind: Any) -> None:
    world = World(7)

    async def main() -> None:
        async with (
            Sandbox(["coinex"], rate=0, coinex=OPTIONS, **world.sandbox_options()) as box,
            kind.for_sandbox(box, max_wait_s=0.01, **world.client_options()) as client,
        ):
            await stocked(client, box)
            first = await client.place_orders([TERMS] * MAX_BATCH)
            assert [one for one in first if isinstance(one, RequestError)] == []
            # Ten of thirty tokens are left for spot, none of twenty for futures.
            behind = await client.place_orders([TERMS] * MAX_BATCH)
            assert {type(one) for one in behind} == {NotSent}
            assert all("-put is" in str(one) for one in behind)
            assert len(await client.open_orders(MARKET)) == MAX_BATCH

    world.run(main())


@both_products
def test_a_batch_given_up_while_it_waits_for_its_tokens_is_not_sent(kind: Any) -> None:
    world = World(7)

    async def main() -> None:
        async with (
            Sandbox(["coinex"], rate=0, coinex=OPTIONS, **world.sandbox_options()) as box,
            kind.for_sandbox(box, **world.client_options()) as client,
        ):
            await stocked(client, box)
            await client.place_orders([TERMS] * MAX_BATCH)
            waiting = asyncio.create_task(client.place_orders([TERMS] * MAX_BATCH))
            await asyncio.sleep(0.01)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await asyncio.sleep(5)
            assert len(await client.open_orders(MARKET)) == len(client.live_orders) == MAX_BATCH

    world.run(main())


@both_products
@pytest.mark.parametrize("count", [0, MAX_BATCH + 1])
async def test_a_batch_out_of_bounds_is_refused_whole(client: Any, count: int) -> None:
    for call in (client.place_orders, client.amend_orders, client.place_stop_orders):
        with pytest.raises(ConfigError, match=f"1 to {MAX_BATCH} items"):
            await call([TERMS] * count)
    with pytest.raises(ConfigError, match=f"1 to {MAX_BATCH} items"):
        client.send_orders([TERMS] * count)
    for call in (client.cancel_orders, client.orders, client.cancel_stop_orders):
        with pytest.raises(ConfigError, match=f"1 to {MAX_BATCH} items"):
            await call(MARKET, [NO_ORDER] * count)


@pytest.mark.parametrize("kind", [CoinEx])
async def test_a_client_order_id_that_is_live_or_there_twice_is_refused_before_anything_is_sent(
    client: CoinEx,
) -> None:
    await client.place_order(**TERMS, client_order_id="live")
    for second in ("live", "new"):
        items: Any = [{**TERMS, "client_order_id": name} for name in ("new", second)]
        with pytest.raises(ConfigError, match="client_order_id"):
            client.send_orders(items)
    assert names(await client.open_orders(MARKET)) == ["live"]
    assert names(client.live_orders) == ["live"]


async def test_bare_items_as_the_venue_once_sent_them() -> None:
    options = CoinExOptions(bare_batch_items=True, markets=(MARKET,))
    async with Sandbox(["coinex"], rate=0, coinex=options) as box, CoinEx.for_sandbox(box) as client:
        items: Any = [TERMS, {**TERMS, "size": "9000"}]
        order, refused = await client.place_orders(items)
        assert isinstance(order, Order)
        assert isinstance(refused, InsufficientFunds)


@both_products
async def test_stop_orders_in_batches(client: Any, box: Sandbox) -> None:
    await stocked(client, box)
    items = [
        {**TERMS, "trigger_price": "31000", "client_order_id": "first"},
        {**TERMS},
        {**TERMS, "trigger_price": "31000.0000001"},
    ]
    first, bare, off_grid = await client.place_stop_orders(items)
    assert isinstance(first, StopOrder)
    assert isinstance(bare, NotSent)
    assert isinstance(off_grid, RequestError)
    [waiting] = await client.open_stop_orders(MARKET)
    assert (waiting.stop_id, waiting.client_order_id) == (first.stop_id, "first")
    cancelled, gone = await client.cancel_stop_orders(MARKET, [first.stop_id, NO_ORDER])
    assert cancelled.status is StopStatus.CANCELLED
    assert isinstance(gone, OrderNotFound)
