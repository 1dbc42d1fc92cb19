"""Spot: market data, orders one by one and in batches, trigger orders, trades, fees."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

from peers.checks import Checks
from peers.oracle import number, numbers, same
from peers.strangers import Session

__all__ = ["GROUPS"]

SYMBOL, MARKET = "BTC/USDT", "BTCUSDT"
data = Checks("Spot market data")
orders = Checks("Spot orders")
triggers = Checks("Spot trigger orders")
GROUPS = (data, orders, triggers)


async def place(session: Session, **changed: Any) -> Any:
    """Place an order far from the market and return it as the stranger does."""
    wanted = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 30000.5} | changed
    return await session.do("create_order", **wanted)


def require_order(session: Session, order: Any) -> Any:
    """Require that the venue has this order, with these values, and return it as the venue has it."""
    own = session.oracle.order(order["id"])
    assert own is not None, f"the venue has no order {order['id']}"
    for ours, venue in (("amount", "amount"), ("filled", "filled_amount"), ("remaining", "unfilled_amount")):
        same(order[ours], own[venue], ours)
    if own["type"] != "market":
        same(order["price"], own["price"], "price")
    same(order["side"], own["side"], "side")
    same(order["clientOrderId"] or "", own["client_id"], "client id")
    return own


def require_gone(session: Session, order_id: str) -> None:
    """Require that an order without a fill was cancelled: the venue forgets such orders."""
    assert session.oracle.order(order_id) is None, f"the venue still has order {order_id}"


@data.check("load_markets")
async def load_markets(session: Session) -> None:
    markets = await session.do("load_markets")
    spot = {market["id"]: market for market in markets.values() if market["spot"]}
    same(sorted(spot), sorted(session.oracle.keys["markets"]), "markets")
    for row in session.oracle.public("spot/market"):
        market = spot[row["market"]]
        same(market["precision"]["amount"], Decimal(1).scaleb(-row["base_ccy_precision"]), "amount step")
        same(market["precision"]["price"], Decimal(1).scaleb(-row["quote_ccy_precision"]), "price step")
        same(market["limits"]["amount"]["min"], row["min_amount"], "minimum")
        same((market["base"], market["quote"]), (row["base_ccy"], row["quote_ccy"]), "currencies")
        same(market["active"], True, "active")


@data.check("fetch_currencies")
async def fetch_currencies(session: Session) -> None:
    found = await session.do("fetch_currencies")
    rows = session.oracle.public("assets/all-deposit-withdraw-config")
    same(sorted(found), sorted(row["asset"]["ccy"] for row in rows), "currencies")


@data.check("fetch_time")
async def fetch_time(session: Session) -> None:
    assert abs(await session.do("fetch_time") - time.time() * 1000) < 60_000


@data.check("fetch_order_book")
async def fetch_order_book(session: Session) -> None:
    book, own = await session.do("fetch_order_book", SYMBOL, 50), session.oracle.book(MARKET)
    for side in ("bids", "asks"):
        same(numbers(book[side]), numbers(own[side]), side)


@data.check("fetch_ticker, fetch_tickers")
async def fetch_tickers(session: Session) -> None:
    [own] = session.oracle.public("spot/ticker", market=MARKET)
    every = await session.do("fetch_tickers")
    same(len(every), len(session.oracle.keys["markets"]), "tickers")
    for ticker in (await session.do("fetch_ticker", SYMBOL), every[SYMBOL]):
        for ours, venue in (("last", "last"), ("open", "open"), ("high", "high"), ("low", "low")):
            same(ticker[ours], own[venue], ours)
        same(ticker["baseVolume"], own["volume"], "volume")


@data.check("fetch_trades")
async def fetch_trades(session: Session) -> None:
    order = await place(session, type="market", side="sell", amount=0.02, price=None)
    own = [deal for deal in session.oracle.ledger()["deals"] if str(deal["order_id"]) == order["id"]]
    assert own, "a market order found nothing"
    trades = {trade["id"]: trade for trade in await session.do("fetch_trades", SYMBOL, limit=100)}
    for deal in own:
        trade = trades[str(deal["deal_id"])]
        same(trade["price"], deal["price"], "price")
        same(trade["amount"], deal["amount"], "amount")
        same((trade["side"], trade["timestamp"]), ("sell", deal["created_at"]), "trade")


@data.check("fetch_ohlcv")
async def fetch_ohlcv(session: Session) -> None:
    candles = await session.do("fetch_ohlcv", SYMBOL, "1d", limit=10)
    [own] = session.oracle.public("spot/kline", market=MARKET, period="1day", limit=1)
    fields = ("created_at", "open", "high", "low", "close")
    same([number(value) for value in candles[-1][:5]], [number(own[name]) for name in fields], "candle")
    [ticker] = session.oracle.public("spot/ticker", market=MARKET)
    # What was traded since the sandbox began may lie on both sides of midnight.
    same(sum(number(candle[5]) for candle in candles), ticker["volume"], "volume")


@data.check("fetch_trading_fee, fetch_trading_fees")
async def fetch_trading_fees(session: Session) -> None:
    [own] = session.oracle.public("spot/market", market=MARKET)
    every = await session.do("fetch_trading_fees")
    for fee in (await session.do("fetch_trading_fee", SYMBOL), every[SYMBOL]):
        same(fee["maker"], own["maker_fee_rate"], "maker")
        same(fee["taker"], own["taker_fee_rate"], "taker")


@data.check("refusal: unknown market")
async def unknown_market(session: Session) -> None:
    await session.refused("BadSymbol", "fetch_ticker", "NO/SUCH")
    await session.refused("BadRequest", "v2PublicGetSpotDepth", {"market": "NO", "limit": 5, "interval": "0"})


@orders.check("fetch_balance")
async def fetch_balance(session: Session) -> None:
    await require_balance(session)


async def require_balance(session: Session) -> None:
    balance = await session.do("fetch_balance", {"type": "spot"})
    for asset, held in session.oracle.ledger()["balances"].items():
        same(balance[asset]["free"], held["available"], f"{asset} free")
        same(balance[asset]["used"], held["frozen"], f"{asset} used")


@orders.check("create_order: limit, maker only, ioc; fetch_order, cancel_order")
async def create_order(session: Session) -> None:
    for options in ({}, {"postOnly": True}, {"clientOrderId": "peer-0001"}):
        order = await place(session, params=options)
        own = require_order(session, order)
        same(own["type"], "maker_only" if "postOnly" in options else "limit", "type")
        fetched = await session.do("fetch_order", order["id"], SYMBOL)
        require_order(session, fetched)
        same(fetched["status"], "open", "status")
        await require_balance(session)
        await session.do("cancel_order", order["id"], SYMBOL)
        require_gone(session, order["id"])
    best = session.oracle.book(MARKET)["asks"][0]
    order = await place(session, price=float(best[0]), amount=0.001, params={"timeInForce": "IOC"})
    same(require_order(session, order)["status"], "filled", "status")


@orders.check("create_order: market, by cost")
async def market_orders(session: Session) -> None:
    sold = await place(session, type="market", side="sell", amount=0.01, price=None)
    same(session.oracle.order(sold["id"])["filled_amount"], "0.01", "sold")
    bought = await session.do("create_market_buy_order_with_cost", SYMBOL, 500)
    own = session.oracle.order(bought["id"])
    assert number(own["filled_value"]) <= 500, own
    same(bought["filled"], own["filled_amount"], "bought")
    same(bought["cost"], own["filled_value"], "cost")
    await require_balance(session)


@orders.check("edit_order")
async def edit_order(session: Session) -> None:
    order = await place(session)
    edited = await session.do("edit_order", order["id"], SYMBOL, "limit", "buy", 0.02, 30001.25)
    same(edited["id"], order["id"], "id")
    own = require_order(session, edited)
    same((number(own["amount"]), number(own["price"])), (number("0.02"), number("30001.25")), "order")
    await session.do("cancel_order", order["id"], SYMBOL)


@orders.check("create_orders, edit_orders, cancel_orders")
async def batches(session: Session) -> None:
    wanted = [
        {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 30000 + step}
        for step in range(3)
    ]
    placed = await session.do("create_orders", wanted)
    same(len(placed), 3, "orders")
    for order in placed:
        require_order(session, order)
    ids = [order["id"] for order in placed]
    changes = [
        {"id": order_id, "symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.03, "price": 31000}
        for order_id in ids
    ]
    for order in await session.do("edit_orders", changes):
        same(require_order(session, order)["price"], "31000", "price")
    await session.do("cancel_orders", ids, SYMBOL)
    for order_id in ids:
        require_gone(session, order_id)


@orders.check("create_orders with a refused one")
async def refused_in_a_batch(session: Session) -> None:
    good = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 30000}
    placed = await session.do("create_orders", [good, good | {"amount": 100000}])
    require_order(session, placed[0])
    same(placed[1]["status"], "rejected", "status")
    await session.do("cancel_order", placed[0]["id"], SYMBOL)


@orders.check("fetch_open_orders, cancel_all_orders")
async def open_orders(session: Session) -> None:
    ids = {(await place(session, price=29000 + step))["id"] for step in range(3)}
    found = await session.do("fetch_open_orders", SYMBOL)
    same({order["id"] for order in found}, ids, "open orders")
    for order in found:
        require_order(session, order)
    await session.do("cancel_all_orders", SYMBOL)
    same(await session.do("fetch_open_orders", SYMBOL), [], "open orders")


@orders.check("fetch_closed_orders")
async def closed_orders(session: Session) -> None:
    found = {order["id"]: order for order in await session.do("fetch_closed_orders", SYMBOL, limit=100)}
    finished = {"filled", "part_canceled"}
    own = [order for order in session.oracle.ledger()["orders"] if order["status"] in finished]
    same(sorted(found), sorted(str(order["order_id"]) for order in own), "closed orders")
    for order in own:
        same(found[str(order["order_id"])]["cost"], order["filled_value"], "cost")


@orders.check("fetch_my_trades")
async def my_trades(session: Session) -> None:
    found = {trade["id"]: trade for trade in await session.do("fetch_my_trades", SYMBOL, limit=100)}
    own = session.oracle.ledger()["deals"]
    same(sorted(found), sorted(str(deal["deal_id"]) for deal in own), "trades")
    for deal in own:
        trade = found[str(deal["deal_id"])]
        same((trade["order"], trade["side"]), (str(deal["order_id"]), deal["side"]), "trade")
        same(trade["takerOrMaker"], deal["role"], "role")
        same(trade["price"], deal["price"], "price")
        same(trade["amount"], deal["amount"], "amount")
        same(trade["fee"]["cost"], deal["fee"], "fee")
        same(trade["fee"]["currency"], deal["fee_ccy"], "fee currency")


@orders.check("refusals: funds, minimum, unknown order, wrong key")
async def refusals(session: Session) -> None:
    await session.refused("InsufficientFunds", "create_order", SYMBOL, "limit", "buy", 100000, 60000)
    await session.refused("InvalidOrder", "create_order", SYMBOL, "limit", "buy", 0.00001, 30000)
    await session.refused("OrderNotFound", "cancel_order", "5", SYMBOL)
    await session.refused("OrderNotFound", "fetch_order", "5", SYMBOL)
    secret, session.client.secret = session.client.secret, "wrong"
    try:
        await session.refused("AuthenticationError", "fetch_balance", {"type": "spot"})
    finally:
        session.client.secret = secret


async def stop_ids(session: Session) -> list[str]:
    found = await session.do("fetch_open_orders", SYMBOL, params={"trigger": True})
    return [order["id"] for order in found]


@triggers.check("create_order with triggerPrice, fetch_open_orders, cancel_order")
async def trigger_order(session: Session) -> None:
    order = await place(session, params={"triggerPrice": 32000, "clientOrderId": "peer-stop"})
    [found] = await session.do("fetch_open_orders", SYMBOL, params={"trigger": True})
    same((found["id"], found["clientOrderId"]), (order["id"], "peer-stop"), "stop order")
    same(found["triggerPrice"], 32000, "trigger price")
    same((found["amount"], found["price"]), (0.01, 30000.5), "order")
    await session.do("cancel_order", order["id"], SYMBOL, {"trigger": True})
    same(await stop_ids(session), [], "stop orders")


@triggers.check("edit_order of a trigger order")
async def edit_trigger_order(session: Session) -> None:
    order = await place(session, params={"triggerPrice": 32000})
    edited = await session.do(
        "edit_order", order["id"], SYMBOL, "limit", "buy", 0.02, 30000, {"triggerPrice": 31500}
    )
    [found] = await session.do("fetch_open_orders", SYMBOL, params={"trigger": True})
    same(found["id"], edited["id"], "id")
    same((found["amount"], found["triggerPrice"]), (0.02, 31500), "stop order")
    await session.do("cancel_order", edited["id"], SYMBOL, {"trigger": True})
    same(await stop_ids(session), [], "stop orders")


@triggers.check("create_orders with triggerPrice, cancel_orders")
async def trigger_batch(session: Session) -> None:
    wanted = [
        {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 30000,
         "params": {"triggerPrice": 32000 + step}}
        for step in range(2)
    ]  # fmt: skip
    placed = await session.do("create_orders", wanted)
    same(sorted(order["id"] for order in placed), sorted(await stop_ids(session)), "stop orders")
    await session.do("cancel_orders", [order["id"] for order in placed], SYMBOL, {"trigger": True})
    same(await stop_ids(session), [], "stop orders")


@triggers.check("a trigger order fires; fetch_closed_orders")
async def fires(session: Session) -> None:
    levels = numbers(session.oracle.book(MARKET)["bids"])[:3]
    trigger = float(levels[-1][0])
    order = await place(session, side="sell", price=trigger * 2, params={"triggerPrice": trigger})
    same(await stop_ids(session), [order["id"]], "stop orders")
    needed = sum(amount for _, amount in levels)
    await place(session, type="market", side="sell", amount=float(needed), price=None)
    same(await stop_ids(session), [], "stop orders")
    closed = await session.do("fetch_closed_orders", SYMBOL, params={"trigger": True})
    assert order["id"] in {one["id"] for one in closed}, f"{order['id']} did not fire"
    [fired] = await session.do("fetch_open_orders", SYMBOL)
    same((fired["side"], fired["amount"]), ("sell", order["amount"] or 0.01), "order")
    await session.do("cancel_all_orders", SYMBOL)
