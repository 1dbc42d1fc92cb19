"""An Exchange client of ``websockets``, ``aiohttp`` and ``json`` alone, written from the fact sheet.

Imports nothing of the venue: something independent checks the sandbox.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import websockets
from yarl import URL

LEG_TIMEOUT_S = 10.0
ADMIN_TOKEN = "local-admin-token"
Message = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    content_type: str
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class PlainRest:
    """REST calls in the three roles."""

    def __init__(self, root: str, session: aiohttp.ClientSession, api_key: str = "") -> None:
        self.root = root
        self.session = session
        self.api_key = api_key

    async def raw(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send exactly this; ``path`` is percent-encoded already."""
        async with self.session.request(
            method,
            URL(self.root + path, encoded=True),
            data=None if body is None else io.BytesIO(body),
            headers=headers,
            skip_auto_headers=["Content-Type"],
        ) as reply:
            return Answer(reply.status, reply.content_type, reply.headers, await reply.text())

    async def public(self, path: str) -> Answer:
        return await self.raw("GET", path)

    async def trader(self, method: str, path: str, document: Any = None, *, key: str | None = None) -> Answer:
        return await self._send(method, path, {"x-api-key": self.api_key if key is None else key}, document)

    async def admin(self, method: str, path: str, document: Any = None) -> Answer:
        return await self._send(
            method, f"/api/v1/admin{path}", {"Authorization": f"Bearer {ADMIN_TOKEN}"}, document
        )

    async def market(self, market_id: str = "ABC-USD", **changes: Any) -> Answer:
        """Create or replace a market."""
        base, _, quote = market_id.partition("-")
        document = {"market_id": market_id, "base_asset": base, "quote_asset": quote, "tick_size": 1}
        return await self.admin(
            "POST", "/markets", {**document, "min_order_quantity": 1, "enabled": True, **changes}
        )

    async def user(self, username: str) -> PlainRest:
        """Provision a trader and return a client with its key."""
        answer = await self.admin("POST", "/users", {"username": username})
        assert answer.status == 201, answer.text
        return PlainRest(self.root, self.session, answer.json["profile"]["api_key"])

    async def submit(
        self, side: str, quantity: int, price: int, market: str = "ABC-USD", *, key: str | None = None
    ) -> Answer:
        document = {"market": market, "side": side, "price": price, "quantity": quantity}
        return await self.trader("POST", "/api/v1/orders", document, key=key)

    async def order(self, side: str, quantity: int, price: int, market: str = "ABC-USD") -> Message:
        """Submit an order that must be taken, and return it."""
        answer = await self.submit(side, quantity, price, market)
        assert answer.status == 201, answer.text
        order: Message = answer.json["order"]
        return order

    async def position(self, market: str = "ABC-USD") -> tuple[int, int | None, int]:
        """Return net quantity, average entry price and realized profit; zeros where none is listed."""
        for row in (await self.trader("GET", "/api/v1/positions")).json:
            if row["market"] == market:
                return row["net_quantity"], row["average_entry_price"], row["realized_pnl"]
        return 0, None, 0

    async def _send(self, method: str, path: str, headers: dict[str, str], document: Any) -> Answer:
        if document is None:
            return await self.raw(method, path, headers=headers)
        body = json.dumps(document).encode()
        return await self.raw(
            method, path, body=body, headers={**headers, "Content-Type": "application/json"}
        )


@dataclass
class PlainBook:
    """Orders by id in order of arrival: side, price, remaining."""

    orders: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    sequence: int = 0

    def replace(self, snapshot: Message) -> None:
        self.sequence = snapshot["sequence"]
        rows = [*snapshot["bids"], *snapshot["asks"]]
        self.orders = {row["order_id"]: (row["side"], row["price"], row["remaining"]) for row in rows}

    def apply(self, delta: Message) -> None:
        for event in delta["events"]:
            self.sequence += 1
            assert delta["sequence"] == self.sequence, f"gap: {delta} after {self.sequence - 1}"
            if event["kind"] in {"order_added", "order_updated"}:
                row = event["order"]
                self.orders[row["order_id"]] = (row["side"], row["price"], row["remaining"])
            elif event["kind"] == "order_removed":
                self.orders.pop(event["order_id"], None)
            else:
                assert event["kind"] == "trade"

    def side(self, side: str) -> list[list[Any]]:
        """Return ``[order_id, price, remaining]`` in priority."""
        own = [[name, price, left] for name, (where, price, left) in self.orders.items() if where == side]
        return sorted(own, key=lambda row: row[1], reverse=side == "BUY")


class PlainStream:
    """A WebSocket of one JSON object per text frame."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.book = PlainBook()

    async def next(self) -> Message:
        """Return the next message that is no heartbeat, applied to the book if it is about one."""
        while True:
            frame = await asyncio.wait_for(self.socket.recv(), LEG_TIMEOUT_S)
            assert isinstance(frame, str)
            message: Message = json.loads(frame)
            if message["type"] == "snapshot":
                self.book.replace(message)
            elif message["type"] == "delta":
                self.book.apply(message)
            if message["type"] != "heartbeat":
                return message

    async def take(self, count: int) -> list[Message]:
        return [await self.next() for _ in range(count)]

    async def until(self, kind: str) -> Message:
        """Return the next message of a type; what comes before is applied and passed over."""
        while True:
            message = await self.next()
            if message["type"] == kind:
                return message

    async def send(self, op: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"op": op, **fields}))

    async def ask(self, op: str, **fields: Any) -> Message:
        """Send a request and return the next message, which is its answer where nothing else happens."""
        await self.send(op, **fields)
        return await self.next()

    async def sign_in(self, api_key: str) -> Message:
        return await self.ask("authenticate", api_key=api_key)

    async def subscribe(self, market: str = "ABC-USD") -> Message:
        return await self.ask("subscribe", channel="l3", market=market)

    async def drain(self) -> list[Message]:
        """Return what was sent before now; ``unsubscribed`` of an unknown market is what comes after it."""
        await self.send("unsubscribe", channel="l3", market="no such")
        end = {"type": "unsubscribed", "channel": "l3", "market": "no such"}
        drained = []
        while (message := await self.next()) != end:
            drained.append(message)
        return drained

    async def quiet(self) -> None:
        """Prove that nothing waits."""
        assert await self.drain() == []


@asynccontextmanager
async def plain_stream(url: str) -> AsyncIterator[PlainStream]:
    """Connect; the first frame is a heartbeat."""
    async with websockets.connect(url, compression=None, proxy=None) as socket:
        stream = PlainStream(socket)
        first = await asyncio.wait_for(socket.recv(), LEG_TIMEOUT_S)
        assert json.loads(first) == {"type": "heartbeat"}
        yield stream
