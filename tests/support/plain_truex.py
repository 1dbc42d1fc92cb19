"""A plain TrueX client for tests of the sandbox: aiohttp, ``hmac`` and ``json``, nothing of ours."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

import aiohttp

CURRENT = "v2026_01_23"
OLDER = "v2024_01_01"
BTC = "78901949723181070"
EXTERNAL_IDS = count(1)


def sign(secret: str, text: str) -> str:
    return b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def stamp(now_ms: int, skew_s: int = 0) -> str:
    return str(now_ms // 1000 + skew_s)


def new_id() -> str:
    return f"plain-{next(EXTERNAL_IDS):06d}"


class Clock:
    """A venue's clock in a test's hand."""

    def __init__(self) -> None:
        self.ms = 1_770_000_000_000

    def __call__(self) -> int:
        return self.ms


@dataclass
class Answer:
    status: int
    document: Any
    headers: Any

    @property
    def data(self) -> Any:
        """What the envelope holds; the whole for bare bodies."""
        return (
            self.document["data"]
            if isinstance(self.document, dict) and "data" in self.document
            else self.document
        )


@dataclass
class PlainTrueX:
    """Signs and sends; ``prefix`` and ``version`` as every caller may set them."""

    session: aiohttp.ClientSession
    root: str
    key_id: str
    secret: str
    client_id: str
    organization_id: str
    prefix: str = "/v1/cefi"
    version: str | None = CURRENT
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000

    @classmethod
    def of(cls, session: aiohttp.ClientSession, venue: Any, **how: Any) -> PlainTrueX:
        keys = {name: getattr(venue, name) for name in ("key_id", "secret", "client_id", "organization_id")}
        return cls(session, venue.rest_url, **(keys | how))

    def headers(self, method: str, path: str, body: str, skew_s: int = 0) -> dict[str, str]:
        at = stamp(self.now_ms(), skew_s)
        return {
            "x-truex-auth-userid": self.client_id,
            "x-truex-auth-timestamp": at,
            "x-truex-auth-token": self.key_id,
            "x-truex-auth-signature": sign(self.secret, f"{at}{method}{path}{body}"),
        }

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        signed: bool = True,
        skew_s: int = 0,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request to ``path`` below the prefix, with its query; ``body`` as document or as text."""
        path = self.prefix + path
        text = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        sent = self.headers(method, path.partition("?")[0], text, skew_s) if signed else {}
        if self.version is not None:
            sent["X-Truex-Version"] = self.version
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        async with self.session.request(method, self.root + path, data=text or None, headers=sent) as reply:
            raw = await reply.read()
            return Answer(
                reply.status, json.loads(raw) if "json" in reply.content_type else raw, reply.headers
            )

    def order(self, side: str, price: str | None, qty: str, **info: Any) -> dict[str, Any]:
        """Return the body of a new order."""
        external_id = info.pop("external_id", None) or new_id()
        priced = {"type": "MARKET"} if price is None else {"type": "LIMIT", "price": price}
        wanted = {"client_id": self.client_id, "instrument_id": BTC, "side": side, "qty": qty, "tif": "GTC"}
        return {"external_id": external_id, "info": wanted | priced | info}

    async def place(self, side: str, price: str | None, qty: str, **info: Any) -> dict[str, Any]:
        """Send a new order and return its order object."""
        answer = await self.ask("POST", "/orders", self.order(side, price, qty, **info))
        assert answer.status == 200, answer.document
        order: dict[str, Any] = answer.data
        return order

    async def modify(self, order_id: str | None, qty: str, price: str, **more: Any) -> Answer:
        """Send a modification; ``new_type`` goes into its info."""
        info = {"client_id": self.client_id, "new_qty": qty, "new_price": price}
        info |= {name: more.pop(name) for name in ("new_type",) if name in more}
        body = {"id": order_id, "info": info} | more
        return await self.ask(
            "PATCH", "/orders", {name: value for name, value in body.items() if value is not None}
        )

    async def holdings(self) -> dict[str, Any]:
        """Return the client's element of the balance reply."""
        found: dict[str, Any] = (await self.ask("GET", f"/balances?client_id={self.client_id}")).data[0]
        return found

    def frame(
        self, kind: str, channels: list[str], items: list[str], skew_s: int = 0, path: str = "/api/v1"
    ) -> dict[str, Any]:
        """Return a frame, with credentials unless its type says otherwise."""
        at = stamp(self.now_ms(), skew_s)
        frame: dict[str, Any] = {"type": kind, "item_names": items, "channels": channels, "timestamp": at}
        if not kind.endswith("NO_AUTH"):
            frame |= {
                "organization_id": self.organization_id,
                "key": self.key_id,
                "signature": sign(self.secret, f"{at}TRUEXWS{self.key_id}{path}"),
            }
        return frame


def best(venue: Any, side: str, symbol: str = "BTC-PYUSD") -> tuple[Decimal, Decimal]:
    """Return price and quantity of the best level of ``bids`` or ``asks``, as the venue knows it."""
    price, qty, _ = venue.book(symbol)[side][0]
    return Decimal(price), Decimal(qty)


def text_of(venue: Any, order: dict[str, Any]) -> str:
    """Return what the venue says of an order's state."""
    orders = venue.ledger_of(order["order_info"]["client_id"])["orders"]
    text: str = next(known["text"] for known in orders if known["id"] == order["id"])
    return text


@dataclass
class DictBook:
    """A book as the documentation says to keep it."""

    bids: dict[str, tuple[str, str]] = field(default_factory=dict)
    asks: dict[str, tuple[str, str]] = field(default_factory=dict)
    expected: int | None = None
    gaps: int = 0

    def take(self, frame: dict[str, Any]) -> None:
        if frame["update"] == "SNAPSHOT_COMPLETE":
            return
        number = int(frame["seqnum"])
        if frame["update"] == "SNAPSHOT":
            self.bids, self.asks, self.expected = {}, {}, number
        else:
            self.gaps += number != self.expected
            self.expected = number + 1
        for side, name in ((self.bids, "bids"), (self.asks, "asks")):
            for level in frame["data"][name]:
                if level["qty"] == "0":
                    side.pop(level["price"], None)
                else:
                    side[level["price"]] = (level["qty"], level["order_count"])

    def sides(self) -> tuple[list[list[str]], list[list[str]]]:
        """Return bids and asks, best first, as ``[price, qty, order_count]``."""
        bids = sorted(self.bids, key=Decimal, reverse=True)
        asks = sorted(self.asks, key=Decimal)
        return [[p, *self.bids[p]] for p in bids], [[p, *self.asks[p]] for p in asks]


class PlainStream:
    """Reads frames in order and sorts them by channel."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, client: PlainTrueX) -> None:
        self.socket = socket
        self.client = client
        self.frames: list[dict[str, Any]] = []

    async def send(self, kind: str, channels: list[str], items: list[str], **how: Any) -> None:
        await self.socket.send_json(self.client.frame(kind, channels, items, **how))

    async def next(self, timeout_s: float = 5.0) -> dict[str, Any]:
        message = await self.socket.receive(timeout=timeout_s)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        frame: dict[str, Any] = json.loads(message.data)
        self.frames.append(frame)
        return frame

    async def until(self, wanted: Callable[[dict[str, Any]], bool], timeout_s: float = 5.0) -> dict[str, Any]:
        """Return the first frame that fits; what comes before is kept in ``frames``."""
        async with asyncio.timeout(timeout_s):
            while True:
                frame = await self.next()
                if wanted(frame):
                    return frame

    async def confirmed(self) -> dict[str, Any]:
        """Return the next confirmation or refusal."""
        return await self.until(
            lambda frame: frame["channel"] == "WEBSOCKET" and frame["update"] != "WELCOME"
        )

    async def complete(self, channel: str, item: str) -> None:
        await self.until(
            lambda frame: (
                (frame["channel"], frame["update"], frame.get("item")) == (channel, "SNAPSHOT_COMPLETE", item)
            )
        )

    async def subscribe(self, channels: list[str], items: list[str]) -> dict[str, Any]:
        """Subscribe with credentials, read up to the last snapshot, and return the confirmation."""
        await self.send("SUBSCRIBE", channels, items)
        confirmation = await self.confirmed()
        assert confirmation["status"] == "AUTHENTICATED", confirmation
        for channel in channels:
            for item in items:
                await self.complete(channel, item)
        return confirmation
