"""Every method of both Exchange clients that asks over REST, once, with an answer that is true."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from support.exchange_trader import ABC, XYZ, client_of, key_of, ledger_of
from support.plain_exchange import PlainRest
from tradewire.errors import ConfigError, MarketUnavailable, NotSupported, OrderNotFound, Rejected
from tradewire.model import Liquidity, OrderStatus, Side
from tradewire.sandbox import Sandbox
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange
from tradewire.venues.exchange.model import MessageLevel
from tradewire.venues.exchange.rest.admin_markets import MarketDefinition

D = Decimal
NS_PER_S = 1_000_000_000


async def test_a_client_of_a_sandbox_is_its_default_trader() -> None:
    async with Sandbox(["exchange"], rate=0) as box, Exchange.for_sandbox(box) as client:
        assert (await client.user()).username == "trader"
        assert len((await client.book(ABC, depth=1000)).bids) > 100


async def test_health_and_time_are_the_venues(trader: Exchange) -> None:
    health = await trader.health()
    kept = health.persistence
    assert (health.is_ok, kept.backend, kept.mode, kept.last_error) == (
        True,
        "in_memory",
        "disabled",
        None,
    )
    assert abs(await trader.time() - time.time_ns()) < 60 * NS_PER_S


async def test_markets_are_the_venues(trader: Exchange, admin: ExchangeAdmin) -> None:
    abc, xyz = await trader.markets()
    assert (abc.symbol, abc.base, abc.quote, abc.tick_size, abc.min_size) == (ABC, "ABC", "USD", 1, 1)
    assert (xyz.symbol, xyz.tick_size, xyz.min_size, xyz.lot_size) == (XYZ, 5, 2, 1)
    assert (abc.is_tradable, abc.status) == (True, "enabled")
    whole = await admin.markets()
    assert [one.market for one in whole] == [ABC, XYZ]
    await admin.patch_market(ABC, is_enabled=False)
    assert [one.is_tradable for one in await trader.markets()] == [False, True]


async def test_the_documents_are_there(trader: Exchange) -> None:
    assert "/api/v1/orders" in (await trader.openapi())["paths"]
    assert "<html" in (await trader.docs()).lower()


async def test_the_user_is_who_the_key_belongs_to(trader: Exchange, fresh_box: Sandbox) -> None:
    profile = await trader.user()
    assert profile.username == "desk-7"
    assert profile.api_key is not None
    assert profile.api_key.reveal() == key_of(fresh_box, "desk-7")
    assert profile.trader_id == fresh_box.exchange.core.by_name["desk-7"].trader_id


async def test_positions_and_portfolio_are_the_venues(
    trader: Exchange, rival: Exchange, operator: PlainRest, fresh_box: Sandbox
) -> None:
    await rival.place_order(ABC, "sell", 7, 205)
    await trader.place_order(ABC, "buy", 4, 206)
    [position] = await trader.positions()
    assert (position.market, position.size, position.average_price, position.realized_pnl) == (ABC, 4, 205, 0)
    assert await trader.positions_legacy() == (position,)
    portfolio = await trader.portfolio()
    assert (portfolio.position_limit, portfolio.positions) == (1000, (position,))
    plain = PlainRest(operator.root, operator.session, key_of(fresh_box, "desk-7"))
    assert await plain.position() == (4, 205, 0)
    [short] = await rival.positions()
    assert (short.size, short.average_price) == (-4, 205)


async def test_the_leaderboard_ranks_by_profit_on_both_planes(
    trader: Exchange, rival: Exchange, admin: ExchangeAdmin
) -> None:
    await rival.place_order(ABC, "sell", 7, 205)
    await trader.place_order(ABC, "buy", 7, 205)
    await trader.place_order(ABC, "sell", 1, 300)
    await rival.place_order(ABC, "buy", 1, 100)
    rows = await trader.leaderboard()
    # Marked halfway between 100 and 300.
    assert [(row.rank, row.username, row.unrealized_pnl) for row in rows] == [
        (1, "desk-8", 35),
        (2, "desk-7", -35),
    ]
    assert [(row.net_pnl, row.realized_pnl, row.gross_exposure) for row in rows] == [
        (35, 0, 1400),
        (-35, 0, 1400),
    ]
    assert await trader.leaderboard(limit=1) == rows[:1]
    assert await trader.leaderboard(limit=0) == ()
    assert await admin.leaderboard() == rows


async def test_open_orders_fills_and_executions_are_the_venues(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    sold = await rival.place_order(ABC, "sell", 3, 206)
    taken = await trader.place_order(ABC, "buy", 7, 210)
    other = await trader.place_order(XYZ, "sell", 2, 500)
    resting = await trader.open_orders()
    assert [(order.order_id, order.remaining, order.filled_size) for order in resting] == [
        (taken.order_id, 4, 3),
        (other.order_id, 2, 0),
    ]
    assert [order.order_id for order in await trader.open_orders(XYZ)] == [other.order_id]
    assert await trader.open_orders("NO-PE") == ()
    [execution] = await trader.executions(ABC)
    assert (execution.maker_order_id, execution.taker_order_id) == (sold.order_id, taken.order_id)
    assert (execution.price, execution.size) == (206, 3)
    assert [fill["fill_id"] for fill in ledger_of(fresh_box)["fills"]] == [execution.fill_id]
    page = await trader.fills(ABC)
    [fill] = page.items
    assert (fill.trade_id, fill.order_id, fill.side, fill.liquidity) == (
        execution.fill_id,
        taken.order_id,
        Side.BUY,
        Liquidity.TAKER,
    )
    assert (fill.price, fill.size, fill.fee) == (206, 3, 0)
    assert not page.has_next
    assert (await trader.fills(ABC, page=2)).items == ()
    assert (await trader.fills(ABC, start_ns=execution.time_ns + 1)).items == ()
    [theirs] = (await rival.fills(ABC)).items
    assert (theirs.order_id, theirs.side, theirs.liquidity) == (sold.order_id, Side.SELL, Liquidity.MAKER)


async def test_one_order_is_found_while_it_rests_and_after_it_has_ended(
    trader: Exchange, rival: Exchange
) -> None:
    order = await trader.place_order(ABC, "buy", 7, 100)
    assert (await trader.order(ABC, order.order_id)).status is OrderStatus.OPEN
    with pytest.raises(OrderNotFound) as caught:
        await rival.order(ABC, order.order_id)
    assert caught.value.code == "order_not_found"
    await trader.cancel_order(ABC, order.order_id)
    assert (await trader.order(ABC, order.order_id)).status is OrderStatus.CANCELLED
    filled = await rival.place_order(ABC, "sell", 2, 90)
    await trader.place_order(ABC, "buy", 2, 90)
    ended = await rival.order(ABC, filled.order_id)
    assert (ended.status, ended.filled_size, ended.filled_notional) == (OrderStatus.FILLED, 2, 180)


async def test_a_book_is_looked_at_once(trader: Exchange, rival: Exchange) -> None:
    for price in (100, 99, 99, 98):
        await rival.place_order(ABC, "buy", 3, price)
    await rival.place_order(ABC, "sell", 5, 110)
    book = await trader.book(ABC, depth=2)
    assert [(level.price, level.size) for level in book.bids] == [(100, 3), (99, 6)]
    assert [(level.price, level.size) for level in book.asks] == [(110, 5)]
    assert (await trader.book("NO-PE")).bids == ()


async def test_what_the_venue_does_not_have_says_what_to_do_instead(trader: Exchange) -> None:
    for ask in (trader.ticker(ABC), trader.trades(ABC), trader.balances()):
        with pytest.raises(NotSupported) as caught:
            await ask
        assert caught.value.instead
    with pytest.raises(NotSupported, match="watch_positions"):
        trader.watch_balances()


async def test_without_a_key_only_public_questions_are_asked(
    fresh_box: Sandbox, admin: ExchangeAdmin
) -> None:
    async with client_of(fresh_box, None) as public:
        assert len(await public.markets()) == 2
        assert (await public.book(ABC)).asks == ()
        with pytest.raises(ConfigError, match="Token"):
            await public.positions()
        with pytest.raises(ConfigError, match="Token"):
            await public.place_order(ABC, "buy", 1, 1)
        with pytest.raises(ConfigError, match="Token"):
            public.watch_orders()


async def test_the_operator_provisions_and_resets(
    trader: Exchange, admin: ExchangeAdmin, rival: Exchange
) -> None:
    with pytest.raises(Rejected, match="username already exists"):
        await admin.create_user(" desk-7 ")
    await rival.place_order(ABC, "sell", 3, 100)
    await trader.place_order(ABC, "buy", 4, 100)
    reset = await admin.reset_users()
    assert (reset.orders, reset.positions, reset.fills) == (1, 2, 1)
    assert await trader.open_orders() == ()
    assert await trader.positions() == ()


async def test_the_operator_switches_trading(admin: ExchangeAdmin) -> None:
    assert (await admin.stop_trading()).is_trading is False
    assert (await admin.state()).controls.is_trading is False
    assert (await admin.start_trading()).is_trading is True


async def test_the_operator_makes_changes_and_deletes_markets(admin: ExchangeAdmin) -> None:
    made = await admin.put_market(
        MarketDefinition(base="NEW", quote="USD", tick_size=D(2), reference_price=50)
    )
    assert (made.market, made.display_name, made.tick_size, made.reference_price) == (
        "NEW-USD",
        "NEW-USD",
        2,
        50,
    )
    patched = await admin.patch_market("NEW-USD", display_name="New", tick_size="4", min_size=3)
    assert (patched.display_name, patched.tick_size, patched.min_size, patched.reference_price) == (
        "New",
        4,
        3,
        50,
    )
    replaced = await admin.put_market(MarketDefinition(base="NEW", quote="USD"))
    assert (replaced.tick_size, replaced.reference_price) == (1, None)
    assert replaced.created_at_ns == made.created_at_ns
    assert await admin.delete_market("NEW-USD") == "NEW-USD"
    with pytest.raises(MarketUnavailable, match="market not found"):
        await admin.delete_market("NEW-USD")


async def test_the_operator_settles_a_market(admin: ExchangeAdmin, trader: Exchange, rival: Exchange) -> None:
    await rival.place_order(ABC, "sell", 5, 100)
    await trader.place_order(ABC, "buy", 4, 100)
    settlement = await admin.settle_market(ABC, 104, announcement="The end.")
    assert (settlement.cancelled_orders, settlement.affected_traders, settlement.settled_size) == (1, 2, 8)
    assert (settlement.settlement_price, settlement.market.status) == (104, "settled")
    [position] = await trader.positions()
    assert (position.size, position.average_price, position.realized_pnl) == (0, None, 16)
    with pytest.raises(Rejected, match="market already settled"):
        await admin.settle_market(ABC, 104)
    assert [message.body for message in await admin.messages()] == ["The end."]


async def test_the_operator_loads_a_configuration(admin: ExchangeAdmin) -> None:
    markets = [MarketDefinition(base=base, quote="EUR") for base in ("ONE", "TWO")]
    loaded = await admin.load_config(markets, is_trading=False)
    assert [market.market for market in loaded.markets] == ["ONE-EUR", "TWO-EUR"]
    assert not loaded.controls.is_trading
    every = await admin.load_config([])
    assert [market.market for market in every.markets] == [ABC, "ONE-EUR", "TWO-EUR", XYZ]
    assert not every.controls.is_trading


async def test_the_operator_speaks(admin: ExchangeAdmin, trader: Exchange) -> None:
    sent = await admin.send_message(
        "Ends at noon.", level="warning", target_username="desk-7", market=ABC, title="Soon"
    )
    assert (sent.level, sent.title, sent.market) == (MessageLevel.WARNING, "Soon", ABC)
    assert sent.target_trader_id == (await trader.user()).trader_id
    everybody = await admin.send_message("Hello.")
    assert everybody.target_trader_id is None
    assert await admin.messages() == (everybody, sent)
    assert await admin.messages(limit=1) == (everybody,)
    assert (await admin.state()).recent_messages == (everybody, sent)
    with pytest.raises(Rejected, match="target user not found"):
        await admin.send_message("Hello?", target_username="nobody")


async def test_closing_twice_does_no_harm_and_leaves_nothing_open(
    trader: Exchange, admin: ExchangeAdmin
) -> None:
    await trader.account_ready()
    watched = trader.watch_book(ABC)
    await watched.ready()
    for client in (trader, admin, trader, admin):
        await client.close()
    with pytest.raises(ConfigError, match="closed"):
        trader.watch_book(ABC)
