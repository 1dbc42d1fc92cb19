"""What the venue does with money besides trading, asked over sockets by a client that is not ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from support.plain_coinex import PlainClient, PlainStream
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.coinex.options import CoinExOptions

MARKETS = ("BTCUSDT", "ETHUSDT")
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
OUTSIDE = "bc1qsomewhere"


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """A quiet sandbox whose deposits and withdrawals wait for the control surface, or for an hour."""
    options = CoinExOptions(push_ms=0, markets=MARKETS, money_step_ms=HOUR_MS)
    async with Sandbox(["coinex"], seed=7, rate=0, coinex=options) as box:
        yield box
        box.coinex.assert_adds_up()


@pytest.fixture
async def client(box: Sandbox) -> AsyncIterator[PlainClient]:
    async with aiohttp.ClientSession() as session:
        yield PlainClient(box, session)


async def get(client: PlainClient, path: str, **query: Any) -> Any:
    target = f"/v2/assets/{path}" + (f"?{urlencode(query)}" if query else "")
    reply = await client.signed("GET", target, stamp_ms=client.box.coinex.now_ms())
    assert reply["code"] == 0, reply
    return reply["data"]


async def post(client: PlainClient, path: str, **document: Any) -> Any:
    reply = await client.signed("POST", f"/v2/assets/{path}", document, stamp_ms=client.box.coinex.now_ms())
    assert reply["code"] == 0, reply
    return reply["data"]


async def refused(client: PlainClient, path: str, **document: Any) -> int:
    reply = await client.signed("POST", f"/v2/assets/{path}", document, stamp_ms=client.box.coinex.now_ms())
    assert reply["data"] == {}
    code: int = reply["code"]
    return code


async def spot(client: PlainClient, asset: str) -> tuple[str, str]:
    [row] = [row for row in await get(client, "spot/balance") if row["ccy"] == asset]
    return row["available"], row["frozen"]


async def transfer(client: PlainClient, source: str, target: str, amount: str, **more: Any) -> Any:
    return await post(
        client,
        "transfer",
        from_account_type=source,
        to_account_type=target,
        ccy="USDT",
        amount=amount,
        **more,
    )


async def test_transfers_move_money_and_are_remembered(client: PlainClient) -> None:
    assert await transfer(client, "SPOT", "FUTURES", "100.5") == {}
    await transfer(client, "FUTURES", "SPOT", "0.5")
    await transfer(client, "SPOT", "MARGIN", "40", market="BTCUSDT")
    [held] = await get(client, "futures/balance")
    assert (held["ccy"], held["available"], held["transferrable"]) == ("USDT", "200100", "200100")
    [margin] = await get(client, "margin/balance")
    assert (margin["margin_account"], margin["available"]) == (
        "BTCUSDT",
        {"base_ccy": "0", "quote_ccy": "40"},
    )
    assert (await spot(client, "USDT"))[0] == "999860"
    page = await get(client, "transfer-history", ccy="USDT", transfer_type="FUTURES")
    assert [(row["from_account_type"], row["amount"], row["status"]) for row in page] == [
        ("FUTURES", "0.5", "finished"),
        ("SPOT", "100.5", "finished"),
    ]
    [row] = await get(client, "transfer-history", ccy="USDT", transfer_type="MARGIN")
    assert row["margin_market"] == "BTCUSDT"
    assert await get(client, "transfer-history", ccy="BTC", transfer_type="MARGIN") == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": "1000001"}, 3109),
        ({"from_account_type": "FUTURES", "to_account_type": "SPOT", "amount": "200001"}, 3109),
        ({"to_account_type": "SPOT"}, 3639),
        ({"from_account_type": "MARGIN"}, 3639),
        ({"to_account_type": "MARGIN"}, 3639),
        ({"market": "BTCUSDT"}, 3639),
        ({"to_account_type": "MARGIN", "market": "BTCUSDT", "ccy": "ETH"}, 3639),
        ({"to_account_type": "futures"}, 3639),
        ({"amount": 1}, 3639),
        ({"ccy": "DOGE"}, 3639),
    ],
)
async def test_transfer_is_refused(client: PlainClient, fields: dict[str, Any], code: int) -> None:
    document = {
        "from_account_type": "SPOT",
        "to_account_type": "FUTURES",
        "ccy": "USDT",
        "amount": "1",
    } | fields
    assert await refused(client, "transfer", **document) == code
    assert await spot(client, "USDT") == ("1000000", "0")


async def test_loan_is_charged_by_the_hour_and_paid_back(client: PlainClient, box: Sandbox) -> None:
    limit = await get(client, "margin/interest-limit", market="BTCUSDT", ccy="USDT")
    assert (limit["max_amount"], limit["daily_interest_rate"]) == ("0", "0.0024")
    await transfer(client, "SPOT", "MARGIN", "1000", market="BTCUSDT")
    limit = await get(client, "margin/interest-limit", market="BTCUSDT", ccy="USDT")
    assert limit["max_amount"] == "4000"
    loan = await post(
        client, "margin/borrow", market="BTCUSDT", ccy="USDT", borrow_amount="2000", is_auto_renew=False
    )
    assert (loan["status"], loan["borrow_amount"], loan["to_repaied_amount"]) == ("loan", "2000", "2000.2")
    [margin] = await get(client, "margin/balance")
    assert margin["available"]["quote_ccy"] == "3000"
    assert (margin["repaid"]["quote_ccy"], margin["interest"]["quote_ccy"]) == ("2000", "0.2")
    assert margin["risk_rate"] == "1.4998"
    box.coinex.faults.clock_step(3 * HOUR_MS)
    [loan] = await get(client, "margin/borrow-history", market="BTCUSDT", status="loan")
    assert loan["to_repaied_amount"] == "2000.8"
    # Both names of the amount do.
    await post(client, "margin/repay", market="BTCUSDT", ccy="USDT", borrow_amount="1000.8")
    await post(
        client, "margin/repay", market="BTCUSDT", ccy="USDT", amount="5000", borrow_id=loan["borrow_id"]
    )
    [loan] = await get(client, "margin/borrow-history", market="BTCUSDT")
    assert (loan["status"], loan["to_repaied_amount"]) == ("finish", "0")
    [margin] = await get(client, "margin/balance")
    assert (margin["available"]["quote_ccy"], margin["risk_rate"]) == ("999.2", "")
    assert await refused(client, "margin/repay", market="BTCUSDT", ccy="USDT", amount="1") == 3639


async def test_what_covers_a_loan_stays_in_its_account(client: PlainClient) -> None:
    await transfer(client, "SPOT", "MARGIN", "1000", market="BTCUSDT")
    borrow = {"market": "BTCUSDT", "ccy": "USDT", "is_auto_renew": True}
    assert await refused(client, "margin/borrow", borrow_amount="4000.01", **borrow) == 3639
    assert await refused(client, "margin/borrow", borrow_amount="1", **borrow) == 3639
    await post(client, "margin/borrow", borrow_amount="2000", **borrow)
    back = {"from_account_type": "MARGIN", "to_account_type": "SPOT", "ccy": "USDT", "market": "BTCUSDT"}
    assert await refused(client, "transfer", amount="500", **back) == 3109
    await post(client, "transfer", amount="499", **back)


async def test_loan_that_is_not_paid_is_a_debt(client: PlainClient, box: Sandbox) -> None:
    await transfer(client, "SPOT", "MARGIN", "1000", market="BTCUSDT")
    await post(
        client, "margin/borrow", market="BTCUSDT", ccy="BTC", borrow_amount="0.01", is_auto_renew=False
    )
    await client.order(market_type="MARGIN", side="sell", amount="0.01", price="100000")
    box.coinex.faults.clock_step(11 * DAY_MS)
    [loan] = await get(client, "margin/borrow-history")
    assert loan["status"] == "debt"


async def test_account_that_cannot_cover_its_loans_is_taken_over(client: PlainClient, box: Sandbox) -> None:
    await transfer(client, "SPOT", "MARGIN", "1000", market="BTCUSDT")
    await post(
        client, "margin/borrow", market="BTCUSDT", ccy="USDT", borrow_amount="4000", is_auto_renew=True
    )
    # At 0.24 % a day the loan has eaten the account's own money up after about a quarter of a year.
    box.coinex.faults.clock_step(60 * DAY_MS)
    [loan] = await get(client, "margin/borrow-history")
    assert loan["status"] == "liquidated"
    [margin] = await get(client, "margin/balance")
    left = Decimal(margin["available"]["quote_ccy"])
    assert 0 < left < 500
    await post(
        client, "transfer", from_account_type="MARGIN", to_account_type="SPOT", ccy="USDT", amount=str(left),
        market="BTCUSDT",
    )  # fmt: skip


async def test_addresses_stay_until_they_are_renewed(client: PlainClient) -> None:
    first = await get(client, "deposit-address", ccy="BTC", chain="BTC")
    assert first == await get(client, "deposit-address", ccy="BTC", chain="BTC")
    assert (await post(client, "renewal-deposit-address", ccy="BTC", chain="BTC")) != first
    assert (await get(client, "deposit-address", ccy="BTC", chain="BTC")) != first
    reply = await client.signed("GET", "/v2/assets/deposit-address?ccy=BTC&chain=NOPE")
    assert reply["code"] == 3639


async def test_deposit_is_credited_once_it_is_confirmed(client: PlainClient) -> None:
    _, deposit = await client.control(
        "POST", "/coinex/deposit", {"trader": "trader", "ccy": "BTC", "chain": "BTC", "amount": "1.5"}
    )
    assert deposit["status"] == "processing"
    await client.control(
        "POST", "/coinex/deposit", {"deposit_id": deposit["deposit_id"], "status": "confirming"}
    )
    assert (await spot(client, "BTC"))[0] == "20"
    await client.control(
        "POST", "/coinex/deposit", {"deposit_id": deposit["deposit_id"], "status": "finished"}
    )
    assert (await spot(client, "BTC"))[0] == "21.5"
    newest, opening = await get(client, "deposit-history", ccy="BTC")
    assert (newest["status"], newest["deposit_method"], newest["actual_amount"]) == (
        "FINISHED",
        "ON_CHAIN",
        "1.5",
    )
    assert opening["remark"] == "opening balance"
    assert [newest] == await get(client, "deposit-history", tx_id=newest["tx_id"], status="finished")
    changes = await get(client, "spot/transcation-history", type="deposit", ccy="BTC")
    assert [(row["change"], row["balance"]) for row in changes] == [("1.5", "21.5"), ("20", "20")]


async def test_withdrawal_freezes_goes_out_and_costs_its_fee(client: PlainClient) -> None:
    wish = {"ccy": "BTC", "chain": "BTC", "to_address": OUTSIDE, "amount": "1", "remark": "rent"}
    made = await post(client, "withdraw", **wish)
    assert (made["status"], made["actual_amount"], made["tx_fee"]) == ("created", "0.9998", "0.0002")
    assert await spot(client, "BTC") == ("19", "1")
    for status in ("audited", "confirming", "finished"):
        status_code, _ = await client.control(
            "POST", "/coinex/withdrawal", {"withdraw_id": made["withdraw_id"], "status": status}
        )
        assert status_code == 200
    assert await spot(client, "BTC") == ("19", "0")
    [row] = await get(client, "withdraw", withdraw_id=made["withdraw_id"])
    assert (row["status"], row["confirmations"], row["remark"]) == ("finished", 2, "rent")
    [change] = await get(client, "spot/transcation-history", type="withdraw")
    assert (change["change"], change["balance"]) == ("-1", "19")


async def test_withdrawal_goes_on_with_the_venues_clock(client: PlainClient, box: Sandbox) -> None:
    await post(client, "withdraw", ccy="BTC", chain="BTC", to_address=OUTSIDE, amount="1")
    seen = []
    for _ in range(6):
        [row] = await get(client, "withdraw", ccy="BTC")
        seen.append(row["status"])
        box.coinex.faults.clock_step(HOUR_MS)
    assert seen == ["created", "audit_required", "audited", "processing", "confirming", "finished"]


async def test_withdrawal_is_cancelled_until_it_is_sent(client: PlainClient, box: Sandbox) -> None:
    wish = {"ccy": "USDT", "chain": "TRC20", "to_address": OUTSIDE, "amount": "100"}
    early = (await post(client, "withdraw", **wish))["withdraw_id"]
    late = (await post(client, "withdraw", **wish, fee_ccy="USDT"))["withdraw_id"]
    await post(client, "cancel-withdraw", withdraw_id=early)
    box.coinex.faults.clock_step(3 * HOUR_MS)
    assert await refused(client, "cancel-withdraw", withdraw_id=late) == 3639
    assert await refused(client, "cancel-withdraw", withdraw_id=early) == 3639
    assert await refused(client, "cancel-withdraw", withdraw_id=999) == 3639
    assert await spot(client, "USDT") == ("999900", "100")
    rows = await get(client, "withdraw")
    assert {row["withdraw_id"]: row["status"] for row in rows} == {early: "cancelled", late: "processing"}


async def test_withdrawal_to_another_user_arrives_there(client: PlainClient, box: Sandbox) -> None:
    other = PlainClient(box, client.session)
    trader = box.coinex.add_trader("bob", {"BTC": "1"})
    other.access_id, other.secret = trader.access_id, trader.secret
    made = await post(
        client, "withdraw", ccy="BTC", withdraw_method="inter_user", to_address="bob", amount="2"
    )
    assert (made["withdraw_method"], made["tx_fee"]) == ("INTER_USER", "0")
    box.coinex.faults.clock_step(5 * HOUR_MS)
    assert await spot(client, "BTC") == ("18", "0")
    assert await spot(other, "BTC") == ("3", "0")
    newest, _ = await get(other, "deposit-history")
    assert (newest["deposit_method"], newest["amount"], newest["status"]) == ("INTER_USER", "2", "FINISHED")


async def test_withdrawal_to_an_address_of_the_venue_arrives_as_a_deposit(
    client: PlainClient, box: Sandbox
) -> None:
    address = (await get(client, "deposit-address", ccy="BTC", chain="BTC"))["address"]
    await post(client, "withdraw", ccy="BTC", chain="BTC", to_address=address, amount="1")
    for _ in range(8):
        box.coinex.faults.clock_step(HOUR_MS)
        await get(client, "withdraw")
    assert await spot(client, "BTC") == ("19.9998", "0")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": "21"}, 3109),
        ({"amount": "0.0001"}, 3639),
        ({"amount": "0.123456789"}, 3639),
        ({"chain": "NOPE"}, 3639),
        ({"chain": ""}, 3639),
        ({"withdraw_method": "pigeon"}, 3639),
        ({"withdraw_method": "inter_user", "to_address": "nobody"}, 3639),
        ({"withdraw_method": "inter_user", "to_address": "trader"}, 3639),
        ({"ccy": "XRP", "chain": "XRP"}, 3639),
        ({"fee_ccy": "ETH"}, 3639),
        ({"to_address": None}, 4004),
    ],
)
async def test_withdrawal_is_refused(client: PlainClient, fields: dict[str, Any], code: int) -> None:
    document = {"ccy": "BTC", "chain": "BTC", "to_address": OUTSIDE, "amount": "1"} | fields
    assert await refused(client, "withdraw", **document) == code
    assert await spot(client, "BTC") == ("20", "0")


async def test_switches_of_an_asset_close_its_ways(client: PlainClient) -> None:
    status, _ = await client.control(
        "POST",
        "/coinex/asset",
        {"ccy": "USDT", "chain": "TRC20", "withdraw_enabled": False, "deposit_enabled": False},
    )
    assert status == 200
    config = (await client.public("/v2/assets/deposit-withdraw-config?ccy=USDT"))["data"]
    assert {chain["chain"]: chain["withdraw_enabled"] for chain in config["chains"]} == {
        "TRC20": False,
        "ERC20": True,
    }
    wish = {"ccy": "USDT", "to_address": OUTSIDE, "amount": "100"}
    assert await refused(client, "withdraw", chain="TRC20", **wish) == 3639
    await post(client, "withdraw", chain="ERC20", **wish)
    reply = await client.signed("GET", "/v2/assets/deposit-address?ccy=USDT&chain=TRC20")
    assert reply["code"] == 3639
    await client.control("POST", "/coinex/asset", {"ccy": "USDT", "inter_transfer_enabled": False})
    inside = {"ccy": "USDT", "withdraw_method": "inter_user", "to_address": "bob", "amount": "1"}
    assert await refused(client, "withdraw", **inside) == 3639
    assert (await client.control("POST", "/coinex/asset", {"ccy": "USDT", "chain": "NOPE"}))[0] == 400


async def test_pool_takes_what_fits_pays_each_day_and_gives_back(client: PlainClient, box: Sandbox) -> None:
    pool = (await get(client, "amm/liquidity-pool", market="BTCUSDT"))[0]
    made = await post(
        client, "amm/add-liquidity", market="BTCUSDT", base_ccy_amount="1", quote_ccy_amount="61000"
    )
    assert Decimal("0.9") < Decimal(made["base_ccy_amount"]) <= 1
    [mine] = await get(client, "amm/liquidity")
    assert (mine["base_ccy"], mine["quote_ccy"], mine["market"]) == ("BTC", "USDT", "BTCUSDT")
    assert Decimal(pool["base_ccy_amount"]) > 16
    box.coinex.faults.clock_step(2 * DAY_MS)
    incomes = await get(client, "amm/income-history", market="BTCUSDT")
    assert len(incomes) == 2
    assert Decimal(incomes[0]["fee_dividend"]) > 0
    back = await post(client, "amm/remove-liquidity", market="BTCUSDT")
    assert Decimal(back["base_ccy_amount"]) > Decimal(made["base_ccy_amount"])
    assert await get(client, "amm/liquidity") == []
    assert await refused(client, "amm/remove-liquidity", market="BTCUSDT") == 3639
    most = {"base_ccy_amount": "21", "quote_ccy_amount": "999999"}
    reply = await refused(
        client, "amm/add-liquidity", market="BTCUSDT", **(most | {"quote_ccy_amount": "9999999"})
    )
    assert reply == 3109


async def test_other_wallets_and_credit(client: PlainClient, box: Sandbox) -> None:
    assert await get(client, "financial/balance") == []
    await client.control(
        "POST", "/coinex/fund", {"wallet": "trader/financial", "ccy": "USDT", "amount": "12.5"}
    )
    assert await get(client, "financial/balance") == [{"ccy": "USDT", "available": "12.5", "frozen": "0"}]
    credit = await get(client, "credit/info")
    assert credit["equity"] == credit["withdrawal_value"] != "0"
    assert (await client.public("/v2/assets/info"))["data"][0]["short_name"] == "BTC"


async def test_trades_are_transactions(client: PlainClient) -> None:
    await client.order(type="market", ccy="BTC", amount="0.01", price=None)
    rows = await get(client, "spot/transcation-history", type="trade")
    assert {row["ccy"] for row in rows} == {"BTC", "USDT"}
    assert sum(Decimal(row["change"]) for row in rows if row["ccy"] == "BTC") == Decimal("0.00998")
    [newest, *_] = await get(client, "spot/transcation-history", type="trade", ccy="BTC")
    assert newest["balance"] == (await spot(client, "BTC"))[0]


async def test_moves_are_pushed(client: PlainClient, stream: PlainStream) -> None:
    await stream.sign(client)
    await stream.ask("balance.subscribe", {"ccy_list": []})
    await transfer(client, "SPOT", "FUTURES", "1")
    push = await stream.push("balance.update")
    assert [(row["ccy"], row["available"]) for row in push["balance_list"]] == [("USDT", "999999")]


async def test_maintenance_is_what_was_announced(client: PlainClient) -> None:
    assert (await client.public("/v2/maintain/info"))["data"] == []
    plan = {"started_at": 1763640000000, "ended_at": 1763643600000, "scope": ["SPOT"]}
    assert (await client.control("POST", "/coinex/maintenance", plan))[0] == 200
    [told] = (await client.public("/v2/maintain/info"))["data"]
    assert told["scope"] == ["SPOT"]
    assert told["announce_enabled"] is False
    backwards = plan | {"ended_at": 1}
    assert (await client.control("POST", "/coinex/maintenance", backwards))[0] == 400
