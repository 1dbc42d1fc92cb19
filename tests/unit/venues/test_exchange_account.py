"""Orders, fills and positions from the user's events: by example, and against a venue told in every order it may."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tradewire.model import Fill, Order, OrderStatus, Position, Role, Side
from tradewire.venues.exchange.account import FILLS, ORDERS, POSITIONS, Account, Item, OrderFields
from tradewire.venues.exchange.acks import Attributes
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.positions import Positions

D = Decimal
MARKET = "ABC-USD"


def nobody(_order_id: str, _attributes: Attributes) -> str:
    return ""


def fields(
    order_id: str, side: str = "buy", price: int = 100, quantity: int = 10, remaining: int = 10
) -> OrderFields:
    return order_id, "us", MARKET, side, price, quantity, remaining, 1


def execution(fill_id: str, maker: str, taker: str, size: int, price: int = 100) -> Execution:
    return Execution(
        fill_id=fill_id,
        market=MARKET,
        maker_order_id=maker,
        taker_order_id=taker,
        price=price,
        size=size,
        at_ns=1,
    )


def started(identify: Callable[[str, Attributes], str] = nobody) -> Account:
    account = Account(identify)
    account.start((), (), ())
    return account


def told(items: Iterable[Item], topic: str) -> list[Any]:
    return [item for name, _, item in items if name == topic]


def last_order(items: Iterable[Item]) -> Order:
    order = told(items, ORDERS)[-1]
    assert isinstance(order, Order)
    return order


def test_a_fill_waits_for_the_order_that_follows_it() -> None:
    account = started()
    account.on_fill(execution("f1", "theirs", "ours", 4))
    items = account.on_state(fields("ours", remaining=6), "open", 7)
    [fill] = told(items, FILLS)
    assert (fill.order_id, fill.side, fill.role, fill.size) == ("ours", Side.BUY, Role.TAKER, 4)
    [position] = told(items, POSITIONS)
    assert (position.size, position.average_price) == (4, 100)
    order = last_order(items)
    assert (order.status, order.filled, order.size) == (OrderStatus.PARTIALLY_FILLED, 4, 10)
    assert order.updated_at_ns == 7


def test_an_amend_is_no_fill() -> None:
    account = started()
    account.on_state(fields("o"), "open", 1)
    order = last_order(account.on_state(fields("o", remaining=6), "open", 2))
    assert (order.filled, order.size, order.status) == (0, 6, OrderStatus.OPEN)
    account.on_fill(execution("f", "o", "theirs", 6))
    order = last_order(account.on_state(fields("o", remaining=0), "filled", 3))
    assert (order.filled, order.size, order.status) == (6, 6, OrderStatus.FILLED)


def test_a_trade_with_ourselves_is_two_fills_taker_first() -> None:
    account = started()
    account.on_state(fields("maker", "sell"), "open", 1)
    account.on_fill(execution("f", "maker", "taker", 10))
    account.on_fill(execution("f", "maker", "taker", 10))
    items = account.on_state(fields("maker", "sell", remaining=0), "filled", 2)
    items += account.on_state(fields("taker", remaining=0), "filled", 3)
    assert [(fill.order_id, fill.side) for fill in told(items, FILLS)] == [
        ("taker", Side.BUY),
        ("maker", Side.SELL),
    ]
    assert [position.size for position in told(items, POSITIONS)] == [10, 0]
    reports = {order.venue_id: order for order in told(items, ORDERS)}
    assert {order.filled for order in reports.values()} == {D(10)}


def test_a_request_is_asked_for_once_and_never_for_a_cancel() -> None:
    asked: list[str] = []

    def identify(order_id: str, _attributes: Attributes) -> str:
        asked.append(order_id)
        return "mine"

    account = started(identify)
    order = last_order(account.on_state(fields("a"), "open", 1))
    account.on_state(fields("a", remaining=5), "open", 2)
    account.on_state(fields("b"), "canceled", 3)
    assert asked == ["a"]
    assert order.client_id == "mine"
    account.take_back("mine")
    assert last_order(account.on_state(fields("a", remaining=4), "open", 4)).client_id == ""


def test_a_late_answer_never_makes_an_order_grow() -> None:
    account = started()
    account.on_state(fields("o"), "open", 1)
    account.on_fill(execution("f", "o", "theirs", 4))
    account.on_state(fields("o", remaining=6), "open", 2)
    order = account.report(fields("o", remaining=10), None, 3)
    assert (order.size, order.filled) == (10, 4)
    assert account.exposure(MARKET, Side.BUY, 990) is None
    assert account.exposure(MARKET, Side.BUY, 991) == 1001


def test_a_late_answer_never_brings_an_order_back() -> None:
    account = started()
    account.on_state(fields("o"), "canceled", 1)
    assert account.report(fields("o"), None, 2).status is OrderStatus.CANCELLED
    assert account.exposure(MARKET, Side.BUY, 1000) is None


def test_a_cancel_over_rest_frees_what_it_held_at_once() -> None:
    account = started()
    account.on_state(fields("o"), "open", 1)
    assert account.exposure(MARKET, Side.BUY, 991) == 1001
    order = account.report(fields("o"), OrderStatus.CANCELLED, 2)
    assert (order.status, order.size, order.filled) == (OrderStatus.CANCELLED, 10, 0)
    assert account.exposure(MARKET, Side.BUY, 1000) is None


def test_fills_an_answer_tells_count_for_exposure_and_wait_for_their_event_to_be_a_position() -> None:
    account = started()
    account.placed(fields("o", remaining=0), "mine")
    [fill] = told(account.on_reply([execution("f", "theirs", "o", 10)]), FILLS)
    assert fill.client_id == "mine"
    assert account.positions.of(MARKET).size == 0
    assert account.exposure(MARKET, Side.BUY, 991) == 1001
    account.on_fill(execution("f", "theirs", "o", 10))
    items = account.on_state(fields("o", remaining=0), "filled", 2)
    assert told(items, FILLS) == []
    assert [position.size for position in told(items, POSITIONS)] == [10]
    assert account.exposure(MARKET, Side.BUY, 991) == 1001


def test_an_order_nobody_followed_is_taken_as_never_amended() -> None:
    account = started()
    order = account.report(fields("o", remaining=6), None, 1)
    assert (order.filled, order.filled_value, order.status) == (4, 400, OrderStatus.PARTIALLY_FILLED)
    assert account.report(fields("p", remaining=6), OrderStatus.CANCELLED, 1).filled == 4
    assert account.known_report("o", OrderStatus.FILLED, 1) is None


def test_a_fill_of_nobody_we_know_has_no_side() -> None:
    account = started()
    [fill] = account.fill_of(execution("f", "a", "b", 3))
    assert (fill.side, fill.order_id, fill.role, fill.fee_asset) == (None, "", None, "USD")
    account.placed(fields("a"), "")
    [fill] = account.fill_of(execution("f", "a", "b", 3))
    assert (fill.side, fill.order_id, fill.role) == (Side.BUY, "a", Role.MAKER)


def test_what_is_heard_while_the_account_is_read_is_newer_than_the_answer() -> None:
    account = started()
    account.doubt()
    account.begin_reading()
    account.on_state(fields("new", "sell"), "open", 1)
    account.on_fill(execution("f", "new", "theirs", 4))
    account.on_state(fields("new", "sell", remaining=6), "open", 2)
    assert account.positions.of(MARKET).size == 0
    items = account.start((), (), ())
    assert list(account.own_ids) == ["new"]
    assert [position.size for position in told(items, POSITIONS)] == [-4]


def test_an_erased_account_forgets_what_was_under_way() -> None:
    account = started()
    account.on_state(fields("o"), "open", 1)
    account.on_fill(execution("f", "o", "theirs", 4))
    account.erase()
    assert not account.is_known
    account.begin_reading()
    assert told(account.start((), (), ()), FILLS) == []
    assert list(account.own_ids) == []
    assert account.positions.all() == ()


@dataclass
class Venue:
    """Our orders and others' as the venue has them, and what is on its way to us."""

    account: Account = field(default_factory=lambda: Account(nobody))
    orders: dict[str, list[Any]] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    positions: Positions = field(default_factory=Positions)
    events: deque[tuple[str, Any, str]] = field(default_factory=deque)
    replies: deque[tuple[OrderFields, list[Execution], bool, int]] = field(default_factory=deque)
    reading: tuple[Any, ...] | None = None
    told: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account.start((), (), ())

    def resting(self, *, is_ours: bool | None = None) -> list[str]:
        return [
            name
            for name, (owner, _, _, _, left, status) in self.orders.items()
            if status == "open" and left and (is_ours is None or owner == is_ours)
        ]

    def fields_of(self, name: str) -> OrderFields:
        _, side, price, quantity, left, _ = self.orders[name]
        return name, "us", MARKET, side, price, quantity, left, 1

    def place(self, *, is_ours: bool, side: str, size: int, over_rest: bool, makers: int) -> None:
        taker = f"o{len(self.orders)}"
        price = 100 + len(self.orders) % 7
        self.orders[taker] = [is_ours, side, price, size, size, "open"]
        found, touched = [], []
        for maker in [name for name in self.resting() if self.orders[name][1] != side][:makers]:
            left = self.orders[taker][4]
            if not left:
                break
            traded = min(left, self.orders[maker][4])
            one = execution(f"f{len(self.executions)}", maker, taker, traded, self.orders[maker][2])
            for name in (taker, maker):
                self.orders[name][4] -= traded
                if self.orders[name][0]:
                    self.positions.fill(MARKET, Side(self.orders[name][1]), one.price, traded, 1)
                    self.events.append(("fill", one, ""))
            # Nobody tells us of trades between others.
            if is_ours or self.orders[maker][0]:
                self.executions.append(one)
            found.append(one)
            touched.append(maker)
        for name in (*touched, taker):
            if not self.orders[name][4]:
                self.orders[name][5] = "filled"
            if self.orders[name][0]:
                self.events.append(("state", self.fields_of(name), self.orders[name][5]))
        if is_ours and over_rest:
            rests = self.orders[taker][5] == "open"
            self.replies.append((self.fields_of(taker), found, rests, self.account.reads))

    def shrink(self, name: str, *, is_cancel: bool) -> None:
        if is_cancel:
            self.orders[name][5] = "canceled"
        else:
            self.orders[name][4] = max(1, self.orders[name][4] // 2)
        self.events.append(("state", self.fields_of(name), self.orders[name][5]))

    def tell(self) -> None:
        if self.events:
            kind, thing, status = self.events.popleft()
            if kind == "fill":
                self.account.on_fill(thing)
            else:
                self.told += self.account.on_state(thing, status, 1)

    def reply(self) -> None:
        if self.replies:
            sent, executions, rests, reads = self.replies.popleft()
            self.account.placed(sent, "mine")
            self.told += self.account.on_reply(executions)
            self.account.report(sent, None if rests else OrderStatus.FILLED, 1)
            if self.account.reads != reads:
                self.ask()

    def lose(self) -> None:
        self.events.clear()
        self.ask()

    def ask(self) -> None:
        self.account.doubt()
        self.account.begin_reading()
        open_orders = tuple(self.fields_of(name) for name in self.resting(is_ours=True))
        self.reading = open_orders, tuple(self.executions), self.positions.all()

    def read(self) -> None:
        if self.reading is not None:
            self.told += self.account.start(*self.reading)
            self.reading = None

    def finish(self) -> None:
        while self.events or self.replies or self.reading:
            self.read()
            self.reply()
            self.tell()


STEPS = (
    "ours",
    "ours over rest",
    "theirs",
    "theirs",
    "cancel",
    "amend",
    "tell",
    "tell",
    "tell",
    "reply",
    "read",
)
Script = list[tuple[str, str, int]]


def scripts(*rare: str) -> st.SearchStrategy[Script]:
    step = st.sampled_from((*STEPS * 4, *rare))
    return st.lists(
        st.tuples(step, st.sampled_from(("buy", "sell")), st.integers(1, 20)), min_size=10, max_size=60
    )


def play(script: Script) -> Venue:
    venue = Venue()
    for step, side, number in script:
        ours = venue.resting(is_ours=True)
        match step:
            case "ours" | "ours over rest" | "theirs":
                venue.place(
                    is_ours=step != "theirs",
                    side=side,
                    size=number,
                    over_rest=step == "ours over rest",
                    makers=number % 4,
                )
            case "cancel" | "amend":
                if ours:
                    venue.shrink(ours[number % len(ours)], is_cancel=step == "cancel")
            case "tell":
                venue.tell()
            case "reply":
                venue.reply()
            case "read":
                venue.read()
            case "lose":
                venue.lose()
    venue.finish()
    return venue


def legs(venue: Venue) -> set[tuple[str, str]]:
    """Return every fill of an order of ours, by fill and order."""
    return {
        (one.fill_id, name)
        for one in venue.executions
        for name in (one.taker_order_id, one.maker_order_id)
        if venue.orders[name][0]
    }


def rows(positions: tuple[Position, ...]) -> list[tuple[Any, ...]]:
    return [(one.market, one.size, one.average_price, one.realized_pnl) for one in positions]


def fills_of(venue: Venue) -> list[Fill]:
    return told(venue.told, FILLS)


@settings(max_examples=300, deadline=None)
@given(scripts())
def test_the_account_is_the_venues_whatever_comes_first(script: Script) -> None:
    venue = play(script)
    account = venue.account
    assert rows(account.positions.all()) == rows(venue.positions.all())
    assert sorted(account.own_ids) == sorted(venue.resting(is_ours=True))
    found = [(fill.trade_id, fill.order_id) for fill in fills_of(venue)]
    assert len(found) == len(set(found))
    assert set(found) == legs(venue)
    latest = {order.venue_id: order for order in told(venue.told, ORDERS)}
    for name, order in latest.items():
        _, side, price, _, left, status = venue.orders[name]
        assert (order.side, order.price) == (Side(side), price)
        assert order.filled == sum(fill.size for fill in fills_of(venue) if fill.order_id == name)
        assert order.status.is_final is (status != "open")
        if status != "canceled":
            assert order.remaining == left


@settings(max_examples=300, deadline=None)
@given(scripts("lose", "lose", "read"))
def test_the_account_is_the_venues_again_after_events_were_lost(script: Script) -> None:
    venue = play(script)
    account = venue.account
    assert rows(account.positions.all()) == rows(venue.positions.all())
    assert sorted(account.own_ids) == sorted(venue.resting(is_ours=True))
    found = [(fill.trade_id, fill.order_id) for fill in fills_of(venue)]
    assert len(found) == len(set(found))
    known = {leg for leg in legs(venue) if account.attributes(leg[1]) is not None}
    assert set(found) == known
    for side, sign in ((Side.BUY, 1), (Side.SELL, -1)):
        held = sum(row[4] for row in venue.orders.values() if row[0] and row[5] == "open" and row[1] == side)
        worst = sign * int(venue.positions.of(MARKET).size) + held
        room = 1000 - worst
        if room >= 1:
            assert account.exposure(MARKET, side, room) is None
        assert account.exposure(MARKET, side, max(room, 0) + 1) is not None
