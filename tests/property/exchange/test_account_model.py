"""The account against a venue whose events, answers and reads reach us in every order they may."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tradewire.model import Fill, Order, OrderStatus, Position, Side
from tradewire.venues.exchange.account_state import AccountState
from tradewire.venues.exchange.model import Execution
from tradewire.venues.exchange.positions import Positions
from tradewire.venues.exchange.user_values import (
    AccountRead,
    Effect,
    Now,
    OrderFields,
)

MARKET = "ABC-USD"


@dataclass
class Venue:
    """Our orders and others' as the venue has them, and what is on its way to us."""

    account: AccountState = field(default_factory=AccountState)
    orders: dict[str, list[Any]] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    positions: Positions = field(default_factory=Positions)
    events: deque[tuple[str, Any, str]] = field(default_factory=deque)
    replies: deque[tuple[OrderFields, list[Execution], bool, int]] = field(default_factory=deque)
    reading: AccountRead | None = None
    told: list[Effect] = field(default_factory=list)
    now: Now = field(default_factory=lambda: Now(0, 1))

    def __post_init__(self) -> None:
        self.account.read_started(Now(0, 1))
        self.account.take_account(AccountRead((), (), ()), Now(0, 1))

    def resting(self, *, is_ours: bool | None = None) -> list[str]:
        return [
            name
            for name, (owner, _, _, _, left, status) in self.orders.items()
            if status == "open" and left and (is_ours is None or owner == is_ours)
        ]

    def fields_of(self, name: str) -> OrderFields:
        _, side, price, quantity, left, _ = self.orders[name]
        return OrderFields(name, MARKET, side, price, quantity, left, 1)

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
            one = Execution(
                fill_id=f"f{len(self.executions)}",
                market=MARKET,
                maker_order_id=maker,
                taker_order_id=taker,
                price=self.orders[maker][2],
                size=traded,
                time_ns=1,
            )
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
                self.account.take_fill(thing)
            else:
                known = self.account.find(thing.order_id) or self.account.meet(thing)
                self.told += self.account.take_state(known, thing.remaining, status, self.now)

    def reply(self) -> None:
        if self.replies:
            sent, executions, rests, reads = self.replies.popleft()
            self.account.placed(sent)
            self.told += self.account.take_executions(executions, self.now)
            self.account.read_order(sent, None if rests else OrderStatus.FILLED, self.now)
            if self.account.reads != reads:
                self.ask()

    def drop_fill(self) -> None:
        """Lose the push of the next fill and nothing else."""
        place = next((place for place, event in enumerate(self.events) if event[0] == "fill"), None)
        if place is not None:
            del self.events[place]

    def lose(self) -> None:
        self.events.clear()
        self.ask()

    def ask(self) -> None:
        self.account.mark_suspect()
        self.account.read_started(self.now)
        open_orders = tuple(self.fields_of(name) for name in self.resting(is_ours=True))
        self.reading = AccountRead(open_orders, tuple(self.executions), self.positions.all())

    def read(self) -> None:
        if self.reading is not None:
            self.told += self.account.take_account(self.reading, self.now)
            self.reading = None

    def finish(self) -> None:
        while self.events or self.replies or self.reading:
            self.read()
            self.reply()
            self.tell()
        # What a read does not show is asked for again once reads cannot be behind any more.
        for seconds in (10, 20):
            self.now = Now(seconds * 10**9, 1)
            self.account.read_started(self.now)
            open_orders = tuple(self.fields_of(name) for name in self.resting(is_ours=True))
            self.reading = AccountRead(open_orders, tuple(self.executions), self.positions.all())
            self.read()


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
            case "drop fill":
                venue.drop_fill()
    venue.finish()
    return venue


def told(items: Iterable[Effect], kind: type[Effect]) -> list[Any]:
    return [one for one in items if isinstance(one, kind)]


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
    return told(venue.told, Fill)


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
    latest = {order.order_id: order for order in told(venue.told, Order)}
    for name, order in latest.items():
        _, side, price, _, left, status = venue.orders[name]
        assert (order.side, order.price) == (Side(side), price)
        assert order.filled_size == sum(fill.size for fill in fills_of(venue) if fill.order_id == name)
        assert order.status.is_final is (status != "open")
        if status != "canceled":
            assert order.remaining == left


@settings(max_examples=300, deadline=None)
@given(scripts("drop fill", "drop fill", "drop fill", "drop fill"))
def test_no_order_is_reported_as_filled_with_less_than_it_was_though_pushes_of_fills_are_lost(
    script: Script,
) -> None:
    venue = play(script)
    assert {(fill.trade_id, fill.order_id) for fill in fills_of(venue)} == legs(venue)
    for order in told(venue.told, Order):
        if order.status.is_final:
            of_it = [
                one for one in venue.executions if order.order_id in {one.maker_order_id, one.taker_order_id}
            ]
            assert order.filled_size == sum(one.size for one in of_it)
    latest = {order.order_id: order for order in told(venue.told, Order)}
    for name, order in latest.items():
        assert order.status.is_final is (venue.orders[name][5] != "open")


@settings(max_examples=300, deadline=None)
@given(scripts("lose", "lose", "read"))
def test_the_account_is_the_venues_again_after_events_were_lost(script: Script) -> None:
    venue = play(script)
    account = venue.account
    assert rows(account.positions.all()) == rows(venue.positions.all())
    assert sorted(account.own_ids) == sorted(venue.resting(is_ours=True))
    found = [(fill.trade_id, fill.order_id) for fill in fills_of(venue)]
    assert len(found) == len(set(found))
    known = {leg for leg in legs(venue) if account.find(leg[1]) is not None}
    assert set(found) == known
    for side, sign in ((Side.BUY, 1), (Side.SELL, -1)):
        held = sum(row[4] for row in venue.orders.values() if row[0] and row[5] == "open" and row[1] == side)
        worst = sign * int(venue.positions.of(MARKET).size) + held
        room = 1000 - worst
        if room >= 1:
            assert account.exposure(MARKET, side, room) is None
        assert account.exposure(MARKET, side, max(room, 0) + 1) is not None
