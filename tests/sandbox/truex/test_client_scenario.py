"""One life of an order under every generation of TrueX: both prefixes, both versions, and the old spelling."""

from __future__ import annotations

import warnings
from decimal import Decimal

import pytest

from support.plain_truex import best
from support.truex_trader import MARKET, TICK, client_of, second_client
from support.witness import Witness, ready
from tradewire import TrueX
from tradewire.errors import OrderNotFound, VenueDeprecationWarning
from tradewire.model import Fill, Liquidity, Order, OrderStatus, Side
from tradewire.sandbox import Sandbox
from tradewire.venues.truex.hosts import Prefix, Spelling, Version

GENERATIONS = [
    (version, prefix, Spelling.PLURAL) for version in Version for prefix in Prefix
] + [(Version.V2024_01_01, Prefix.LEGACY, Spelling.SINGULAR)]  # fmt: skip


@pytest.mark.filterwarnings("ignore::tradewire.errors.VenueDeprecationWarning")
@pytest.mark.parametrize(("version", "prefix", "spelling"), GENERATIONS)
async def test_life_of_an_order(
    truex_box: Sandbox, version: Version, prefix: Prefix, spelling: Spelling
) -> None:
    truth = truex_box.truex
    how = {"version": version, "prefix": prefix, "spelling": spelling}
    async with (
        client_of(truex_box, **how) as venue,
        client_of(truex_box, account_id=second_client(truex_box), **how) as other,
    ):
        witness = Witness(venue)
        reports: list[Order] = []
        fills: list[Fill] = []
        orders = venue.watch_orders(MARKET, on_update=witness.into(reports))
        trades = venue.watch_fills(MARKET, on_update=witness.into(fills))
        book = venue.watch_book(MARKET, on_update=witness.poke)
        await ready(orders, trades, book)

        ask, _ = best(truth, "asks")
        price = ask - TICK
        placed = await venue.place_order(
            MARKET, "sell", "0.0300", price, client_order_id="life-1", post_only=True
        )
        assert (placed.status, placed.side, placed.size, placed.price, placed.client_order_id, placed.post_only) == (
            OrderStatus.OPEN, Side.SELL, Decimal("0.03"), price, "life-1", True,
        )  # fmt: skip
        await witness.until(lambda: book.is_synced and book.book.best_ask() == (price, Decimal("0.03")))
        assert book.book.levels("sell", 1) == [(price, Decimal("0.03"), 1)]

        amended = await venue.amend_order(MARKET, placed.order_id, size="0.0200")
        assert (amended.order_id, amended.size, amended.price) == (placed.order_id, Decimal("0.02"), price)
        assert amended.client_order_id not in {"", "life-1"}
        assert await venue.order_status(client_order_id=amended.client_order_id) == amended

        taken = await other.place_order(MARKET, "buy", "0.0050", price, time_in_force="ioc")
        assert (taken.status, taken.filled_size, taken.filled_notional) == (
            OrderStatus.FILLED, Decimal("0.005"), Decimal("0.005") * price,
        )  # fmt: skip
        partial = await venue.order(MARKET, placed.order_id)
        assert (partial.status, partial.filled_size, partial.remaining) == (
            OrderStatus.PARTIALLY_FILLED, Decimal("0.005"), Decimal("0.015"),
        )  # fmt: skip
        assert [order.order_id for order in await venue.open_orders(MARKET)] == [placed.order_id]

        await witness.until(lambda: len(fills) == 1)
        cancelled = await venue.cancel_order(MARKET, client_order_id=amended.client_order_id)
        assert (cancelled.status, cancelled.filled_size) == (OrderStatus.CANCELLED, Decimal("0.005"))
        with pytest.raises(OrderNotFound):
            await venue.cancel_order(MARKET, placed.order_id)
        assert await venue.open_orders() == ()

        history = await venue.orders(statuses=("CANCELED",))
        assert [order.order_id for order in history.items] == [placed.order_id]
        assert [order.status for order in await venue.activity(placed.order_id)] == [
            OrderStatus.OPEN, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED, OrderStatus.CANCELLED,
        ]  # fmt: skip

        [row] = truth.ledger_of(truth.client_id)["trades"]
        [listed] = (await venue.fills(MARKET)).items
        [pushed] = fills
        value = price * Decimal("0.005")
        assert listed == pushed
        assert (pushed.trade_id, pushed.order_id, pushed.side, pushed.liquidity) == (
            row["match_id"], placed.order_id, Side.SELL, Liquidity.MAKER,
        )  # fmt: skip
        assert (pushed.price, pushed.size) == (price, Decimal("0.005"))
        assert (pushed.fee, pushed.fee_asset) == (value * Decimal(row["trade_fee_rate"]), "PYUSD")

        await witness.until(lambda: reports[-1].status is OrderStatus.CANCELLED)
        assert {report.order_id for report in reports} == {placed.order_id}
        assert reports[-1].reason == "Canceled by client"
        await witness.until(lambda: book.is_synced and book.book.best_ask() == best(truth, "asks"))
        assert venue.stream_metrics.unrecognised == venue.stream_metrics.callback_errors == 0


async def test_each_deprecated_way_is_warned_of_once_with_its_date(truex_box: Sandbox) -> None:
    async with client_of(truex_box, prefix=Prefix.LEGACY, spelling=Spelling.SINGULAR) as venue:
        with pytest.warns(
            VenueDeprecationWarning, match=r"since 2026-01-27 and announced to go on 2026-08-05"
        ):
            await venue.instruments()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            await venue.instruments()
            await venue.assets()
            await venue.assets()
    assert [str(one.message).split(" as ")[0] for one in caught] == ["GET /v1/cefi/assets"]


async def test_what_is_current_is_not_warned_of(truex: TrueX) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert await truex.instruments()
        assert await truex.open_orders() == ()
