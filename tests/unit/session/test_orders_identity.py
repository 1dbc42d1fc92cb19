"""Whose a report is, what is news, and what becomes of ends that were concluded."""

from __future__ import annotations

import msgspec
import pytest

from support.own_orders import D, Desk, answering, fill, report, taken, until
from tradewire.errors import ConfigError, Outcome, OutcomeUnknown
from tradewire.model import OrderStatus, Side, sent_order
from tradewire.session.live_order import CLOCK_MARGIN_NS

SECOND = 1_000_000_000
FILLED, CANCELLED, NOT_FOUND = OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.NOT_FOUND


async def used_again(**placed: str) -> Desk:
    """Return a desk at 100 s with an order in flight under an id that an order of 10 s had."""
    desk = Desk()
    desk.now_ns = 10 * SECOND
    first = await desk.tracker.submit(desk.register(), answering(report(created_at_ns=10 * SECOND)))
    desk.tracker.take_order(report(FILLED, filled_size="10", time_ns=11 * SECOND))
    assert first.status is FILLED
    desk.now_ns = 100 * SECOND
    desk.register(**placed)
    return desk


async def test_client_id_used_again_does_not_take_the_older_orders_fate() -> None:
    desk = await used_again(size="50", price="90")
    [second] = desk.tracker.live
    # As a search by client id finds them: one forgotten here, and one that looks the same but is older.
    older = report(FILLED, order_id="3", filled_size="10", created_at_ns=5 * SECOND)
    alike = report(FILLED, order_id="4", size="50", price="90", filled_size="50", created_at_ns=5 * SECOND)
    for one in (older, alike):
        assert not second.fits(one)
        assert taken(desk.tracker, one) is not second
    assert not desk.tracker.take_fill(fill("t9", "1", order_id="5", time_ns=5 * SECOND)) or not second.fills
    assert (second.order_id, second.status, second.filled_size) == ("", OrderStatus.PENDING, 0)
    own = report(order_id="8", size="50", price="90", created_at_ns=100 * SECOND)
    assert second.fits(own)
    assert taken(desk.tracker, own) is second


@pytest.mark.parametrize(
    "change",
    [
        {"market": "ETHUSDT"},
        {"side": Side.SELL},
        {"size": D(11)},
        {"price": D(101)},
        {"created_at_ns": 100 * SECOND - CLOCK_MARGIN_NS - 1},
        {"client_order_id": "mine-2"},
        {"size_asset": "USDT"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_report_that_differs_in_one_thing_is_not_of_the_order_in_flight(
    change: dict[str, object],
) -> None:
    desk = Desk()
    desk.now_ns = 100 * SECOND
    order = desk.tracker.register(
        sent_order(
            market="BTCUSDT",
            side=Side.BUY,
            size=D(10),
            price=D(100),
            client_order_id="mine-1",
            size_asset="BTC",
        )
    )
    fitting = report(created_at_ns=100 * SECOND - CLOCK_MARGIN_NS)
    assert order.fits(fitting)
    assert order.fits(msgspec.structs.replace(fitting, created_at_ns=0, price=None, client_order_id=""))
    other = msgspec.structs.replace(fitting, **change)
    assert not order.fits(other)
    assert taken(desk.tracker, other) is not order
    assert order.order_id == ""


@pytest.mark.parametrize(
    "change",
    [
        {"market": "ETHUSDT"},
        {"side": Side.SELL},
        {"size": D(11)},
        {"price": D(101)},
        {"time_ns": 100 * SECOND - CLOCK_MARGIN_NS - 1},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_fill_that_differs_in_one_thing_is_not_of_the_order_in_flight(
    change: dict[str, object],
) -> None:
    desk = Desk()
    desk.now_ns = 100 * SECOND
    order = desk.register()
    fitting = fill("t1", time_ns=100 * SECOND)
    assert order.fits_fill(msgspec.structs.replace(fitting, side=None, time_ns=0, price=D(99)))
    desk.tracker.take_fill(msgspec.structs.replace(fitting, **change))
    assert (order.order_id, order.fills) == ("", ())
    desk.tracker.take_fill(msgspec.structs.replace(fitting, trade_id="t2"))
    assert order.order_id == "7"


async def test_venues_clock_is_compared_with_its_offset() -> None:
    desk = Desk()
    desk.now_ns = 1000 * SECOND
    order = desk.register()
    desk.offset_ns = -120 * SECOND
    assert order.fits(report(created_at_ns=880 * SECOND))
    desk.offset_ns = 120 * SECOND
    assert not order.fits(report(created_at_ns=1000 * SECOND))


async def test_an_order_is_known_by_its_time_after_our_clock_was_set() -> None:
    desk = Desk()
    desk.now_ns = 10_000 * SECOND
    order = desk.register()
    desk.now_ns += SECOND
    # As the estimate of the venue's time does, it stays what it was.
    desk.step_ns = -7200 * SECOND
    assert order.fits(report(created_at_ns=10_000 * SECOND))
    assert not order.fits(report(created_at_ns=9_990 * SECOND))
    assert order.age_ns == SECOND


async def test_id_of_a_live_order_is_refused_until_its_end() -> None:
    desk = Desk()
    order = await desk.tracker.submit(desk.register(), answering(report()))
    for _ in range(2):
        with pytest.raises(ConfigError, match="mine-1, which is open"):
            desk.register()
    assert desk.tracker.live == (order,)
    desk.tracker.take_order(report(CANCELLED, time_ns=2))
    again = desk.register()
    assert desk.tracker.live == (again,)


async def test_reply_about_another_order_leaves_the_fate_unknown() -> None:
    desk = Desk()
    first = await desk.tracker.submit(desk.register(), answering(report()))
    for number, reply in enumerate(
        (
            report(client_order_id=""),
            report(order_id="9", client_order_id="mine-1"),
            msgspec.structs.replace(report(order_id="9", client_order_id=""), side=Side.SELL),
        )
    ):
        order = desk.tracker.submit(desk.register(f"other-{number}"), answering(reply))
        with pytest.raises(OutcomeUnknown, match="another order"):
            await order
        assert (order.outcome, order.order_id) == (Outcome.UNKNOWN, "")
    assert desk.asked == list(desk.tracker.live[:3])
    assert (first.order_id, first.status) == ("7", OrderStatus.OPEN)


def test_watchers_are_never_told_backwards() -> None:
    tracker = Desk().tracker
    part = report(OrderStatus.PARTIALLY_FILLED, filled_size="4", time_ns=4)
    ended = report(CANCELLED, filled_size="4", time_ns=5)
    assert tracker.take_order(report()) == report()
    assert tracker.take_order(part) == part
    assert tracker.take_order(report(time_ns=3)) is None
    assert tracker.take_order(ended) == ended
    for late in (report(time_ns=9), part, ended):
        assert tracker.take_order(late) is None


def test_the_same_said_twice_is_news_once_and_what_was_learned_besides_is_added() -> None:
    tracker = Desk().tracker
    tracker.take_order(report())
    assert tracker.take_order(report(time_ns=2)) is None
    tracker.take_fill(fill("t1", "3"))
    news = tracker.take_order(msgspec.structs.replace(report(time_ns=3), client_order_id=""))
    assert news is not None
    assert (news.status, news.filled_size, news.filled_notional) == (
        OrderStatus.PARTIALLY_FILLED, D(3), D(300),
    )  # fmt: skip
    assert (news.client_order_id, news.remaining) == ("mine-1", D(7))


def test_reason_that_comes_late_is_news_and_stays() -> None:
    tracker = Desk().tracker
    tracker.take_order(report(OrderStatus.REJECTED))
    why = msgspec.structs.replace(report(OrderStatus.REJECTED), reason="outside the bands")
    assert tracker.take_order(why) == why
    assert tracker.take_order(report(OrderStatus.REJECTED, time_ns=9)) is None
    order = tracker.order("7")
    assert order is not None
    assert order.reason == "outside the bands"


@pytest.mark.parametrize("is_named", [False, True])
async def test_end_concluded_from_a_lagging_read_is_undone_by_the_venues_later_word(
    *, is_named: bool
) -> None:
    desk = Desk()
    order = desk.tracker.submit(desk.register(), answering(OutcomeUnknown("timed out")))
    await until(order, lambda: bool(desk.asked))
    if is_named:
        desk.tracker.identify("mine-1", "7")
    assert desk.tracker.mark_not_found(order, "asked for 6 s") is not None
    assert desk.tracker.mark_not_found(order, "asked for 6 s") is None
    assert (order.status, order.reason, desk.tracker.live) == (NOT_FOUND, "asked for 6 s", ())
    again = desk.register()
    desk.tracker.submit(again, answering(OutcomeUnknown("timed out")))
    await until(again, lambda: len(desk.asked) == 2)
    desk.tracker.mark_not_found(again, "asked for 6 s")
    desk.asked.clear()
    # The id of one that was concluded to be nowhere may be used again; the report is of the latest it fits.
    expected = order if is_named else again
    assert desk.tracker.take_order(report()) is not None
    assert (expected.status, expected.order_id, expected.reason) == (OrderStatus.OPEN, "7", "")
    assert desk.tracker.live == (expected,)
    assert desk.asked == [expected]
    desk.tracker.take_order(report(CANCELLED, time_ns=2))
    assert (await expected.finished()).status is CANCELLED


async def test_end_concluded_wrongly_is_undone_by_a_fill_and_never_replaces_the_venues_word() -> None:
    desk = Desk()
    order = await desk.tracker.submit(desk.register(), answering(report()))
    desk.tracker.mark_not_found(order, "it was not among the open ones")
    desk.tracker.take_fill(fill("t1"))
    assert (order.status, order.filled_size, desk.asked) == (OrderStatus.PARTIALLY_FILLED, D(1), [order])
    desk.tracker.take_order(report(FILLED, filled_size="10", time_ns=3))
    assert desk.tracker.mark_not_found(order, "forgotten by the venue") is None
    assert (order.status, order.reason) == (FILLED, "")


async def test_concluded_order_leaves_memory_in_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewire.session.order_index.FINISHED_BOUND", 2)
    desk = Desk()
    gone = [desk.register(f"mine-{number}") for number in range(4)]
    for order in gone:
        desk.tracker.mark_not_found(order, "asked")
    assert desk.tracker.index.forgotten_finished == 2
    for number, order in enumerate(gone):
        desk.tracker.take_order(report(order_id=f"7{number}", client_order_id=f"mine-{number}"))
        assert (order.status is OrderStatus.OPEN) is (number >= 2)


async def test_reply_names_another_order_than_the_stream_did() -> None:
    """What fitted was another program's: the reply decides, and the other stays what it was."""
    desk = Desk()
    order = desk.register()
    desk.tracker.take_order(report(order_id="6", filled_size="2"))
    assert order.order_id == "6"
    desk.tracker.submit(order, answering(report(order_id="7", time_ns=2)))
    await until(order, lambda: not order.is_placing)
    assert (order.order_id, order.filled_size, order.status) == ("7", 0, OrderStatus.OPEN)
    other = desk.tracker.order("6")
    assert other is not None
    assert (other.filled_size, other.client_order_id) == (D(2), "")
