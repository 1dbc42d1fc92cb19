"""Random commands against a naive matcher of sorted lists: same trades, same books, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tradewire.sandbox.clearing import SpotMarket
from tradewire.sandbox.engine import Refused
from tradewire.sandbox.ledger import Ledger
from tradewire.sandbox.order import Event, FeeRates, Kind, Order, SelfTrade, Side, Traded

RATES = FeeRates(maker=Decimal("0.001"), taker=Decimal("0.0025"))
ACCOUNTS = ("ann", "bob", "cy")


@dataclass
class Naive:
    """One resting order of the oracle."""

    order_id: int
    account: str
    side: str
    price: int
    left: int
    total: int
    seq: int
    post_only: bool


class NaiveMarket:
    """Price, then time, by sorting everything for every question."""

    def __init__(self) -> None:
        self.resting: list[Naive] = []
        self.trades: list[tuple[int, int, int, int]] = []
        self.seq = 0

    def queue(self, side: str) -> list[Naive]:
        sign = -1 if side == "buy" else 1
        return sorted((o for o in self.resting if o.side == side), key=lambda o: (sign * o.price, o.seq))

    def facing(self, side: str, price: int | None) -> list[Naive]:
        other = self.queue("sell" if side == "buy" else "buy")
        if price is None:
            return other
        return [o for o in other if (o.price <= price if side == "buy" else o.price >= price)]

    def place(self, new: Naive, kind: str, stp: str | None) -> bool:
        limit = None if kind == "market" else new.price
        facing = self.facing(new.side, limit)
        if kind == "post_only" and facing:
            return False
        if kind == "market" and not facing:
            return False
        if kind == "fok" and self.reachable(new, facing, stp) < new.left:
            return False
        stopped = False
        for maker in facing:
            if not new.left:
                break
            if maker.account == new.account and stp is not None:
                if stp != "cancel_taker":
                    self.resting.remove(maker)
                if stp != "cancel_maker":
                    stopped = True
                    break
                continue
            size = min(maker.left, new.left)
            maker.left -= size
            new.left -= size
            self.trades.append((maker.order_id, new.order_id, maker.price, size))
            if not maker.left:
                self.resting.remove(maker)
        if new.left and not stopped and kind in {"limit", "post_only"}:
            self.seq += 1
            new.seq = self.seq
            self.resting.append(new)
        return True

    def reachable(self, new: Naive, facing: list[Naive], stp: str | None) -> int:
        total = 0
        for maker in facing:
            if maker.account == new.account and stp is not None:
                if stp == "cancel_maker":
                    continue
                break
            total += maker.left
        return total

    def amend(self, order_id: int, price: int, total: int) -> bool:
        found = [o for o in self.resting if o.order_id == order_id]
        if not found:
            return False
        order = found[0]
        filled = order.total - order.left
        if total <= filled:
            return False
        if price == order.price and total <= order.total:
            order.left, order.total = total - filled, total
            return True
        if order.post_only and self.facing(order.side, price):
            return False
        self.resting.remove(order)
        order.price, order.left, order.total = price, total - filled, total
        return self.place(order, "limit", None)


@dataclass(frozen=True)
class Place:
    account: str
    side: str
    kind: str
    price: int
    quantity: int
    stp: str | None


@dataclass(frozen=True)
class Cancel:
    order_id: int


@dataclass(frozen=True)
class Amend:
    order_id: int
    price: int
    quantity: int


Command = Place | Cancel | Amend
PRICES = st.integers(95, 105)
QUANTITIES = st.integers(1, 9)
IDS = st.integers(1, 40)
PLACES = st.builds(
    Place,
    st.sampled_from(ACCOUNTS),
    st.sampled_from(["buy", "sell"]),
    st.sampled_from(["limit", "limit", "limit", "post_only", "ioc", "fok", "market"]),
    PRICES,
    QUANTITIES,
    st.sampled_from([None, None, "cancel_taker", "cancel_maker", "cancel_both"]),
)
COMMANDS = st.one_of(
    PLACES, PLACES, PLACES, st.builds(Cancel, IDS), st.builds(Amend, IDS, PRICES, QUANTITIES)
)


@settings(deadline=None, max_examples=150)
@given(st.lists(COMMANDS, max_size=40))
def test_matches_like_the_naive_market_and_adds_up(commands: list[Command]) -> None:
    ledger = Ledger()
    for account in ACCOUNTS:
        ledger.deposit(account, "B", Decimal(10_000))
        ledger.deposit(account, "Q", Decimal(10_000_000))
    trades: list[tuple[int, int, int, int]] = []

    def note(event: Event) -> None:
        if isinstance(event, Traded):
            t = event.trade
            trades.append((t.maker.order_id, t.taker.order_id, int(t.price), int(t.quantity)))

    market = SpotMarket("BQ", base="B", quote="Q", lot=Decimal(1), ledger=ledger, observe=note)
    naive = NaiveMarket()
    for number, command in enumerate(commands, 1):
        assert _run(market, number, command) is _run_naive(naive, number, command)
        assert trades == naive.trades
        for side_word in ("buy", "sell"):
            queue = [(o.order_id, int(o.remaining)) for o in market.engine.sides[Side(side_word)]]
            assert queue == [(o.order_id, o.left) for o in naive.queue(side_word)]
        best = market.engine.best(Side.BUY), market.engine.best(Side.SELL)
        if best[0] is not None and best[1] is not None:
            assert best[0][0] < best[1][0]
        ledger.assert_adds_up()
        _assert_holds_cover(market, ledger)


def _run(market: SpotMarket, number: int, command: Command) -> bool:
    try:
        if isinstance(command, Place):
            market.place(
                Order(
                    number,
                    command.account,
                    "BQ",
                    Side(command.side),
                    Kind(command.kind),
                    Decimal(command.quantity),
                    price=None if command.kind == "market" else Decimal(command.price),
                    self_trade=None if command.stp is None else SelfTrade(command.stp),
                    rates=RATES,
                ),
                number,
            )
        elif isinstance(command, Cancel):
            market.cancel(command.order_id, number)
        else:
            # The oracle amends without self-trade prevention.
            market.engine.find(command.order_id).self_trade = None
            price, quantity = Decimal(command.price), Decimal(command.quantity)
            market.amend(command.order_id, price=price, quantity=quantity, now_ms=number)
    except Refused:
        return False
    return True


def _run_naive(naive: NaiveMarket, number: int, command: Command) -> bool:
    if isinstance(command, Place):
        new = Naive(
            number,
            command.account,
            command.side,
            command.price,
            command.quantity,
            command.quantity,
            0,
            command.kind == "post_only",
        )
        return naive.place(new, command.kind, command.stp)
    if isinstance(command, Cancel):
        before = len(naive.resting)
        naive.resting = [order for order in naive.resting if order.order_id != command.order_id]
        return len(naive.resting) < before
    return naive.amend(command.order_id, command.price, command.quantity)


def _assert_holds_cover(market: SpotMarket, ledger: Ledger) -> None:
    """What is frozen is exactly what the live orders still need."""
    for account in ACCOUNTS:
        needed = {"B": Decimal(0), "Q": Decimal(0)}
        for order in market.engine.orders.values():
            if order.account == account:
                assert order.price is not None
                buys = order.side is Side.BUY
                needed["Q" if buys else "B"] += order.remaining * order.price if buys else order.remaining
        assert {asset: ledger.balance(account, asset).frozen for asset in needed} == needed
