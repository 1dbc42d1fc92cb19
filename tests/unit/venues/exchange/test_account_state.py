"""Orders, fills and positions from the user's events, by example."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from tradewire.model import Fill, Liquidity, Order, OrderStatus, Position, Side
from tradewire.venues.exchange import account_state as account_module
from tradewire.venues.exchange.account_state import READ_LAG_NS, AccountState
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.user_values import (
    AccountRead,
    Attributes,
    Effect,
    Now,
    OrderFields,
)

D = Decimal
MARKET = "ABC-USD"


def fields(
    order_id: str, side: str = "buy", price: int = 100, quantity: int = 10, remaining: int = 10
) -> OrderFields:
    return OrderFields(order_id, MARKET, Side(side), price, quantity, remaining, 1)


def execution(fill_id: str, maker: str, taker: str, size: int, price: int = 100) -> Execution:
    return Execution(
        fill_id=fill_id,
        market=MARKET,
        maker_order_id=maker,
        taker_order_id=taker,
        price=price,
        size=size,
        time_ns=1,
    )


def started() -> AccountState:
    account = AccountState()
    account.read_started(Now(1, 1))
    read(account)
    return account


def read(account: AccountState, *executions: Execution, at_ns: int = 1) -> list[Effect]:
    return account.take_account(AccountRead((), executions, ()), Now(at_ns, 1))


def state(
    account: AccountState, order: OrderFields, status: str, now_ns: int, *, is_amendment: bool = False
) -> list[Effect]:
    known = account.find(order.order_id) or account.meet(order)
    return account.take_state(known, order.remaining, status, Now(1, now_ns), is_amendment=is_amendment)


def told(effects: Iterable[Effect], kind: type[Effect]) -> list[Any]:
    return [one for one in effects if isinstance(one, kind)]


def last_order(items: Iterable[Effect]) -> Order:
    order = told(items, Order)[-1]
    assert isinstance(order, Order)
    return order


def is_whole(account: AccountState, order_id: str) -> bool:
    known = account.find(order_id)
    assert known is not None
    return known.is_whole


def test_a_fill_waits_for_the_order_that_follows_it() -> None:
    account = started()
    account.take_fill(execution("f1", "theirs", "ours", 4))
    items = state(account, fields("ours", remaining=6), "open", 7)
    [fill] = told(items, Fill)
    assert (fill.order_id, fill.side, fill.liquidity, fill.size) == ("ours", Side.BUY, Liquidity.TAKER, 4)
    [position] = told(items, Position)
    assert (position.size, position.average_price) == (4, 100)
    order = last_order(items)
    assert (order.status, order.filled_size, order.size) == (OrderStatus.PARTIALLY_FILLED, 4, 10)
    assert order.updated_at_ns == 7


def test_an_amend_is_no_fill() -> None:
    account = started()
    state(account, fields("o"), "open", 1)
    order = last_order(state(account, fields("o", remaining=6), "open", 2, is_amendment=True))
    assert (order.filled_size, order.size, order.status) == (0, 6, OrderStatus.OPEN)
    account.take_fill(execution("f", "o", "theirs", 6))
    order = last_order(state(account, fields("o", remaining=0), "filled", 3))
    assert (order.filled_size, order.size, order.status) == (6, 6, OrderStatus.FILLED)


def test_a_trade_with_ourselves_is_two_fills_taker_first() -> None:
    account = started()
    state(account, fields("maker", "sell"), "open", 1)
    account.take_fill(execution("f", "maker", "taker", 10))
    account.take_fill(execution("f", "maker", "taker", 10))
    items = state(account, fields("maker", "sell", remaining=0), "filled", 2)
    items += state(account, fields("taker", remaining=0), "filled", 3)
    assert [(fill.order_id, fill.side) for fill in told(items, Fill)] == [
        ("taker", Side.BUY),
        ("maker", Side.SELL),
    ]
    assert [position.size for position in told(items, Position)] == [10, 0]
    reports = {order.order_id: order for order in told(items, Order)}
    assert {order.filled_size for order in reports.values()} == {D(10)}


@pytest.mark.parametrize("is_followed", [False, True])
def test_orders_whose_end_nothing_tells_are_bounded(
    monkeypatch: pytest.MonkeyPatch, *, is_followed: bool
) -> None:
    monkeypatch.setattr(account_module, "FINISHED_BOUND", 3)
    account = AccountState()
    if is_followed:
        account.read_started(Now(1, 1))
    for number in range(10):
        account.placed(fields(f"o{number}"))
    assert len(list(account.own_ids)) == (10 if is_followed else 3)
    newest = account.find("o9")
    assert newest is not None
    assert newest.attributes == Attributes(MARKET, Side.BUY, 100, 10)
    assert (account.find("o0") is None) is not is_followed


def test_an_amended_order_is_filled_by_what_was_left_of_it() -> None:
    account = started()
    state(account, fields("o"), "open", 1)
    account.take_fill(execution("f1", "o", "theirs", 4))
    state(account, fields("o", remaining=6), "open", 2)
    state(account, fields("o", remaining=3), "open", 3, is_amendment=True)
    account.take_executions([execution("f2", "o", "theirs", 2)], Now(1, 1))
    assert not is_whole(account, "o")
    account.take_executions([execution("f3", "o", "theirs", 1)], Now(1, 1))
    assert is_whole(account, "o")


def test_fills_that_come_to_the_first_size_fill_an_order_whatever_was_lost() -> None:
    account = started()
    account.mark_suspect()
    account.read_started(Now(1, 1))
    state(account, fields("o", remaining=3), "open", 2)
    assert account.read_order(fields("o", remaining=3), None, Now(1, 2)).remaining == 3
    read(account, execution("f1", "o", "theirs", 7), execution("f2", "o", "theirs", 3))
    assert is_whole(account, "o")


def test_an_amend_among_lost_fills_is_never_taken_for_the_whole_order() -> None:
    account = started()
    state(account, fields("o"), "open", 1)
    account.mark_suspect()
    account.read_started(Now(1, 1))
    # Its fills of 4 were lost before it was amended from 6 to 3, and it was cancelled after 2 more.
    state(account, fields("o", remaining=3), "open", 2)
    read(account, execution("f1", "o", "theirs", 4), execution("f2", "o", "theirs", 2))
    assert not is_whole(account, "o")


def test_a_late_answer_never_makes_an_order_grow() -> None:
    account = started()
    state(account, fields("o"), "open", 1)
    account.take_fill(execution("f", "o", "theirs", 4))
    state(account, fields("o", remaining=6), "open", 2)
    order = account.read_order(fields("o", remaining=10), None, Now(1, 3))
    assert (order.size, order.filled_size) == (10, 4)
    assert account.exposure(MARKET, Side.BUY, 990) is None
    assert account.exposure(MARKET, Side.BUY, 991) == 1001


def test_a_late_answer_never_brings_an_order_back() -> None:
    account = started()
    state(account, fields("o"), "canceled", 1)
    assert account.read_order(fields("o"), None, Now(1, 2)).status is OrderStatus.CANCELLED
    assert account.exposure(MARKET, Side.BUY, 1000) is None


def test_a_cancel_over_rest_frees_what_it_held_at_once() -> None:
    account = started()
    state(account, fields("o"), "open", 1)
    assert account.exposure(MARKET, Side.BUY, 991) == 1001
    order = account.read_order(fields("o"), OrderStatus.CANCELLED, Now(1, 2))
    assert (order.status, order.size, order.filled_size) == (OrderStatus.CANCELLED, 10, 0)
    assert account.exposure(MARKET, Side.BUY, 1000) is None


def test_fills_an_answer_tells_count_for_exposure_and_wait_for_their_event_to_be_a_position() -> None:
    account = started()
    account.placed(fields("o", remaining=0))
    account.name("o", "mine")
    [fill] = told(account.take_executions([execution("f", "theirs", "o", 10)], Now(1, 1)), Fill)
    assert fill.client_order_id == "mine"
    assert account.positions.of(MARKET).size == 0
    assert account.exposure(MARKET, Side.BUY, 991) == 1001
    account.take_fill(execution("f", "theirs", "o", 10))
    items = state(account, fields("o", remaining=0), "filled", 2)
    assert told(items, Fill) == []
    assert [position.size for position in told(items, Position)] == [10]
    assert account.exposure(MARKET, Side.BUY, 991) == 1001


def test_an_order_nobody_followed_is_taken_as_never_amended() -> None:
    account = started()
    order = account.read_order(fields("o", remaining=6), None, Now(1, 1))
    assert (order.filled_size, order.filled_notional, order.status) == (4, 400, OrderStatus.PARTIALLY_FILLED)
    assert account.read_order(fields("p", remaining=6), OrderStatus.CANCELLED, Now(1, 1)).filled_size == 4
    assert account.find("o") is None


def test_a_fill_of_nobody_we_know_has_no_side() -> None:
    account = started()
    [fill] = account.fill_of(execution("f", "a", "b", 3))
    assert (fill.side, fill.order_id, fill.liquidity, fill.fee_asset) == (None, "", None, "USD")
    account.placed(fields("a"))
    [fill] = account.fill_of(execution("f", "a", "b", 3))
    assert (fill.side, fill.order_id, fill.liquidity) == (Side.BUY, "a", Liquidity.MAKER)


def test_what_is_heard_while_the_account_is_read_is_newer_than_the_answer() -> None:
    account = started()
    account.mark_suspect()
    account.read_started(Now(1, 1))
    state(account, fields("new", "sell"), "open", 1)
    account.take_fill(execution("f", "new", "theirs", 4))
    state(account, fields("new", "sell", remaining=6), "open", 2)
    assert account.positions.of(MARKET).size == 0
    items = read(account)
    assert list(account.own_ids) == ["new"]
    assert [position.size for position in told(items, Position)] == [-4]


def test_an_erased_account_forgets_what_was_under_way() -> None:
    account = started()
    state(account, fields("o"), "open", 1)
    account.take_fill(execution("f", "o", "theirs", 4))
    account.erase()
    assert not account.is_known
    account.read_started(Now(1, 1))
    assert told(read(account), Fill) == []
    assert list(account.own_ids) == []
    assert account.positions.all() == ()


@pytest.mark.parametrize(("status", "final"), [("filled", "filled"), ("canceled", "cancelled")])
def test_an_end_is_reported_once_the_fills_whose_pushes_were_lost_are_known(status: str, final: str) -> None:
    account = started()
    state(account, fields("o"), "open", 1)
    account.take_fill(execution("f1", "o", "theirs", 4))
    left = 0 if status == "filled" else 1
    order = last_order(state(account, fields("o", remaining=left), status, 2))
    assert (order.status, order.size, order.filled_size) == (OrderStatus.PARTIALLY_FILLED, 10, 4)
    assert order.remaining == left
    late = execution("f2", "o", "theirs", 6 - left)
    report, fill = account.take_executions([execution("f1", "o", "theirs", 4), late], Now(1, 3))
    assert isinstance(fill, Fill)
    assert isinstance(report, Order)
    order = report
    assert (order.status, order.size, order.filled_size) == (OrderStatus(final), 10, 10 - left)


@pytest.mark.parametrize(("lag_ns", "is_proved"), [(READ_LAG_NS - 1, False), (READ_LAG_NS, True)])
def test_an_order_another_program_amended_has_ended_once_reads_can_lag_no_more(
    lag_ns: int, *, is_proved: bool
) -> None:
    account = started()
    state(account, fields("o", remaining=6), "open", 1)
    fill = execution("f", "o", "theirs", 6)
    account.take_fill(fill)
    assert last_order(state(account, fields("o", remaining=0), "filled", 2)).status.is_final is False
    account.read_started(Now(1 + lag_ns, 1))
    items = read(account, fill, at_ns=1 + READ_LAG_NS)
    ends = [(order.status, order.size, order.filled_size) for order in told(items, Order)]
    assert ends == ([(OrderStatus.FILLED, 6, 6)] if is_proved else [])


def test_a_resting_order_another_program_amended_is_smaller_once_the_account_was_read() -> None:
    account = started()
    order = last_order(state(account, fields("o", remaining=6), "open", 1))
    assert (order.size, order.remaining) == (10, 6)
    account.read_started(Now(2, 1))
    [order] = told(account.take_account(AccountRead((fields("o", remaining=6),), (), ()), Now(3, 1)), Order)
    assert (order.size, order.remaining, order.filled_size) == (6, 6, 0)


def test_a_fill_that_an_amendment_overtook_is_not_taken_for_amended_away() -> None:
    account = started()
    state(account, fields("o"), "open", 1)
    # The reply to the amendment comes before the push of a fill of 2 and its state.
    account.read_order(fields("o", remaining=5), None, Now(1, 2), is_explained=True)
    account.take_fill(execution("f", "o", "theirs", 2))
    state(account, fields("o", remaining=8), "open", 3)
    order = last_order(state(account, fields("o", remaining=5), "canceled", 4))
    assert (order.status, order.size, order.filled_size) == (OrderStatus.CANCELLED, 7, 2)


def test_what_our_orders_leave_open_of_a_position_counts_though_the_account_was_never_read() -> None:
    account = AccountState()
    account.placed(fields("ours", remaining=6))
    executions = (execution("f1", "ours", "t", 4), execution("f2", "m", "t2", 6))
    position = Position(
        market="ABC-USD", size=Decimal(10), average_price=None, realized_pnl=Decimal(0), updated_at_ns=1
    )
    left = account.unexplained("ABC-USD", AccountRead((), executions, (position,), is_explained=False))
    assert (left.position, left.side_of("ours"), left.side_of("t")) == (6, Side.BUY, None)
    account.forget_baseline()
    left = account.unexplained("ABC-USD", AccountRead((), executions, (position,)))
    assert left.position is None
