"""Two clients that sign with HMAC, as the pages say, and hand out the venue's replies as they are.

``coinexlib`` is a user's; ``coinex-mcp-server`` is the vendor's own server for assistants, of which the client is run.
"""

from __future__ import annotations

from typing import Any

from peers.checks import Checks
from peers.oracle import number, same
from peers.strangers import Session

__all__ = ["GROUPS"]

MARKET = "BTCUSDT"
own = Checks("coinexlib, against --like docs", "coinexlib")
vendors = Checks("The vendor's client, against --like live", "mcp")
GROUPS = (own, vendors)


async def data(session: Session, method: str, *arguments: Any, **options: Any) -> Any:
    """Return the ``data`` of a reply with code 0."""
    reply = await session.do(method, *arguments, **options)
    assert reply["code"] == 0, f"{method}: {reply}"
    return reply["data"]


@own.check("market data, spot and futures")
async def market_data(session: Session) -> None:
    same(
        await data(session, "get_market_information", MARKET),
        session.oracle.public("spot/ticker", market=MARKET),
    )
    same(
        await data(session, "get_market_status", MARKET), session.oracle.public("spot/market", market=MARKET)
    )
    for product, suffix in (("spot", ""), ("futures", "_futures")):
        depth = await data(session, f"get_market_depth{suffix}", MARKET, 5, "0")
        venue = session.oracle.public(f"{product}/depth", market=MARKET, limit=5, interval="0")
        same(
            (depth["depth"]["bids"], depth["depth"]["asks"]), (venue["depth"]["bids"], venue["depth"]["asks"])
        )
        deals = await data(session, f"get_market_deals{suffix}", MARKET)
        same(deals, session.oracle.public(f"{product}/deals", market=MARKET))
        candles = await data(session, f"get_market_candlesticks{suffix}", MARKET, 10, "1day")
        same(candles, session.oracle.public(f"{product}/kline", market=MARKET, limit=10, period="1day"))


@own.check("balance, orders, deals")
async def orders(session: Session) -> None:
    held = {row["ccy"]: row for row in await data(session, "get_balance")}
    for asset, row in session.oracle.ledger()["balances"].items():
        same(held[asset]["available"], row["available"], asset)
    place = (MARKET, "SPOT", "buy", "limit", "0.01", "30000")
    order = await data(session, "place_order", *place, client_id="lib-1")
    order_id = order["order_id"]
    same(session.oracle.order(order_id)["client_id"], "lib-1", "client id")
    same((await data(session, "query_order_status", MARKET, order_id))["status"], "open", "status")
    changed = await data(session, "modify_order", MARKET, "SPOT", order_id, price="31000")
    same(changed["price"], session.oracle.order(order_id)["price"], "price")
    same([row["order_id"] for row in await data(session, "get_unfilled_order", "SPOT", MARKET)], [order_id])
    await data(session, "cancel_order", MARKET, "SPOT", order_id)
    same(session.oracle.order(order_id), None, "order")
    sold = await data(session, "place_order", MARKET, "SPOT", "sell", "market", "0.01")
    deals = await data(session, "get_user_order_transactions", MARKET, "SPOT", sold["order_id"])
    venue = [deal for deal in session.oracle.ledger()["deals"] if deal["order_id"] == sold["order_id"]]
    same(
        {deal["deal_id"]: deal["price"] for deal in deals}, {deal["deal_id"]: deal["price"] for deal in venue}
    )


@own.check("batches, stop orders, cancel by client id")
async def batches(session: Session) -> None:
    item = {"market": MARKET, "market_type": "SPOT", "side": "buy", "type": "limit", "amount": "0.01"}
    item |= {"price": "30000", "client_id": "lib-2"}
    placed = await data(session, "batch_place_orders", [item, item, item | {"amount": "99999"}])
    same([row["code"] for row in placed], [0, 0, 3109], "codes")
    ids = [row["data"]["order_id"] for row in placed[:2]]
    asked = await data(session, "batch_query_order_status", MARKET, f"{ids[0]},{ids[1]},5")
    same([row["code"] for row in asked], [0, 0, 3600], "codes")
    gone = await data(session, "cancel_order_by_client_id", MARKET, "SPOT", "lib-2")
    same(sorted(row["data"]["order_id"] for row in gone), sorted(ids), "orders")
    stop = await data(session, "place_stop_order", MARKET, "SPOT", "buy", "limit", "0.01", "32000", "30000")
    changed = await data(session, "modify_stop_order", MARKET, "SPOT", stop["stop_id"], trigger_price="33000")
    assert changed["stop_id"] != stop["stop_id"], changed
    [waiting] = await data(session, "get_unfilled_stop_order", "SPOT", MARKET)
    same((waiting["stop_id"], waiting["trigger_price"]), (changed["stop_id"], "33000"), "stop order")
    await data(session, "cancel_stop_order", MARKET, "SPOT", changed["stop_id"])
    same(await data(session, "get_unfilled_stop_order", "SPOT", MARKET), [], "stop orders")


@own.check("futures: leverage, order, position, close")
async def positions(session: Session) -> None:
    set_to = await data(session, "adjust_position_leverage", MARKET, "FUTURES", "isolated", 5)
    same(set_to, {"margin_mode": "isolated", "leverage": 5}, "leverage")
    order = await data(session, "place_order_futures", MARKET, "FUTURES", "buy", "market", "0.02")
    status = await data(session, "query_order_status_futures", MARKET, order["order_id"])
    same(status["status"], "filled", "status")
    [position] = await data(session, "get_current_position", MARKET)
    [venue] = session.oracle.futures()["positions"]
    for name in ("position_id", "open_interest", "avg_entry_price", "leverage", "margin_mode", "liq_price"):
        same(position[name], venue[name], name)
    await data(session, "close_position_futures", MARKET, "FUTURES", "market")
    same(session.oracle.futures()["positions"], [], "positions")
    [balance] = [row for row in await data(session, "get_balance_futures") if row["ccy"] == "USDT"]
    same(
        number(balance["available"]),
        number(session.oracle.futures()["balances"]["USDT"]["available"]),
        "balance",
    )


@vendors.check("market data, spot and futures")
async def vendors_market_data(session: Session) -> None:
    kinds = type(session.client).MarketType
    for kind, product in ((kinds.SPOT, "spot"), (kinds.FUTURES, "futures")):
        for method, path in (("get_market_info", "market"), ("get_tickers", "ticker")):
            found = await data(session, method, "BTC", "USDT", kind)
            same(found, session.oracle.public(f"{product}/{path}", market=MARKET), path)
        depth = await data(session, "get_depth", "BTC", "USDT", kind)
        venue = session.oracle.public(f"{product}/depth", market=MARKET, limit=20, interval="0")
        same(depth["depth"]["bids"], venue["depth"]["bids"], "bids")
        candles = await data(session, "get_kline", "1day", "BTC", "USDT", kind, limit=10)
        same(
            candles,
            session.oracle.public(f"{product}/kline", market=MARKET, limit=10, period="1day"),
            "candles",
        )
        deals = await data(session, "get_deal", "BTC", "USDT", kind)
        same(deals, session.oracle.public(f"{product}/deals", market=MARKET), "deals")
    rate = await data(session, "futures_get_funding_rate", "BTC")
    same(rate, session.oracle.public("futures/funding-rate", market=MARKET), "funding rate")
    levels = await data(session, "futures_get_position_level", "BTC")
    same(levels, session.oracle.public("futures/position-level", market=MARKET), "levels")


@vendors.check("balances, orders of spot and futures")
async def vendors_orders(session: Session) -> None:
    client = type(session.client)
    states, buy = client.OrderStatus, client.OrderSide.BUY
    held = {row["ccy"]: row for row in await data(session, "get_balances")}
    for asset, row in session.oracle.ledger()["balances"].items():
        same(held[asset]["available"], row["available"], asset)
    for kind, venue in (
        (client.MarketType.SPOT, session.oracle.ledger),
        (client.MarketType.FUTURES, session.oracle.futures),
    ):
        order = await data(
            session, "place_order", buy, "BTC", "USDT", "0.01", kind, price="50000", client_id="m-1"
        )
        [found] = await data(session, "get_orders", "BTC", "USDT", kind, status=states.PENDING)
        same(found["order_id"], order["order_id"], "order")
        same([row["client_id"] for row in venue()["orders"] if row["status"] == "open"], ["m-1"], "orders")
        await data(session, "cancel_order", "BTC", "USDT", kind, order["order_id"])
        same([row for row in venue()["orders"] if row["status"] == "open"], [], "orders")


@vendors.check("stop orders of spot")
async def vendors_stops(session: Session) -> None:
    client = type(session.client)
    placed = await data(
        session,
        "place_order",
        client.OrderSide.BUY,
        "BTC",
        "USDT",
        "0.01",
        price="30000",
        trigger_price="50000",
    )
    [found] = await data(
        session, "get_orders", "BTC", "USDT", status=client.OrderStatus.PENDING, is_stop=True
    )
    same(found["stop_id"], placed["stop_id"], "stop order")
