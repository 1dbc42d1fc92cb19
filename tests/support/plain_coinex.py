"""A CoinEx client of aiohttp and the standard library alone, so that something independent checks the sandbox."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import io
import json
import time
import zlib
from typing import Any

import aiohttp
from yarl import URL

from tradewire.sandbox import Sandbox

LEG_TIMEOUT_S = 10.0


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class PlainClient:
    """REST calls, signed by hand."""

    def __init__(self, box: Sandbox, session: aiohttp.ClientSession) -> None:
        self.box = box
        self.session = session
        self.access_id = box.coinex.access_id
        self.secret = box.coinex.secret

    def sign(self, method: str, target: str, body: str, stamp: str) -> str:
        return hmac.new(
            self.secret.encode(), f"{method}{target}{body}{stamp}".encode(), hashlib.sha256
        ).hexdigest()

    async def raw(
        self, method: str, target: str, body: str = "", headers: dict[str, str] | None = None
    ) -> aiohttp.ClientResponse:
        """Send without signing; ``target`` is path and query as on the wire."""
        root = self.box.coinex.rest_url.removesuffix("/v2")
        return await self.session.request(
            method,
            URL(root + target, encoded=True),
            data=io.BytesIO(body.encode()) if body else None,
            headers=headers,
        )

    async def signed(
        self,
        method: str,
        target: str,
        document: Any = None,
        *,
        text: str | None = None,
        headers: dict[str, str | None] | None = None,
        stamp_ms: int | None = None,
    ) -> dict[str, Any]:
        """Sign and send; return the envelope, with the headers of the reply under ``_headers``."""
        body = text if text is not None else "" if document is None else json.dumps(document)
        stamp = str(now_ms() if stamp_ms is None else stamp_ms)
        sent: dict[str, str | None] = {
            "X-COINEX-KEY": self.access_id,
            "X-COINEX-SIGN": self.sign(method, target, body, stamp),
            "X-COINEX-TIMESTAMP": stamp,
            "Content-Type": "application/json",
            **(headers or {}),
        }
        async with await self.raw(
            method, target, body, {name: value for name, value in sent.items() if value is not None}
        ) as reply:
            assert reply.status == 200
            envelope: dict[str, Any] = await reply.json()
            envelope["_headers"] = reply.headers
            return envelope

    async def public(self, target: str) -> dict[str, Any]:
        async with await self.raw("GET", target) as reply:
            assert reply.status == 200
            envelope: dict[str, Any] = await reply.json()
            return envelope

    async def order(self, **fields: Any) -> dict[str, Any]:
        """Place an order on BTCUSDT; ``None`` leaves a field out."""
        wanted = {
            "market": "BTCUSDT",
            "market_type": "SPOT",
            "side": "buy",
            "type": "limit",
            "amount": "0.001",
            "price": "30000",
        } | fields
        return await self.signed(
            "POST", "/v2/spot/order", {name: value for name, value in wanted.items() if value is not None}
        )

    async def control(self, method: str, path: str, document: Any = None) -> tuple[int, Any]:
        body = "" if document is None else json.dumps(document)
        async with await self.raw(method, f"/sandbox{path}", body) as reply:
            return reply.status, await reply.json()


class PlainStream:
    """A WebSocket that gunzips every frame."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.pushes: list[dict[str, Any]] = []
        self._ids = 0

    async def next(self) -> dict[str, Any]:
        message = await self.socket.receive(timeout=LEG_TIMEOUT_S)
        assert message.type is aiohttp.WSMsgType.BINARY, message
        assert message.data[:2] == b"\x1f\x8b"
        decoded: dict[str, Any] = json.loads(gzip.decompress(message.data))
        return decoded

    async def ask(self, method: str, params: Any = None) -> dict[str, Any]:
        """Send a request and return its reply; pushes that come before it are kept."""
        self._ids += 1
        await self.socket.send_str(
            json.dumps({"method": method, "params": {} if params is None else params, "id": self._ids})
        )
        while True:
            message = await self.next()
            if message.get("id") == self._ids:
                return message
            self.pushes.append(message)

    async def push(self, method: str) -> dict[str, Any]:
        """Return the data of the next push of ``method``; others are kept."""
        for place, message in enumerate(self.pushes):
            if message["method"] == method:
                return dict(self.pushes.pop(place)["data"])
        while True:
            message = await self.next()
            if message.get("method") == method:
                return dict(message["data"])
            self.pushes.append(message)

    async def sign(self, client: PlainClient) -> None:
        stamp = now_ms()
        signature = hmac.new(client.secret.encode(), str(stamp).encode(), hashlib.sha256).hexdigest()
        reply = await self.ask(
            "server.sign", {"access_id": client.access_id, "signed_str": signature, "timestamp": stamp}
        )
        assert reply == {"id": self._ids, "code": 0, "message": "OK"}


class PlainBook:
    """A book as two dictionaries of received text."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}
        self.updated_at = 0

    def apply(self, data: dict[str, Any]) -> bool:
        """Take a push in and say whether the checksum holds."""
        depth = data["depth"]
        if data["is_full"]:
            self.sides = {"bids": {}, "asks": {}}
        for side, levels in self.sides.items():
            for price, amount in depth.get(side, []):
                if amount == "0":
                    levels.pop(price, None)
                else:
                    levels[price] = amount
        self.updated_at = depth["updated_at"]
        return bool(self.checksum() == depth["checksum"])

    def levels(self, side: str) -> list[list[str]]:
        ordered = sorted(self.sides[side].items(), key=lambda level: float(level[0]), reverse=side == "bids")
        return [list(level) for level in ordered]

    def checksum(self) -> int:
        text = ":".join(":".join(level) for side in ("bids", "asks") for level in self.levels(side))
        return zlib.crc32(text.encode())
