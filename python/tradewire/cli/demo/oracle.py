"""What the venue itself says is so: the sandbox's control surface, asked over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from tradewire.description import Product
from tradewire.errors import TradewireError
from tradewire.transport.seam import HttpRequest, HttpTransport

__all__ = ["Oracle"]

TIMEOUT_S = 5.0
OK = 200
NOT_FOUND = 404


class Oracle:
    """Asks one sandbox venue for its books and its ledger, and asks it to misbehave."""

    def __init__(self, product: Product, http: HttpTransport, rest_url: str) -> None:
        parts = urlsplit(rest_url)
        self._http = http
        self._venue = product.venue
        # Of the first product of a venue the control surface tells if no other one is named.
        self._product = {"product": product.name.partition("-")[2]} if product.name != product.venue else {}
        self._root = f"{parts.scheme}://{parts.netloc}/sandbox"

    async def sent_book(self, market: str, marks: Mapping[str, int]) -> dict[str, list[list[Any]]] | None:
        """Return the book that the venue sent with these marks, or ``None``: our book never existed there."""
        query = urlencode({"market": market, **marks, **self._product})
        status, reply = await self._send("GET", f"/{self._venue}/sent_book?{query}")
        levels: dict[str, list[list[Any]]] | None = None if status == NOT_FOUND else reply
        return levels

    async def account(self) -> dict[str, Any]:
        """Return the bot's account as the venue has it."""
        _, reply = await self._send("GET", f"/{self._venue}/account?{urlencode(self._product)}")
        account: dict[str, Any] = reply
        return account

    async def inject(self, **what: object) -> None:
        """Ask for one misbehaviour."""
        await self._send("POST", "/faults", what)

    async def pause_traffic(self) -> None:
        """Freeze the seeded traffic, so that nothing moves any more."""
        await self._send("POST", f"/{self._venue}/traffic", {"paused": True})

    async def _send(self, method: str, path: str, body: dict[str, object] | None = None) -> tuple[int, Any]:
        reply = await self._http.send(
            HttpRequest(
                method=method,
                url=self._root + path,
                headers={"content-type": "application/json"} if body is not None else {},
                body=json.dumps(body).encode() if body is not None else b"",
                timeout_s=TIMEOUT_S,
            )
        )
        if reply.status not in {OK, NOT_FOUND}:
            raise TradewireError(f"the sandbox's control surface answered {reply.status} to {method} {path}")
        return reply.status, json.loads(reply.body) if reply.status == OK else None
