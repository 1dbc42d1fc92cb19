"""CoinEx orders whose identity or unit could be mistaken, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from support.witness import PATIENCE_S, Witness, ready
from tradewire import CoinEx
from tradewire.errors import ConfigError, OutcomeUnknown
from tradewire.model import AccountKind, Balance, Fill, Order, OrderStatus
from tradewire.sandbox import Sandbox
from tradewire.session.live_order import LiveOrder

MARKET = "BTCUSDT"


@pytest.fixture
async def quiet_box() -> AsyncIterator[Sandbox]:
    async with Sandbox(["coinex"], seed=7, rate=0) as box:
        yield box


@pytest.fixture
async def client(quiet_box: Sandbox) -> AsyncIterator[CoinEx]:
    async with CoinEx.for_sandbox(quiet_box) as venue, asyncio.timeout(PATIENCE_S):
        yield venue


async def test_order_that_never_arrived_does_not_take_the_fate_of_an_older_one_with_its_id(
    client: CoinEx, quiet_box: Sandbox
) -> None:
    await ready(client.watch_orders(on_update=lambda _: None), client.watch_fills(on_update=lambda _: None))
    ask = (await client.book(MARKET)).asks[0].price
    first = await client.send_order(MARKET, "buy", "0.01", ask, time_in_force="ioc", client_order_id="bid")
    await first.finished()
    quiet_box.coinex.faults.lost_request(requests="place")
    second = client.send_order(MARKET, "buy", "0.05", ask - 100, client_order_id="bid")
    with pytest.raises(OutcomeUnknown):
        await second
    await asyncio.sleep(1.5)
    assert (second.order_id, second.filled_size, second.fills) == ("", 0, ())
    assert second.status in {OrderStatus.UNKNOWN, OrderStatus.NOT_FOUND}
    assert (first.status, first.filled_size) == (OrderStatus.FILLED, Decimal("0.01"))


async def test_market_order_counted_in_quote_has_its_remaining_in_quote_on_both_doors(
    client: CoinEx,
) -> None:
    reports: list[Order] = []
    await client.load_markets()
    await ready(client.watch_orders(on_update=reports.append), client.watch_fills(on_update=lambda _: None))
    placed = await client.place_order(MARKET, "buy", "1000", type="market", size_asset="USDT")
    live = client.send_order(MARKET, "buy", "1000", type="market", size_asset="USDT")
    await live.finished()
    everything: list[Order | LiveOrder] = [placed, live, *reports]
    for one in everything:
        assert one.size_asset == "USDT"
        assert one.remaining is not None
        assert 0 <= one.remaining < 1
        assert one.remaining == one.size - one.filled_notional
    assert {one.order_id for one in reports} == {placed.order_id, live.order_id}


async def test_reports_of_a_margin_account_are_watched_by_name_and_not_taken_for_spot(
    client: CoinEx, quiet_box: Sandbox
) -> None:
    witness = Witness(client)
    spot: list[object] = []
    orders: list[Order] = []
    fills: list[Fill] = []
    balances: list[Balance] = []
    await ready(
        client.watch_orders(on_update=spot.append),
        client.watch_fills(on_update=spot.append),
        client.watch_balances(on_update=spot.append),
        client.watch_orders(MARKET, account="margin", on_update=witness.into(orders)),
        client.watch_fills(account="margin", on_update=witness.into(fills)),
        client.watch_balances(account="margin", on_update=witness.into(balances)),
    )
    assert quiet_box.coinex.faults.margin_events(MARKET) == 3
    await witness.until(lambda: bool(orders and fills and balances))
    told: list[Order | Fill | Balance] = [*orders, *fills, *balances]
    assert {one.account for one in told} == {AccountKind.MARGIN}
    assert balances[0].margin_market == MARKET
    assert (spot, client.live_orders) == ([], ())
    with pytest.raises(ConfigError, match="account must be"):
        client.watch_orders(account="savings")
