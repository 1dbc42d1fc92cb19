"""What the venue leaves open and the client lets one choose: where the signed prefix, the cursor's name and a trade's
instrument come from."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from support import oracle
from tradewire import Credentials, TrueX
from tradewire._native import FeedEvent, TruexFeed
from tradewire.errors import ConfigError, UnreadableRow
from tradewire.model import Trade
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply, HttpRequest
from tradewire.venues.truex import pushes
from tradewire.venues.truex.directory import Directory

SECRET = "tmk-example-secret"


class Venue:
    """Answers with pages of one transfer, and keeps what was asked."""

    def __init__(self, pages: int = 1) -> None:
        self.asked: list[HttpRequest] = []
        self._pages = pages

    def answer(self, request: HttpRequest) -> HttpReply:
        self.asked.append(request)
        number = len(self.asked)
        ask = {"amount": "1", "asset_id": "3", "client_id": "7", "type": "DEPOSIT", "platform": "FIAT"}
        more = {"next_cursor": f"page {number + 1}"} if number < self._pages else {}
        body = {"data": [{"id": str(number), "status": "PENDING", "request": ask}], "pagination": more}
        return HttpReply(200, {}, json.dumps(body).encode())

    def client(self, **switches: Any) -> TrueX:
        return TrueX(Credentials("key", SECRET), account_id="7", http=MockHttp(self.answer), **switches)


@pytest.mark.parametrize(
    ("switches", "signed"),
    [
        ({}, "/v1/cefi/transfers"),
        ({"signed_prefix": "/api/v1"}, "/api/v1/transfers"),
        ({"prefix": "/api/v1", "signed_prefix": "/v1/cefi"}, "/v1/cefi/transfers"),
    ],
)
async def test_the_prefix_that_is_signed_can_be_another(switches: dict[str, str], signed: str) -> None:
    venue = Venue()
    async with venue.client(**switches) as client:
        await client.transfers()
    [request] = venue.asked
    stamp = request.headers["x-truex-auth-timestamp"]
    wanted = oracle.hmac_base64(SECRET.encode(), f"{stamp}GET{signed}".encode())
    assert request.headers["x-truex-auth-signature"] == wanted
    assert urlsplit(request.url).path == switches.get("prefix", "/v1/cefi") + "/transfers"


@pytest.mark.parametrize("name", ["cursor", "after"])
async def test_pages_are_asked_for_by_the_name_given(name: str) -> None:
    venue = Venue(pages=3)
    async with venue.client(cursor=name) as client:
        found = [transfer.transfer_id async for transfer in client.iter_transfers()]
    assert found == ["1", "2", "3"]
    asked = [parse_qs(urlsplit(request.url).query).get(name) for request in venue.asked]
    assert asked == [None, ["page 2"], ["page 3"]]


@pytest.mark.parametrize("switch", [{"cursor": ""}, {"cursor": "a&b=c"}, {"signed_prefix": "/v2"}])
def test_switches_that_make_no_sense_are_refused(switch: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        TrueX(**switch)  # type: ignore[arg-type]  # on purpose


def trade(**more: str) -> FeedEvent:
    data = {"match_id": "9", "trade_price": "64000", "trade_qty": "0.5", "liq_flag": "TAKER", **more}
    frame = {"seqnum": "0", "channel": "TRADE", "update": "UPDATE", "status": "AUTHENTICATED", "data": data}
    return TruexFeed().on_frame(json.dumps(frame).encode(), 7)


def test_a_trade_without_its_instrument_is_of_the_only_market_watched() -> None:
    def only(market: str) -> list[pushes.Item]:
        return list(pushes.reader(Directory(), lambda *_: None, lambda: market)(trade()))

    [(topic, key, told)] = only("BTC-PYUSD")
    assert isinstance(told, Trade)
    assert (topic, key, told.market, told.time_ns) == ("TRADE", "BTC-PYUSD", "BTC-PYUSD", 7)
    [(_, _, fault)] = only("")
    assert isinstance(fault, UnreadableRow)
    assert "without its instrument" in fault.reason


def test_a_trade_that_names_its_instrument_is_of_that() -> None:
    read = pushes.reader(Directory(), lambda *_: None, lambda: "BTC-PYUSD")
    [(_, key, _)] = read(trade(id="78901949723181070"))
    assert key == "78901949723181070"


@pytest.mark.parametrize(("switches", "limit"), [({}, 0), ({"trim_books": True}, 20)])
async def test_books_can_be_kept_to_what_the_venue_shows(switches: dict[str, bool], limit: int) -> None:
    async with Venue().client(**switches) as client:
        assert client.watch_book("BTC-PYUSD").book.limit == limit
