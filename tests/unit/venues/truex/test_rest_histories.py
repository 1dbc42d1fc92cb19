"""Histories of TrueX read page by page and day by day: everything once, in either way of paging."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tradewire import Credentials, TrueX
from tradewire.session.rest import RestSession
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply, HttpRequest

DAY_NS = 86_400 * 1_000_000_000
PAGE = 100


class Venue:
    """Keeps trades by time, newest first, and tells those of the 24 hours before the time it is asked about."""

    def __init__(self, times_ns: list[int]) -> None:
        self.times_ns = sorted(times_ns, reverse=True)
        self.arriving: list[int] = []
        self.windows: list[int] = []

    def answer(self, request: HttpRequest) -> HttpReply:
        url = urlsplit(request.url)
        if not url.path.endswith("orders/trades"):
            return HttpReply(200, {}, b"[]")
        asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
        end_ns, start = int(asked["timestamp"]), int(asked.get("skip") or asked.get("cursor") or 0)
        self.windows.append(end_ns)
        inside = [one for one in self.times_ns if end_ns - DAY_NS < one <= end_ns]
        trades: Any = [self.trade(one) for one in inside[start : start + PAGE]]
        if self.arriving:
            self.times_ns.insert(0, self.arriving.pop())
        if request.headers["X-Truex-Version"] == "v2026_01_23":
            more = {"next_cursor": str(start + PAGE)} if len(inside) > start + PAGE else {}
            trades = {"data": trades, "pagination": more}
        return HttpReply(200, {}, json.dumps(trades).encode())

    @staticmethod
    def trade(time_ns: int) -> dict[str, str]:
        return {
            "order_id": "1", "match_id": str(time_ns), "instrument_id": "2", "trade_price": "1", "trade_qty": "1",
            "timestamp": str(time_ns), "client_id": "7",
        }  # fmt: skip

    def client(self, version: str) -> TrueX:
        return TrueX(
            Credentials("key", "secret"),
            account_id="7",
            version=version,
            http=MockHttp(self.answer),
            rates_per_s={"orders": 10_000, "public": 10_000},
        )


@pytest.mark.parametrize("version", ["v2024_01_01", "v2026_01_23"])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
async def test_every_trade_once_over_pages_and_days(
    version: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ns = 100 * DAY_NS
    venue = Venue([now_ns - number * DAY_NS // 90 for number in range(count)])
    client = venue.client(version)
    monkeypatch.setattr(RestSession, "venue_now_ns", now_ns)
    found = [int(fill.trade_id) async for fill in client.iter_fills(start_ns=0)]
    assert found == venue.times_ns
    some = [fill.time_ns async for fill in client.iter_fills(start_ns=now_ns - DAY_NS)]
    assert some == [time_ns for time_ns in venue.times_ns if time_ns >= now_ns - DAY_NS]


@pytest.mark.parametrize("version", ["v2024_01_01", "v2026_01_23"])
async def test_trade_that_comes_while_we_ask_repeats_none(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ns = 100 * DAY_NS
    venue = Venue([now_ns - number for number in range(250)])
    known = list(venue.times_ns)
    client = venue.client(version)
    monkeypatch.setattr(RestSession, "venue_now_ns", now_ns)
    venue.arriving = [now_ns + 2, now_ns + 1]
    found = [int(fill.trade_id) async for fill in client.iter_fills(start_ns=now_ns - 1000)]
    assert found == known


async def test_four_weeks_are_asked_for_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now_ns = 100 * DAY_NS
    venue = Venue([])
    client = venue.client("v2026_01_23")
    monkeypatch.setattr(RestSession, "venue_now_ns", now_ns)
    assert [fill async for fill in client.iter_fills(start_ns=0)] == []
    assert len(venue.windows) == 28
    assert {earlier - later for earlier, later in zip(venue.windows, venue.windows[1:], strict=False)} == {
        DAY_NS
    }
