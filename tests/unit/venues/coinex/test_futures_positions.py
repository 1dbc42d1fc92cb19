"""What is kept of positions, whichever way and in whatever order it is told."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tradewire.venues.coinex.futures.model import FuturesPosition
from tradewire.venues.coinex.futures.positions import Positions, as_closed, differs, flat

MARKET = "BTCUSDT"


def position(size: str, *, position_id: str = "9", at_ns: int = 1, market: str = MARKET) -> FuturesPosition:
    return replace(
        flat(market),
        size=Decimal(size),
        average_price=Decimal(60000) if Decimal(size) else None,
        position_id=position_id,
        updated_at_ns=at_ns,
    )


def test_nothing_is_flat() -> None:
    found = Positions().of(MARKET)
    assert (found.market, found.size, found.average_price, found.side, found.is_open) == (
        MARKET,
        0,
        None,
        None,
        False,
    )


def test_later_report_counts_and_an_older_one_does_not() -> None:
    kept = Positions()
    assert kept.take(position("1", at_ns=5), 1.0)
    assert not kept.take(position("2", at_ns=4), 2.0)
    assert kept.take(position("3", at_ns=5), 3.0)
    assert kept.of(MARKET).size == 3
    assert kept.of("ETHUSDT").size == 0


def test_position_that_was_opened_again_replaces_the_one_before() -> None:
    kept = Positions()
    kept.take(position("0", position_id="99", at_ns=50), 1.0)
    assert kept.take(position("1", position_id="100", at_ns=40), 2.0)
    assert not kept.take(position("5", position_id="99", at_ns=60), 3.0)
    assert kept.of(MARKET).size == 1


def test_list_says_what_was_missed() -> None:
    kept = Positions()
    kept.take(position("1", at_ns=5), 1.0)
    listed = [position("2", at_ns=6), position("3", market="ETHUSDT")]
    assert kept.check(listed, 0.0, 2.0) == (listed, [])
    assert kept.check(listed, 0.0, 3.0) == ([], [])


def test_list_read_before_the_last_push_changes_nothing() -> None:
    kept = Positions()
    kept.take(position("2", at_ns=6), 10.0)
    assert kept.check([position("1", at_ns=5)], 9.0, 11.0) == ([], [])
    assert kept.check([], 9.0, 11.0) == ([], [])
    assert kept.of(MARKET).size == 2


def test_list_asked_for_long_after_the_last_push_counts_however_old_it_looks() -> None:
    kept = Positions()
    kept.take(position("2", at_ns=6), 10.0)
    stepped_back = position("1", at_ns=5)
    assert kept.check([stepped_back], 11.0, 15.0) == ([stepped_back], [])
    assert kept.of(MARKET).size == 1


def test_position_that_the_list_lacks_is_gone_once_it_must_be_there() -> None:
    kept = Positions()
    ours = position("2", at_ns=6)
    kept.take(ours, 10.0)
    assert kept.check([], 11.0, 15.0) == ([], [ours])
    assert kept.end(ours, as_closed(ours), 15.0)
    assert kept.check([], 20.0, 25.0) == ([], [])
    assert kept.of(MARKET).size == 0
    assert kept.of(MARKET).position_id == "9"


def test_position_that_was_opened_while_the_end_of_the_last_one_was_asked_for_stays() -> None:
    kept = Positions()
    kept.take(ours := position("2", at_ns=6), 10.0)
    kept.take(position("1", position_id="10", at_ns=7), 16.0)
    assert not kept.end(ours, as_closed(ours), 17.0)
    assert kept.of(MARKET).size == 1


def test_what_moves_by_itself_is_no_difference() -> None:
    ours = position("2")
    assert not differs(ours, replace(ours, venue_unrealized_pnl=Decimal(5), liquidation_price=Decimal(1)))
    assert differs(ours, replace(ours, realized_pnl=Decimal(5)))
    assert differs(ours, replace(ours, position_id="10"))
    assert not differs(flat(MARKET), as_closed(replace(ours, realized_pnl=Decimal(0))))


@given(st.permutations([position(str(size), at_ns=size) for size in range(1, 6)]))
def test_reports_in_any_order_leave_the_newest(reports: list[FuturesPosition]) -> None:
    kept = Positions()
    for moment, report in enumerate(reports):
        kept.take(report, float(moment))
    assert kept.of(MARKET).size == 5
