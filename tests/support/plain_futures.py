"""A CoinEx futures client of the standard library alone, for tests of the sandbox."""

from __future__ import annotations

from typing import Any

from support.plain_coinex import PlainClient, PlainStream

__all__ = ["COMMON", "Json", "PlainFutures"]

Json = dict[str, Any]
COMMON = {"market": "BTCUSDT", "market_type": "FUTURES"}


class PlainFutures:
    """Calls below ``/v2/futures`` on BTCUSDT; whatever they do, money is all there afterwards."""

    def __init__(self, client: PlainClient) -> None:
        self.client = client

    async def post(self, name: str, **fields: Any) -> Json:
        """Return the envelope of a request."""
        return await self.client.signed("POST", f"/v2/futures/{name}", COMMON | fields)

    async def done(self, name: str, **fields: Any) -> Any:
        """Return the data of a request that must succeed."""
        envelope = await self.post(name, **fields)
        assert envelope["code"] == 0, envelope
        self.client.box.coinex.assert_adds_up()
        return envelope["data"]

    async def get(self, name: str, **fields: Any) -> Any:
        """Return the data of a query."""
        query = "&".join(f"{key}={value}" for key, value in (COMMON | fields).items())
        envelope = await self.client.signed("GET", f"/v2/futures/{name}?{query}")
        assert envelope["code"] == 0, envelope
        return envelope["data"]

    async def limit(self, **fields: Any) -> Json:
        """Return a limit order, which rests by default."""
        terms = {"side": "buy", "type": "limit", "amount": "0.1", "price": "50000"} | fields
        order: Json = await self.done("order", **terms)
        return order

    async def market(self, side: str, amount: str) -> Json:
        """Return a market order."""
        order: Json = await self.done("order", side=side, type="market", amount=amount)
        return order

    async def position(self) -> Json:
        """Return the only open position."""
        [position] = await self.get("pending-position")
        found: Json = position
        return found

    async def balance(self) -> Json:
        """Return the wallet."""
        [held] = (await self.client.signed("GET", "/v2/assets/futures/balance"))["data"]
        found: Json = held
        return found

    async def index(self, price: str | None) -> None:
        """Set the index, and with it the mark price."""
        status, reply = await self.client.control(
            "POST", "/coinex/futures", {"market": "BTCUSDT", "index": price}
        )
        assert status == 200, reply
        self.client.box.coinex.assert_adds_up()

    async def follow(self, stream: PlainStream, *topics: str) -> None:
        """Sign in and subscribe."""
        await stream.sign(self.client)
        for topic in topics:
            params = {"ccy_list": []} if topic == "balance" else {"market_list": ["BTCUSDT"]}
            assert (await stream.ask(f"{topic}.subscribe", params))["code"] == 0
