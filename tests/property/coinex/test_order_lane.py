"""Orders that the core writes are those of the general way, byte for byte, and so is what is refused."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from support import oracle
from tradewire import CoinEx, Credentials
from tradewire._native import http_request
from tradewire.errors import TradewireError
from tradewire.transport.seam import HttpReply, HttpRequest
from tradewire.venues.coinex import hosts

SECRET = "SANDBOX_SECRET"
ROOT = "http://127.0.0.1:9"
MARKETS = [
    {
        "market": "BTCUSDT", "base_ccy": "BTC", "quote_ccy": "USDT", "base_ccy_precision": 8, "quote_ccy_precision": 2,
        "min_amount": "0.0001", "maker_fee_rate": "0.001", "taker_fee_rate": "0.001", "is_amm_available": True,
        "is_margin_available": True, "is_pre_trading_available": True, "is_api_trading_available": True,
    },
]  # fmt: skip


@dataclass
class General:
    """A transport that takes requests the general way, and keeps their bytes."""

    written: list[bytes] = field(default_factory=list)

    def start(self, request: HttpRequest) -> asyncio.Future[HttpReply]:
        data = http_request(
            request.method, request.url.removeprefix(ROOT), "127.0.0.1:9", dict(request.headers), request.body
        )
        return self.take(data)

    def take(self, data: bytes) -> asyncio.Future[HttpReply]:
        reply: asyncio.Future[HttpReply] = asyncio.get_running_loop().create_future()
        if data.startswith(b"GET /v2/spot/market"):
            body = {"code": 0, "data": MARKETS, "message": "OK"}
            reply.set_result(HttpReply(200, {}, json.dumps(body).encode()))
        else:
            self.written.append(data)
        return reply

    async def send(self, request: HttpRequest) -> HttpReply:
        return await self.start(request)

    async def warm(self, url: str, connections: int = 1) -> None: ...

    async def close(self) -> None: ...


@dataclass
class Lane(General):
    """The same, which also takes what a session has encoded."""

    authority: str = "127.0.0.1:9"
    lanes: int = 0

    def lane(self, url: str) -> Lane:
        assert url == ROOT
        return self

    def write(self, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply]:
        self.lanes += 1
        return self.take(request)


def unsigned(data: bytes) -> bytes:
    """Return a request without its time and signature, after a look at both."""
    head, _, body = data.decode().partition("\r\n\r\n")
    line, *lines = head.split("\r\n")
    fields = dict(one.split(": ", 1) for one in lines)
    method, path, _ = line.split(" ")
    timestamp_ms = fields["X-COINEX-TIMESTAMP"]
    wanted = oracle.coinex_signature(SECRET, method, path, body, int(timestamp_ms))
    assert fields["X-COINEX-SIGN"] == wanted
    assert int(fields["Content-Length"]) == len(body.encode())
    return re.sub(rb"(X-COINEX-(?:SIGN|TIMESTAMP)): \w+", rb"\1", data)


async def outcomes(
    http: General, orders: list[tuple[tuple[Any, ...], dict[str, Any]]], *, knows: bool
) -> list[Any]:
    credentials, environment = (
        Credentials("SANDBOX_ID", SECRET),
        hosts.local(f"{ROOT}/v2", "ws://127.0.0.1:9/"),
    )
    found: list[Any] = []
    venue = CoinEx(credentials, environment=environment, http=http, on_error=lambda _: None)
    if knows:
        await venue.load_markets()
    for number, (order, options) in enumerate(orders):
        http.written.clear()
        try:
            sent = venue.send_order(*order, **{"client_order_id": f"id-{number}", **options})
        except TradewireError as error:
            assert not http.written
            found.append(repr(error))
        else:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            found.append((sent.placed, sent.status, [unsigned(data) for data in http.written]))
    await venue.close()
    return found


TEXTS = st.one_of(
    st.decimals("0.00000001", "1e12", places=8).map(lambda number: f"{number.normalize():f}"),
    st.sampled_from(["0.0001", "0.00009", "1", "100.00", "007", "1.", ".5", "+1", "1e3", "0", "-1", "NaN"]),
    st.sampled_from(["١", " 1", "\ud800"]),
)  # fmt: skip
NUMBERS = st.one_of(
    TEXTS,
    st.decimals("0.0001", "1000000", places=2),
    st.decimals("0.00000001", "10", places=8),
    st.decimals(),
    st.integers(-1, 10**20),
    st.sampled_from(
        [Decimal("1E+3"), Decimal("1E-9"), Decimal(10) ** 37, Decimal("0.10"), True, None, 0.5, [], b"1"]
    ),
)
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["limit", "market", "stop", []]),
    "time_in_force": st.sampled_from(["gtc", "ioc", "fok", "day"]),
    "post_only": st.sampled_from([True, False, 1, 0, None]),
    "stp": st.sampled_from([None, "cancel_taker", "cancel_both", "maybe"]),
    "is_hidden": st.sampled_from([True, False, 1]),
    "size_asset": st.sampled_from([None, "USDT", "BTC", "", 'a"b']),
    "client_order_id": st.sampled_from(["mine", "x" * 32, "x" * 33, "", 7, 'a"b', "ü", "\ud800", None, []]),
}
ORDERS = st.lists(
    st.tuples(
        st.tuples(
            st.sampled_from(["BTCUSDT", "ETHUSDT", "B\n", []]), st.sampled_from(["buy", "sell", "up"]), NUMBERS, NUMBERS
        ),
        st.fixed_dictionaries({}, optional=OPTIONS),
    ),
    max_size=6,
)  # fmt: skip
PLAIN = ("BTCUSDT", "buy", Decimal("0.5"), Decimal("60000.10"))


@given(ORDERS, st.booleans())
@example([(PLAIN, {"post_only": True}), (PLAIN, {"post_only": 1}), (PLAIN, {"post_only": False})], True)
@example(
    [(PLAIN, {}), (("BTCUSDT", "buy", "0.00005", "60000"), {}), (("BTCUSDT", "buy", "1", "0.001"), {})],
    True,
)
def test_lane_writes_and_refuses_what_the_general_way_does(
    orders: list[tuple[tuple[Any, ...], dict[str, Any]]], knows: bool
) -> None:
    general, lane = General(), Lane()
    # An id that is made up differs.
    orders = [
        (order, {**more, "client_order_id": "x"} if more.get("client_order_id", 1) is None else more)
        for order, more in orders
    ]
    wanted = asyncio.run(outcomes(general, orders, knows=knows))
    assert asyncio.run(outcomes(lane, orders, knows=knows)) == wanted


@given(st.decimals("0.0001", "1000", places=8), st.decimals("0.01", "100000", places=2), st.booleans())
def test_usual_orders_take_the_lane(size: Decimal, price: Decimal, is_text: bool) -> None:
    lane = Lane()
    order = (str(size), str(price)) if is_text and "E" not in str(size) else (size, price)
    [(placed, _, written)] = asyncio.run(outcomes(lane, [(("BTCUSDT", "sell", *order), {})], knows=True))
    assert (placed.size, placed.price, len(written)) == (size, price, 1)
    assert lane.lanes == ("E" not in str(size))
