"""New orders on the TrueX sandbox: the grid, bands, holds, fees, conditions, self-trades."""

from __future__ import annotations

from decimal import Decimal

import aiohttp
import pytest

from support.plain_truex import BTC, PlainTrueX, best, text_of
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue

SYMBOL = "BTC-PYUSD"
DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("price", "qty", "text"),
    [
        ("63500.05", "0.0100", "Invalid price increment"),
        ("63500.0", "0.01005", "Invalid quantity increment"),
        ("63500.0", "0.0000", None),
        ("62000.0", "0.0100", "Order outside book price bands"),
        ("66000.0", "0.0100", "Order outside book price bands"),
        ("63500.0", "19.9000", "Insufficient balance"),
    ],
)
async def test_what_the_exchange_rejects(
    client: PlainTrueX, venue: TrueXVenue, price: str, qty: str, text: str | None
) -> None:
    answer = await client.ask("POST", "/orders", client.order("BUY", price, qty))
    if text is None:
        assert answer.status == 400
        return
    assert (answer.status, answer.data["status"], answer.data["leaves_qty"]) == (200, "REJECTED", "0")
    assert text_of(venue, answer.data).startswith(text)


async def test_rejects_may_come_as_problems(session: aiohttp.ClientSession) -> None:
    options = TrueXOptions(instruments=(SYMBOL,), refuse_with_problems=True)
    async with Sandbox(["truex"], rate=0, truex=options) as box:
        client = PlainTrueX.of(session, box.truex)
        answer = await client.ask("POST", "/orders", client.order("BUY", "62000.0", "0.0100"))
        assert (answer.status, answer.document["error"]["detail"]) == (400, "Order outside book price bands")


async def test_minimum_notional(session: aiohttp.ClientSession) -> None:
    async with Sandbox(["truex"], rate=0, truex=TrueXOptions(instruments=("SOL-PYUSD",))) as box:
        client = PlainTrueX.of(session, box.truex)
        sol = {"instrument_id": box.truex.instruments["SOL-PYUSD"].instrument_id}
        below = await client.place("BUY", "149.000", "0.01", **sol)
        # The least lot here costs 1.49.
        assert below["status"] == "ACTIVE"
        instrument = box.truex.instruments["SOL-PYUSD"]
        market = box.truex.core.markets["SOL-PYUSD"]
        for order in list(market.engine.orders.values()):
            market.cancel(order.order_id, 0)
        instrument.last_price = instrument.reference_price = Decimal("50.000")
        tiny = await client.place("BUY", "50.000", "0.01", **sol)
        assert tiny["status"] == "REJECTED"


async def test_limit_order_rests_with_its_holds(client: PlainTrueX) -> None:
    order = await client.place("BUY", "63500.0", "0.0100", exec_inst_flags=["ALO"], parent_id="5")
    assert order["status"] == "ACTIVE"
    assert order["leaves_qty"] == "0.0100"
    assert 17 <= len(order["id"]) <= 18
    assert order["order_info"].items() >= {
        "client_id": client.client_id, "instrument_id": BTC, "qty": "0.0100", "price": "63500.0", "side": "BUY",
        "type": "LIMIT", "tif": "GTC", "exec_inst_flags": ["ALO"], "stp": "CANCEL_AGGRESSIVE", "parent_id": "5",
    }.items()  # fmt: skip
    await client.place("SELL", "64500.0", "0.5000")
    holdings = await client.holdings()
    # The dearer of both rates, of the notional.
    assert (holdings["status"], holdings["fees_hold"], holdings["unsettled_fees"]) == (
        "INVALID",
        "0.635",
        "0",
    )
    by_asset = {balance["asset_id"]: balance for balance in holdings["balances"]}
    assert by_asset["78873627519877133"].items() >= {"balance": "1000000", "order_hold": "635"}.items()
    assert (
        by_asset["78873627519877134"].items()
        >= {"balance": "20", "order_hold": "0.5", "unsettled": "0"}.items()
    )


async def test_hold_fee_rate_of_an_order(client: PlainTrueX) -> None:
    await client.place("BUY", "63500.0", "0.0100", hold_fee_rate="0.01")
    assert (await client.holdings())["fees_hold"] == "6.35"


async def test_fees_are_paid_in_the_quote_asset_by_both_sides(client: PlainTrueX, venue: TrueXVenue) -> None:
    price, _ = best(venue, "asks")
    bought = await client.place("BUY", str(price + 5), "0.0010", tif="IOC")
    assert (bought["status"], Decimal(bought["executed_vwap"])) == ("FILLED", price)
    assert bought["executed_qty"] == bought["exeuted_qty"] == "0.0010"
    sold_at, _ = best(venue, "bids")
    await client.place("SELL", str(sold_at), "0.0010")
    fee = (price + sold_at) * Decimal("0.001") * Decimal("0.001")
    holdings = await client.holdings()
    by_asset = {balance["asset_id"]: Decimal(balance["balance"]) for balance in holdings["balances"]}
    assert Decimal(holdings["unsettled_fees"]) == fee
    assert by_asset["78873627519877134"] == 20
    assert (
        by_asset["78873627519877133"]
        == 1_000_000 - price * Decimal("0.001") + sold_at * Decimal("0.001") - fee
    )
    assert holdings["fees_hold"] == "0"
    trades = (await client.ask("GET", "/orders/trades?timestamp=1770000000000000000")).data
    assert [trade["liq_flag"] for trade in trades] == ["TAKER", "TAKER"]
    assert trades[0].items() >= {
        "client_id": client.client_id, "instrument_id": BTC, "trade_qty": "0.0010", "trade_fee_rate": "0.001",
        "trade_price": f"{sold_at:.1f}", "timestamp": "1770000000000000000",
    }.items()  # fmt: skip
    assert len(trades[0]["match_id"]) == 18


async def test_makers_pay_their_own_rate(client: PlainTrueX, venue: TrueXVenue) -> None:
    trader = next(c for c in venue.core.directory.clients if c != client.client_id)
    price = best(venue, "asks")[0] - Decimal("0.1")
    await client.place("BUY", str(price), "0.0010")
    await client.place("SELL", str(price), "0.0010", client_id=trader)
    trades = (await client.ask("GET", "/orders/trades?timestamp=1770000000000000000")).data
    rates = {trade["client_id"]: (trade["liq_flag"], trade["trade_fee_rate"]) for trade in trades}
    assert rates == {client.client_id: ("MAKER", "0.0005"), trader: ("TAKER", "0.001")}
    assert len({trade["match_id"] for trade in trades}) == 1


async def test_conditions_end_orders(client: PlainTrueX, venue: TrueXVenue) -> None:
    ask, _ = best(venue, "asks")
    crossing = await client.place("BUY", str(ask), "0.0010", exec_inst_flags=["ALO"])
    assert (crossing["status"], crossing["executed_qty"]) == ("CANCELED", "0")
    assert text_of(venue, crossing) == "Order would take liquidity"
    missed = await client.place("BUY", str(ask - 1), "0.0010", tif="IOC")
    assert (missed["status"], text_of(venue, missed)) == ("CANCELED", "Immediate or cancel")
    refused = await client.ask(
        "POST", "/orders", client.order("BUY", None, "0.0010", exec_inst_flags=["ALO"])
    )
    assert refused.status == 400


async def test_market_orders_sweep_up_to_the_band(client: PlainTrueX, venue: TrueXVenue) -> None:
    market = await client.place("SELL", None, "0.5000", flags=["USE_AGGRESSIVE_PRICING"])
    assert (market["status"], market["executed_qty"]) == ("FILLED", "0.5000")
    assert "price" not in market["order_info"]
    assert market["order_info"]["flags"] == ["USE_AGGRESSIVE_PRICING"]
    # Nobody bids more than four coins inside the band.
    rest = await client.place("SELL", None, "19.0000")
    assert rest["status"] == "CANCELED"
    assert 0 < Decimal(rest["executed_qty"]) < 19
    assert venue.book(SYMBOL) is not None


@pytest.mark.parametrize(
    ("setting", "of_order", "statuses"),
    [
        (None, None, ("ACTIVE", "CANCELED")),
        ("CANCEL_BOTH", None, ("CANCELED", "CANCELED")),
        ("NONE", None, ("FILLED", "FILLED")),
        ("CANCEL_BOTH", "CANCEL_AGGRESSIVE", ("ACTIVE", "CANCELED")),
        ("CANCEL_AGGRESSIVE", "NONE", ("FILLED", "FILLED")),
        ("NONE", "CANCEL_BOTH", ("CANCELED", "CANCELED")),
    ],
)
async def test_self_trades(
    client: PlainTrueX,
    venue: TrueXVenue,
    setting: str | None,
    of_order: str | None,
    statuses: tuple[str, str],
) -> None:
    if setting is not None:
        changed = await client.ask(
            "PATCH", "/clients", {"id": client.client_id, "info": {"self_trade_prevention": setting}}
        )
        assert changed.data["info"]["self_trade_prevention"] == setting
    price = str(best(venue, "bids")[0] + Decimal("0.1"))
    resting = await client.place("BUY", price, "0.0010")
    taking = await client.place("SELL", price, "0.0010", **({} if of_order is None else {"stp": of_order}))
    after = (await client.ask("GET", f"/orders/status/{resting['id']}")).data[0]
    assert (after["status"], taking["status"]) == statuses
    if taking["status"] == "CANCELED":
        assert text_of(venue, taking) == "Self trade prevention"


async def test_settings_of_a_foreign_client_are_out_of_reach(client: PlainTrueX, venue: TrueXVenue) -> None:
    stranger, _ = venue.add_client("stranger")
    body = {"id": stranger.client_id, "info": {"self_trade_prevention": "NONE"}}
    assert (await client.ask("PATCH", "/clients", body)).status == 403
    body = {"id": client.client_id, "info": {"self_trade_prevention": "INVALID"}}
    assert (await client.ask("PATCH", "/clients", body)).status == 400
    assert [c["info"]["mnemonic"] for c in (await client.ask("GET", "/clients")).data] == [
        "trader",
        "second-desk",
    ]
    assert (await client.ask("GET", "/clients?mnemonic=stranger")).data == []
