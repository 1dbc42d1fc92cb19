from __future__ import annotations

from decimal import Decimal

import pytest

from tradewire.sandbox.order import Kind, Side
from tradewire.sandbox.venues.coinex.stops import Direction, PriceKind, StopOrder, StopOrders, Triggers
from tradewire.sandbox.venues.coinex.wallets import margin_market_of, margin_wallet, owner_of

LATEST = PriceKind.LATEST


def stop(stop_id: int, trigger: str) -> StopOrder:
    return StopOrder(stop_id, "ann", "AB", Side.SELL, Kind.MARKET, Decimal(1), None, Decimal(trigger), LATEST)


def test_nearer_price_fires_first_and_the_older_of_two_at_one_price() -> None:
    triggers: Triggers[str] = Triggers()
    for key, price in (("far", "12"), ("near", "11"), ("near too", "11.0"), ("farther", "13")):
        triggers.add(key, "AB", LATEST, Decimal(price), Direction.HIGHER)
    assert triggers.reached("AB", PriceKind.MARK, Decimal(20)) == []
    assert triggers.reached("CD", LATEST, Decimal(20)) == []
    assert triggers.reached("AB", LATEST, Decimal(12)) == ["near", "near too", "far"]
    assert triggers.reached("AB", LATEST, Decimal(12)) == []
    assert "far" not in triggers
    assert "farther" in triggers


def test_a_key_waits_for_one_price_at_a_time() -> None:
    triggers: Triggers[str] = Triggers()
    triggers.add("one", "AB", LATEST, Decimal(1), Direction.LOWER)
    with pytest.raises(ValueError, match="waits already"):
        triggers.add("one", "AB", LATEST, Decimal(2), Direction.LOWER)
    triggers.remove("one")
    triggers.remove("one")
    assert triggers.reached("AB", LATEST, Decimal(0)) == []


@pytest.mark.parametrize(
    ("trigger", "direction"), [("9", Direction.LOWER), ("10", Direction.HIGHER), ("11", Direction.HIGHER)]
)
def test_direction_is_the_way_from_the_price_at_placing(trigger: str, direction: Direction) -> None:
    stops = StopOrders(lambda _stop, _now: True, lambda _: None, lambda _market, _now: None)
    one = stop(1, trigger)
    stops.place(one, Decimal(10), 5)
    assert (one.direction, one.created_ms, one.updated_ms) == (direction, 5, 5)


def test_a_price_made_by_a_fired_order_is_looked_at_after_those_before_it() -> None:
    news: list[tuple[int, str, str]] = []

    def activate(one: StopOrder, now_ms: int) -> bool:
        if one.stop_id == 1:
            stops.on_price("AB", LATEST, Decimal(7), now_ms)
        return one.stop_id != 2

    stops = StopOrders(
        activate,
        lambda one: news.append((one.stop_id, one.status.event, one.status)),
        lambda _market, _now: None,
    )
    for stop_id, trigger in ((1, "9"), (2, "7"), (3, "8")):
        stops.place(stop(stop_id, trigger), Decimal(10), 0)
    news.clear()
    stops.on_price("AB", LATEST, Decimal(9), 1)
    assert news == [
        (1, "active", "active_success"), (3, "active", "active_success"), (2, "active", "active_fail"),
    ]  # fmt: skip
    assert list(stops.fired["ann"]) == [1, 3, 2]
    assert not stops.live["ann"]


def test_a_stop_order_that_was_changed_has_a_new_id_and_the_old_one_never_fires() -> None:
    fired: list[int] = []

    def activate(one: StopOrder, _: int) -> bool:
        fired.append(one.stop_id)
        return True

    stops = StopOrders(activate, lambda _: None, lambda _market, _now: None)
    old = stop(stops.next_id(), "9")
    stops.place(old, Decimal(10), 0)
    new = stops.replace(
        old, quantity=Decimal(2), limit=None, trigger_price=Decimal(11), price=Decimal(10), now_ms=1
    )
    assert (new.quantity, new.direction, new.created_ms, new.updated_ms) == (
        Decimal(2),
        Direction.HIGHER,
        0,
        1,
    )
    stops.on_price("AB", LATEST, Decimal(8), 2)
    stops.on_price("AB", LATEST, Decimal(11), 3)
    assert fired == [new.stop_id]


def test_wallets_are_named_after_their_owner() -> None:
    wallet = margin_wallet("ann", "BTCUSDT")
    assert (owner_of(wallet), margin_market_of(wallet)) == ("ann", "BTCUSDT")
    assert (owner_of("ann"), margin_market_of("ann")) == ("ann", "")
    assert margin_market_of("ann/futures") == ""
