"""When the venue's silence about an order is proof, and when it is not."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

import pytest

from tradewire.errors import OrderNotFound, OutcomeUnknown, UnreadableRow, VenueUnavailable
from tradewire.model import (
    AccountKind,
    Fill,
    Order,
    OrderStatus,
    OrderType,
    Page,
    Rows,
    Side,
    TimeInForce,
    sent_order,
    unreadable_rows,
)
from tradewire.session.live_order import LiveOrder
from tradewire.venues.coinex.api import SPOT
from tradewire.venues.coinex.connection import ACCOUNTS
from tradewire.venues.coinex.queries import MAX_PAGES, Queries

MARKET = "BTCUSDT"


def report(
    client_order_id: str = "mine", *, side: Side = Side.BUY, status: OrderStatus = OrderStatus.OPEN
) -> Order:
    return Order(
        order_id="7",
        client_order_id=client_order_id,
        market=MARKET,
        side=side,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        price=Decimal(1),
        size=Decimal(1),
        filled_size=Decimal(0),
        filled_notional=Decimal(0),
        status=status,
        created_at_ns=1,
        updated_at_ns=1,
    )


def live(order_id: str = "") -> LiveOrder:
    return LiveOrder(
        sent_order(
            market=MARKET,
            side=Side.BUY,
            size=Decimal(1),
            price=Decimal(1),
            client_order_id="mine",
            order_id=order_id,
        )
    )


def fill(trade_id: int) -> Fill:
    return Fill(
        trade_id=str(trade_id),
        order_id="7",
        client_order_id="",
        market=MARKET,
        side=Side.BUY,
        price=Decimal(1),
        size=Decimal(1),
        liquidity=None,
        fee=None,
        fee_asset="",
        time_ns=trade_id,
    )


class Venue:
    """Answers as told."""

    product = SPOT

    def __init__(
        self,
        *,
        open_now: Sequence[Order] = (),
        closed: Sequence[Page[Order]] = (),
    ) -> None:
        self.open_now = open_now
        self.closed = closed
        self.known: Order | Exception = OrderNotFound("no such order")
        self.fill_pages: list[Page[Fill]] = []
        self.asked: list[str] = []

    async def order(self, market: str, order_id: str) -> Order:
        self.asked.append(f"order {order_id}")
        if isinstance(self.known, Exception):
            raise self.known
        return self.known

    async def open_orders(
        self, market: str | None = None, *, client_order_id: str | None = None, account: AccountKind
    ) -> Sequence[Order]:
        self.asked.append("open")
        return self.open_now

    async def closed_orders(
        self, market: str, *, client_order_id: str, page: int, account: AccountKind
    ) -> Page[Order]:
        self.asked.append(f"closed {page}")
        return self.closed[page - 1] if page <= len(self.closed) else Page((), has_next=False)

    async def fills(self, market: str, *, start_ns: int, page: int, account: AccountKind) -> Page[Fill]:
        return self.fill_pages[page - 1]


def queries(venue: Venue) -> Queries:
    return Queries(cast("Any", venue), cast("Any", venue), AccountKind.SPOT)


async def test_order_with_a_venue_id_is_asked_by_it() -> None:
    venue = Venue()
    venue.known = report(status=OrderStatus.FILLED)
    assert await queries(venue).find_order(live("7")) is venue.known
    assert venue.asked == ["order 7"]


async def test_order_the_venue_once_had_and_forgot_is_gone_at_once() -> None:
    venue = Venue()
    assert await queries(venue).find_order(live("7")) is None
    assert venue.asked == ["order 7"]


async def test_failed_question_is_no_answer() -> None:
    venue = Venue()
    venue.known = VenueUnavailable("busy")
    with pytest.raises(VenueUnavailable):
        await queries(venue).find_order(live("7"))


async def test_open_order_is_found_without_waiting() -> None:
    venue = Venue(open_now=[report("other"), report("mine")])
    found = await queries(venue).find_order(live())
    assert found is venue.open_now[1]
    assert venue.asked == ["open"]


async def test_finished_order_is_found_among_others_on_a_later_page() -> None:
    done = report(status=OrderStatus.FILLED)
    venue = Venue(closed=[Page((report("other"),), has_next=True), Page((done,), has_next=False)])
    assert await queries(venue).find_order(live()) is done
    assert venue.asked == ["open", "closed 1", "closed 2"]


async def test_order_that_is_not_there_is_asked_for_once_and_the_window_is_left_to_who_asks() -> None:
    venue = Venue()
    assert await queries(venue).find_order(live()) is None
    assert venue.asked == ["open", "closed 1"]
    assert ACCOUNTS[AccountKind.SPOT].window_s > 5


async def test_order_of_the_other_side_with_our_client_id_is_not_ours() -> None:
    venue = Venue(open_now=[report(side=Side.SELL)])
    assert await queries(venue).find_order(live()) is None


async def test_history_too_long_to_search_is_no_proof() -> None:
    venue = Venue(closed=[Page((report("other"),), has_next=True)] * (MAX_PAGES + 5))
    with pytest.raises(OutcomeUnknown, match=f"page={MAX_PAGES + 1}"):
        await queries(venue).find_order(live())


async def test_fills_come_from_every_page() -> None:
    venue = Venue()
    venue.fill_pages = [Page((fill(3), fill(2)), has_next=True), Page((fill(1),), has_next=False)]
    assert [found.trade_id for found in await queries(venue).fills_since(MARKET, 0)] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("raw", "is_proof"),
    [
        (b'{"order_id": 9, "client_id": "mine", "amount": "x"}', False),
        (b'{"order_id": 9, "client_id": "yours", "amount": "x"}', True),
        (b'{"order_id": 9, "client_id": null, "amount": "x"}', False),
        (b"null", False),
    ],
)
@pytest.mark.parametrize("where", ["open", "closed"])
async def test_a_row_that_cannot_be_read_is_no_proof_of_absence_unless_it_names_another_order(
    where: str, raw: bytes, is_proof: bool
) -> None:
    fault = [UnreadableRow("why", raw=raw)]

    class OneBadRow(Venue):
        async def order(self, market: str, order_id: str) -> Order:
            raise NotImplementedError

        async def open_orders(
            self, market: str | None = None, *, client_order_id: str | None = None, account: AccountKind
        ) -> Rows[Order]:
            return Rows((), fault if where == "open" else ())

        async def closed_orders(
            self, market: str, *, client_order_id: str, page: int, account: AccountKind
        ) -> Page[Order]:
            return Page((), has_next=False, unreadable=fault if where == "closed" else ())

        async def fills(self, market: str, *, start_ns: int, page: int, account: AccountKind) -> Page[Fill]:
            raise NotImplementedError

    queries = Queries(cast("Any", venue := OneBadRow()), cast("Any", venue), AccountKind.SPOT)
    if is_proof:
        assert await queries.find_order(live()) is None
    else:
        with pytest.raises(OutcomeUnknown, match="cannot be read"):
            await queries.find_order(live())


async def test_a_page_of_fills_without_one_that_can_be_read_ends_no_list() -> None:
    class Fills(Venue):
        async def order(self, market: str, order_id: str) -> Order:
            raise NotImplementedError

        async def open_orders(
            self, market: str | None = None, *, client_order_id: str | None = None, account: AccountKind
        ) -> Rows[Order]:
            raise NotImplementedError

        async def closed_orders(
            self, market: str, *, client_order_id: str, page: int, account: AccountKind
        ) -> Page[Order]:
            raise NotImplementedError

        async def fills(self, market: str, *, start_ns: int, page: int, account: AccountKind) -> Page[Fill]:
            fault = [UnreadableRow("why", raw=b"7")]
            return Page((), has_next=True, unreadable=fault) if page == 1 else Page([fill(5)], has_next=False)

    found = await Queries(cast("Any", None), cast("Any", Fills()), AccountKind.SPOT).fills_since(MARKET, 0)
    assert [one.trade_id for one in found] == ["5"]
    assert len(unreadable_rows(found)) == 1
