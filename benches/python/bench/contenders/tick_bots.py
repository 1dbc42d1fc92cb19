"""Bots that react to every proved push with one order. Run as ``python -m bench.contenders.tick_bots OPTIONS``.

All have the same task: keep the book, verify it (checksum or sequence), read the best levels with their sizes, and
join the side that has more with one small limit order, under a client order id of their own where the venue has them.
All run in ``tradewire.run``, so that the loop is the same for everybody.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from bench.order_flow import MARKET as FLOW_MARKET
from bench.peer import SECRET, Place
from bench.tape import MARKET
from bench.tick import ACCESS_ID, QUANTITY, SIZE

SUBSCRIBE = json.dumps(
    {"method": "depth.subscribe", "params": {"market_list": [[MARKET, 50, "0", False]]}, "id": 1}
).encode()
LOGIN = json.dumps({"op": "authenticate", "api_key": SECRET}).encode()
SUBSCRIBE_L3 = json.dumps({"op": "subscribe", "channel": "l3", "market": FLOW_MARKET}).encode()
ORDER_PATH = "/v2/spot/order"
Post = Callable[[str, str, str, int, str], None]
"""Path, key, signature, its time in milliseconds, body: an order is sent."""


async def ours(place: Place, *, is_prepared: bool = False) -> None:
    from tradewire import CoinEx, Credentials, NetworkOptions
    from tradewire.venues.coinex import hosts

    # The venue's own limits would hold a bench up; what obeys them stays.
    hosts.RATES_PER_S.update({"spot-put": 1e6, "ip": 1e6})
    environment = hosts.local(f"{place.http}/v2", place.ws)
    network = NetworkOptions(tls=place.tls)
    async with CoinEx(Credentials(ACCESS_ID, SECRET), environment=environment, network=network) as venue:
        await venue.load_markets()
        size = Decimal(SIZE)
        buy, sell = _senders(venue, MARKET, is_prepared=is_prepared)

        def react(event: Any) -> None:
            if not event.proved:
                return
            top = book.top()
            if top.bid_size_float > top.ask_size_float:
                buy(size, top.bid)
            else:
                sell(size, top.ask)

        book = venue.watch_book(MARKET, depth=50, on_update=react).book
        await asyncio.Event().wait()


def _senders(venue: Any, market: str, *, is_prepared: bool) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return what buys and what sells, by size and price."""
    if is_prepared:
        return venue.prepare_order(market, "buy").send, venue.prepare_order(market, "sell").send
    return partial(venue.send_order, market, "buy"), partial(venue.send_order, market, "sell")


async def ours_exchange(place: Place, *, is_prepared: bool = False) -> None:
    from tradewire import Exchange, NetworkOptions, Token
    from tradewire.venues.exchange import hosts

    environment = hosts.local(place.http, place.ws)
    async with Exchange(
        Token(SECRET), environment=environment, network=NetworkOptions(tls=place.tls)
    ) as venue:
        await venue.watch_orders(on_update=lambda order: None).ready()
        buy, sell = _senders(venue, FLOW_MARKET, is_prepared=is_prepared)

        def react(event: Any) -> None:
            if not book.is_synced:
                return
            bid, bid_size, ask, ask_size = book.best_ticks()
            if bid_size > ask_size:
                buy(QUANTITY, bid)
            else:
                sell(QUANTITY, ask)

        book = venue.watch_book(FLOW_MARKET, on_update=react).book
        await asyncio.Event().wait()


async def floor(place: Place) -> None:
    """Our native parts in bare Protocols: what is left when the client is taken away."""
    from bench.contenders.tick_http import BareWebSocket, HttpConnection, connect
    from tradewire._native import CoinexFeed, CoinexSigner

    signer, ids = CoinexSigner(ACCESS_ID, SECRET), count()
    feed = CoinexFeed()
    book = feed.add_book(MARKET, 50)
    http = await connect(place, HttpConnection(place.authority))

    def react(payload: bytes) -> None:
        event = feed.on_frame(payload, 0)
        if not event.proved:
            # A push that was wrong, not the reply to the subscription.
            if event.book is not None and not book.is_synced:
                socket.send(SUBSCRIBE)
            return
        bid, bid_size, ask, ask_size = book.best_float()
        side, price = ("buy", bid) if bid_size > ask_size else ("sell", ask)
        body = _body(side, f"{price:.2f}", next(ids))
        timestamp_ms = _now_ms()
        http.post(
            ORDER_PATH, ACCESS_ID, signer.sign("POST", ORDER_PATH, body, timestamp_ms), timestamp_ms, body
        )

    socket = await connect(place, BareWebSocket(place.authority, react))
    await socket.opened
    socket.send(SUBSCRIBE)
    await asyncio.Event().wait()


async def floor_exchange(place: Place) -> None:
    """The same before Exchange's stream; market and orders on one connection."""
    from bench.contenders.tick_http import BareWebSocket, connect
    from tradewire._native import ExchangeFeed

    feed, ids = ExchangeFeed(), count()
    book = feed.add_book(FLOW_MARKET)

    def react(payload: bytes) -> None:
        event = feed.on_frame(payload, 0)
        if event.book is None:
            return
        if not book.is_synced:
            feed.resync(FLOW_MARKET)
            socket.send(SUBSCRIBE_L3)
            return
        bid, bid_size, ask, ask_size = book.best_ticks()
        side, price = ("BUY", bid) if bid_size > ask_size else ("SELL", ask)
        socket.send(_submit(side, price, next(ids)))

    socket = await connect(place, BareWebSocket(place.authority, react))
    await socket.opened
    socket.send(LOGIN)
    socket.send(SUBSCRIBE_L3)
    await asyncio.Event().wait()


async def handmade(place: Place) -> None:
    """The best we could glue: picows, libdeflate, msgspec, bisect, copied SHA states, HTTP in forty lines."""
    from bench.contenders.tick_http import HttpConnection, connect

    http = await connect(place, HttpConnection(place.authority))
    await _handmade(place, http.post)


async def handmade_pyreqwest(place: Place) -> None:
    """The same with a client from Rust for HTTP."""
    builder = import_module("pyreqwest.client").ClientBuilder()
    if place.cafile:
        builder = builder.add_root_certificate_pem(Path(place.cafile).read_bytes())  # noqa: ASYNC240 - before anything runs
    client, url = builder.build(), place.http + ORDER_PATH

    async def send(headers: dict[str, str], body: bytes) -> None:
        reply = await client.post(url).headers(headers).body_bytes(body).build().send()
        await reply.bytes()

    await _handmade(place, _in_a_task(send))


async def handmade_httpx(place: Place) -> None:
    """The same with httpx for HTTP."""
    # It may be stopped for longer than the five seconds it would wait.
    client = import_module("httpx").AsyncClient(verify=place.tls or True, timeout=60.0)
    url = place.http + ORDER_PATH

    async def send(headers: dict[str, str], body: bytes) -> None:
        await client.post(url, headers=headers, content=body)

    await _handmade(place, _in_a_task(send))


def _in_a_task(send: Callable[[dict[str, str], bytes], Coroutine[Any, Any, None]]) -> Post:
    underway = set[asyncio.Task[None]]()

    def post(path: str, key: str, signature: str, timestamp_ms: int, body: str) -> None:
        task = asyncio.ensure_future(send(_headers(key, signature, timestamp_ms), body.encode()))
        underway.add(task)
        task.add_done_callback(underway.discard)

    return post


async def _handmade(place: Place, post: Post) -> None:
    import picows

    from bench.contenders import signing
    from bench.contenders.handmade import HandmadeBot

    sign, ids, bot = signing.handmade(SECRET), count(), HandmadeBot()
    on_frame, top, binary = bot.on_frame, bot.top, picows.WSMsgType.BINARY

    class Listener(picows.WSListener):
        def on_ws_connected(self, transport: picows.WSTransport) -> None:
            transport.send(picows.WSMsgType.TEXT, SUBSCRIBE)

        def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
            if frame.msg_type is not binary and frame.msg_type != binary:
                return
            try:
                on_frame(frame.get_payload_as_memoryview(), 0)
            except ValueError:
                # The reply to a subscription.
                return
            if not bot.is_proved:
                transport.send(picows.WSMsgType.TEXT, SUBSCRIBE)
                return
            bid, bid_size, ask, ask_size = top()
            body = (
                _body("buy", bid, next(ids))
                if float(bid_size) > float(ask_size)
                else _body("sell", ask, next(ids))
            )
            timestamp_ms = _now_ms()
            post(ORDER_PATH, ACCESS_ID, sign("POST", ORDER_PATH, body, timestamp_ms), timestamp_ms, body)

    await picows.ws_connect(Listener, place.ws, ssl_context=place.tls)
    await asyncio.Event().wait()


async def handmade_exchange(place: Place) -> None:
    """picows and msgspec before dicts; market and orders on one connection."""
    import picows

    from bench.contenders.queue_bots import HandmadeQueueBot

    bot, ids, text = HandmadeQueueBot(), count(), picows.WSMsgType.TEXT

    class Listener(picows.WSListener):
        def on_ws_connected(self, transport: picows.WSTransport) -> None:
            transport.send(text, LOGIN)
            transport.send(text, SUBSCRIBE_L3)

        def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
            try:
                bot.on_frame(frame.get_payload_as_memoryview(), 0)
            except ValueError:
                # An answer to an order, which a bot would read after it has reacted.
                return
            if not bot.is_proved:
                transport.send(text, SUBSCRIBE_L3)
                return
            bid, bid_size, ask, ask_size = bot.best()
            side, price = ("BUY", bid) if bid_size > ask_size else ("SELL", ask)
            transport.send(text, _submit(side, price, next(ids)))

    await picows.ws_connect(Listener, place.ws, ssl_context=place.tls)
    await asyncio.Event().wait()


async def typical(place: Place) -> None:
    """What people write: aiohttp for both, gzip, json, dicts, hmac."""
    import aiohttp

    from bench.contenders import signing
    from bench.contenders.bots import DictBot

    sign, ids, bot = signing.hmac_new(SECRET), count(), DictBot()
    connector = aiohttp.TCPConnector(ssl=place.tls or True)
    async with aiohttp.ClientSession(connector=connector) as session, session.ws_connect(place.ws) as socket:
        await socket.send_bytes(SUBSCRIBE)
        async for message in socket:
            bot.is_proved = False
            try:
                bot.on_frame(message.data, 0)
            except KeyError:
                continue
            if not bot.is_proved:
                await socket.send_bytes(SUBSCRIBE)
                continue
            bid, bid_size, ask, ask_size = bot.best()
            side, price = ("buy", bid) if bid_size > ask_size else ("sell", ask)
            order = {
                "market": MARKET, "market_type": "SPOT", "side": side, "type": "limit",
                "amount": SIZE, "price": f"{price:.2f}", "client_id": f"b{next(ids)}",
            }  # fmt: skip
            body = json.dumps(order)
            timestamp_ms = _now_ms()
            signature = sign("POST", ORDER_PATH, body, timestamp_ms)
            headers = _headers(ACCESS_ID, signature, timestamp_ms)
            async with session.post(place.http + ORDER_PATH, data=body, headers=headers) as reply:
                await reply.json()


async def typical_exchange(place: Place) -> None:
    import aiohttp

    from bench.contenders.queue_bots import json_bot

    bot, ids = json_bot(), count()
    connector = aiohttp.TCPConnector(ssl=place.tls or True)
    async with aiohttp.ClientSession(connector=connector) as session, session.ws_connect(place.ws) as socket:
        await socket.send_str(LOGIN.decode())
        await socket.send_str(SUBSCRIBE_L3.decode())
        async for message in socket:
            before = bot.is_proved
            if b'"l3"' not in message.data.encode():
                continue
            bot.on_frame(message.data, 0)
            if not bot.is_proved:
                if before:
                    await socket.send_str(SUBSCRIBE_L3.decode())
                continue
            bid, bid_size, ask, ask_size = bot.best()
            side, price = ("BUY", bid) if bid_size > ask_size else ("SELL", ask)
            order = {
                "op": "submit_order", "request_id": f"r{next(ids)}", "market": FLOW_MARKET,
                "side": side, "price": price, "quantity": QUANTITY,
            }  # fmt: skip
            await socket.send_str(json.dumps(order))


async def ccxt_pro(place: Place) -> None:
    """ccxt.pro as its manual shows it; verifies no checksum."""
    import aiohttp

    from bench.contenders.ccxt_bot import market

    venue = import_module("ccxt.pro").coinex(
        {
            "apiKey": ACCESS_ID, "secret": SECRET, "enableRateLimit": False, "options": {"defaultType": "spot"},
            # It may be stopped for longer than the ten seconds it would wait.
            "timeout": 60_000,
        }
    )  # fmt: skip
    venue.set_markets([market()])
    venue.urls["api"] = {
        "public": place.http, "private": place.http,
        "ws": {"spot": place.ws, "swap": place.ws},
    }  # fmt: skip
    if place.tls is not None:
        venue.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=place.tls))
    while True:
        book = await venue.watch_order_book("BTC/USDT", 50)
        (bid, bid_size), (ask, ask_size) = book["bids"][0], book["asks"][0]
        side, price = ("buy", bid) if bid_size > ask_size else ("sell", ask)
        await venue.create_order("BTC/USDT", "limit", side, float(SIZE), price)


def _body(side: str, price: object, number: int) -> str:
    return (
        f'{{"market":"{MARKET}","market_type":"SPOT","side":"{side}","type":"limit","amount":"{SIZE}",'
        f'"price":"{price}","client_id":"b{number}"}}'
    )


def _submit(side: str, price: int, number: int) -> bytes:
    return (
        f'{{"op":"submit_order","request_id":"r{number}","market":"{FLOW_MARKET}","side":"{side}",'
        f'"price":{price},"quantity":{QUANTITY}}}'
    ).encode()


def _headers(key: str, signature: str, timestamp_ms: int) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-COINEX-KEY": key,
        "X-COINEX-SIGN": signature,
        "X-COINEX-TIMESTAMP": str(timestamp_ms),
    }


def _now_ms() -> int:
    from time import time_ns

    return time_ns() // 1_000_000


BOTS: dict[str, Callable[[Place], Coroutine[Any, Any, None]]] = {
    "tradewire": ours,
    "tradewire-prepared": partial(ours, is_prepared=True),
    "tradewire-exchange": ours_exchange,
    "tradewire-exchange-prepared": partial(ours_exchange, is_prepared=True),
    "floor": floor,
    "handmade": handmade,
    "handmade-pyreqwest": handmade_pyreqwest,
    "handmade-httpx": handmade_httpx,
    "handmade-exchange": handmade_exchange,
    "floor-exchange": floor_exchange,
    "typical": typical,
    "typical-exchange": typical_exchange,
    "ccxt": ccxt_pro,
}


def main() -> None:
    import tradewire

    options = json.loads(sys.argv[1])
    pin = None
    if hasattr(os, "sched_setaffinity"):
        # Who starts bots sits on one core himself.
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        pin = max(os.sched_getaffinity(0)) if options["is_pinned"] else None
    tradewire.run(
        BOTS[options["bot"]](Place(options["port"], options["cafile"])),
        busy_poll=options["is_polled"],
        uvloop=options["uses_uvloop"],
        pin=pin,
        freeze=options["is_frozen"],
    )


if __name__ == "__main__":
    main()
