"""Fills exactly once, holdings and transfers as in the venue's ledger, whatever the connection does meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from support.truex_trader import BRISK, MARKET, SIZE, TICK, ask, bid, client_of, orders_of, second_client
from support.witness import PATIENCE_S, Witness, ready
from tradewire import TrueX
from tradewire.errors import InsufficientFunds, OutcomeUnknown, RequestError
from tradewire.model import Fill, OrderStatus, Side
from tradewire.protocol import events
from tradewire.sandbox import Sandbox, documents
from tradewire.sandbox.venues.truex import feeds
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.session.live_order import LiveOrder
from tradewire.venues.truex.model import TransferStatus

STATUSES = {
    "ACTIVE": {OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED},
    "FILLED": {OrderStatus.FILLED},
    "CANCELED": {OrderStatus.CANCELLED},
    "REJECTED": {OrderStatus.REJECTED},
}


def ledger_fills(box: Sandbox) -> Counter[tuple[str, str, Decimal, Decimal]]:
    trades = box.truex.ledger_of(box.truex.client_id)["trades"]
    return Counter(
        (one["order_id"], one["match_id"], Decimal(one["trade_price"]), Decimal(one["trade_qty"])) for one in trades
    )  # fmt: skip


def told_fills(fills: list[Fill]) -> Counter[tuple[str, str, Decimal, Decimal]]:
    return Counter((fill.order_id, fill.trade_id, fill.price, fill.size) for fill in fills)


async def assert_equals_the_ledger(
    client: TrueX, box: Sandbox, orders: list[LiveOrder], fills: list[Fill]
) -> None:
    """Compare orders, fills and holdings with the venue's own, exactly."""
    assert told_fills(fills) == ledger_fills(box)
    truth = {order["id"]: order for order in orders_of(box)}
    for order in orders:
        theirs = truth[order.order_id]
        assert order.status in STATUSES[theirs["status"]], order
        assert order.filled_size == Decimal(theirs["executed_qty"]) == sum(fill.size for fill in order.fills)
    rows = box.truex.ledger_of(box.truex.client_id)["holdings"]["balances"]
    held = {one.asset_id: one for one in await client.holdings(account_id=box.truex.client_id)}
    assert {row["asset_id"] for row in rows} == set(held)
    for row in rows:
        ours = held[row["asset_id"]]
        assert (ours.total, ours.order_hold, ours.transfer_hold) == tuple(
            Decimal(row[name]) for name in ("balance", "order_hold", "transfer_hold")
        )
    box.truex.assert_adds_up()


async def test_trading_through_lost_connections_adds_up() -> None:
    options = TrueXOptions(instruments=(MARKET,), max_open_orders=1000)
    async with (
        Sandbox(["truex"], seed=5, rate=100, truex=options) as box,
        client_of(box, timing=BRISK) as client,
    ):
        witness = Witness(client)
        fills: list[Fill] = []
        orders: list[LiveOrder] = []
        await ready(
            client.watch_orders(on_update=witness.poke), client.watch_fills(on_update=witness.into(fills))
        )
        for number in range(60):
            side, price = (Side.BUY, ask(box)) if number % 2 else (Side.SELL, bid(box))
            if number % 3 == 0:
                price = bid(box) if side is Side.BUY else ask(box)
            orders.append(client.send_order(MARKET, side, SIZE, price))
            if number in {20, 40}:
                assert box.truex.faults.drop_socket() == 1
                await witness.until_told(events.Disconnected)
            if number == 35:
                await witness.until_told(events.Reconnected)
            await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*orders)
        box.truex.traffic.paused = True
        await client.cancel_all()
        await witness.until(lambda: all(order.status.is_final for order in orders))
        await witness.until(lambda: told_fills(fills) == ledger_fills(box))
        assert ledger_fills(box)
        await assert_equals_the_ledger(client, box, orders, fills)
        await witness.until(lambda: client.stream_metrics.reconnects == 2)
        assert client.stream_metrics.callback_errors == 0


async def test_what_traded_while_the_connection_was_down_is_told_once(truex_box: Sandbox) -> None:
    async with (
        client_of(truex_box, timing=BRISK) as client,
        client_of(truex_box, account_id=second_client(truex_box)) as other,
    ):
        witness = Witness(client)
        fills: list[Fill] = []
        await ready(client.watch_orders(), client.watch_fills(on_update=witness.into(fills)))
        price = ask(truex_box) - TICK
        order = await client.send_order(MARKET, "sell", "0.0300", price)
        await other.place_order(MARKET, "buy", SIZE, price, time_in_force="ioc")
        await witness.until(lambda: len(fills) == 1)
        truex_box.truex.faults.drop_socket()
        await other.place_order(MARKET, "buy", SIZE, price, time_in_force="ioc")
        await witness.until_told(events.Reconnected)
        await other.place_order(MARKET, "buy", SIZE, price, time_in_force="ioc")
        await witness.until(lambda: order.status is OrderStatus.FILLED and len(fills) == 3)
        await assert_equals_the_ledger(client, truex_box, [order], fills)
        assert [fill.side for fill in fills] == [Side.SELL] * 3
        assert order.fees == {"PYUSD": sum((fill.fee or Decimal(0) for fill in fills), Decimal(0))}


async def test_reports_of_another_shape_are_made_up_for_over_rest(
    truex_box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What DROPCOPY carries is not published: were it nothing we can read, orders and fills would still be right."""
    monkeypatch.setattr(
        feeds, "to_json", lambda document: documents.to_json({"order": {"of": "another shape"}})
    )
    async with (
        client_of(truex_box, timing=BRISK) as client,
        client_of(truex_box, account_id=second_client(truex_box)) as other,
    ):
        witness = Witness(client)
        fills: list[Fill] = []
        await ready(
            client.watch_orders(on_update=witness.poke), client.watch_fills(on_update=witness.into(fills))
        )
        price = ask(truex_box) - TICK
        order = await client.send_order(MARKET, "sell", SIZE, price)
        await other.place_order(MARKET, "buy", SIZE, price, time_in_force="ioc")
        await witness.until(lambda: order.status is OrderStatus.FILLED and len(fills) == 1)
        await witness.until_told(events.RowUnreadable)
        await assert_equals_the_ledger(client, truex_box, [order], fills)


async def test_order_that_trades_with_another_of_ours_has_two_fills(truex_box: Sandbox) -> None:
    async with client_of(truex_box) as client:
        witness = Witness(client)
        fills: list[Fill] = []
        await ready(client.watch_orders(), client.watch_fills(on_update=witness.into(fills)))
        price = ask(truex_box) - TICK
        maker = await client.send_order(MARKET, "sell", SIZE, price)
        taker = await client.send_order(MARKET, "buy", SIZE, price, stp="none")
        await witness.until(lambda: len(fills) == 2)
        assert {fill.order_id for fill in fills} == {maker.order_id, taker.order_id}
        assert len({fill.trade_id for fill in fills}) == 1
        await assert_equals_the_ledger(client, truex_box, [maker, taker], fills)


@pytest.mark.parametrize("skew_s", [8, -8])
async def test_fills_are_told_at_once_whatever_the_clocks(truex_box: Sandbox, skew_s: int) -> None:
    truex_box.truex.faults.clock_skew(1000 * skew_s)
    async with client_of(truex_box) as client:
        witness = Witness(client)
        fills: list[Fill] = []
        await ready(client.watch_fills(on_update=witness.into(fills)))
        async with asyncio.timeout(4):
            await client.send_order(MARKET, "buy", "0.0010", ask(truex_box), time_in_force="ioc")
            await witness.until(lambda: len(fills) == 1)


@pytest.mark.parametrize("version", ["v2024_01_01", "v2026_01_23"])
@pytest.mark.filterwarnings("ignore::tradewire.errors.VenueDeprecationWarning")
async def test_life_of_transfers(version: str) -> None:
    options = TrueXOptions(instruments=(MARKET,), transfer_step_ms=None)
    async with Sandbox(["truex"], rate=0, truex=options) as box, client_of(box, version=version) as client:

        async def held() -> tuple[Decimal, Decimal, Decimal]:
            [btc] = await client.holdings(account_id=box.truex.client_id, asset="BTC")
            return btc.total, btc.transfer_hold, btc.available

        def push(transfer_id: str, status: str) -> None:
            handler = box.truex.control_routes()["POST", "transfer"]
            handler({"id": transfer_id, "status": status})

        total, none, available = await held()
        assert none == 0
        out = await client.start_transfer("withdraw", "crypto", "BTC", "1.5", instructions={"address": "x"})
        assert (out.status, out.kind, out.amount, out.platform) == (
            TransferStatus.INITIALIZED, "withdraw", Decimal("1.5"), "crypto",
        )  # fmt: skip
        assert await held() == (total, Decimal("1.5"), available - Decimal("1.5"))
        assert [one.transfer_id for one in await client.active_transfers()] == [out.transfer_id]
        push(out.transfer_id, "PENDING")
        assert [one.status for one in await client.active_transfers(out.transfer_id)] == [
            TransferStatus.PENDING
        ]
        push(out.transfer_id, "COMPLETED")
        assert await held() == (total - Decimal("1.5"), 0, available - Decimal("1.5"))

        back = await client.start_transfer(
            "deposit", "internal", "BTC", 2, instructions={"transfer_id": "c-1"}
        )
        assert (await held())[0] == total - Decimal("1.5")
        for status in ("PENDING", "COMPLETED"):
            push(back.transfer_id, status)
        assert await held() == (total + Decimal("0.5"), 0, available + Decimal("0.5"))

        failed = await client.start_transfer("withdraw", "fiat", "PYUSD", "100")
        push(failed.transfer_id, "PENDING")
        push(failed.transfer_id, "FAILED")
        refused = await refused_withdrawal(client)
        listed = [one async for one in client.iter_transfers()]
        assert [(one.transfer_id, one.status) for one in listed][-3:] == [
            (failed.transfer_id, TransferStatus.FAILED),
            (back.transfer_id, TransferStatus.COMPLETED),
            (out.transfer_id, TransferStatus.COMPLETED),
        ]
        assert all(one.status is TransferStatus.REJECTED for one in listed[:-3])
        assert len(listed) == 3 + refused
        first = await client.transfers(limit=1)
        assert (len(first.items), first.has_next) == (1, True)
        assert await client.active_transfers() == ()
        box.truex.assert_adds_up()


async def refused_withdrawal(client: TrueX) -> int:
    """Ask for more than there is; return how many transfers that leaves in the history."""
    try:
        transfer = await client.start_transfer("withdraw", "crypto", "BTC", "1000000")
    except InsufficientFunds:
        return 0
    assert transfer.status is TransferStatus.REJECTED
    return 1


async def test_transfers_move_on_by_themselves() -> None:
    options = TrueXOptions(instruments=(MARKET,), transfer_step_ms=20)
    async with Sandbox(["truex"], rate=0, truex=options) as box, client_of(box) as client:
        transfer = await client.start_transfer("deposit", "crypto", "BTC", "1")
        seen: list[TransferStatus] = []
        async with asyncio.timeout(PATIENCE_S):
            while seen[-1:] != [TransferStatus.COMPLETED]:
                [found] = (await client.transfers()).items
                assert found.transfer_id == transfer.transfer_id
                seen.append(found.status)
        assert seen == sorted(seen, key=list(TransferStatus).index)
        box.truex.assert_adds_up()


async def test_transfer_whose_answer_is_lost_is_not_sent_twice(truex_box: Sandbox) -> None:
    async with client_of(truex_box) as client:
        await client.load_markets()
        truex_box.truex.faults.lost_reply()
        with pytest.raises(OutcomeUnknown, match=r"ask TrueX\.active_transfers\(\)") as caught:
            await client.start_transfer("withdraw", "crypto", "BTC", "1")
        assert isinstance(caught.value, RequestError)
        found: Any = (await client.transfers()).items
        assert [one.amount for one in found] == [Decimal(1)]
