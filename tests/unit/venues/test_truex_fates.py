"""When the venue's silence about an order is proof, and how fills that are owed are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from decimal import Decimal

import pytest

from tradewire.errors import FrameError, OrderNotFound, RemoteProtocolError, VenueUnavailable
from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from tradewire.session.live_order import LiveOrder
from tradewire.venues.truex import missing_fills
from tradewire.venues.truex.connection import REQUEST_WINDOW_S
from tradewire.venues.truex.missing_fills import MissingFills
from tradewire.venues.truex.queries import Queries

MARKET = "BTC-PYUSD"


def report(filled: str = "0", order_id: str = "7", created_at_ns: int = 100) -> Order:
    return Order(
        order_id=order_id,
        client_order_id="mine",
        market=MARKET,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=Decimal(1),
        size=Decimal(3),
        filled_size=Decimal(filled),
        filled_notional=Decimal(filled),
        status=OrderStatus.OPEN,
        created_at_ns=created_at_ns,
        updated_at_ns=created_at_ns,
    )


def live(order_id: str = "", filled: str = "") -> LiveOrder:
    order = LiveOrder(
        market=MARKET,
        side=Side.BUY,
        size=Decimal(3),
        price=Decimal(1),
        client_order_id="mine",
        order_id=order_id,
    )
    if filled:
        order.merge(report(filled, order_id))
    return order


def fill(trade_id: int, *, order_id: str = "7", time_ns: int = 200, size: str = "1") -> Fill:
    return Fill(
        trade_id=str(trade_id),
        order_id=order_id,
        client_order_id="",
        market=MARKET,
        side=Side.BUY,
        price=Decimal(1),
        size=Decimal(size),
        liquidity=Liquidity.MAKER,
        fee=Decimal(0),
        fee_asset="PYUSD",
        time_ns=time_ns,
    )


class Asked:
    """A client that answers what it is told to."""

    def __init__(self, *answers: Order | None, fills: Sequence[Fill] = ()) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str | None, str | None]] = []
        self.fills = fills

    async def order_status(self, order_id: str | None = None, *, client_order_id: str | None = None) -> Order:
        self.asked.append((order_id, client_order_id))
        found = self.answers.pop(0)
        if found is None:
            raise OrderNotFound("no such order")
        return found

    async def open_orders(self, market: str | None = None) -> Sequence[Order]:
        assert market is None
        return [report()]

    async def iter_fills(self, market: str = "", *, start_ns: int) -> AsyncIterator[Fill]:
        for one in self.fills:
            if one.time_ns >= start_ns and market in {"", one.market}:
                yield one


def queries(asked: Asked) -> Queries:
    return Queries(asked)


async def test_order_with_a_venue_id_is_asked_for_by_it() -> None:
    asked = Asked(report())
    assert await queries(asked).find_order(live("7")) == report()
    assert asked.asked == [("7", None)]


async def test_venue_that_knows_its_own_id_no_more_is_proof_at_once() -> None:
    asked = Asked(None)
    assert await queries(asked).find_order(live("7")) is None
    assert asked.asked == [("7", None)]


async def test_order_under_our_own_id_is_found() -> None:
    asked = Asked(report())
    assert await queries(asked).find_order(live()) == report()
    assert asked.asked == [(None, "mine")]


async def test_order_that_is_not_there_is_asked_for_once_and_the_window_is_left_to_who_asks() -> None:
    asked = Asked(None)
    assert await queries(asked).find_order(live()) is None
    assert asked.asked == [(None, "mine")]
    assert REQUEST_WINDOW_S > 15


async def test_question_that_fails_proves_nothing() -> None:
    class Broken(Asked):
        async def order_status(
            self, order_id: str | None = None, *, client_order_id: str | None = None
        ) -> Order:
            raise VenueUnavailable("busy")

    with pytest.raises(VenueUnavailable):
        await queries(Broken()).find_order(live())


async def test_fills_come_oldest_first() -> None:
    asked = Asked(fills=[fill(3, time_ns=30), fill(2, time_ns=20), fill(1, time_ns=10)])
    assert [one.trade_id for one in await queries(asked).fills_since(MARKET, 15)] == ["2", "3"]
    assert await queries(asked).open_orders() == [report()]


class Ledger:
    """A venue's trades that become visible one question at a time, and who is told of them."""

    def __init__(self, *answers: Sequence[Fill] | Exception) -> None:
        self.answers = list(answers)
        self.since: list[int] = []
        self.orders: dict[str, LiveOrder] = {}
        self.told: list[str] = []
        self.errors: list[Exception] = []
        self._news = asyncio.Event()
        self.owed = MissingFills(self.answer, self.deliver, self.report)

    async def answer(self, since_ns: int) -> Sequence[Fill]:
        self.since.append(since_ns)
        self._news.set()
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return found

    def deliver(self, one: Fill) -> None:
        self.told.append(one.trade_id)
        self.orders[one.order_id].add_fill(one)
        self._news.set()

    def report(self, error: Exception) -> None:
        self.errors.append(error)
        self._news.set()

    def look_at(self, order: LiveOrder) -> None:
        self.orders[order.order_id] = order
        self.owed.look_at(order)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self._news.clear()
                await self._news.wait()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing_fills, "FIRST_WAIT_S", 0.0)


async def test_order_that_did_not_trade_owes_nothing() -> None:
    ledger = Ledger([])
    ledger.look_at(live("7", "0"))
    await asyncio.sleep(0)
    assert ledger.since == []
    await ledger.owed.close()


async def test_trades_are_asked_for_until_they_add_up() -> None:
    ledger = Ledger([], VenueUnavailable("busy"), [fill(1)], [fill(1), fill(2)])
    order = live("7", "2")
    ledger.look_at(order)
    await ledger.until(lambda: len(order.fills) == 2)
    await ledger.until(lambda: len(ledger.since) == 4)
    assert ledger.since == [100, 100, 100, 200]
    assert [type(error) for error in ledger.errors] == [VenueUnavailable]
    await asyncio.sleep(0)
    assert len(ledger.since) == 4
    await ledger.owed.close()


async def test_answer_that_makes_no_sense_does_not_end_the_asking() -> None:
    ledger = Ledger(FrameError("not a number"), [fill(1)])
    order = live("7", "1")
    ledger.look_at(order)
    await ledger.until(lambda: len(order.fills) == 1)
    assert [type(error) for error in ledger.errors] == [FrameError]
    await ledger.owed.close()


async def test_one_question_serves_every_order_that_grew() -> None:
    ledger = Ledger([fill(1), fill(2, order_id="8")])
    first, second = live("7", "1"), live("8", "1")
    for order in (first, second, first, second):
        ledger.look_at(order)
    await ledger.until(lambda: bool(first.fills and second.fills))
    assert len(ledger.since) == 1
    await ledger.owed.close()


async def test_order_that_grows_again_is_asked_for_again() -> None:
    ledger = Ledger([fill(1)], [fill(1), fill(2, time_ns=300)])
    order = live("7", "1")
    ledger.look_at(order)
    await ledger.until(lambda: len(order.fills) == 1)
    order.merge(report("2"))
    ledger.look_at(order)
    await ledger.until(lambda: len(order.fills) == 2)
    assert ledger.since == [100, 200]
    await ledger.owed.close()


async def test_trades_that_never_add_up_are_given_up_on_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing_fills, "PATIENCE_S", 0.0)
    ledger = Ledger([fill(1, size="0.5")])
    ledger.look_at(live("7", "1"))
    await ledger.until(lambda: bool(ledger.errors))
    [error] = ledger.errors
    assert isinstance(error, RemoteProtocolError)
    assert str(error) == "order 7 traded 1, the trades the venue tells add up to 0.5"
    await ledger.owed.close()


async def test_closing_stops_asking() -> None:
    ledger = Ledger([])
    ledger.look_at(live("7", "1"))
    await ledger.until(lambda: len(ledger.since) >= 2)
    await ledger.owed.close()
    asked = len(ledger.since)
    await asyncio.sleep(0)
    assert len(ledger.since) == asked
    await ledger.owed.close()
