"""Orders, fills and balances over REST, compared with the sandbox's own ledger."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import aiohttp
import msgspec
import pytest

from support.plain_coinex import PlainClient
from tradewire.errors import (
    BadRequest,
    ConfigError,
    InsufficientFunds,
    MarketUnavailable,
    OrderNotFound,
    OrderRejected,
    PostOnlyRejected,
)
from tradewire.model import Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.transport.http1 import Http1Transport
from tradewire.venues.coinex.client import CoinEx

MARKET = "BTCUSDT"
FAR = Decimal(30000)
"""A bid nobody takes."""


def ledger(box: Sandbox) -> dict[str, Any]:
    return box.coinex.ledger_of(box.coinex.access_id)


async def best(venue: CoinEx) -> tuple[Decimal, Decimal]:
    book = await venue.book(MARKET, depth=5)
    return book.bids[0].price, book.asks[0].price


async def rest(venue: CoinEx, **more: Any) -> Order:
    return await venue.place_order(MARKET, "buy", "0.001", FAR, **more)


async def test_resting_order_is_what_the_venue_has(venue: CoinEx, box: Sandbox) -> None:
    order = await rest(venue, post_only=True, client_order_id="mine-1")
    [truth] = ledger(box)["orders"]
    assert order.order_id == str(truth["order_id"])
    assert (order.client_order_id, truth["client_id"]) == ("mine-1", "mine-1")
    assert (truth["type"], truth["price"], truth["amount"]) == ("maker_only", "30000", "0.001")
    assert (order.status, order.post_only, order.side) == (OrderStatus.OPEN, True, Side.BUY)
    # Only a query says the status in so many words.
    found = await venue.order(MARKET, order.order_id)
    assert msgspec.structs.replace(found, venue_status="") == order
    assert await venue.open_orders() == (order,)


async def test_client_id_is_made_up_when_left_out(venue: CoinEx) -> None:
    first, second = await rest(venue), await rest(venue)
    assert first.client_order_id
    assert first.client_order_id != second.client_order_id


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({}, "limit"),
        ({"post_only": True}, "maker_only"),
        ({"time_in_force": "ioc"}, "ioc"),
        ({"time_in_force": TimeInForce.IOC}, "ioc"),
    ],
)
async def test_order_types_reach_the_venue(
    venue: CoinEx, box: Sandbox, arguments: dict[str, Any], word: str
) -> None:
    _, ask = await best(venue)
    price = FAR if arguments.get("post_only") else ask
    await venue.place_order(MARKET, Side.BUY, "0.001", price, **arguments)
    [truth] = ledger(box)["orders"]
    assert truth["type"] == word


async def test_market_order_counts_in_the_asset_it_names(venue: CoinEx, box: Sandbox) -> None:
    in_base = await venue.place_order(MARKET, "buy", "0.002", type="market", size_asset="BTC")
    assert (in_base.filled_size, in_base.type, in_base.price) == (Decimal("0.002"), OrderType.MARKET, None)
    in_quote = await venue.place_order(MARKET, "buy", "122", type="market", size_asset="USDT")
    assert in_quote.filled_notional <= 122
    assert Decimal("0.0015") < in_quote.filled_size < Decimal("0.0025")
    assert [order["ccy"] for order in ledger(box)["orders"]] == ["BTC", "USDT"]


async def test_market_buy_without_a_unit_is_refused_until_the_rules_are_known(
    venue: CoinEx, box: Sandbox
) -> None:
    with pytest.raises(ConfigError, match="size_asset"):
        await venue.place_order(MARKET, "buy", "0.002", type="market")
    await venue.load_markets()
    order = await venue.place_order(MARKET, "buy", "0.002", type="market")
    assert order.filled_size == Decimal("0.002")
    assert len(ledger(box)["orders"]) == 1


async def test_fill_or_kill_too_large_is_refused_by_the_venue(venue: CoinEx) -> None:
    _, ask = await best(venue)
    with pytest.raises(OrderRejected) as caught:
        await venue.place_order(MARKET, "buy", "5", ask, time_in_force="fok")
    assert caught.value.code == "3621"


async def test_post_only_order_that_would_take(venue: CoinEx) -> None:
    _, ask = await best(venue)
    with pytest.raises(PostOnlyRejected) as caught:
        await venue.place_order(MARKET, "buy", "0.001", ask, post_only=True)
    assert caught.value.code == "3622"


async def test_amended_order_keeps_its_id(venue: CoinEx, box: Sandbox) -> None:
    order = await rest(venue)
    amended = await venue.amend_order(MARKET, order.order_id, price="29999.5", size="0.002")
    assert (amended.order_id, amended.price, amended.size) == (
        order.order_id,
        Decimal("29999.5"),
        Decimal("0.002"),
    )
    [truth] = ledger(box)["orders"]
    assert (truth["price"], truth["amount"]) == ("29999.5", "0.002")


async def test_cancelled_order_is_forgotten_by_the_venue(venue: CoinEx) -> None:
    order = await rest(venue)
    cancelled = await venue.cancel_order(MARKET, order.order_id)
    assert cancelled.status is OrderStatus.CANCELLED
    assert await venue.open_orders(MARKET) == ()
    with pytest.raises(OrderNotFound):
        await venue.order(MARKET, order.order_id)
    with pytest.raises(OrderNotFound):
        await venue.cancel_order(MARKET, order.order_id)


async def test_cancel_by_client_id_tells_of_every_order(venue: CoinEx, box: Sandbox) -> None:
    placed = [await rest(venue, client_order_id="twice")]
    async with CoinEx.for_sandbox(box) as other:
        placed.append(await rest(other, client_order_id="twice"))
    await rest(venue, client_order_id="other")
    cancelled = await venue.cancel_by_client_order_id("twice")
    assert all(isinstance(order, Order) for order in cancelled)
    assert {order.order_id for order in cancelled if isinstance(order, Order)} == {o.order_id for o in placed}
    assert [order.client_order_id for order in await venue.open_orders()] == ["other"]


async def test_cancel_all_of_a_side_and_of_a_market(venue: CoinEx) -> None:
    await rest(venue)
    await venue.place_order(MARKET, "sell", "0.001", "90000")
    await venue.cancel_all(MARKET, side="sell")
    [left] = await venue.open_orders(MARKET)
    assert left.side is Side.BUY
    await venue.cancel_all(MARKET)
    assert await venue.open_orders(MARKET) == ()


async def test_open_orders_come_from_every_page() -> None:
    async with (
        Sandbox(["coinex"], rate=0, coinex=CoinExOptions(markets=(MARKET,), rate_limits=False)) as box,
        aiohttp.ClientSession() as session,
    ):
        # Placed by a client that heeds no limits: ours would take seconds.
        stranger = PlainClient(box, session)
        placed = {str((await stranger.order(amount="0.0001"))["data"]["order_id"]) for _ in range(105)}
        async with CoinEx.for_sandbox(box) as venue:
            found = await venue.open_orders(MARKET, side="buy")
    assert {order.order_id for order in found} == placed
    assert len(found) == len(placed) == 105


async def test_fills_and_closed_orders_page_by_page(venue: CoinEx, box: Sandbox) -> None:
    orders = [
        await venue.place_order(MARKET, side, "0.0001", type="market", size_asset="BTC")
        for side in ("buy", "sell", "buy")
    ]
    deals = ledger(box)["deals"]
    first = await venue.fills(MARKET, limit=2)
    second = await venue.fills(MARKET, limit=2, page=2)
    assert (first.has_next, second.has_next) == (True, False)
    found = [*first.items, *second.items]
    assert [fill.trade_id for fill in found] == [str(deal["deal_id"]) for deal in reversed(deals)]
    assert [fill async for fill in venue.iter_fills(MARKET)] == found
    [only] = (await venue.order_fills(MARKET, orders[0].order_id)).items
    assert only == found[-1]
    closed = await venue.closed_orders(MARKET)
    assert {order.order_id for order in closed.items} == {order.order_id for order in orders}
    assert {order.status for order in closed.items} == {OrderStatus.FILLED}


async def test_balances_are_the_ledgers_to_the_last_digit(venue: CoinEx, box: Sandbox) -> None:
    await rest(venue)
    await venue.place_order(MARKET, "buy", "0.00012345", type="market", size_asset="BTC")
    found = {row.asset: {"available": row.available, "frozen": row.locked} for row in await venue.balances()}
    truth = {
        asset: {name: Decimal(text) for name, text in held.items()}
        for asset, held in ledger(box)["balances"].items()
    }
    assert {asset: held for asset, held in found.items() if any(held.values())} == {
        asset: held for asset, held in truth.items() if any(held.values())
    }
    assert found["USDT"]["frozen"] == 30
    box.coinex.assert_adds_up()


REFUSED_BY_THE_VENUE: list[tuple[tuple[Any, ...], type[Exception]]] = [
    (("NOPEUSDT", "buy", "1", "1"), MarketUnavailable),
    ((MARKET, "buy", "0.00000001", FAR), OrderRejected),
    ((MARKET, "buy", "1000", FAR), InsufficientFunds),
    ((MARKET, "buy", "0.001", "30000.001"), (BadRequest, OrderRejected)),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("order", "error"), REFUSED_BY_THE_VENUE)
async def test_refused_order_leaves_nothing_behind(
    venue: CoinEx, box: Sandbox, order: tuple[Any, ...], error: type[Exception]
) -> None:
    before = ledger(box)
    with pytest.raises(error):
        await venue.place_order(*order)
    assert ledger(box) == before
    assert await venue.open_orders() == ()


REFUSED_BEFORE_SENDING: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((MARKET, "buy", 0.001, FAR), {}),
    ((MARKET, "buy", "0.001", 30000.0), {}),
    ((MARKET, "buy", "1,5", FAR), {}),
    ((MARKET, "buy", "NaN", FAR), {}),
    ((MARKET, "buy", "-1", FAR), {}),
    ((MARKET, "long", "0.001", FAR), {}),
    ((MARKET, "buy", "0.001"), {}),
    ((MARKET, "buy", "0.001", FAR), {"type": "market"}),
    ((MARKET, "buy", "0.001", FAR), {"type": "stop"}),
    ((MARKET, "buy", "0.001", FAR), {"time_in_force": "day"}),
    ((MARKET, "buy", "0.001", FAR), {"time_in_force": "ioc", "post_only": True}),
    ((MARKET, "buy", "0.001", FAR), {"size_asset": "BTC"}),
    ((MARKET, "buy", "0.001", FAR), {"client_order_id": "ümlaut"}),
    ((MARKET, "buy", "0.001", FAR), {"client_order_id": "x" * 33}),
    ((MARKET, "buy", "0.001", FAR), {"stp": "maybe"}),
    (("BTC\r\nUSDT", "buy", "0.001", FAR), {}),
    ((MARKET, "buy", "0.001", "30000.001"), {}),
    ((MARKET, "buy", "0.00001", FAR), {}),
    ((MARKET, "buy", "0.001000001", FAR), {}),
]


@pytest.mark.parametrize(("order", "more"), REFUSED_BEFORE_SENDING)
async def test_slip_costs_an_exception_and_no_request(
    box: Sandbox, order: tuple[Any, ...], more: dict[str, Any]
) -> None:
    sent: list[bytes] = []
    http = Http1Transport(on_sent=sent.append)
    async with CoinEx.for_sandbox(box, http=http) as venue:
        await venue.load_markets()
        sent.clear()
        with pytest.raises(ConfigError):
            await venue.place_order(*order, **more)
        with pytest.raises(ConfigError):
            venue.send_order(*order, **more)
    assert sent == []


async def test_orders_side_by_side_stay_within_the_venues_limit(venue: CoinEx, box: Sandbox) -> None:
    orders = await asyncio.gather(*(rest(venue) for _ in range(45)))
    assert len({order.order_id for order in orders}) == 45
    assert len(ledger(box)["orders"]) == 45


async def test_sent_order_hears_what_rest_says_of_it(venue: CoinEx) -> None:
    order = venue.send_order(MARKET, "buy", "0.001", FAR)
    assert (order.status, order.order_id) == (OrderStatus.PENDING, "")
    await order
    assert (order.status, bool(order.order_id)) == (OrderStatus.OPEN, True)
    assert venue.live_orders == (order,)
    await venue.amend_order(MARKET, order.order_id, price=FAR - 1)
    assert order.price == FAR - 1
    await venue.cancel_order(MARKET, order.order_id)
    assert (await order.finished()).status is OrderStatus.CANCELLED


async def test_prepared_orders_differ_in_size_price_and_id_and_leave_in_the_call(box: Sandbox) -> None:
    sent: list[bytes] = []
    async with CoinEx.for_sandbox(box, http=Http1Transport(on_sent=sent.append)) as venue:
        await venue.load_markets()
        prepared = venue.prepare_order(MARKET, "buy", post_only=True)
        sent.clear()
        orders = [prepared.send(size, FAR, client_order_id=f"p-{size[-1]}") for size in ("0.001", "0.002")]
        assert len(sent) == 1
        placed = [await order for order in orders]
        assert [(one.size, one.client_order_id, one.post_only) for one in placed] == [
            (Decimal("0.001"), "p-1", True), (Decimal("0.002"), "p-2", True),
        ]  # fmt: skip


async def test_prepared_order_goes_by_the_rules_that_were_read_last(box: Sandbox) -> None:
    sent: list[bytes] = []
    async with CoinEx.for_sandbox(box, http=Http1Transport(on_sent=sent.append)) as venue:
        prepared = venue.prepare_order(MARKET, "buy")
        await venue.load_markets()
        sent.clear()
        for order in (("0.001", "30000.001"), ("0.00001", FAR), ("0.001",), ("0.001", 30000.5)):
            with pytest.raises(ConfigError):
                prepared.send(*order)
        with pytest.raises(ConfigError, match="client_order_id"):
            prepared.send("0.001", FAR, client_order_id="two words")
        assert sent == []


@pytest.mark.parametrize(
    "options",
    [
        {"side": "up"},
        {"time_in_force": "day"},
        {"post_only": 1},
        {"type": []},
        {"is_hidden": None},
        {"size_asset": "BTC"},
    ],
)
async def test_kind_of_order_that_makes_no_sense_is_not_prepared(
    venue: CoinEx, options: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError):
        venue.prepare_order(MARKET, **{"side": "buy", **options})
