"""Whatever members a request has, of whatever type: the venue answers in its own words, and money stays whole."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from support.plain_coinex import now_ms
from tradewire.sandbox import Sandbox
from tradewire.sandbox.routing import Request, Route
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.venue import CoinExVenue

REQUESTS_PER_ROUTE = 25
JUNK: tuple[Any, ...] = (
    None, "", 0, -1, 1, 10**18, 2**63, 10**30, 1.5, True, False, "0", "-1", "1e3", "NaN", "\uff11", "a" * 300, "\0",
    "\u00e9", [], {}, [[]], [None], [{}], {"a": 1}, ["BTCUSDT"], [1, "x"], "99999999999999999999", "0.000000001",
)  # fmt: skip
USUAL: tuple[Any, ...] = (
    "BTCUSDT", "USDT", "BTC", "buy", "sell", "limit", "market", "SPOT", "MARGIN", "FUTURES", "0.01", "60000", "1", 5,
    10, "isolated", "cross", "latest_price", "1min", "5", "true", True, "TRC20", "finished", "deposit", "sub-1",
    ["API"],
)  # fmt: skip
LIKELY: dict[str, Any] = {
    "market": "BTCUSDT", "ccy": "USDT", "side": "buy", "type": "limit", "amount": "0.01", "price": "30000",
    "trigger_price": "50000", "trigger_price_type": "latest_price", "limit": 5, "interval": "0", "period": "1min",
    "from_account_type": "SPOT", "to_account_type": "FUTURES", "margin_mode": "cross", "leverage": 5, "chain": "TRC20",
}  # fmt: skip


def requests_of(route: Route, venue: CoinExVenue, chance: random.Random) -> Iterator[Request]:
    names = [name for source in ("query", "body") for name in route.members(source)]
    for _ in range(REQUESTS_PER_ROUTE):
        members = {name: one_of(name, route, chance) for name in names if chance.random() < 0.85}
        target, body = route.path, ""
        if route.method == "GET":
            target += f"?{urlencode({name: str(value) for name, value in members.items()})}"
        else:
            body = json.dumps(members)
        stamp = str(now_ms())
        text = f"{route.method}{target}{body}{stamp}".encode()
        headers = {
            "Content-Type": "application/json",
            "X-COINEX-KEY": venue.access_id,
            "X-COINEX-TIMESTAMP": stamp,
            "X-COINEX-SIGN": hmac.new(venue.secret.encode(), text, hashlib.sha256).hexdigest(),
        }
        yield Request(route.method, target, headers, body.encode(), "127.0.0.1", int(stamp))


def one_of(name: str, route: Route, chance: random.Random) -> Any:
    if chance.random() < 0.6:
        if name == "market_type":
            return "FUTURES" if route.product == "futures" else "SPOT"
        if name == "orders":
            return [{**LIKELY, "market_type": "SPOT", chance.choice(list(LIKELY)): chance.choice(JUNK)}]
        if name.endswith("_ids"):
            return [chance.choice(JUNK), chance.choice(JUNK)]
        if name in LIKELY:
            return LIKELY[name]
    return chance.choice(JUNK if chance.random() < 0.5 else USUAL)


@pytest.mark.parametrize("profile", ["docs", "live"])
async def test_every_endpoint_answers_junk(profile: str) -> None:
    options = CoinExOptions.like(profile, markets=("BTCUSDT",), rate_limits=False)
    async with Sandbox("coinex", rate=0, coinex=options) as box:
        venue, chance, taken = box.coinex, random.Random(11), 0
        for route in venue.api.routes:
            for request in requests_of(route, venue, chance):
                reply = venue.api.answer(request)
                envelope = json.loads(reply.body)
                assert reply.status == 200, request
                assert {"code", "data", "message"} <= envelope.keys(), request
                assert envelope["code"] == 0 or envelope["data"] == {}, request
                taken += envelope["code"] == 0
            venue.assert_adds_up()
        assert taken > len(venue.api.routes), "too few were more than junk"
