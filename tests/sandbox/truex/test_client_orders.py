"""Orders of the TrueX client against the venue's own rules and its own ledger, over real sockets."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from support.plain_truex import best
from support.truex_trader import MARKET, SIZE, TICK, ask, bid, client_of, orders_of, second_client
from support.witness import PATIENCE_S, Witness, ready
from tradewire import Credentials, TrueX
from tradewire.errors import (
    BadRequest,
    ConfigError,
    InsufficientFunds,
    MarketUnavailable,
    NotSent,
    OrderNotFound,
    OrderRejected,
    PermissionDenied,
    PostOnlyRejected,
    RequestError,
)
from tradewire.model import Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.transport.http1 import Http1Transport


def truth_of(box: Sandbox, order: Order) -> dict[str, Any]:
    return next(known for known in orders_of(box) if known["id"] == order.order_id)


async def test_limit_order_rests(truex: TrueX, truex_box: Sandbox) -> None:
    order = await truex.place_order(MARKET, "buy", SIZE, bid(truex_box), client_order_id="rests-1")
    truth = truth_of(truex_box, order)
    assert (order.status, order.type, order.time_in_force, order.remaining) == (
        OrderStatus.OPEN, OrderType.LIMIT, TimeInForce.GTC, SIZE,
    )  # fmt: skip
    assert (truth["status"], truth["external_id"], truth["order_info"]["qty"]) == (
        "ACTIVE",
        "rests-1",
        "0.0100",
    )
    assert order.created_at_ns == int(truth["timestamp"])
    assert (
        await truex.order_status(client_order_id="rests-1")
        == order
        == await truex.order(MARKET, order.order_id)
    )


async def test_order_leaves_before_send_order_returns_once_names_are_known(truex_box: Sandbox) -> None:
    sent: list[bytes] = []
    http = Http1Transport(on_sent=lambda request: sent.append(request[:4]))
    async with TrueX.for_sandbox(truex_box, http=http) as truex:
        await truex.load_markets()
        await truex.account_id()
        sent.clear()
        order = truex.send_order(MARKET, "buy", SIZE, bid(truex_box))
        assert sent == [b"POST"]
        assert (await order).status is OrderStatus.OPEN


async def test_market_order_takes_and_tells_exactly_what_it_paid(truex: TrueX, truex_box: Sandbox) -> None:
    price, size = best(truex_box.truex, "asks")
    taken = min(size, SIZE)
    order = await truex.place_order(MARKET, "buy", taken, type="market")
    assert (order.status, order.type, order.filled_size, order.filled_notional) == (
        OrderStatus.FILLED, OrderType.MARKET, taken, taken * price,
    )  # fmt: skip
    [fill] = (await truex.fills(MARKET)).items
    assert (fill.price, fill.size, fill.liquidity, fill.side) == (price, taken, Liquidity.TAKER, Side.BUY)
    assert fill.client_order_id == order.client_order_id


async def test_what_is_left_of_ioc_is_cancelled(truex: TrueX, truex_box: Sandbox) -> None:
    price, size = best(truex_box.truex, "asks")
    order = await truex.place_order(MARKET, "buy", size + SIZE, price, time_in_force="ioc")
    assert (order.status, order.filled_size, order.remaining) == (OrderStatus.CANCELLED, size, SIZE)
    none = await truex.place_order(MARKET, "buy", SIZE, bid(truex_box), time_in_force=TimeInForce.IOC)
    assert (none.status, none.filled_size) == (OrderStatus.CANCELLED, 0)


async def test_post_only_that_would_take_is_cancelled_by_the_venue(truex: TrueX, truex_box: Sandbox) -> None:
    order = await truex.place_order(MARKET, "buy", SIZE, ask(truex_box), post_only=True)
    assert (order.status, order.filled_size, order.post_only) == (OrderStatus.CANCELLED, 0, True)
    rests = await truex.place_order(MARKET, "buy", SIZE, bid(truex_box), post_only=True)
    assert (rests.status, rests.post_only) == (OrderStatus.OPEN, True)
    with pytest.raises(PostOnlyRejected, match="would take liquidity"):
        await truex.amend_order(MARKET, rests.order_id, price=ask(truex_box))


@pytest.mark.parametrize(
    ("stp", "aggressor", "resting"),
    [
        ("cancel_taker", OrderStatus.CANCELLED, OrderStatus.OPEN),
        ("cancel_both", OrderStatus.CANCELLED, OrderStatus.CANCELLED),
        ("none", OrderStatus.FILLED, OrderStatus.FILLED),
        (None, OrderStatus.CANCELLED, OrderStatus.OPEN),
    ],
)
async def test_what_gives_way_when_one_trades_with_oneself(
    truex: TrueX, truex_box: Sandbox, stp: str | None, aggressor: OrderStatus, resting: OrderStatus
) -> None:
    price = ask(truex_box) - TICK
    first = await truex.place_order(MARKET, "sell", SIZE, price)
    second = await truex.place_order(MARKET, "buy", SIZE, price, stp=stp)
    assert second.status is aggressor
    assert (await truex.order(MARKET, first.order_id)).status is resting


async def test_setting_of_the_account_counts_where_the_order_says_nothing(
    truex: TrueX, truex_box: Sandbox
) -> None:
    price = ask(truex_box) - TICK
    await truex.update_client("none")
    first = await truex.place_order(MARKET, "sell", SIZE, price)
    assert (await truex.place_order(MARKET, "buy", SIZE, price)).status is OrderStatus.FILLED
    fills = (await truex.fills(MARKET)).items
    assert {(fill.order_id == first.order_id, fill.liquidity) for fill in fills} == {
        (True, Liquidity.MAKER), (False, Liquidity.TAKER),
    }  # fmt: skip
    assert len({fill.trade_id for fill in fills}) == 1


@pytest.mark.parametrize(
    ("order", "error", "words"),
    [
        ({"price": "60000.0"}, OrderRejected, "Order outside book price bands"),
        ({"size": "19.9"}, InsufficientFunds, "Insufficient balance"),
    ],
)
async def test_refused_with_a_problem_or_with_an_order_that_is_rejected(
    order: dict[str, Any], error: type[RequestError], words: str
) -> None:
    for refuse_with_problems in (False, True):
        options = TrueXOptions(instruments=(MARKET,), refuse_with_problems=refuse_with_problems)
        async with Sandbox(["truex"], rate=0, truex=options) as box, TrueX.for_sandbox(box) as venue:
            wanted = {"size": SIZE, "price": bid(box)} | order
            expected = error if refuse_with_problems else OrderRejected
            with pytest.raises(expected, match=words if refuse_with_problems else r"watch_orders\(\) tells"):
                await venue.place_order(MARKET, "buy", **wanted)
            sent = venue.send_order(MARKET, "buy", **wanted)
            with pytest.raises(expected):
                await sent
            assert sent.status is OrderStatus.REJECTED
            assert await venue.open_orders() == ()
            known = (await venue.orders(statuses=("REJECTED",))).items
            assert {one.status for one in known} == {OrderStatus.REJECTED}
            assert len(known) == 2


async def test_why_an_order_was_rejected_is_told_by_the_stream(truex: TrueX) -> None:
    async with asyncio.timeout(PATIENCE_S), truex.watch_orders() as stream:
        await stream.ready()
        with pytest.raises(OrderRejected):
            await truex.send_order(MARKET, "buy", SIZE, "60000.0", client_order_id="far-off")
        report = await anext(aiter(stream))
    assert (report.client_order_id, report.status) == ("far-off", OrderStatus.REJECTED)
    assert report.reason == "Order outside book price bands"


async def test_halted_instrument(truex: TrueX, truex_box: Sandbox) -> None:
    order = await truex.place_order(MARKET, "buy", SIZE, bid(truex_box))
    truex_box.truex.core.set_status(truex_box.truex.instruments[MARKET], "HALTED")
    with pytest.raises(OrderRejected):
        await truex.place_order(MARKET, "buy", SIZE, bid(truex_box))
    with pytest.raises(MarketUnavailable, match="HALTED"):
        await truex.amend_order(MARKET, order.order_id, size="0.0200")
    assert {market.symbol: market.is_tradable for market in await truex.markets()}[MARKET] is False
    assert (await truex.cancel_order(MARKET, order.order_id)).status is OrderStatus.CANCELLED


async def test_as_many_open_orders_as_allowed() -> None:
    options = TrueXOptions(instruments=(MARKET,), max_open_orders=2, refuse_with_problems=True)
    async with Sandbox(["truex"], rate=0, truex=options) as box, TrueX.for_sandbox(box) as venue:
        price = bid(box)
        for _ in range(2):
            await venue.place_order(MARKET, "buy", SIZE, price)
        with pytest.raises(OrderRejected, match="Too many open orders"):
            await venue.place_order(MARKET, "buy", SIZE, price)
        await venue.cancel_all(MARKET)
        assert await venue.open_orders() == ()
        assert (await venue.place_order(MARKET, "buy", SIZE, price)).status is OrderStatus.OPEN


async def test_venue_with_a_rate_limit() -> None:
    options = TrueXOptions(instruments=(MARKET,), requests_per_s=5)
    async with Sandbox(["truex"], rate=0, truex=options) as box, TrueX.for_sandbox(box) as venue:
        found = await asyncio.gather(*(venue.clients() for _ in range(8)))
    assert len(found) == 8


async def test_our_own_limit_refuses_before_it_sends(truex_box: Sandbox) -> None:
    async with client_of(truex_box, rates_per_s={"orders": 1}, max_wait_s=0.0) as slow:
        await slow.place_order(MARKET, "buy", SIZE, bid(truex_box))
        with pytest.raises(NotSent, match="rate group orders"):
            await slow.place_order(MARKET, "buy", SIZE, bid(truex_box))


async def test_answers_that_come_before_the_exchange_confirmed() -> None:
    options = TrueXOptions(instruments=(MARKET,), replies_early=True)
    async with Sandbox(["truex"], rate=0, truex=options) as box, TrueX.for_sandbox(box) as venue:
        early = await venue.place_order(MARKET, "buy", SIZE, bid(box))
        # The reply came before the confirmation, which place_order waits for.
        assert early.status is OrderStatus.OPEN
        assert (await venue.order(MARKET, early.order_id)).status is OrderStatus.OPEN
        amended = await venue.amend_order(MARKET, early.order_id, size="0.0200")
        # Not confirmed yet: an amendment changes nothing before it is.
        assert (amended.status, amended.size) == (OrderStatus.OPEN, Decimal("0.01"))
        assert (await venue.order(MARKET, early.order_id)).size == Decimal("0.02")
        leaving = await venue.cancel_order(MARKET, early.order_id)
        assert leaving.status is OrderStatus.OPEN
        assert (await venue.order(MARKET, early.order_id)).status is OrderStatus.CANCELLED

        async with asyncio.timeout(PATIENCE_S):
            sent = await venue.send_order(MARKET, "buy", SIZE, bid(box))
            assert (sent.status, sent.outcome) == (OrderStatus.OPEN, None)
            assert sent.report is not None
            assert sent.report.status is OrderStatus.OPEN
            refused = venue.send_order(MARKET, "buy", SIZE, "60000.0")
            with pytest.raises(OrderRejected):
                await refused
        assert refused.status is OrderStatus.REJECTED


async def test_amendments(truex: TrueX, truex_box: Sandbox) -> None:
    price = bid(truex_box)
    order = await truex.place_order(MARKET, "buy", SIZE, price - TICK, client_order_id="amend-1")
    dearer = await truex.amend_order(MARKET, order.order_id, price=price)
    assert (dearer.order_id, dearer.price, dearer.size) == (order.order_id, price, SIZE)
    assert dearer.market == MARKET
    larger = await truex.amend_order(MARKET, order.order_id, size="0.0300", price=price)
    assert (larger.size, larger.price) == (Decimal("0.03"), price)
    for client_order_id in ("amend-1", dearer.client_order_id, larger.client_order_id):
        assert (await truex.order_status(client_order_id=client_order_id)).order_id == order.order_id
    taken = await truex.amend_order(MARKET, order.order_id, to_market=True)
    assert (taken.status, taken.type, taken.filled_size) == (
        OrderStatus.FILLED, OrderType.MARKET, Decimal("0.03"),
    )  # fmt: skip
    with pytest.raises(OrderNotFound):
        await truex.amend_order(MARKET, order.order_id, size="0.0400")


@pytest.mark.parametrize("is_watched", [False, True])
async def test_amendment_keeps_what_another_program_amended(
    truex: TrueX, truex_box: Sandbox, *, is_watched: bool
) -> None:
    price = bid(truex_box)
    order = await truex.send_order(MARKET, "buy", SIZE, price)
    witness = Witness(truex)
    if is_watched:
        await ready(truex.watch_orders(on_update=witness.poke))
    async with client_of(truex_box) as other:
        await other.amend_order(MARKET, order.order_id, size="0.0300", price=price)
    if is_watched:
        await witness.until(lambda: order.size == Decimal("0.03"))
    amended = await truex.amend_order(MARKET, order.order_id, price=price - TICK)
    assert (amended.size, amended.price) == (Decimal("0.03"), price - TICK)


async def test_amendment_below_what_is_filled_ends_the_order(truex: TrueX, truex_box: Sandbox) -> None:
    price, size = best(truex_box.truex, "asks")
    order = await truex.place_order(MARKET, "buy", size + SIZE, price)
    assert (order.status, order.filled_size) == (OrderStatus.PARTIALLY_FILLED, size)
    ended = await truex.amend_order(MARKET, order.order_id, size=size)
    assert (ended.status.is_final, ended.filled_size) == (True, size)


async def test_amending_a_first_order_of_another_client_knows_its_market(
    truex_box: Sandbox, truex: TrueX
) -> None:
    order = await truex.place_order(MARKET, "buy", SIZE, bid(truex_box))
    async with TrueX.for_sandbox(truex_box) as fresh:
        assert (
            await fresh.amend_order(MARKET, order.order_id, size="0.0200", price=order.price)
        ).market == MARKET


@pytest.mark.parametrize("version", ["v2024_01_01", "v2026_01_23"])
@pytest.mark.filterwarnings("ignore::tradewire.errors.VenueDeprecationWarning")
async def test_pages_of_orders_and_fills(truex_box: Sandbox, version: str) -> None:
    async with client_of(truex_box, version=version) as venue:
        price = bid(truex_box)
        placed = []
        for _ in range(5):
            order = await venue.place_order(MARKET, "sell", "0.0010", price, time_in_force="ioc")
            placed.append(order.order_id)
        newest_first = placed[::-1]
        assert [order.order_id async for order in venue.iter_orders()] == newest_first
        pages = [await venue.orders(page=number, limit=2) for number in (1, 2, 3, 4)]
        assert [[order.order_id for order in page.items] for page in pages] == [
            newest_first[:2], newest_first[2:4], newest_first[4:], [],
        ]  # fmt: skip
        assert [page.has_next for page in pages] == [True, True, False, False]
        if version == "v2026_01_23":
            second = await venue.orders(limit=2, cursor=pages[0].next_cursor)
            assert second == pages[1]
        assert (await venue.orders(statuses=("ACTIVE",))).items == ()
        fills = [fill.order_id async for fill in venue.iter_fills(MARKET, start_ns=0)]
        assert fills == newest_first
        first_page = await venue.fills(limit=2)
        assert [fill.order_id for fill in first_page.items] == newest_first[:2]
        assert (await venue.fills("ETH-PYUSD")).items == ()
        started = first_page.items[-1].time_ns
        later = [fill async for fill in venue.iter_fills(start_ns=started)]
        assert all(fill.time_ns >= started for fill in later)
        assert {fill.order_id for fill in later} >= set(newest_first[:2])


async def test_duplicate_client_id(truex: TrueX, truex_box: Sandbox) -> None:
    async with TrueX.for_sandbox(truex_box) as other:
        await other.place_order(MARKET, "buy", SIZE, bid(truex_box), client_order_id="same")
    with pytest.raises(BadRequest, match="Duplicate ClOrdID"):
        await truex.place_order(MARKET, "buy", SIZE, bid(truex_box), client_order_id="same")


async def test_a_numeric_client_id_is_never_taken_for_the_venues(truex: TrueX, truex_box: Sandbox) -> None:
    first = await truex.place_order(MARKET, "buy", SIZE, bid(truex_box), client_order_id="123456")
    second = await truex.place_order(MARKET, "buy", SIZE, bid(truex_box), client_order_id=first.order_id)
    assert (await truex.order_status(client_order_id=first.order_id)).order_id == second.order_id
    cancelled = await truex.cancel_order(MARKET, client_order_id=first.order_id)
    assert cancelled.order_id == second.order_id
    assert (await truex.order_status(first.order_id)).status is OrderStatus.OPEN


async def test_several_accounts_under_one_key_must_be_told_apart(truex_box: Sandbox) -> None:
    venue = truex_box.truex
    async with client_of(truex_box, account_id="") as client:
        with pytest.raises(ConfigError, match=rf"account_id=.*{venue.client_id} \(trader\).*\(second-desk\)"):
            await client.place_order(MARKET, "buy", SIZE, bid(truex_box))
        sent = client.send_order(MARKET, "buy", SIZE, bid(truex_box))
        with pytest.raises(NotSent, match=r"\(second-desk\)"):
            await sent
        assert sent.status is OrderStatus.REJECTED


async def test_the_only_account_of_a_key_is_found_out(truex_box: Sandbox) -> None:
    client, key = truex_box.truex.add_client("alone")
    credentials = Credentials(key.key_id, key.secret)
    async with client_of(truex_box, credentials=credentials, account_id="") as venue:
        assert await venue.account_id() == client.client_id
        order = await venue.place_order(MARKET, "buy", SIZE, bid(truex_box))
        assert [one.order_id for one in await venue.open_orders()] == [order.order_id]
        async with asyncio.timeout(PATIENCE_S):
            await venue.watch_orders().ready()


async def test_accounts_of_one_key_see_their_own_orders_only(truex: TrueX, truex_box: Sandbox) -> None:
    order = await truex.place_order(MARKET, "buy", SIZE, bid(truex_box))
    async with client_of(truex_box, account_id=second_client(truex_box)) as other:
        assert await other.open_orders() == ()
        with pytest.raises((PermissionDenied, OrderNotFound)):
            await other.amend_order(MARKET, order.order_id, size="0.0200", price=order.price)
        taken = await other.place_order(MARKET, "sell", SIZE, order.price, time_in_force="ioc")
        assert taken.filled_size > 0
        assert {fill.order_id for fill in (await other.fills()).items} == {taken.order_id}
