"""A client needs no aiohttp, which only the sandbox does: here it cannot be imported."""

from __future__ import annotations

import asyncio
import json
import sys

from support.desk import Desk

PROGRAM = """
import asyncio, json, sys
from types import SimpleNamespace

for name in ("aiohttp", "yarl"):
    sys.modules[name] = None
from tradewire.registry import find_product


async def main(venue, facts, market, size, price):
    box = SimpleNamespace(venue=lambda name: SimpleNamespace(**facts))
    async with find_product(venue).client_class.for_sandbox(box) as client:
        book = client.watch_book(market)
        orders = client.watch_orders()
        await asyncio.gather(book.ready(), orders.ready())
        live = await client.send_order(market, "buy", size, price)
        await client.cancel_order(market, order_id=live.order_id)
        print(len(await client.fills(market)))


asyncio.run(asyncio.wait_for(main(*json.loads(sys.argv[1])), 60))
"""


async def test_client_trades_where_aiohttp_cannot_be_imported(desk: Desk) -> None:
    facts = {name: getattr(desk.server, name) for name in dir(desk.server) if not name.startswith("_")}
    texts = {name: value for name, value in facts.items() if isinstance(value, str)}
    order = json.dumps([desk.product.name, texts, desk.symbol, str(desk.size), str(desk.low)])
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, order, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, errors = await child.communicate()
    assert (out.decode().strip(), errors.decode()) == ("0", "")
