from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console
from textual.widgets import Static

from tradewire.cli.attach import open_client
from tradewire.cli.watch.desk import Desk, Row
from tradewire.cli.watch.screen import WatchApp
from tradewire.errors import ConfigError

MARKETS = {"coinex": "BTCUSDT", "coinex-futures": "BTCUSDT", "exchange": "ABC-USD", "truex": "BTC-PYUSD"}


def shown(app: WatchApp, name: str) -> str:
    """Return what stands in a panel, as text."""
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(app.query_one(f"#{name}", Static).content)
    return console.export_text()


@pytest.mark.parametrize("venue", MARKETS)
async def test_screen_shows_book_own_orders_and_trades(venue: str) -> None:
    market = MARKETS[venue]
    async with open_client(venue, market, is_private=True) as (client, place):
        desk = Desk(client, market, place)
        async with desk.open(venue, 20, is_private=True):
            rules = next(one for one in await client.load_markets() if one.symbol == market)
            size = max(rules.min_size, rules.lot_size) * 5
            top = desk.book.top()
            assert top.bid is not None
            assert top.ask is not None
            low = top.bid - 3 * rules.tick_size
            order = await client.place_order(market, "buy", size, low)
            taker = client.send_order(market, "buy", size, top.ask + 5 * rules.tick_size)
            await taker.finished()
            app = WatchApp(desk)
            async with asyncio.timeout(20), app.run_test(size=(100, 40)) as pilot:
                while not desk.fills or not desk.trades:
                    await pilot.pause(0.05)
                app.refresh_panels()
                head, own = shown(app, "head"), shown(app, "orders")
                assert market in head
                assert "sandbox" in head
                assert desk.position >= size
                assert desk.profit is not None
                assert "filled" in own
                assert order.order_id not in desk.orders or any(row.own for row in desk.levels("buy", 50))


async def test_queue_place_is_shown_where_orders_are_published() -> None:
    async with open_client("exchange", "ABC-USD", is_private=True) as (client, place):
        desk = Desk(client, "ABC-USD", place)
        async with desk.open("exchange", 20, is_private=True):
            bids = desk.book.bids(20)
            order = await client.place_order("ABC-USD", "buy", 5, bids[-1][0])
            rows: list[Row] = []
            async with asyncio.timeout(10):
                async for _ in client.watch_book("ABC-USD"):
                    if rows := [row for row in desk.levels("buy", 50) if row.ahead is not None]:
                        break
            assert rows[0].price == order.price
            assert rows[0].ahead is not None


@pytest.mark.parametrize("width", [80, 40])
async def test_keys_pause_choose_and_quit(width: int) -> None:
    async with open_client("coinex", "BTCUSDT", is_private=True) as (client, place):
        desk = Desk(client, "BTCUSDT", place)
        async with desk.open("coinex", 20, is_private=True):
            app = WatchApp(desk)
            async with asyncio.timeout(20), app.run_test(size=(width, 24)) as pilot:
                await pilot.press("p")
                app.refresh_panels()
                assert "PAUSED" in shown(app, "head")
                await pilot.press("p", "4")
                await pilot.pause()
                visible = [
                    name
                    for name in ("ladder", "orders", "trades", "events")
                    if app.query_one(f"#{name}").display
                ]
                assert visible == (["events"] if width == 40 else ["ladder", "orders", "trades", "events"])
                await pilot.press("q")
            assert not app.is_running


async def test_unknown_market_is_refused() -> None:
    with pytest.raises(ConfigError, match="has no market NOPE"):
        async with open_client("coinex", "NOPE"):
            pass
