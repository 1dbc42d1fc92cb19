"""When the venue's silence about an order is proof, and how fills that are owed are asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any, cast

import pytest

from tradewire.errors import OrderNotFound, VenueUnavailable
from tradewire.model import Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce, sent_order
from tradewire.protocol.arguments import Exact
from tradewire.session.live_order import LiveOrder
from tradewire.venues.truex.connection import ACCOUNT
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
        sent_order(
            market=MARKET,
            side=Side.BUY,
            size=Decimal(3),
            price=Decimal(1),
            client_order_id="mine",
            order_id=order_id,
        )
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

    async def cancel_order(self, market: str, order_id: str) -> Order:
        raise AssertionError

    async def amend_order(
        self, market: str, order_id: str, *, price: Exact | None = None, size: Exact | None = None
    ) -> Order:
        raise AssertionError

    async def open_orders(self, market: str | None = None) -> Sequence[Order]:
        assert market is None
        return [report()]

    async def iter_fills(self, market: str = "", *, start_ns: int) -> AsyncIterator[Fill]:
        for one in self.fills:
            if one.time_ns >= start_ns and market in {"", one.market}:
                yield one


def queries(asked: Asked) -> Queries:
    return Queries(cast("Any", asked))


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
    assert ACCOUNT.window_s > 15


async def test_question_that_fails_proves_nothing() -> None:
    class Broken(Asked):
        async def order_status(
            self, order_id: str | None = None, *, client_order_id: str | None = None
        ) -> Order:
            raise VenueUnavailable("busy")

    with pytest.raises(VenueUnavailable):
        await queries(Broken()).find_order(live())


async def test_fills_are_of_every_page_since() -> None:
    asked = Asked(fills=[fill(3, time_ns=30), fill(2, time_ns=20), fill(1, time_ns=10)])
    assert [one.trade_id for one in await queries(asked).fills_since(MARKET, 15)] == ["3", "2"]
    assert await queries(asked).open_orders() == [report()]
