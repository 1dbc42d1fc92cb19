"""A bot whose memory is looked at after it has closed: ``python -m support.core_bot KEYS_FILE``.

Reads its keys from a file into memory it can overwrite, trades on every venue, drops all of it, says so, and waits.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

import tradewire
from tradewire.interface import VenueClient
from tradewire.venues.coinex import hosts as coinex
from tradewire.venues.exchange import hosts as exchange
from tradewire.venues.truex import hosts as truex

CLOSED = b"closed\n"


async def trade(client: VenueClient, market: str, size: Decimal, *, is_streaming: bool = True) -> None:
    async with client:
        if is_streaming:
            await client.watch_orders(on_update=lambda _: None).ready()
        price = (await client.book(market)).bids[-1][0]
        order = await client.send_order(market, "buy", size, price)
        await order.cancel()
        await client.open_orders()


def run(path: Path) -> None:
    keys: dict[str, Any] = msgspec.json.decode((path / "places.json").read_bytes())
    at = keys["coinex"]
    credentials = tradewire.Credentials(at["access_id"], secret_in(path / "coinex"))
    place = coinex.local(at["rest_url"], at["ws_spot_url"])
    asyncio.run(trade(tradewire.CoinEx(credentials, environment=place), "BTCUSDT", Decimal("0.01")))
    at = keys["truex"]
    ids = {"account_id": at["client_id"], "organization_id": at["organization_id"]}
    place_of_truex = truex.local(at["rest_url"], at["ws_url"], at["auth_url"])
    credentials = tradewire.Credentials(at["key_id"], secret_in(path / "truex"))
    client = tradewire.TrueX(credentials, environment=place_of_truex, **ids)
    asyncio.run(trade(client, "BTC-PYUSD", Decimal("0.01")))
    client = tradewire.TrueX(
        jwt=tradewire.JwtKey.from_file(path / "jwt.json"), environment=place_of_truex, **ids
    )
    asyncio.run(trade(client, "BTC-PYUSD", Decimal("0.01"), is_streaming=False))
    at = keys["exchange"]
    venue = tradewire.Exchange(
        tradewire.Token(secret_in(path / "exchange")),
        environment=exchange.local(at["rest_url"], at["ws_url"]),
    )
    asyncio.run(trade(venue, "ABC-USD", Decimal(3)))


def secret_in(path: Path) -> bytearray:
    """Return what a file holds, in memory that the one it is given to overwrites."""
    secret = bytearray(path.stat().st_size)
    with path.open("rb", buffering=0) as file:
        file.readinto(secret)
    return secret


if __name__ == "__main__":
    run(Path(sys.argv[1]))
    gc.collect()
    sys.stdout.buffer.write(CLOSED)
    sys.stdout.flush()
    sys.stdin.readline()
