"""One way to do the same on each venue of the sandbox, from the standard library, aiohttp and json alone.

For the suite that tries every fault on every venue: it asks and reads in the venue's own format, and knows nothing of
how faults are injected.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import aiohttp

from support.witness import PATIENCE_S
from tradewire.sandbox import Sandbox

TICK_S = 0.01
QUIET_TICKS = 15
"""So many turns of the loop without a message are quiet: a machine that holds up the loop makes nothing quiet."""
Message = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """What came back over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Probe:
    """What a test may do on any venue."""

    name: ClassVar[str]
    market: ClassVar[str]
    unknown_market: ClassVar[str]

    def __init__(self, box: Sandbox, session: aiohttp.ClientSession) -> None:
        self.box = box
        self.venue: Any = box.venues[self.name]
        self.faults = self.venue.faults
        self.session = session
        self.root: str = self.venue.keys()["rest_url"].removesuffix("/v2")
        self.placed = 0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def send(self, method: str, path: str, headers: Mapping[str, str], body: str = "") -> Raw:
        async with self.session.request(
            method, self.root + path, headers=headers, data=body.encode() or None
        ) as reply:
            return Raw(reply.status, reply.headers, await reply.read())

    async def control(self, method: str, path: str, document: Any = None) -> Raw:
        is_text = isinstance(document, str)
        body = document if is_text else "" if document is None else json.dumps(document)
        return await self.send(method, f"/sandbox{path}", {}, body)

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[ProbeStream]:
        async with self.session.ws_connect(self.ws_url) as socket:
            stream = ProbeStream(self, socket)
            await stream.quiet()
            yield stream

    async def until_orders(self, count: int) -> None:
        """Wait until the venue knows of so many orders."""
        async with asyncio.timeout(PATIENCE_S):
            while self.orders() < count:  # noqa: ASYNC110 - the venue tells nobody
                await asyncio.sleep(0.01)

    # What differs by venue.

    @property
    def ws_url(self) -> str:
        raise NotImplementedError

    def orders(self) -> int:
        """Return how many orders of ours the venue knows."""
        raise NotImplementedError

    async def place(self) -> Raw:
        """Place an order that rests far from the touch."""
        raise NotImplementedError

    async def trade(self) -> None:
        """Place an order that is filled at once."""
        raise NotImplementedError

    async def ask(self, what: str) -> Raw:
        """Ask for ``orders``, ``fills``, ``balances`` (or positions), ``markets``."""
        raise NotImplementedError

    def rows(self, what: str, reply: Raw) -> list[Any]:
        """Return the rows of an answer to ``ask``."""
        raise NotImplementedError

    def is_refused(self, reply: Raw) -> bool:
        """Say whether the venue said no."""
        raise NotImplementedError

    def decode(self, frame: bytes | str) -> Message:
        return dict(json.loads(frame))

    def login(self) -> Message | None:
        """Return the request that logs in, where one is needed beforehand."""
        raise NotImplementedError

    def book_request(self, verb: str, market: str) -> Message:
        raise NotImplementedError

    def orders_request(self) -> Message | None:
        raise NotImplementedError

    def is_book(self, message: Message) -> bool:
        raise NotImplementedError

    def number(self, message: Message) -> int | None:
        raise NotImplementedError

    def is_order(self, message: Message) -> bool:
        raise NotImplementedError

    def order_row(self, message: Message) -> Any:
        raise NotImplementedError

    def is_ok(self, message: Message) -> bool:
        """Say whether a stream's reply says that all is well."""
        raise NotImplementedError


class ProbeStream:
    """A WebSocket of decoded messages."""

    def __init__(self, probe: Probe, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.probe = probe
        self.socket = socket

    async def send(self, request: Message) -> None:
        await self.socket.send_str(json.dumps(request))

    async def next(self, timeout_s: float = PATIENCE_S) -> Message:
        message = await self.socket.receive(timeout=timeout_s)
        assert message.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}, message
        return self.probe.decode(message.data)

    async def quiet(self) -> list[Message]:
        """Return what comes until nothing comes any more."""
        messages: list[Message] = []
        while True:
            coming = asyncio.ensure_future(self.next())
            for _ in range(QUIET_TICKS):
                await asyncio.wait([coming], timeout=TICK_S)
                if coming.done():
                    break
            else:
                coming.cancel()
                await asyncio.wait([coming])
                return messages
            messages.append(coming.result())

    async def login(self) -> list[Message]:
        request = self.probe.login()
        if request is None:
            return []
        await self.send(request)
        return await self.quiet()

    async def book(self, verb: str = "subscribe", market: str | None = None) -> list[Message]:
        await self.send(self.probe.book_request(verb, market or self.probe.market))
        return await self.quiet()

    async def orders(self) -> list[Message]:
        await self.login()
        request = self.probe.orders_request()
        if request is None:
            return []
        await self.send(request)
        return await self.quiet()

    async def moved(self) -> list[Message]:
        """Change the book twice and return what is said of it."""
        await self.probe.trade()
        await self.probe.trade()
        return [message for message in await self.quiet() if self.probe.is_book(message)]


class CoinExProbe(Probe):
    name = "coinex"
    market = "BTCUSDT"
    unknown_market = "NOPEUSDT"
    PATHS: ClassVar = {
        "orders": "/v2/spot/pending-order?market=BTCUSDT&market_type=SPOT",
        "fills": "/v2/spot/user-deals?market=BTCUSDT&market_type=SPOT",
        "balances": "/v2/assets/spot/balance",
        "markets": "/v2/spot/market",
    }

    @property
    def ws_url(self) -> str:
        return str(self.venue.ws_spot_url)

    def orders(self) -> int:
        # Cancelled ones are forgotten by this venue.
        return len(self.venue.ledger_of(self.venue.access_id)["orders"])

    def _hmac(self, text: str) -> str:
        return hmac.new(self.venue.secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    async def _signed(self, method: str, path: str, document: Any = None) -> Raw:
        body, stamp = "" if document is None else json.dumps(document), str(self.now_ms())
        headers = {
            "X-COINEX-KEY": self.venue.access_id,
            "X-COINEX-SIGN": self._hmac(f"{method}{path}{body}{stamp}"),
            "X-COINEX-TIMESTAMP": stamp,
            "Content-Type": "application/json",
        }
        return await self.send(method, path, headers, body)

    async def _order(self, price: str) -> Raw:
        order = {"market": self.market, "market_type": "SPOT", "side": "buy", "type": "limit"}
        return await self._signed("POST", "/v2/spot/order", {**order, "amount": "0.001", "price": price})

    async def place(self) -> Raw:
        return await self._order("30000")

    async def trade(self) -> None:
        reply = await self._order(self.venue.book(self.market, 5)["asks"][0][0].rstrip("0").rstrip("."))
        assert reply.json["code"] == 0, reply

    async def ask(self, what: str) -> Raw:
        return await self._signed("GET", self.PATHS[what])

    def rows(self, what: str, reply: Raw) -> list[Any]:
        return list(reply.json["data"])

    def is_refused(self, reply: Raw) -> bool:
        return bool(reply.json["code"])

    def decode(self, frame: bytes | str) -> Message:
        assert isinstance(frame, bytes)
        return super().decode(gzip.decompress(frame))

    def login(self) -> Message:
        stamp = self.now_ms()
        params = {"access_id": self.venue.access_id, "signed_str": self._hmac(str(stamp)), "timestamp": stamp}
        return {"method": "server.sign", "params": params, "id": 1}

    def book_request(self, verb: str, market: str) -> Message:
        entry = [market, 50, "0", False] if verb == "subscribe" else market
        return {"method": f"depth.{verb}", "params": {"market_list": [entry]}, "id": 2}

    def orders_request(self) -> Message:
        return {"method": "order.subscribe", "params": {"market_list": [self.market]}, "id": 3}

    def is_book(self, message: Message) -> bool:
        return message.get("method") == "depth.update"

    def number(self, message: Message) -> int | None:
        number: int | None = message["data"]["depth"].get("updated_at")
        return number

    def is_order(self, message: Message) -> bool:
        return message.get("method") == "order.update"

    def order_row(self, message: Message) -> Any:
        return message["data"]["order"]

    def is_ok(self, message: Message) -> bool:
        return bool(message["code"] == 0)


class ExchangeProbe(Probe):
    name = "exchange"
    market = "ABC-USD"
    unknown_market = "NO-PE"
    PATHS: ClassVar = {
        "orders": "/api/v1/open-orders?market=ABC-USD",
        "fills": "/api/v1/fills?market=ABC-USD",
        "balances": "/api/v1/positions",
        "markets": "/api/v1/markets",
    }

    @property
    def ws_url(self) -> str:
        return str(self.venue.ws_url)

    def orders(self) -> int:
        return len(self.venue.ledger_of(self.venue.api_key)["orders"])

    async def _order(self, price: int) -> Raw:
        headers = {"x-api-key": self.venue.api_key, "Content-Type": "application/json"}
        order = {"market": self.market, "side": "BUY", "price": price, "quantity": 1}
        return await self.send("POST", "/api/v1/orders", headers, json.dumps(order))

    async def place(self) -> Raw:
        return await self._order(9)

    async def trade(self) -> None:
        sequence = self.venue.core.events.sequences[self.market]
        reply = await self._order(self.venue.book_at(self.market, sequence)["asks"][0][1])
        assert reply.status == 201, reply

    async def ask(self, what: str) -> Raw:
        return await self.send("GET", self.PATHS[what], {"x-api-key": self.venue.api_key})

    def rows(self, what: str, reply: Raw) -> list[Any]:
        return list(reply.json)

    def is_refused(self, reply: Raw) -> bool:
        return reply.status >= 400

    def login(self) -> Message:
        return {"op": "authenticate", "api_key": self.venue.api_key}

    def book_request(self, verb: str, market: str) -> Message:
        return {"op": verb, "channel": "l3", "market": market}

    def orders_request(self) -> None:
        return None

    def is_book(self, message: Message) -> bool:
        return message["type"] in {"snapshot", "delta"}

    def number(self, message: Message) -> int | None:
        number: int | None = message.get("sequence")
        return number

    def is_order(self, message: Message) -> bool:
        return str(message["type"]) == "order_state"

    def order_row(self, message: Message) -> Any:
        return message["order"]

    def is_ok(self, message: Message) -> bool:
        return str(message["type"]) not in {"error", "resync_required"}


class TrueXProbe(Probe):
    name = "truex"
    market = "BTC-PYUSD"
    unknown_market = "NOPE-PYUSD"
    PATHS: ClassVar = {
        "orders": "/v1/cefi/orders/active",
        "fills": "/v1/cefi/orders/trades",
        "balances": "/v1/cefi/balances",
        "markets": "/v1/cefi/instruments",
    }

    @property
    def ws_url(self) -> str:
        return str(self.venue.ws_url)

    def orders(self) -> int:
        return len(self.venue.ledger_of(self.venue.client_id)["orders"])

    def _sign(self, text: str) -> str:
        digest = hmac.new(self.venue.secret.encode(), text.encode(), hashlib.sha256).digest()
        return b64encode(digest).decode()

    async def _signed(self, method: str, path: str, document: Any = None) -> Raw:
        body, stamp = "" if document is None else json.dumps(document), str(self.now_ms() // 1000)
        bare = path.partition("?")[0]
        headers = {
            "x-truex-auth-userid": self.venue.client_id,
            "x-truex-auth-timestamp": stamp,
            "x-truex-auth-token": self.venue.key_id,
            "x-truex-auth-signature": self._sign(f"{stamp}{method}{bare}{body}"),
            "X-Truex-Version": "v2026_01_23",
            "Content-Type": "application/json",
        }
        return await self.send(method, path, headers, body)

    async def _order(self, price: str) -> Raw:
        self.placed += 1
        info = {
            "client_id": self.venue.client_id,
            "instrument_id": self.venue.instruments[self.market].instrument_id,
            "side": "BUY",
            "type": "LIMIT",
            "price": price,
            "qty": "0.001",
            "tif": "GTC",
        }
        return await self._signed(
            "POST", "/v1/cefi/orders", {"external_id": f"p-{self.placed}", "info": info}
        )

    async def place(self) -> Raw:
        return await self._order(self.venue.book(self.market)["bids"][-1][0])

    async def trade(self) -> None:
        reply = await self._order(self.venue.book(self.market)["asks"][0][0])
        assert reply.json["data"]["status"] == "FILLED", reply

    async def ask(self, what: str) -> Raw:
        query = f"?timestamp={self.now_ms() * 1_000_000 + 10**9}" if what == "fills" else ""
        return await self._signed("GET", self.PATHS[what] + query)

    def rows(self, what: str, reply: Raw) -> list[Any]:
        rows = reply.json["data"]
        return list(rows[0]["balances"] if what == "balances" else rows)

    def is_refused(self, reply: Raw) -> bool:
        return reply.status >= 400

    def login(self) -> None:
        return None

    def _frame(self, verb: str, channel: str, item: str) -> Message:
        stamp = str(self.now_ms() // 1000)
        return {
            "type": verb.upper(),
            "item_names": [item],
            "channels": [channel],
            "timestamp": stamp,
            "organization_id": self.venue.organization_id,
            "key": self.venue.key_id,
            "signature": self._sign(f"{stamp}TRUEXWS{self.venue.key_id}/api/v1"),
        }

    def book_request(self, verb: str, market: str) -> Message:
        return self._frame(verb, "DEPTH", market)

    def orders_request(self) -> Message:
        return self._frame("subscribe", "DROPCOPY", self.venue.client_id)

    def is_book(self, message: Message) -> bool:
        return message["channel"] == "DEPTH" and "data" in message

    def number(self, message: Message) -> int | None:
        number = message.get("seqnum")
        return None if number is None else int(number)

    def is_order(self, message: Message) -> bool:
        return message["channel"] == "DROPCOPY" and "data" in message

    def order_row(self, message: Message) -> Any:
        return message["data"]

    def is_ok(self, message: Message) -> bool:
        return bool(message["status"] == "AUTHENTICATED")


PROBES: tuple[type[Probe], ...] = (CoinExProbe, ExchangeProbe, TrueXProbe)
