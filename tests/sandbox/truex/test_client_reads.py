"""Every question of the TrueX client once, over real sockets, against what the venue itself knows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from support.plain_truex import best
from tradewire import TrueX
from tradewire.errors import BadRequest, ConfigError, MarketUnavailable, NotSupported, VenueUnavailable
from tradewire.model import Level
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.venues.truex.hosts import local
from tradewire.venues.truex.increments import TABLE

MARKET = "BTC-PYUSD"
BTC, PYUSD = "78873627519877134", "78873627519877133"
NS_PER_S = 1_000_000_000


async def test_health_says_how_it_is_even_when_it_is_not_well(truex: TrueX, truex_box: Sandbox) -> None:
    asked_s = truex_box.truex.now_ms() // 1000
    health = await truex.health()
    assert (health.is_healthy, health.service) == (True, "rag")
    assert asked_s <= health.now_ns / NS_PER_S <= truex_box.truex.now_ms() // 1000
    truex_box.truex.core.is_degraded = True
    assert (await truex.health()).is_healthy is False


async def test_the_time_is_the_venues(truex: TrueX, truex_box: Sandbox) -> None:
    truex_box.truex.faults.clock_skew(3_600_000)
    assert abs(await truex.time() - truex_box.truex.now_ms() * 1_000_000) <= 2 * NS_PER_S


async def test_gateway_instead_of_health(truex: TrueX, truex_box: Sandbox) -> None:
    truex_box.truex.faults.gateway_html(count=3, status=503)
    with pytest.raises(VenueUnavailable) as caught:
        await truex.health()
    assert caught.value.http_status == 503


async def test_versions(truex: TrueX) -> None:
    found = {one.version: one for one in await truex.versions()}
    assert set(found) == {"v2024_01_01", "v2026_01_23"}
    assert (found["v2024_01_01"].is_default, found["v2024_01_01"].sunset) == (True, "2026-08-05")
    assert (found["v2026_01_23"].status, found["v2026_01_23"].sunset) == ("current", None)


async def test_assets(truex: TrueX) -> None:
    names = {asset.name: asset.asset_id for asset in await truex.assets()}
    assert names["BTC"] == BTC
    assert [asset.asset_id for asset in await truex.assets("PYUSD")] == [PYUSD]
    assert [asset.name for asset in await truex.assets(asset_id=BTC)] == ["BTC"]
    assert await truex.assets("NONE") == ()


async def test_instruments(truex: TrueX, truex_box: Sandbox) -> None:
    [found] = await truex.instruments("BTC")
    truth = truex_box.truex.instruments[MARKET]
    assert (found.symbol, found.instrument_id, found.status) == (MARKET, truth.instrument_id, "ACTIVE")
    assert (found.base_asset_id, found.quote_asset_id) == (BTC, PYUSD)
    assert found.reference_price == truth.reference_price
    assert (found.price_limit_window_s, found.price_limit_share, found.price_band_share) == (
        3600, Decimal("0.015"), Decimal("0.025"),
    )  # fmt: skip
    assert await truex.instruments("btc") == ()
    assert [one.symbol for one in await truex.instruments(instrument_id=truth.instrument_id)] == [MARKET]


async def test_markets(truex: TrueX) -> None:
    found = {market.symbol: market for market in await truex.markets()}
    assert set(found) == {"BTC-PYUSD", "ETH-PYUSD"}
    btc = found[MARKET]
    assert (btc.base, btc.quote, btc.is_tradable) == ("BTC", "PYUSD", True)
    assert (btc.tick_size, btc.lot_size) == (Decimal("0.1"), Decimal("0.0001"))


async def test_best_quotes(truex: TrueX, truex_box: Sandbox) -> None:
    [found] = await truex.quotes(MARKET)
    assert found.bid == Level(*best(truex_box.truex, "bids"))
    assert found.ask == Level(*best(truex_box.truex, "asks"))
    assert found.time_ns > 0
    assert {quote.market for quote in await truex.quotes()} == {"BTC-PYUSD", "ETH-PYUSD"}
    with pytest.raises(MarketUnavailable, match=r"no instrument XRP-PYUSD; there is BTC-PYUSD, ETH-PYUSD"):
        await truex.quotes("XRP-PYUSD")


@pytest.mark.parametrize("version", ["v2024_01_01", "v2026_01_23"])
@pytest.mark.filterwarnings("ignore::tradewire.errors.VenueDeprecationWarning")
async def test_computed_quote_in_both_units(truex_box: Sandbox, version: str) -> None:
    asks = [(Decimal(price), Decimal(qty)) for price, qty, _ in truex_box.truex.book(MARKET)["asks"]]  # type: ignore[index]
    (first, first_qty), (second, _) = asks[:2]
    size = first_qty + Decimal("0.0003")
    notional = first * first_qty + second * Decimal("0.0003")
    async with TrueX.for_sandbox(truex_box, version=version) as venue:
        base = await venue.compute_quote(MARKET, "buy", size)
        spent = notional + Decimal("0.01")
        quote = await venue.compute_quote(MARKET, "buy", spent, unit="quote")
        with pytest.raises(BadRequest):
            await venue.compute_quote(MARKET, "sell", 10**9)
    assert base.size == quote.size == size
    assert abs(base.price - notional / size) < Decimal("1e-15")
    has_notional = version == "v2026_01_23"
    assert base.notional == quote.notional == (notional if has_notional else None)
    assert quote.notional_residual == (Decimal("0.01") if has_notional else None)


async def test_public_trades(truex: TrueX, truex_box: Sandbox) -> None:
    truth = list(truex_box.truex.core.public_trades[MARKET])[::-1]
    found = await truex.trades(MARKET, limit=3)
    assert [(t.trade_id, t.price, t.size, t.time_ns, t.market, t.side) for t in found] == [
        (str(t.trade_id), t.price, t.quantity, t.at_ms * 1_000_000, MARKET, None) for t in truth[:3]
    ]


@pytest.mark.parametrize("limit", [0, -1, 101])
async def test_too_many_or_too_few_trades(truex: TrueX, limit: int) -> None:
    with pytest.raises(ConfigError, match="1 to 100"):
        await truex.trades(MARKET, limit=limit)


async def test_served_increments_are_those_we_check_with(truex: TrueX) -> None:
    served = {(row.price_from, row.tick_size, row.lot_size) for row in await truex.increments()}
    assert served == set(TABLE)


@pytest.mark.parametrize("depth", [1, 20])
async def test_book_once(truex: TrueX, truex_box: Sandbox, depth: int) -> None:
    truth = truex_box.truex.book(MARKET)
    assert truth is not None
    book = await truex.book(MARKET, depth=depth)
    assert list(book.bids) == [(Decimal(p), Decimal(q)) for p, q, _ in truth["bids"][:depth]]
    assert list(book.asks) == [(Decimal(p), Decimal(q)) for p, q, _ in truth["asks"][:depth]]
    assert truex.stream_metrics.unrecognised == 0


@pytest.mark.parametrize("depth", [0, 21, -1])
async def test_no_such_depth(truex: TrueX, depth: int) -> None:
    with pytest.raises(ConfigError, match="1 to 20"):
        await truex.book(MARKET, depth=depth)
    with pytest.raises(ConfigError, match="1 to 20"):
        truex.watch_book(MARKET, depth=depth)


async def test_what_the_venue_does_not_have_says_so(truex: TrueX) -> None:
    with pytest.raises(NotSupported, match=r"instruments\(symbol\)"):
        await truex.ticker(MARKET)
    with pytest.raises(NotSupported, match=r"holdings\(\) after a fill"):
        truex.watch_balances()


async def test_clients_and_their_settings(truex: TrueX, truex_box: Sandbox) -> None:
    found = {client.mnemonic: client for client in await truex.clients()}
    assert set(found) == {"trader", "second-desk"}
    trader = found["trader"]
    assert (trader.account_id, trader.organization_id) == (
        truex_box.truex.client_id, truex_box.truex.organization_id,
    )  # fmt: skip
    assert (trader.status, trader.kind, trader.self_trade_prevention) == (
        "ACTIVE", "INSTITUTION", "cancel_taker",
    )  # fmt: skip
    assert [one.mnemonic for one in await truex.clients(mnemonic="second-desk")] == ["second-desk"]
    changed = await truex.update_client("cancel_both", account_id=found["second-desk"].account_id)
    assert changed.self_trade_prevention == "cancel_both"
    assert (await truex.update_client("none")).account_id == trader.account_id
    with pytest.raises(ConfigError, match="'none', 'cancel_taker', 'cancel_both', got 'cancel_maker'"):
        await truex.update_client("cancel_maker")


async def test_holdings_are_the_ledgers(truex: TrueX, truex_box: Sandbox) -> None:
    await truex.place_order(MARKET, "buy", "0.0200", best(truex_box.truex, "bids")[0])
    truth = {
        row["asset_id"]: [Decimal(row[name]) for name in ("balance", "unsettled", "order_hold", "transfer_hold")]
        for row in truex_box.truex.ledger_of(truex_box.truex.client_id)["holdings"]["balances"]
    }  # fmt: skip
    held = await truex.holdings(account_id=truex_box.truex.client_id)
    ours = {one.asset_id: [one.total, one.unsettled, one.order_hold, one.transfer_hold] for one in held}
    assert ours == truth
    [pyusd] = await truex.holdings(account_id=truex_box.truex.client_id, asset="PYUSD")
    assert (pyusd.asset, pyusd.asset_id) == ("PYUSD", PYUSD)
    assert pyusd.order_hold > 0
    balances = {one.asset: one for one in await truex.balances()}
    assert balances["PYUSD"].available == pyusd.available == pyusd.total - pyusd.order_hold
    assert balances["PYUSD"].locked == pyusd.order_hold
    assert len(await truex.holdings()) == 2 * len(held)


async def test_public_methods_need_no_key(truex_box: Sandbox) -> None:
    venue = truex_box.truex
    async with TrueX(environment=local(venue.rest_url, venue.ws_url)) as anonymous:
        assert (await anonymous.quotes(MARKET))[0].bid is not None
        assert (await anonymous.book(MARKET, depth=1)).bids
        with pytest.raises(ConfigError, match=r"TrueX\(Credentials\(key_id, secret\)\)"):
            await anonymous.holdings()
        with pytest.raises(ConfigError, match="orders need an HMAC key"):
            anonymous.watch_orders()


@pytest.mark.parametrize("empty_side", ["zero", "extremes"])
async def test_empty_side_of_a_quote(empty_side: str) -> None:
    options = TrueXOptions(instruments=(MARKET,), empty_side=empty_side)  # type: ignore[arg-type]
    async with Sandbox(["truex"], rate=0, truex=options) as box:
        engine = box.truex.core.markets[MARKET].engine
        for order in list(engine.orders.values()):
            box.truex.core.markets[MARKET].cancel(order.order_id, 0)
        box.truex.core.command_done(box.truex.instruments[MARKET])
        async with TrueX.for_sandbox(box) as venue:
            [quote] = await venue.quotes(MARKET)
            assert (quote.bid, quote.ask) == (None, None)
            book = await venue.book(MARKET)
            assert (book.bids, book.asks) == ((), ())
