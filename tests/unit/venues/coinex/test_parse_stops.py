from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tradewire.errors import UnreadableRow
from tradewire.model import AccountKind, OrderType, Side, TimeInForce
from tradewire.venues.coinex import parse_stops, pushes, shapes
from tradewire.venues.coinex.api import FUTURES, SPOT
from tradewire.venues.coinex.model import StopOrder, StopStatus, TriggerDirection, TriggerPrice
from tradewire.wire import Reader

ROW: dict[str, Any] = {
    "stop_id": 117180138153, "market": "BTCUSDT", "market_type": "SPOT", "ccy": "BTC", "side": "buy", "type": "limit",
    "amount": "0.001", "price": "50000", "client_id": "mine", "trigger_price": "60000",
    "trigger_price_type": "mark_price", "trigger_direction": "higher", "created_at": 5, "updated_at": 6,
}  # fmt: skip
PUSHED: dict[str, Any] = {
    "stop_id": 102067022299, "market": "BTCUSDT", "margin_market": "", "type": "market", "side": "sell",
    "amount": "0.1", "price": "0", "trigger_price": "29000.00", "trigger_direction": "higer",
    "taker_fee_rate": "0.0016", "maker_fee_rate": "0.0016", "status": "active_success", "client_id": "",
    "created_at": 1689152996689, "updated_at": 1689152996689,
}  # fmt: skip


def read(**changes: object) -> StopOrder:
    raw = msgspec.Raw(msgspec.json.encode({**ROW, **changes}))
    return Reader(shapes.StopOrderRow).one(raw, parse_stops.stop_order)


def pushed(product: Any = SPOT, event: object = "active", **changes: object) -> object:
    body = {"method": "stop.update", "data": {"event": event, "stop": {**PUSHED, **changes}}, "id": None}
    [(_, item)] = pushes.read(product, "stop.update", msgspec.json.encode(body))
    return item


def test_a_stop_order_of_rest() -> None:
    stop = read()
    assert (stop.stop_id, stop.client_order_id, stop.market, stop.account) == (
        "117180138153", "mine", "BTCUSDT", AccountKind.SPOT,
    )  # fmt: skip
    assert (stop.side, stop.type, stop.time_in_force, stop.price) == (
        Side.BUY, OrderType.LIMIT, TimeInForce.GTC, Decimal(50000),
    )  # fmt: skip
    assert (stop.size, stop.size_asset, stop.trigger_price) == (Decimal("0.001"), "BTC", Decimal(60000))
    assert (stop.trigger_price_type, stop.direction) == (TriggerPrice.MARK, TriggerDirection.HIGHER)
    assert (stop.status, stop.created_at_ns, stop.updated_at_ns) == (
        StopStatus.WAITING, 5_000_000, 6_000_000,
    )  # fmt: skip
    assert not stop.status.is_final


def test_words_that_are_absent_or_new_to_us_lose_nothing_beside_them() -> None:
    stop = read(trigger_direction="", trigger_price_type="best_price", type="twap", updated_at=None)
    assert (stop.direction, stop.trigger_price_type, stop.type, stop.venue_type) == (None, None, None, "twap")
    assert stop.updated_at_ns == 5_000_000


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"side": "long"}, "side"),
        ({"trigger_price": None}, "trigger_price"),
        ({"market_type": "GOLD"}, "market_type"),
    ],
)
def test_what_matters_must_be_there(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableRow, match=words):
        read(**changes)


@pytest.mark.parametrize(
    ("status", "event", "found"),
    [
        ("put", "put", StopStatus.WAITING),
        ("active_success", "active", StopStatus.PLACED),
        ("active_fail", "active", StopStatus.FAILED),
        ("cancel", "cancel", StopStatus.CANCELLED),
        # An example on the page has a number for the event.
        ("active_success", 1, StopStatus.PLACED),
        ("", "cancel", StopStatus.CANCELLED),
        ("", "active", StopStatus.FIRED),
        ("new_word", 1, StopStatus.WAITING),
    ],
)
def test_what_a_push_says_became_of_it(status: str, event: object, found: StopStatus) -> None:
    stop = pushed(event=event, status=status)
    assert isinstance(stop, StopOrder)
    assert (stop.status, stop.venue_status) == (found, status)
    assert (stop.direction, stop.price, stop.trigger_price_type) == (TriggerDirection.HIGHER, None, None)


def test_a_push_says_whose_it_is() -> None:
    accounts = [
        getattr(one, "account", None)
        for one in (
            pushed(),
            pushed(margin_market="BTCUSDT"),
            pushed(FUTURES, trigger_price_type="index_price"),
        )
    ]
    assert accounts == [AccountKind.SPOT, AccountKind.MARGIN, AccountKind.FUTURES]


def test_an_unreadable_push_is_an_item_of_its_own() -> None:
    assert isinstance(pushed(amount="abc"), UnreadableRow)


def test_an_index_that_was_pushed() -> None:
    body = {
        "method": "index.update",
        "data": {"market": "BTCUSDT", "index_price": "20000", "mark_price": "20001"},
    }
    [(market, price)] = pushes.read(FUTURES, "index.update", msgspec.json.encode(body))
    assert (market, getattr(price, "price", None), getattr(price, "mark_price", None)) == (
        "BTCUSDT", Decimal(20000), Decimal(20001),
    )  # fmt: skip
