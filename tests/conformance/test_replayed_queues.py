"""A resting order waits for its turn in the recorded queue, on every venue, told by levels or by orders."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from support.recorded import MARKETS, Recorded, record
from tradewire import replay
from tradewire.sandbox.market import Cancel, Command, Quote, Take
from tradewire.sandbox.order import Side

SIZES = {
    "coinex": Decimal("0.01"),
    "coinex-futures": Decimal("0.01"),
    "truex": Decimal("0.01"),
    "exchange": Decimal(2),
}
REF = 1 << 50
LATE_NS = 400_000_000
"""A venue that pushes every 200 ms tells of a trade so much later at most."""


class Story:
    """What strangers do in a quiet market, five seconds after a recording began, and how it goes on."""

    def __init__(self, product: str) -> None:
        self.product = product
        self.size = SIZES[product]
        self.price = Decimal(0)
        self.steps: list[tuple[float, list[Command]]] = []

    def begin(self, book: Any) -> None:
        bid, tick = book.best_bid()[0], abs(book.bids(2)[0][0] - book.bids(2)[1][0])
        ask = book.best_ask()[0]
        self.price = bid + min(tick, (ask - bid) / 2).quantize(bid)
        assert bid < self.price < ask

    def stranger(self, ref: int, times: int) -> Quote:
        return Quote(MARKETS[self.product], "maker-2", REF + ref, Side.BUY, self.price, times * self.size)

    def seller(self, times: int) -> Take:
        return Take(MARKETS[self.product], "taker-1", Side.SELL, self.price, times * self.size)

    def gone(self, ref: int) -> Cancel:
        return Cancel(MARKETS[self.product], REF + ref)

    async def play(self, box: Any, client: Any, story: list[tuple[Any, ...]]) -> None:
        venue = box.venue(self.product.partition("-")[0])
        traffic = venue.futures.traffic if self.product == "coinex-futures" else venue.traffic
        self.begin(client.watch_book(MARKETS[self.product]).book)
        for step in story:
            kind, *arguments = step
            traffic.play(getattr(self, kind)(*arguments))
            await asyncio.sleep(1.0)


def told(product: str, path: Path, story: list[tuple[Any, ...]]) -> tuple[Story, Recorded]:
    teller = Story(product)

    async def meanwhile(box: Any, client: Any) -> None:
        await teller.play(box, client, story)

    return teller, record(product, path, seconds=4.0, rate=0.0, meanwhile=meanwhile)


def joined(teller: Story, recorded: Recorded, after_s: float) -> Any:
    """Replay a bot that joins the price so long after the recording's second second; return the report."""

    async def bot(client: Any) -> None:
        watch = client.watch_book(recorded.market)
        client.watch_orders(on_update=lambda order: None)
        await watch.ready()
        while watch.book.best_bid()[0] != teller.price:  # noqa: ASYNC110 - of virtual time
            await asyncio.sleep(0.01)
        await asyncio.sleep(after_s)
        client.send_order(recorded.market, "buy", teller.size, teller.price)
        await asyncio.sleep(1000)

    return replay(recorded.path).run(bot)


STORY = [("stranger", 1, 5), ("seller", 3), ("stranger", 2, 5), ("seller", 3), ("seller", 1)]


@pytest.mark.parametrize("product", MARKETS)
def test_an_order_fills_when_all_before_it_have(product: str, tmp_path: Path) -> None:
    """Five times its size stand ahead; three are sold, five come later, three are sold: the last of them is ours."""
    teller, recorded = told(product, tmp_path / "a.twrec", STORY)
    report = joined(teller, recorded, after_s=0.5)
    [order] = report.orders
    assert (order.price, order.ahead) == (teller.price, 5 * teller.size)
    [fill] = report.fills
    assert (fill.price, fill.size) == (teller.price, teller.size)
    # The order came half a second after the first stranger, and trades with the third of the sales, three seconds on.
    assert 2.4e9 <= fill.time_ns - order.time_ns <= 2.6e9 + LATE_NS


@pytest.mark.parametrize("product", MARKETS)
def test_an_order_that_came_too_late_does_not_fill(product: str, tmp_path: Path) -> None:
    teller, recorded = told(product, tmp_path / "a.twrec", STORY)
    report = joined(teller, recorded, after_s=2.5)
    [order] = report.orders
    assert order.ahead == 7 * teller.size
    assert report.fills == ()


@pytest.mark.parametrize("product", MARKETS)
def test_what_is_ahead_may_be_cancelled(product: str, tmp_path: Path) -> None:
    """All ahead goes without a trade; the sale after that is ours."""
    teller, recorded = told(
        product,
        tmp_path / "a.twrec",
        [("stranger", 1, 5), ("stranger", 2, 5), ("gone", 1), ("seller", 1), ("seller", 4)],
    )
    report = joined(teller, recorded, after_s=0.5)
    [fill] = report.fills
    assert fill.size == teller.size
    by_orders = product == "exchange"
    # By levels half of what was ahead is taken to have gone: one sale more is needed.
    waited_s = 2.5 if by_orders else 3.5
    assert waited_s * 1e9 - 1e8 <= fill.time_ns - report.orders[0].time_ns <= waited_s * 1e9 + 1e8 + LATE_NS
