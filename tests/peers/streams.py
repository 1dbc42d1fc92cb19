"""Streams of spot and swap: what is pushed is what the venue has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from peers.checks import Checks
from peers.oracle import number, numbers, same
from peers.strangers import Session

__all__ = ["GROUPS"]

TRIES = 40
PAUSE_S = 0.1


class Product(NamedTuple):
    """What tells spot from swap."""

    name: str
    symbol: str
    amount: float


async def eventually(look: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool]) -> Any:
    """Return the first of the next pushes that holds.

    Raises:
        AssertionError: None of them does.
    """
    seen = None
    for _ in range(TRIES):
        seen = await look()
        if holds(seen):
            return seen
    raise AssertionError(f"none of {TRIES} pushes has it; the last was {str(seen)[:300]}")


def pushed(product: Product) -> Checks:
    """Return the checks of a product's socket."""
    checks = Checks(f"{product.name} streams")
    symbol, market, is_spot = product.symbol, "BTCUSDT", product.name == "Spot"

    def book_of(session: Session) -> Any:
        return session.oracle.book(market) if is_spot else session.oracle.futures_book(market)

    def own_deals(session: Session) -> list[Any]:
        ledger = session.oracle.ledger() if is_spot else session.oracle.futures()
        deals: list[Any] = ledger["deals"]
        return deals

    async def trade(session: Session, side: str = "sell") -> Any:
        """Trade a little, as the venue's own traffic would."""
        return await session.do(
            "create_order", symbol, "market", side, product.amount, *([100000] * (side == "buy"))
        )

    async def with_own_type(session: Session, method: str, *arguments: Any) -> Any:
        """Call with ``options["defaultType"]``, by which the strangers tell whose tickers come on which socket."""
        session.client.options["defaultType"] = product.name.lower()
        try:
            return await session.do(method, *arguments)
        finally:
            session.client.options["defaultType"] = "spot"

    @checks.check("watch_order_book", watches=True)
    async def watch_order_book(session: Session) -> None:
        await session.do("watch_order_book", symbol, 50)
        await trade(session)

        def as_the_venue(book: Any) -> bool:
            own = book_of(session)
            return all(numbers(list(book[side])) == numbers(own[side]) for side in ("bids", "asks"))

        await eventually(lambda: session.do("watch_order_book", symbol, 50), as_the_venue)

    @checks.check("watch_trades", watches=True)
    async def watch_trades(session: Session) -> None:
        await session.do("watch_trades", symbol)
        order = await trade(session)
        deals = [deal for deal in own_deals(session) if str(deal["order_id"]) == order["id"]]
        wanted = {str(deal["deal_id"]): deal for deal in deals}
        seen: dict[str, Any] = {}

        async def more() -> dict[str, Any]:
            seen.update({one["id"]: one for one in await session.do("watch_trades", symbol)})
            return seen

        await eventually(more, lambda found: wanted.keys() <= found.keys())
        for deal_id, deal in wanted.items():
            same(seen[deal_id]["price"], deal["price"], "price")
            same(seen[deal_id]["amount"], deal["amount"], "amount")
            same(seen[deal_id]["side"], deal["side"], "side")

    @checks.check("watch_ticker, watch_tickers", watches=True)
    async def watch_ticker(session: Session) -> None:
        await with_own_type(session, "watch_ticker", symbol)
        order = await trade(session)
        price = [deal["price"] for deal in own_deals(session) if str(deal["order_id"]) == order["id"]][-1]
        await eventually(
            lambda: with_own_type(session, "watch_ticker", symbol),
            lambda ticker: number(ticker["last"]) == number(price),
        )

    @checks.check("watch_bids_asks", watches=True)
    async def watch_bids_asks(session: Session) -> None:
        found = await with_own_type(session, "watch_bids_asks", [symbol])
        found = found.get(symbol, found)
        own = book_of(session)
        same([number(found["bid"]), number(found["bidVolume"])], numbers(own["bids"])[0], "bid")
        same([number(found["ask"]), number(found["askVolume"])], numbers(own["asks"])[0], "ask")

    @checks.check("watch_balance", watches=True)
    async def watch_balance(session: Session) -> None:
        kind = {"type": product.name.lower()}
        await provoked(session.do("watch_balance", kind), lambda: trade(session))

        def as_the_venue(balance: Any) -> bool:
            held = (
                session.oracle.ledger()["balances"]["USDT"]
                if is_spot
                else session.oracle.futures()["balances"]["USDT"]
            )
            return number(balance["USDT"]["free"]) == number(held["available"])

        async def next_one() -> Any:
            balance, _ = await provoked(session.do("watch_balance", kind), lambda: trade(session))
            return balance

        await eventually(next_one, as_the_venue)

    @checks.check("watch_orders", watches=True)
    async def watch_orders(session: Session) -> None:
        def place() -> Awaitable[Any]:
            return session.do("create_order", symbol, "limit", "buy", product.amount, 30000)

        [*_, seen], placed = await provoked(session.do("watch_orders", symbol), place)
        assert seen["id"] in {order["id"] for order in placed}, seen
        same((seen["price"], seen["amount"], seen["status"]), (30000, product.amount, "open"), "order")
        await session.do("cancel_all_orders", symbol)

        ids = {order["id"] for order in placed}
        await eventually(
            lambda: session.do("watch_orders", symbol),
            lambda orders: {order["id"] for order in orders if order["status"] == "closed"} >= ids,
        )

    @checks.check("watch_my_trades", watches=True)
    async def watch_my_trades(session: Session) -> None:
        [*_, seen], placed = await provoked(session.do("watch_my_trades", symbol), lambda: trade(session))
        [own] = [deal for deal in own_deals(session) if str(deal["deal_id"]) == seen["id"]]
        assert seen["order"] in {order["id"] for order in placed}, seen
        same(seen["price"], own["price"], "price")
        same(seen["amount"], own["amount"], "amount")
        same(seen["takerOrMaker"], "taker", "role")
        same(seen["fee"]["cost"], own["fee"], "fee")

    return checks


async def provoked(waiting: Awaitable[Any], provoke: Callable[[], Awaitable[Any]]) -> tuple[Any, list[Any]]:
    """Return what a stranger waits for and what provoked it, again and again: it tells nobody when it is subscribed."""
    first, done = asyncio.ensure_future(waiting), []
    while not first.done():
        await asyncio.sleep(PAUSE_S)
        done.append(await provoke())
        await asyncio.wait([first], timeout=PAUSE_S)
    return first.result(), done


SPOT = Product("Spot", "BTC/USDT", 0.001)
SWAP = Product("Swap", "BTC/USDT:USDT", 0.001)
GROUPS = (pushed(SPOT), pushed(SWAP))
