"""Positions of perpetuals over real sockets: results, margins, exits, funding and liquidation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from support.plain_coinex import PlainClient, PlainStream
from support.plain_futures import Json, PlainFutures
from tradewire.sandbox import Sandbox

FEE = Decimal("0.0005")


@pytest.fixture
async def stream(client: PlainClient) -> AsyncIterator[PlainStream]:
    async with client.session.ws_connect(client.box.coinex.ws_futures_url) as socket:
        yield PlainStream(socket)


@pytest.fixture
def futures(client: PlainClient) -> PlainFutures:
    return PlainFutures(client)


async def worth(futures: PlainFutures) -> Decimal:
    held = await futures.balance()
    assert Decimal(held["equity"]) == sum(
        Decimal(held[name]) for name in ("available", "frozen", "margin", "unrealized_pnl")
    )
    return Decimal(held["equity"])


async def isolate(futures: PlainFutures, leverage: int) -> None:
    setting = {"margin_mode": "isolated", "leverage": leverage}
    assert await futures.done("adjust-position-leverage", **setting) == setting


async def test_a_position_follows_its_trades_and_the_mark_price(futures: PlainFutures) -> None:
    order = await futures.market("buy", "0.5")
    position = await futures.position()
    cost, fee = Decimal(order["filled_value"]), Decimal(order["fee"])
    assert (position["side"], position["open_interest"], position["margin_mode"]) == ("long", "0.5", "cross")
    assert Decimal(position["avg_entry_price"]) == pytest.approx(cost / Decimal("0.5"), abs=Decimal("1e-9"))
    assert Decimal(position["realized_pnl"]) == -fee
    assert Decimal(position["margin_avbl"]) == pytest.approx(cost / 3, abs=Decimal("1e-9"))
    await futures.index("63000")
    position = await futures.position()
    assert Decimal(position["unrealized_pnl"]) == 31_500 - cost
    assert await worth(futures) == 200_000 - fee + 31_500 - cost
    sold = await futures.market("sell", "0.2")
    part = await futures.position()
    assert (part["open_interest"], part["position_id"]) == ("0.3", position["position_id"])
    share = Decimal(sold["filled_value"]) - cost * Decimal("0.4")
    assert Decimal(sold["realized_pnl"]) == pytest.approx(share, abs=Decimal("1e-9"))
    assert Decimal(part["realized_pnl"]) == Decimal(sold["realized_pnl"]) - fee - Decimal(sold["fee"])


async def test_an_opposite_order_turns_a_position_into_a_new_one(
    futures: PlainFutures, stream: PlainStream
) -> None:
    await futures.follow(stream, "position")
    await futures.market("buy", "0.1")
    opened = await stream.push("position.update")
    assert (opened["event"], opened["position"]["side"]) == ("update", "long")
    assert "settle_val" in opened["position"]
    assert not {"market_type", "settle_value"} & set(opened["position"])
    await futures.market("sell", "0.3")
    closed = await stream.push("position.update")
    assert (closed["event"], closed["position"]["open_interest"]) == ("close", "0")
    turned = await stream.push("position.update")
    assert (turned["position"]["side"], turned["position"]["open_interest"]) == ("short", "0.2")
    assert turned["position"]["position_id"] != closed["position"]["position_id"]
    [finished] = await futures.get("finished-position")
    assert (finished["finished_type"], finished["position_id"]) == (
        "market",
        closed["position"]["position_id"],
    )
    settled = await futures.get("position-settle-history", position_id=finished["position_id"])
    results = sum(Decimal(row["margin_change"]) for row in settled)
    assert results - FEE * Decimal(finished["cml_position_value"]) == Decimal(finished["realized_pnl"])


async def test_closing_closes_and_cannot_close_more_than_there_is(futures: PlainFutures) -> None:
    await futures.market("sell", "0.3")
    resting = await futures.done("close-position", type="limit", price="40000", amount="0.1", client_id="c")
    assert (resting["side"], resting["unfilled_amount"]) == ("buy", "0.1")
    assert (await futures.position())["close_avbl"] == "0.2"
    assert (await futures.post("close-position", type="market", amount="0.3"))["code"] == 3639
    await futures.done("close-position", type="market")
    assert (await futures.position())["open_interest"] == "0.1"
    await futures.done("cancel-order-by-client-id", client_id="c")
    closed = await futures.done("close-position", type="market")
    assert closed["unfilled_amount"] == "0"
    assert await futures.get("pending-position") == []
    [finished] = await futures.get("finished-position")
    assert finished["finished_type"] == "market_close_all"
    held = await futures.balance()
    assert Decimal(held["available"]) == 200_000 + Decimal(finished["realized_pnl"])
    assert (held["frozen"], held["margin"]) == ("0", "0")
    assert (await futures.post("close-position", type="market"))["code"] == 3639


async def test_a_closing_order_goes_with_its_position(futures: PlainFutures) -> None:
    await futures.market("buy", "0.3")
    await futures.done("close-position", type="limit", price="90000")
    await futures.market("sell", "0.3")
    assert await futures.get("pending-order") == []


async def test_what_cannot_be_liquidated_has_no_prices_for_it(futures: PlainFutures) -> None:
    await futures.market("buy", "0.01")
    position = await futures.position()
    assert (position["margin_mode"], position["liq_price"], position["bkr_price"]) == ("cross", "0", "0")


async def test_an_isolated_margin_is_the_positions_own(futures: PlainFutures) -> None:
    await isolate(futures, 10)
    order = await futures.market("buy", "0.5")
    cost = Decimal(order["filled_value"])
    position = await futures.position()
    assert (position["margin_mode"], position["leverage"]) == ("isolated", "10")
    assert Decimal(position["margin_avbl"]) == pytest.approx(cost / 10, abs=Decimal("1e-9"))
    liquidation, bankruptcy = Decimal(position["liq_price"]), Decimal(position["bkr_price"])
    assert Decimal(position["avg_entry_price"]) * Decimal("0.91") > liquidation > bankruptcy
    more = await futures.done("adjust-position-margin", amount="1000")
    assert Decimal(more["margin_avbl"]) == Decimal(position["margin_avbl"]) + 1000
    assert Decimal(more["liq_price"]) < liquidation
    less = await futures.done("adjust-position-margin", amount="-600.5")
    assert Decimal(less["margin_avbl"]) == Decimal(more["margin_avbl"]) - Decimal("600.5")
    rows = await futures.get("position-margin-history", position_id=position["position_id"])
    assert [row["margin_change"] for row in rows] == ["-600.5", "1000"]
    assert (await futures.post("adjust-position-margin", amount="-600"))["code"] == 3639
    assert (await futures.post("adjust-position-margin", amount="400000"))["code"] == 3109
    assert (await futures.post("adjust-position-margin", amount="0"))["code"] == 3639
    await isolate(futures, 5)
    assert Decimal((await futures.position())["margin_avbl"]) == pytest.approx(cost / 5, abs=Decimal("1e-9"))
    await futures.done("adjust-position-leverage", margin_mode="cross", leverage=3)
    assert (await futures.post("adjust-position-margin", amount="1"))["code"] == 3639


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"leverage": 7}, 3639),
        ({"leverage": "3"}, 3639),
        ({"margin_mode": "Cross"}, 3639),
        ({"market_type": "SPOT"}, 3639),
        ({"market": "NOPE"}, 3639),
        ({"leverage": 1}, 3109),
        ({"margin_mode": "cross", "leverage": 1}, 3109),
    ],
)
async def test_leverage_is_refused(futures: PlainFutures, fields: Json, code: int) -> None:
    transfer = {"from_account_type": "FUTURES", "to_account_type": "SPOT", "ccy": "USDT", "amount": "150000"}
    assert (await futures.client.signed("POST", "/v2/assets/transfer", transfer))["code"] == 0
    await futures.index("61000")
    await futures.market("buy", "1")
    before = await futures.balance()
    setting = {"margin_mode": "isolated", "leverage": 5} | fields
    assert (await futures.post("adjust-position-leverage", **setting))["code"] == code
    assert await futures.balance() == before
    assert (await futures.position())["leverage"] == "3"


async def test_funding_goes_from_longs_to_shorts(
    futures: PlainFutures, stream: PlainStream, box: Sandbox
) -> None:
    await futures.market("buy", "1")
    await futures.follow(stream, "position", "balance")
    await futures.index("60000")
    forced = {"market": "BTCUSDT", "funding_rate": "0.001", "settle_funding": True}
    assert (await futures.client.control("POST", "/coinex/futures", forced))[0] == 200
    [row] = await futures.get("position-funding-history")
    assert (row["funding_rate"], row["funding_value"]) == ("0.001", "-60")
    assert Decimal(row["funding_value"]) == -Decimal(row["settle_price"]) * Decimal(row["funding_rate"])
    position = (await stream.push("position.update"))["position"]
    assert position["position_id"] == row["position_id"]
    assert (await stream.push("balance.update"))["balance_list"]
    fees = FEE * Decimal(position["cml_position_value"])
    assert Decimal(position["realized_pnl"]) == Decimal(row["funding_value"]) - fees
    box.coinex.assert_adds_up()
    [rate] = (await futures.client.public("/v2/futures/funding-rate?market=BTCUSDT"))["data"]
    assert rate["latest_funding_rate"] == row["funding_rate"]


async def test_a_liquidation_closes_at_the_book_first(
    futures: PlainFutures, stream: PlainStream, box: Sandbox
) -> None:
    await isolate(futures, 50)
    await futures.market("buy", "1")
    position = await futures.position()
    await futures.limit(price="30000")
    await futures.follow(stream, "position", "order")
    await futures.index(str(int(Decimal(position["liq_price"])) - 1))
    assert await futures.get("pending-position") == []
    pushed = [await stream.push("position.update")]
    while pushed[-1]["event"] != "liq":
        pushed.append(await stream.push("position.update"))
    [finished] = await futures.get("finished-position")
    assert finished["finished_type"] == "liq"
    assert await futures.get("pending-order") == []
    [public] = (await futures.client.public("/v2/futures/liquidation-history?market=BTCUSDT"))["data"]
    assert (public["side"], public["liq_amount"], public["bkr_price"]) == ("long", "1", position["bkr_price"])
    # The book was better than the bankruptcy price, so that all that is missing is the maintenance margin and fees.
    held = await futures.balance()
    assert (held["frozen"], held["margin"]) == ("0", "0")
    assert Decimal(held["available"]) < 200_000
    assert "insurance" not in {
        account for account, one in box.coinex.futures.core.margins.positions.items() if one
    }


async def test_the_insurance_account_takes_what_the_book_does_not(
    futures: PlainFutures, box: Sandbox
) -> None:
    await isolate(futures, 10)
    order = await futures.market("buy", "1")
    core = box.coinex.futures.core
    for resting in list(core.engine("BTCUSDT").orders.values()):
        core.cancel("BTCUSDT", resting.order_id, box.coinex.now_ms())
    margin = Decimal((await futures.position())["margin_avbl"])
    await futures.index("45000")
    assert await futures.get("pending-position") == []
    taken = core.margins.positions["insurance"]["BTCUSDT"]
    assert taken.size == 1
    held = await futures.balance()
    assert Decimal(held["available"]) == 200_000 - Decimal(order["fee"]) - margin
    deals = await futures.get("user-deals", limit=100)
    assert sum(Decimal(deal["amount"]) * (1 if deal["side"] == "buy" else -1) for deal in deals) == 0
    public = (await futures.client.public("/v2/futures/deals?market=BTCUSDT&limit=1"))["data"]
    assert public[0]["price"] != str(taken.average_price)


@pytest.mark.parametrize("kind", ["take_profit", "stop_loss"])
async def test_exits_close_their_part_when_the_price_comes(
    futures: PlainFutures, stream: PlainStream, kind: str
) -> None:
    await futures.market("buy", "0.5")
    name = kind.replace("_", "-")
    price, reached = ("65000", "65001") if kind == "take_profit" else ("57000", "56999")
    terms = {f"{kind}_type": "mark_price", f"{kind}_price": price}
    part = await futures.done(f"set-position-{name}", **terms, **{f"{kind}_amount": "0.2"})
    assert part[f"{kind}_price"] == "0"
    [row] = part[f"{kind}_list"]
    assert (row["price"], row["type"], row["amount"], row["is_all"]) == (price, "mark_price", "0.2", False)
    whole = await futures.done(f"set-position-{name}", **terms)
    assert (whole[f"{kind}_price"], whole[f"{kind}_type"]) == (price, "mark_price")
    assert [one["is_all"] for one in whole[f"{kind}_list"]] == [False, True]
    changed = await futures.done(
        f"modify-position-{name}", **{f"{kind}_id": row["id"], f"{kind}_amount": "0.3"}
    )
    assert {one["amount"] for one in changed[f"{kind}_list"]} == {"0.3", "0.5"}
    gone = await futures.done(f"cancel-position-{name}", **{f"{kind}_id": whole[f"{kind}_list"][1]["id"]})
    assert [one["id"] for one in gone[f"{kind}_list"]] == [row["id"]]
    await futures.follow(stream, "position", "order")
    await futures.index(reached)
    assert (await futures.position())["open_interest"] == "0.2"
    await futures.index("61000")
    await futures.done(f"set-position-{name}", **terms)
    await futures.index(reached)
    [finished] = await futures.get("finished-position")
    assert finished["finished_type"] == kind


async def test_exits_are_refused(futures: PlainFutures) -> None:
    loss = {"stop_loss_type": "mark_price", "stop_loss_price": "57000"}
    assert (await futures.post("set-position-stop-loss", **loss))["code"] == 3639
    await futures.market("buy", "0.5")
    assert (await futures.post("set-position-stop-loss", **loss | {"stop_loss_price": "90000"}))[
        "code"
    ] == 3639
    assert (await futures.post("set-position-stop-loss", **loss, stop_loss_amount="0.6"))["code"] == 3639
    assert (await futures.post("modify-position-stop-loss", stop_loss_id=1, stop_loss_price="1"))[
        "code"
    ] == 3639
    assert (await futures.post("cancel-position-take-profit", take_profit_id=1))["code"] == 3639
    assert (await futures.post("set-position-take-profit", take_profit_price="90000"))["code"] == 4004
    assert await futures.get("position-adl-history", position_id=1) == []


async def test_the_oracle_tells_of_a_product_in_words_that_all_venues_share(
    futures: PlainFutures, stream: PlainStream, box: Sandbox
) -> None:
    await futures.index("61000")
    order = await futures.market("buy", "0.2")
    await futures.limit(client_id="rests")
    status, account = await futures.client.control("GET", "/coinex/account?product=futures")
    assert status == 200
    assert account == box.coinex.account(product="futures")
    first, rests = account["orders"]
    assert (first["order_id"], first["status"], rests["status"]) == (str(order["order_id"]), "filled", "open")
    position, held = await futures.position(), await futures.balance()
    mine = account["positions"]["BTCUSDT"]
    assert (mine["size"], mine["average_price"]) == ("0.2", position["avg_entry_price"])
    assert mine["realized_pnl"] == position["realized_pnl"]
    average, mark = Decimal(mine["average_price"]), Decimal(mine["mark"])
    assert Decimal(mine["unrealized_pnl"]) == (mark - average) * Decimal("0.2")
    assert account["balances"]["USDT"] == {"available": held["available"], "locked": held["frozen"]}
    await futures.done("close-position", type="market")
    flat = box.coinex.account(product="futures")["positions"]["BTCUSDT"]
    assert (flat["size"], flat["average_price"], flat["unrealized_pnl"]) == ("0", None, "0")
    assert (await stream.ask("depth.subscribe", {"market_list": [["BTCUSDT", 5, "0", False]]}))["code"] == 0
    depth = (await stream.push("depth.update"))["depth"]
    marks = f"limit=5&time_ms={depth['updated_at']}&checksum={depth['checksum']}"
    status, sent = await futures.client.control(
        "GET", f"/coinex/sent_book?product=futures&market=BTCUSDT&{marks}"
    )
    assert (status, sent["bids"], sent["asks"]) == (200, depth["bids"], depth["asks"])
    status, _ = await futures.client.control("GET", f"/coinex/sent_book?market=BTCUSDT&{marks}")
    assert status == 404
    assert (await futures.client.control("GET", "/coinex/account?product=options"))[0] == 400
    closed = {"market": "BTCUSDT", "status": "bidding", "product": "futures"}
    assert (await futures.client.control("POST", "/coinex/market", closed))[0] == 200
    assert (await futures.post("order", side="buy", type="market", amount="0.1"))["code"] == 4117
    assert (await futures.client.order())["code"] == 0
