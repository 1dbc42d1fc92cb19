"""Swaps: market data, orders, trigger orders, positions with leverage, margin, take-profit and stop-loss, funding."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from peers.checks import Checks
from peers.oracle import number, numbers, same
from peers.strangers import Session

__all__ = ["GROUPS"]

SYMBOL, MARKET = "BTC/USDT:USDT", "BTCUSDT"
data = Checks("Swap market data")
orders = Checks("Swap orders")
triggers = Checks("Swap trigger orders")
positions = Checks("Positions")
GROUPS = (data, orders, triggers, positions)
SWAP = {"type": "swap"}


@data.check("load_markets")
async def load_markets(session: Session) -> None:
    markets = await session.do("load_markets", True)
    swaps = {market["id"]: market for market in markets.values() if market["swap"]}
    rows = {row["market"]: row for row in session.oracle.public("futures/market")}
    same(sorted(swaps), sorted(session.oracle.keys["futures_markets"]), "markets")
    for name, row in rows.items():
        same(swaps[name]["precision"]["amount"], Decimal(1).scaleb(-row["base_ccy_precision"]), "amount step")
        same(swaps[name]["limits"]["amount"]["min"], row["min_amount"], "minimum")
        same((swaps[name]["linear"], swaps[name]["settle"]), (True, "USDT"), "contract")
        leverage = swaps[name]["limits"]["leverage"]
        same(
            [leverage["min"], leverage["max"]],
            [int(row["leverage"][0]), int(row["leverage"][-1])],
            "leverage",
        )


@data.check("fetch_order_book")
async def fetch_order_book(session: Session) -> None:
    book, own = await session.do("fetch_order_book", SYMBOL, 50), session.oracle.futures_book(MARKET)
    for side in ("bids", "asks"):
        same(numbers(book[side]), numbers(own[side]), side)


@data.check("fetch_ticker, fetch_tickers")
async def fetch_tickers(session: Session) -> None:
    [own] = session.oracle.public("futures/ticker", market=MARKET)
    every = await session.do("fetch_tickers", params=SWAP)
    for ticker in (await session.do("fetch_ticker", SYMBOL), every[SYMBOL]):
        for name in ("last", "high", "low"):
            same(ticker[name], own[name], name)
        same(ticker["markPrice"], own["mark_price"], "mark price")
        same(ticker["indexPrice"], own["index_price"], "index price")


@data.check("fetch_ohlcv")
async def fetch_ohlcv(session: Session) -> None:
    candles = await session.do("fetch_ohlcv", SYMBOL, "1d", limit=10)
    [own] = session.oracle.public("futures/kline", market=MARKET, period="1day", limit=1)
    fields = ("created_at", "open", "high", "low", "close")
    same([number(value) for value in candles[-1][:5]], [number(own[name]) for name in fields], "candle")
    [ticker] = session.oracle.public("futures/ticker", market=MARKET)
    same(sum(number(candle[5]) for candle in candles), ticker["volume"], "volume")


@data.check("fetch_trades")
async def fetch_trades(session: Session) -> None:
    trades = {trade["id"]: trade for trade in await session.do("fetch_trades", SYMBOL, limit=100)}
    own = session.oracle.public("futures/deals", market=MARKET, limit=100)
    assert own, "nothing was traded"
    same(sorted(trades), sorted(str(deal["deal_id"]) for deal in own), "trades")
    for deal in own:
        same(trades[str(deal["deal_id"])]["price"], deal["price"], "price")
        same(trades[str(deal["deal_id"])]["side"], deal["side"], "side")


@data.check("fetch_funding_rate, fetch_funding_rates, fetch_funding_interval")
async def fetch_funding_rate(session: Session) -> None:
    session.oracle.act("futures", settle_funding=True)
    [own] = session.oracle.public("futures/funding-rate", market=MARKET)
    every = await session.do("fetch_funding_rates")
    for rate in (await session.do("fetch_funding_rate", SYMBOL), every[SYMBOL]):
        same(rate["fundingRate"], own["latest_funding_rate"], "rate")
        same(rate["nextFundingRate"], own["next_funding_rate"], "next rate")
        same(rate["nextFundingTimestamp"], own["next_funding_time"], "next time")
        same(rate["markPrice"], own["mark_price"], "mark price")
    interval = await session.do("fetch_funding_interval", SYMBOL)
    same(interval["fundingTimestamp"], own["latest_funding_time"], "time")


@data.check("fetch_funding_rate_history")
async def fetch_funding_rate_history(session: Session) -> None:
    own = session.oracle.public("futures/funding-rate-history", market=MARKET)
    found = await session.do("fetch_funding_rate_history", SYMBOL)
    same([one["timestamp"] for one in found], sorted(row["funding_time"] for row in own), "times")
    rates = {row["funding_time"]: row["actual_funding_rate"] for row in own}
    for one in found:
        same(one["fundingRate"], rates[one["timestamp"]], "rate")


@data.check("fetch_leverage_tiers")
async def fetch_leverage_tiers(session: Session) -> None:
    tiers = (await session.do("fetch_leverage_tiers", [SYMBOL]))[SYMBOL]
    [own] = session.oracle.public("futures/position-level", market=MARKET)
    same([tier["maxLeverage"] for tier in tiers], [int(row["leverage"]) for row in own["level"]], "leverage")
    for tier, row in zip(tiers, own["level"], strict=True):
        same(tier["maintenanceMarginRate"], row["maintenance_margin_rate"], "maintenance")
        same(tier["maxNotional"], row["amount"], "amount")


async def place(session: Session, **changed: Any) -> Any:
    """Place an order far from the market and return it as the stranger does."""
    wanted = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 50000.5} | changed
    return await session.do("create_order", **wanted)


def own_order(session: Session, order_id: object) -> Any:
    found = [one for one in session.oracle.futures()["orders"] if str(one["order_id"]) == str(order_id)]
    return found[0] if found else None


def require_order(session: Session, order: Any) -> Any:
    """Require that the venue has this order, with these values, and return it as the venue has it."""
    own = own_order(session, order["id"])
    assert own is not None, f"the venue has no order {order['id']}"
    for ours, venue in (("amount", "amount"), ("filled", "filled_amount"), ("remaining", "unfilled_amount")):
        same(order[ours], own[venue], ours)
    if own["type"] != "market":
        same(order["price"], own["price"], "price")
    same((order["side"], order["clientOrderId"] or ""), (own["side"], own["client_id"]), "side and client id")
    return own


@orders.check("fetch_balance")
async def fetch_balance(session: Session) -> None:
    balance, own = await session.do("fetch_balance", SWAP), session.oracle.futures()["balances"]["USDT"]
    same(balance["USDT"]["free"], own["available"], "free")
    same(balance["USDT"]["used"], own["frozen"], "used")


@orders.check("create_order, fetch_order, edit_order, cancel_order")
async def create_order(session: Session) -> None:
    for options in ({}, {"postOnly": True}, {"clientOrderId": "peer-f001"}):
        order = await place(session, params=options)
        require_order(session, order)
        fetched = await session.do("fetch_order", order["id"], SYMBOL)
        require_order(session, fetched)
        same(fetched["status"], "open", "status")
        await fetch_balance(session)
        edited = await session.do("edit_order", order["id"], SYMBOL, "limit", "buy", 0.02, 50100)
        same(number(require_order(session, edited)["price"]), number(50100), "price")
        await session.do("cancel_order", edited["id"], SYMBOL)
        assert own_order(session, edited["id"]) is None, "the venue still has the order"


@orders.check("create_orders, edit_orders, cancel_orders")
async def batches(session: Session) -> None:
    wanted = [
        {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 50000 + step}
        for step in range(3)
    ]
    placed = await session.do("create_orders", wanted)
    ids = [require_order(session, order)["order_id"] for order in placed]
    same(len(ids), 3, "orders")
    changes = [
        {
            "id": str(order_id),
            "symbol": SYMBOL,
            "type": "limit",
            "side": "buy",
            "amount": 0.02,
            "price": 50500,
        }
        for order_id in ids
    ]
    for order in await session.do("edit_orders", changes):
        same(number(require_order(session, order)["price"]), number(50500), "price")
    await session.do("cancel_orders", [str(order_id) for order_id in ids], SYMBOL)
    same([own_order(session, order_id) for order_id in ids], [None] * 3, "orders")


@orders.check("fetch_open_orders, cancel_all_orders")
async def open_orders(session: Session) -> None:
    ids = {(await place(session, price=49000 + step))["id"] for step in range(3)}
    found = await session.do("fetch_open_orders", SYMBOL)
    same({order["id"] for order in found}, ids, "open orders")
    for order in found:
        require_order(session, order)
    await session.do("cancel_all_orders", SYMBOL)
    same(await session.do("fetch_open_orders", SYMBOL), [], "open orders")


@orders.check("market orders, fetch_closed_orders, fetch_my_trades")
async def closed_orders(session: Session) -> None:
    for side in ("buy", "sell"):
        order = await place(session, type="market", side=side, price=None)
        same(require_order(session, order)["status"], "filled", "status")
    own = session.oracle.futures()
    closed = {order["id"]: order for order in await session.do("fetch_closed_orders", SYMBOL, limit=100)}
    finished = [order for order in own["orders"] if order["status"] in {"filled", "part_canceled"}]
    same(sorted(closed), sorted(str(order["order_id"]) for order in finished), "closed orders")
    trades = {trade["id"]: trade for trade in await session.do("fetch_my_trades", SYMBOL, limit=100)}
    same(sorted(trades), sorted(str(deal["deal_id"]) for deal in own["deals"]), "trades")
    for deal in own["deals"]:
        trade = trades[str(deal["deal_id"])]
        same((trade["order"], trade["side"]), (str(deal["order_id"]), deal["side"]), "trade")
        same(trade["price"], deal["price"], "price")
        same(trade["fee"]["cost"], deal["fee"], "fee")


@orders.check("refusals: funds, leverage, unknown order")
async def refusals(session: Session) -> None:
    await session.refused("InsufficientFunds", "create_order", SYMBOL, "limit", "buy", 40, 60000)
    await session.refused("BadRequest", "set_leverage", 1000, SYMBOL)
    await session.refused("OrderNotFound", "cancel_order", "5", SYMBOL)
    await session.refused("OrderNotFound", "fetch_order", "5", SYMBOL)


async def stop_ids(session: Session) -> list[str]:
    return [order["id"] for order in await session.do("fetch_open_orders", SYMBOL, params={"trigger": True})]


@triggers.check("create_order with triggerPrice, fetch_open_orders, edit_order, cancel_order")
async def trigger_order(session: Session) -> None:
    order = await place(session, params={"triggerPrice": 52000})
    [found] = await session.do("fetch_open_orders", SYMBOL, params={"trigger": True})
    same((found["id"], found["triggerPrice"], found["price"]), (order["id"], 52000, 50000.5), "stop order")
    edited = await session.do(
        "edit_order", order["id"], SYMBOL, "limit", "buy", 0.02, 50000, {"triggerPrice": 51500}
    )
    [found] = await session.do("fetch_open_orders", SYMBOL, params={"trigger": True})
    same((found["id"], found["triggerPrice"], found["amount"]), (edited["id"], 51500, 0.02), "stop order")
    await session.do("cancel_order", edited["id"], SYMBOL, {"trigger": True})
    same(await stop_ids(session), [], "stop orders")


@triggers.check("create_orders with triggerPrice, cancel_orders")
async def trigger_batch(session: Session) -> None:
    wanted = [
        {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01, "price": 50000,
         "params": {"triggerPrice": 52000 + step}}
        for step in range(2)
    ]  # fmt: skip
    placed = await session.do("create_orders", wanted)
    same(sorted(order["id"] for order in placed), sorted(await stop_ids(session)), "stop orders")
    await session.do("cancel_orders", [order["id"] for order in placed], SYMBOL, {"trigger": True})
    same(await stop_ids(session), [], "stop orders")


@triggers.check("a trigger order at the index price fires; fetch_closed_orders")
async def fires(session: Session) -> None:
    index = number(session.oracle.control("futures")["markets"][MARKET]["index"])
    order = await place(
        session, price=40000, params={"triggerPrice": float(index) - 100, "stop_type": "index_price"}
    )
    session.oracle.act("futures", market=MARKET, index=str(index - 101))
    closed = await session.do("fetch_closed_orders", SYMBOL, params={"trigger": True})
    session.oracle.act("futures", market=MARKET, index=None)
    assert order["id"] in {one["id"] for one in closed}, f"{order['id']} did not fire"
    [fired] = await session.do("fetch_open_orders", SYMBOL)
    same((fired["price"], fired["amount"]), (40000, 0.01), "order")
    await session.do("cancel_all_orders", SYMBOL)


def own_position(session: Session) -> Any:
    found = [one for one in session.oracle.futures()["positions"] if one["market"] == MARKET]
    assert len(found) == 1, f"the venue has {len(found)} positions"
    return found[0]


async def require_position(session: Session) -> Any:
    """Require the stranger's position to be the venue's and return the stranger's."""
    own: Any = None
    found: Any = None
    after = own_position(session)
    while own != after:  # The mark price may move once a second, between two questions.
        own = after
        [found] = await session.do("fetch_positions", [SYMBOL])
        after = own_position(session)
    assert found is not None
    same((found["id"], found["side"]), (own["position_id"], own["side"]), "position")
    same(found["contracts"], own["close_avbl"], "contracts")
    same(found["entryPrice"], own["avg_entry_price"], "entry price")
    same(found["realizedPnl"], own["realized_pnl"], "realized")
    same(found["unrealizedPnl"], own["unrealized_pnl"], "unrealized")
    same(found["liquidationPrice"], own["liq_price"], "liquidation price")
    same(found["leverage"], own["leverage"], "leverage")
    same(found["marginMode"], own["margin_mode"], "margin mode")
    same(found["collateral"], own["margin_avbl"], "collateral")
    return found


@positions.check("set_margin_mode, set_leverage, fetch_positions, fetch_position")
async def open_position(session: Session) -> None:
    await session.do("set_margin_mode", "isolated", SYMBOL, {"leverage": 5})
    await session.do("set_leverage", 10, SYMBOL, {"marginMode": "isolated"})
    await place(session, type="market", price=None, amount=0.05)
    found = await require_position(session)
    same((found["leverage"], found["marginMode"], found["contracts"]), (10, "isolated", 0.05), "position")
    one = await session.do("fetch_position", SYMBOL)
    same(one["id"], found["id"], "position")


@positions.check("add_margin, reduce_margin, fetch_margin_adjustment_history")
async def adjust_margin(session: Session) -> None:
    before = number(own_position(session)["margin_avbl"])
    added = await session.do("add_margin", SYMBOL, 20)
    same(number(own_position(session)["margin_avbl"]), before + 20, "margin")
    same(added["total"], before + 20, "margin")
    await session.do("reduce_margin", SYMBOL, 5)
    same(number(own_position(session)["margin_avbl"]), before + 15, "margin")
    position = await require_position(session)
    history = await session.do(
        "fetch_margin_adjustment_history", SYMBOL, params={"positionId": position["id"]}
    )
    assert {20.0, 5.0} <= {one["amount"] for one in history}, history


@positions.check("create_order with stopLossPrice and takeProfitPrice")
async def protect(session: Session) -> None:
    for option, field, price in (
        ("stopLossPrice", "stop_loss_price", 40000),
        ("takeProfitPrice", "take_profit_price", 90000),
    ):
        await place(session, type="market", side="sell", amount=0.05, price=None, params={option: price})
        same(number(own_position(session)[field]), number(price), field)
        same(number((await require_position(session))[option]), number(price), option)


@positions.check("funding is paid; fetch_funding_history")
async def funding(session: Session) -> None:
    session.oracle.act("futures", settle_funding=True)
    found = await session.do("fetch_funding_history", SYMBOL)
    assert found, "no funding was paid"
    same(found[0]["id"], own_position(session)["position_id"], "position")
    same(found[0]["code"], "USDT", "currency")


@positions.check("create_order with reduceOnly, close_position, fetch_position_history")
async def close_position(session: Session) -> None:
    await place(session, type="market", side="sell", amount=0.02, price=None, params={"reduceOnly": True})
    found = await require_position(session)
    same(found["contracts"], 0.03, "contracts")
    await session.do("close_position", SYMBOL)
    same(session.oracle.futures()["positions"], [], "positions")
    same(await session.do("fetch_positions", [SYMBOL]), [], "positions")
    history = await session.do("fetch_position_history", SYMBOL)
    assert found["id"] in {one["id"] for one in history}, history


@positions.check("a position is liquidated")
async def liquidation(session: Session) -> None:
    await session.do("set_leverage", 50, SYMBOL, {"marginMode": "isolated"})
    await place(session, type="market", price=None, amount=0.05)
    found = await require_position(session)
    # The mark price may be half a percent away from the index.
    session.oracle.act("futures", market=MARKET, index=str(int(found["liquidationPrice"] * 0.98)))
    left = await session.do("fetch_positions", [SYMBOL])
    session.oracle.act("futures", market=MARKET, index=None)
    same(left, [], "positions")
