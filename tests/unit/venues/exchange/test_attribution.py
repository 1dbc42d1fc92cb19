"""Orders of unknown fate and what the venue says: each gets its order, and no stranger's execution is ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from tradewire.model import Side
from tradewire.venues.exchange.attribution import Attributed, Lost, Unexplained, attribute
from tradewire.venues.exchange.known_order import KnownOrder
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.user_values import Attributes

SECOND = 1_000_000_000
SENT = 100 * SECOND
BUY = Attributes("ABC-USD", Side.BUY, 100, 10)
SELL = replace(BUY, side=Side.SELL)


def lost(
    name: str = "mine",
    attributes: Attributes = BUY,
    *,
    sent_ns: int = SENT,
    is_placing: bool = False,
    may_arrive: bool = True,
) -> Lost:
    return Lost(name, attributes, sent_ns, 0, is_placing, may_arrive)


def known(order_id: str, attributes: Attributes = BUY, *, number: int = 1, time_ns: int = SENT) -> KnownOrder:
    return KnownOrder(order_id, attributes, time_ns, number)


def execution(
    maker: str, taker: str, size: int = 10, price: int = 100, *, after_ns: int = 1_000, fill_id: str = ""
) -> Execution:
    return Execution(
        fill_id=fill_id or f"{maker}/{taker}",
        market="ABC-USD",
        maker_order_id=maker,
        taker_order_id=taker,
        price=price,
        size=size,
        time_ns=SENT + after_ns,
    )


def unexplained(
    *executions: Execution, position: int | None = None, known_sides: Mapping[str, Side] | None = None
) -> Unexplained:
    return Unexplained(executions, frozenset(), dict(known_sides or {}).get, position)


def ids(requests: list[Lost], left: Unexplained, *unnamed: KnownOrder) -> dict[str, str]:
    return {one.name: attribute(one.name, requests, unnamed, left).order_id for one in requests}


@pytest.mark.parametrize("position", [None, 10])
def test_an_order_that_filled_whole_at_once_while_its_reply_was_lost_is_found(position: int | None) -> None:
    parts = (execution("m1", "t", 4, 98), execution("m2", "t", 6, 99))
    found = attribute("mine", [lost()], (), unexplained(*parts, position=position))
    assert found == Attributed("t", is_contested=False, executions=list(parts))


def test_an_order_that_rested_and_filled_whole_is_found_though_several_took_it() -> None:
    parts = (execution("m", "t1", 4), execution("m", "t2", 6, after_ns=SECOND))
    assert ids([lost()], unexplained(*parts)) == {"mine": "m"}


def test_an_order_the_venue_never_had_gets_no_part_of_what_another_lost_one_explains() -> None:
    """The larger one took ten of a maker at a price that would do for the smaller one, too."""
    left = unexplained(execution("m1", "t", 10), execution("m2", "t", 7, 99), position=17)
    requests = [lost("never"), lost("filled", replace(BUY, size=17))]
    assert ids(requests, left) == {"never": "", "filled": "t"}


@pytest.mark.parametrize(("moved", "expected"), [(0, ""), (-10, "t"), (None, "")])
def test_a_fill_of_a_known_order_is_not_given_to_the_strangers_order_it_traded_with(
    moved: int | None, expected: str
) -> None:
    """A stranger sold ten to our resting buy while a sell of ten is lost: only the position tells whose it was."""
    left = unexplained(execution("ours", "t"), position=moved, known_sides={"ours": Side.BUY})
    assert ids([lost(attributes=SELL)], left) == {"mine": expected}


@pytest.mark.parametrize(
    ("price", "size", "after_ns"), [(101, 10, 0), (100, 9, 0), (100, 11, 0), (100, 10, -6 * SECOND)]
)
def test_an_execution_that_does_not_fit_is_claimed_for_none(price: int, size: int, after_ns: int) -> None:
    left = unexplained(execution("m", "t", size, price, after_ns=after_ns), position=10)
    assert ids([lost()], left) == {"mine": ""}


def test_an_order_that_traded_with_us_before_the_request_is_a_strangers() -> None:
    before = execution("m", "ours", 3, after_ns=-10 * SECOND)
    left = unexplained(before, execution("m", "t", 10, after_ns=3 * SECOND), known_sides={"ours": Side.BUY})
    assert ids([lost(attributes=SELL)], left) == {"mine": "t"}


def test_what_another_program_traded_makes_the_position_useless_and_nothing_else() -> None:
    left = unexplained(execution("m", "t", 3, 90), execution("m2", "t2"), position=-7)
    assert ids([lost()], left) == {"mine": "t2"}
    # A trade with ourselves that the position alone would show cannot be shown any more.
    left = unexplained(
        execution("m", "t", 3, 90), execution("ours", "t2"), position=-10, known_sides={"ours": Side.BUY}
    )
    assert ids([lost(attributes=SELL)], left) == {"mine": ""}


def test_as_many_equal_requests_as_there_are_orders_get_one_each() -> None:
    requests = [lost(name, sent_ns=SENT + place) for place, name in enumerate("abc")]
    left = unexplained(execution("m1", "t1", 10, 99), execution("m2", "t2", 10, 98), position=20)
    assert ids(requests, left) == {"a": "t1", "b": "t2", "c": ""}
    assert ids(requests, unexplained(), known("o1"), known("o2", number=2)) == {"a": "o1", "b": "o2", "c": ""}
    assert ids(requests, left, known("o1")) == {"a": "o1", "b": "t1", "c": "t2"}


def test_an_order_heard_of_before_the_request_or_older_than_it_is_not_its() -> None:
    request = lost()._replace(heard=1)
    assert ids([request], unexplained(), known("before", number=1)) == {"mine": ""}
    assert ids([request], unexplained(), known("old", number=2, time_ns=SENT - 6 * SECOND)) == {"mine": ""}
    assert ids([request], unexplained(), known("its", number=2)) == {"mine": "its"}


@pytest.mark.parametrize("change", [{"market": "XYZ-USD"}, {"side": Side.SELL}, {"price": 99}, {"size": 9}])
def test_an_order_that_rests_must_be_what_was_sent(change: dict[str, Any]) -> None:
    assert ids([lost()], unexplained(), known("other", replace(BUY, **change))) == {"mine": ""}


@pytest.mark.parametrize(("after_ns", "expected"), [(5_000_000, "t"), (SECOND // 10, "m")])
def test_of_one_execution_at_its_price_the_order_is_the_taker_only_right_after_it_was_sent(
    after_ns: int, expected: str
) -> None:
    assert ids([lost()], unexplained(execution("m", "t", after_ns=after_ns))) == {"mine": expected}


def test_an_execution_is_explained_though_the_position_does_not_fit() -> None:
    """A settlement that nothing told of has closed it."""
    assert ids([lost()], unexplained(execution("m", "t", 10, 99), position=0)) == {"mine": "t"}


@pytest.mark.parametrize(("shown", "expected"), [("m", "t"), ("t", "m")])
@pytest.mark.parametrize("after_ns", [0, 2 * SECOND])
def test_which_order_of_one_execution_is_ours_follows_from_the_side_the_market_has_shown(
    shown: str, expected: str, after_ns: int
) -> None:
    left = unexplained(execution("m", "t", after_ns=after_ns))._replace(public_side_of={shown: Side.SELL}.get)
    assert ids([lost()], left) == {"mine": expected}


@pytest.mark.parametrize(("moved", "sells"), [(0, "m"), (10, "")])
def test_whether_two_lost_orders_traded_with_one_another_is_told_by_the_position(
    moved: int, sells: str
) -> None:
    requests = [lost("sell", SELL), lost("buy", replace(BUY, price=101))]
    left = unexplained(execution("m", "t", after_ns=2_000), position=moved)
    found = ids(requests, left)
    assert (found["sell"], found["buy"]) == (sells, "t")


def test_an_equal_request_whose_reply_may_name_the_order_is_waited_for() -> None:
    requests = [lost(), lost("under way", is_placing=True, sent_ns=SENT + 1)]
    assert attribute("mine", requests, (known("o1"),), unexplained()).is_contested
    assert attribute("mine", requests, (), unexplained(execution("m", "t", 10, 99))).is_contested
    assert not attribute("mine", requests, (), unexplained()).is_contested
    # One whose order the other one's reply will name is not absent yet.
    later = [lost(sent_ns=SENT + 2), *requests[1:]]
    found = attribute("mine", later, (), unexplained(execution("m", "t", 10, 99)))
    assert (found.order_id, found.is_contested) == ("", True)


@pytest.mark.parametrize("may_arrive", [True, False])
def test_what_fits_two_different_requests_stays_open_until_the_other_can_arrive_no_more(
    may_arrive: bool,
) -> None:
    requests = [lost(), lost("other", replace(BUY, price=101), may_arrive=may_arrive, sent_ns=SENT - SECOND)]
    left = unexplained(execution("m", "t", 10, 99))
    assert attribute("mine", requests, (), left) == Attributed("t", may_arrive, [execution("m", "t", 10, 99)])


def test_an_order_cut_short_while_we_were_away_is_found_once_nothing_else_can_explain_its_fills() -> None:
    part = execution("m", "t", 4, 99)
    assert ids([lost()], unexplained(part)) == {"mine": ""}
    assert ids([lost(may_arrive=False)], unexplained(part)) == {"mine": "t"}
    requests = [lost(may_arrive=False), lost("whole", replace(BUY, size=4), may_arrive=False)]
    assert ids(requests, unexplained(part)) == {"mine": "", "whole": "t"}


def test_the_search_ends_however_many_combinations_there_are() -> None:
    requests = [
        lost(f"r{place}", replace(BUY, price=100 + place), sent_ns=SENT + place) for place in range(40)
    ]
    parts = [execution(f"m{place}", f"t{place}", 10, 95, after_ns=place) for place in range(1500)]
    found = ids(requests[:1], unexplained(*parts, position=3))
    assert found["r0"]
    left = unexplained(*parts[:30], position=300)
    assert sum(bool(attribute(one.name, requests, (), left).order_id) for one in requests) == 30
