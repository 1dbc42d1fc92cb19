from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.engine import (
    CannotFill,
    Engine,
    NoLiquidity,
    Refused,
    TooSmall,
    UnknownOrder,
    WouldTake,
)
from tradewire.sandbox.order import (
    Accepted,
    Amended,
    Event,
    Finished,
    Kind,
    Order,
    Reason,
    Rested,
    SelfTrade,
    Side,
    Traded,
)

BUY, SELL = Side.BUY, Side.SELL


class EngineHarness:
    """An engine with the events it told, in short words."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.trades: list[tuple[int, int, str, str]] = []
        self.engine = Engine("ABC", lot=Decimal("0.01"), observe=self._note)
        self._ids = 0

    def place(
        self,
        side: Side,
        price: str | None,
        quantity: str,
        *,
        kind: Kind = Kind.LIMIT,
        account: str = "",
        stp: SelfTrade | None = None,
        hidden: bool = False,
        in_quote: bool = False,
    ) -> Order:
        self._ids += 1
        order = Order(
            self._ids,
            account or f"account {self._ids}",
            "ABC",
            side,
            kind,
            Decimal(quantity),
            price=None if price is None else Decimal(price),
            self_trade=stp,
            hidden=hidden,
            in_quote=in_quote,
        )
        self.engine.place(order, 1000 + self._ids)
        return order

    def depth(self, side: Side, interval: str = "0") -> list[tuple[str, str]]:
        levels = self.engine.depth(side, 50, Decimal(interval))
        return [(str(price), str(quantity)) for price, quantity in levels]

    def _note(self, event: Event) -> None:
        if isinstance(event, Traded):
            trade = event.trade
            self.told.append(f"trade {trade.maker.order_id} {trade.taker.order_id}")
            self.trades.append(
                (trade.maker.order_id, trade.taker.order_id, str(trade.price), str(trade.quantity))
            )
        elif isinstance(event, Finished):
            self.told.append(f"finish {event.order.order_id} {event.reason}")
        else:
            assert isinstance(event, Accepted | Amended | Rested)
            self.told.append(f"{type(event).__name__.lower()} {event.order.order_id}")


@pytest.fixture
def harness() -> EngineHarness:
    return EngineHarness()


def test_trades_by_price_then_time_at_the_makers_price(harness: EngineHarness) -> None:
    harness.place(SELL, "102", "1")
    harness.place(SELL, "101", "1")
    harness.place(SELL, "101", "1")
    taker = harness.place(BUY, "102", "2.5")
    assert harness.trades == [(2, 4, "101", "1"), (3, 4, "101", "1"), (1, 4, "102", "0.5")]
    assert (taker.filled, taker.filled_value) == (Decimal("2.5"), Decimal("253.0"))
    assert harness.depth(SELL) == [("102", "0.5")]


def test_tells_events_in_the_order_in_which_they_are_true(harness: EngineHarness) -> None:
    harness.place(SELL, "101", "1")
    harness.place(BUY, "101", "3")
    assert harness.told == [
        "accepted 1",
        "rested 1",
        "accepted 2",
        "trade 1 2",
        "finish 1 filled",
        "rested 2",
    ]


def test_a_refused_order_changes_nothing_and_is_not_told(harness: EngineHarness) -> None:
    harness.place(SELL, "101", "1")
    before = list(harness.told)
    with pytest.raises(WouldTake):
        harness.place(BUY, "101", "1", kind=Kind.POST_ONLY)
    with pytest.raises(CannotFill):
        harness.place(BUY, "101", "1.01", kind=Kind.FOK)
    with pytest.raises(NoLiquidity):
        harness.place(SELL, None, "1", kind=Kind.MARKET)
    assert harness.told == before
    assert harness.depth(SELL) == [("101", "1")]
    assert harness.depth(BUY) == []


def test_post_only_rests_when_it_does_not_cross(harness: EngineHarness) -> None:
    harness.place(SELL, "101", "1")
    harness.place(BUY, "100.99", "1", kind=Kind.POST_ONLY)
    assert harness.depth(BUY) == [("100.99", "1")]


def test_ioc_drops_its_remainder(harness: EngineHarness) -> None:
    harness.place(SELL, "101", "1")
    order = harness.place(BUY, "101", "3", kind=Kind.IOC)
    assert order.remaining == 2
    assert harness.told[-1] == "finish 2 remainder"
    assert harness.depth(BUY) == []


def test_fok_fills_whole_over_several_levels(harness: EngineHarness) -> None:
    harness.place(SELL, "101", "1")
    harness.place(SELL, "102", "1")
    assert not harness.place(BUY, "102", "2", kind=Kind.FOK).remaining


def test_fok_does_not_count_what_self_trade_prevention_would_take_away(harness: EngineHarness) -> None:
    harness.place(SELL, "101", "1", account="me")
    harness.place(SELL, "102", "1")
    with pytest.raises(CannotFill):
        harness.place(BUY, "102", "2", kind=Kind.FOK, account="me", stp=SelfTrade.CANCEL_MAKER)
    with pytest.raises(CannotFill):
        harness.place(BUY, "102", "1", kind=Kind.FOK, account="me", stp=SelfTrade.CANCEL_TAKER)
    assert not harness.place(
        BUY, "102", "1", kind=Kind.FOK, account="me", stp=SelfTrade.CANCEL_MAKER
    ).remaining
    assert harness.trades == [(2, 5, "102", "1")]


def test_market_order_in_quote_spends_at_most_its_budget_in_whole_lots(harness: EngineHarness) -> None:
    harness.place(SELL, "30", "1")
    harness.place(SELL, "40", "5")
    order = harness.place(BUY, None, "100", kind=Kind.MARKET, in_quote=True)
    assert order.filled == Decimal("2.75")
    assert order.filled_value == 100
    assert not order.remaining
    small = harness.place(BUY, None, "1", kind=Kind.MARKET, in_quote=True)
    assert (small.filled, small.remaining) == (Decimal("0.02"), Decimal("0.2"))


@pytest.mark.parametrize(
    ("mode", "maker_lives", "taker_lives"),
    [
        (SelfTrade.CANCEL_TAKER, True, False),
        (SelfTrade.CANCEL_MAKER, False, True),
        (SelfTrade.CANCEL_BOTH, False, False),
    ],
)
def test_self_trade_prevention(
    harness: EngineHarness, mode: SelfTrade, maker_lives: bool, taker_lives: bool
) -> None:
    maker = harness.place(SELL, "101", "1", account="me")
    taker = harness.place(BUY, "101", "1", account="me", stp=mode)
    assert not harness.trades
    assert (maker.order_id in harness.engine.orders) is maker_lives
    assert (taker.order_id in harness.engine.orders) is taker_lives


def test_without_a_mode_an_account_trades_with_itself(harness: EngineHarness) -> None:
    harness.place(SELL, "101", "1", account="me")
    harness.place(BUY, "101", "1", account="me")
    assert len(harness.trades) == 1


def test_hidden_orders_trade_and_do_not_show(harness: EngineHarness) -> None:
    harness.place(SELL, "101", "1", hidden=True)
    harness.place(SELL, "102", "1")
    assert harness.depth(SELL) == [("102", "1")]
    assert harness.engine.best(SELL) == (Decimal(102), Decimal(1))
    harness.place(BUY, "102", "0.4")
    assert harness.trades == [(1, 3, "101", "0.4")]


def test_amend_keeps_the_place_only_when_it_shrinks_at_the_same_price(harness: EngineHarness) -> None:
    first, second = harness.place(BUY, "100", "2"), harness.place(BUY, "100", "2")
    harness.engine.amend(first.order_id, price=None, quantity=Decimal(1), now_ms=5)
    harness.place(SELL, "100", "0.5")
    assert harness.trades[-1][0] == first.order_id
    harness.engine.amend(first.order_id, price=None, quantity=Decimal(3), now_ms=6)
    harness.place(SELL, "100", "0.5")
    assert harness.trades[-1][0] == second.order_id
    assert harness.depth(BUY) == [("100", "4.0")]


def test_amend_to_a_crossing_price_trades_and_keeps_the_id(harness: EngineHarness) -> None:
    harness.place(SELL, "101", "1")
    order = harness.place(BUY, "100", "2")
    harness.engine.amend(order.order_id, price=Decimal(101), quantity=None, now_ms=9)
    assert harness.told[-4:] == ["amended 2", "trade 1 2", "finish 1 filled", "rested 2"]
    assert harness.depth(BUY) == [("101", "1")]


def test_amend_refuses_what_is_filled_unknown_or_would_take(harness: EngineHarness) -> None:
    maker = harness.place(BUY, "100", "2", kind=Kind.POST_ONLY)
    harness.place(SELL, "100", "1")
    harness.place(SELL, "103", "1")
    with pytest.raises(TooSmall):
        harness.engine.amend(maker.order_id, price=None, quantity=Decimal(1), now_ms=9)
    with pytest.raises(WouldTake):
        harness.engine.amend(maker.order_id, price=Decimal(103), quantity=None, now_ms=9)
    with pytest.raises(UnknownOrder):
        harness.engine.amend(99, price=Decimal(1), quantity=None, now_ms=9)
    assert harness.depth(BUY) == [("100", "1")]


def test_cancel_takes_out_once(harness: EngineHarness) -> None:
    order = harness.place(BUY, "100", "2")
    assert harness.engine.cancel(order.order_id, 7).updated_ms == 7
    assert harness.told[-1] == f"finish {order.order_id} {Reason.CANCELLED}"
    with pytest.raises(Refused):
        harness.engine.cancel(order.order_id, 8)


def test_merged_depth_rounds_away_from_the_mid(harness: EngineHarness) -> None:
    for price in ("100.1", "100.4", "99.9"):
        harness.place(BUY, price, "1")
    for price in ("100.6", "101", "101.2"):
        harness.place(SELL, price, "1")
    assert harness.depth(BUY, "1") == [("100", "2"), ("99", "1")]
    assert harness.depth(SELL, "1") == [("101", "2"), ("102", "1")]


def test_numbers_stay_exact_beyond_the_default_context(harness: EngineHarness) -> None:
    harness.place(SELL, "12345678901234567890.12345678901234567891", "1.00000000000000000001")
    order = harness.place(BUY, "12345678901234567890.12345678901234567891", "1.00000000000000000001")
    # Checked with integers: (1234567890123456789012345678901234567891 * 100000000000000000001) * 10**-40.
    product = 1234567890123456789012345678901234567891 * 100000000000000000001
    assert order.filled_value.as_tuple().exponent == -40
    assert int("".join(map(str, order.filled_value.as_tuple().digits))) == product
