"""What the journal says of an order, and what a restarted tracker makes of it."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from support.own_orders import D, Desk, fill, report
from tradewire.journal.journal import Journal, JournalledOrder
from tradewire.model import OrderStatus, Side, sent_order
from tradewire.session.journalling import Keeper

PLACED = sent_order(market="BTCUSDT", side=Side.BUY, size=D(10), price=D(100), client_order_id="mine-1")


async def test_an_order_concluded_to_be_gone_is_known_by_its_id_after_a_restart() -> None:
    """Its fills were taken for those of a request that never arrived, where fills name no request."""
    left = JournalledOrder("venue/spot", PLACED, 1)
    left.fills["t"] = fill("t", "3")
    left.report = replace(report(OrderStatus.NOT_FOUND, filled_size="3"), reason="cancelled without a word")
    desk = Desk()
    order = desk.tracker.restore(left)
    assert (order.order_id, order.status, order.filled_size) == ("7", OrderStatus.NOT_FOUND, 3)
    assert order.reason == "cancelled without a word"
    assert desk.tracker.order("7") is order
    assert desk.tracker.live == ()
    assert order.journalled == (order.words, 1)
    # It was concluded: any report counts more.
    desk.tracker.take_order(report(OrderStatus.OPEN, filled_size="3", time_ns=2))
    assert desk.tracker.live == (order,)
    assert desk.asked == [order]


async def test_an_outcome_stands_under_the_id_of_the_intent_though_an_amendment_gave_it_another(
    tmp_path: Path,
) -> None:
    desk = Desk()
    with Journal(tmp_path / "bot.journal") as journal:
        keeper = Keeper(journal.book("venue/spot"), desk.errors.append)
        order = desk.register()
        keeper.intend(order.placed)
        desk.tracker.answered(order, report())
        amended = replace(report(time_ns=2, price="101"), client_order_id="the amendment's")
        desk.tracker.take_order(amended)
        keeper.changed(order)
        [written] = journal.live
        assert written.report is not None
        assert (written.report.price, written.report.client_order_id) == (D(101), "mine-1")
