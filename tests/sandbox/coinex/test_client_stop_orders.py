"""Stop orders of both products, and orders of the margin account, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from support.witness import PATIENCE_S, Witness, ready
from tradewire.errors import ConfigError, InsufficientFunds, OrderNotFound, OutcomeUnknown
from tradewire.model import AccountKind, Fill, Order, OrderStatus
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.futures.client import CoinExFutures
from tradewire.venues.coinex.model import IndexPrice, StopOrder, StopStatus, TriggerDirection

MARKET = "BTCUSDT"
both_products = pytest.mark.parametrize("kind", [CoinEx, CoinExFutures], ids=lambda kind: kind.product.name)
spot = pytest.mark.parametrize("kind", [CoinEx])


@pytest.fixture
async def client(box: Sandbox, kind: Any) -> AsyncIterator[Any]:
    box.coinex.core.ledger.deposit("trader/futures", "USDT", Decimal(1_000_000))
    async with kind.for_sandbox(box) as venue, asyncio.timeout(PATIENCE_S):
        yield venue


@both_products
async def test_a_stop_order_is_followed_from_waiting_to_the_order_it_becomes(client: Any) -> None:
    witness = Witness(client)
    stops: list[StopOrder] = []
    orders: list[Order] = []
    await ready(
        client.watch_stop_orders(MARKET, on_update=witness.into(stops)),
        client.watch_orders(on_update=witness.into(orders)),
    )
    ask = (await client.book(MARKET)).asks[0].price
    placed = await client.place_stop_order(
        MARKET, "buy", "0.001", ask, "30000", trigger_price_type="latest_price", client_order_id="mine"
    )
    assert (placed.status, placed.client_order_id, placed.account) == (
        StopStatus.WAITING, "mine", client.product.account,
    )  # fmt: skip
    [waiting] = await client.open_stop_orders(client_order_id="mine")
    assert (waiting.stop_id, waiting.trigger_price) == (placed.stop_id, ask)
    assert waiting.direction in TriggerDirection
    await client.place_order(MARKET, "buy", "0.001", ask, time_in_force="ioc")
    await witness.until(lambda: any(stop.status is StopStatus.PLACED for stop in stops))
    await witness.until(lambda: any(order.client_order_id == "mine" for order in orders))
    assert [stop.status for stop in stops] == [StopStatus.WAITING, StopStatus.PLACED]
    [closed] = await client.closed_stop_orders(MARKET)
    assert (closed.stop_id, closed.status) == (placed.stop_id, StopStatus.FIRED)
    assert [one.stop_id async for one in client.all_closed_stop_orders()] == [placed.stop_id]
    [order] = await client.open_orders(MARKET)
    assert (order.client_order_id, order.price) == ("mine", Decimal(30000))
    assert not await client.open_stop_orders(MARKET)


@both_products
async def test_a_changed_stop_order_is_cancelled_and_waits_under_a_new_id(client: Any) -> None:
    witness = Witness(client)
    stops: list[StopOrder] = []
    await ready(client.watch_stop_orders(on_update=witness.into(stops)))
    old = await client.place_stop_order(MARKET, "sell", "0.001", "40000", "39000")
    new = await client.amend_stop_order(MARKET, old.stop_id, trigger_price="41000")
    await witness.until(lambda: len(stops) == 3)
    assert [(stop.stop_id, stop.status) for stop in stops] == [
        (old.stop_id, StopStatus.WAITING), (old.stop_id, StopStatus.CANCELLED), (new, StopStatus.WAITING),
    ]  # fmt: skip
    with pytest.raises(OrderNotFound):
        await client.amend_stop_order(MARKET, old.stop_id, price="38000")
    assert (await client.cancel_stop_order(MARKET, new)).status is StopStatus.CANCELLED


@both_products
async def test_a_stop_order_whose_reply_is_lost_is_found_by_its_id_of_ours(client: Any, box: Sandbox) -> None:
    box.coinex.faults.lost_reply(requests="place")
    with pytest.raises(OutcomeUnknown, match="open_stop_orders") as lost:
        await client.place_stop_order(MARKET, "buy", "0.001", "40000", "40000", client_order_id="mine")
    assert "client_order_id='mine'" in lost.value.lookup
    [found] = await client.open_stop_orders(client_order_id="mine")
    [cancelled] = await client.cancel_stop_orders_by_client_order_id("mine")
    assert cancelled.stop_id == found.stop_id


@both_products
async def test_stop_orders_that_make_no_sense_are_not_sent(client: Any) -> None:
    await client.load_markets()
    wrong: list[dict[str, Any]] = [
        {"trigger_price": "0"}, {"trigger_price": 1.5}, {"trigger_price": "40000.0000001"}, {"price": None},
        {"type": "market"}, {"trigger_price_type": "best_price"}, {"client_order_id": "x" * 33}, {"account": "gold"},
        {"size": "0.0000000001"}, {"size_asset": "USDT"}, {"stp": "maybe"},
    ]  # fmt: skip
    terms = {"market": MARKET, "side": "buy", "size": "0.001", "trigger_price": "40000", "price": "40000"}
    for changes in wrong:
        with pytest.raises(ConfigError):
            await client.place_stop_order(**{**terms, **changes})
    with pytest.raises(ConfigError, match="needs a new price, size or trigger_price"):
        await client.amend_stop_order(MARKET, "1")
    with pytest.raises(ConfigError):
        await client.cancel_stop_order(MARKET, "x")
    assert not await client.open_stop_orders()


@both_products
async def test_the_index_is_watched(client: Any, box: Sandbox) -> None:
    witness = Witness(client)
    prices: list[IndexPrice] = []
    await ready(client.watch_index(MARKET, on_update=witness.into(prices)))
    await witness.until(lambda: bool(prices))
    [now] = await client.index_prices(MARKET)
    assert {price.market for price in prices} == {MARKET}
    assert prices[0].price == now.price
    assert (prices[0].mark_price is None) == isinstance(client, CoinEx)


@spot
async def test_a_margin_order_is_followed_beside_those_of_spot_and_never_mixed_with_them(
    client: CoinEx, box: Sandbox
) -> None:
    with pytest.raises(InsufficientFunds):
        await client.place_order(MARKET, "buy", "0.001", "30000", account="margin")
    box.coinex.core.ledger.deposit("trader/margin/BTCUSDT", "USDT", Decimal(1000))
    witness = Witness(client)
    seen: dict[AccountKind, list[Order]] = {AccountKind.SPOT: [], AccountKind.MARGIN: []}
    fills: list[Fill] = []
    await ready(
        *(client.watch_orders(account=one, on_update=witness.into(found)) for one, found in seen.items()),
        client.watch_fills(account="margin", on_update=witness.into(fills)),
    )
    lent = client.send_order(MARKET, "buy", "0.001", "30000", account="margin", client_order_id="lent")
    own = client.send_order(MARKET, "buy", "0.001", "30000", client_order_id="own")
    await lent
    await own
    assert (lent.placed.account, own.placed.account) == (AccountKind.MARGIN, AccountKind.SPOT)
    assert {order.client_order_id for order in client.live_orders} == {"lent", "own"}
    await witness.until(lambda: all(seen.values()))
    assert [{one.client_order_id for one in found} for found in seen.values()] == [{"own"}, {"lent"}]
    assert [one.order_id for one in await client.open_orders(account="margin")] == [lent.order_id]
    assert [one.order_id for one in await client.open_orders()] == [own.order_id]
    with pytest.raises(OrderNotFound):
        await client.cancel_order(MARKET, lent.order_id)

    await lent.amend(price="31000")
    await witness.until(lambda: lent.price == Decimal(31000))
    await lent.cancel()
    await lent.finished()
    assert (lent.status, own.status) == (OrderStatus.CANCELLED, OrderStatus.OPEN)

    ask = (await client.book(MARKET)).asks[0].price
    taken = client.send_order(MARKET, "buy", "0.001", ask, time_in_force="ioc", account="margin")
    await taken.finished()
    await witness.until(lambda: len(fills) == len(taken.fills) == 1)
    assert fills[0].account is AccountKind.MARGIN
    page = await client.fills(MARKET, account="margin")
    assert [fill.trade_id for fill in page] == [fills[0].trade_id]
    assert not await client.fills(MARKET)


@spot
async def test_a_margin_order_whose_reply_is_lost_is_asked_for_in_its_account(
    client: CoinEx, box: Sandbox
) -> None:
    box.coinex.core.ledger.deposit("trader/margin/BTCUSDT", "USDT", Decimal(1000))
    witness = Witness(client)
    await ready(client.watch_orders(account="margin", on_update=witness.poke))
    box.coinex.faults.lost_reply(requests="place")
    order = client.send_order(MARKET, "buy", "0.001", "30000", account="margin")
    await witness.until(lambda: order.status is OrderStatus.OPEN)
    assert order.placed.account is AccountKind.MARGIN


async def test_margin_orders_are_cancelled_with_those_of_spot_when_the_client_closes(box: Sandbox) -> None:
    box.coinex.core.ledger.deposit("trader/margin/BTCUSDT", "USDT", Decimal(1000))
    async with CoinEx.for_sandbox(box, cancel_on_close=True) as client:
        for account in ("spot", "margin"):
            await client.place_order(MARKET, "buy", "0.001", "30000", account=account)
    async with CoinEx.for_sandbox(box) as other:
        assert not await other.open_orders()
        assert not await other.open_orders(account="margin")


@both_products
async def test_an_account_of_the_other_product_is_refused(client: Any) -> None:
    foreign = "futures" if isinstance(client, CoinEx) else "margin"
    with pytest.raises(ConfigError, match="account must be one of"):
        client.send_order(MARKET, "buy", "0.001", "30000", account=foreign)
    with pytest.raises(ConfigError, match="account must be one of"):
        await client.open_orders(account=foreign)
