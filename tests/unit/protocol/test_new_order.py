"""A new order: which terms go together, on every venue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import ConfigError, FrameError, UnreadableRow
from tradewire.model import OrderStatus, OrderType, Side, TimeInForce
from tradewire.protocol.new_order import NewOrder, OrderTerms, check_terms
from tradewire.wire import Accepted


def terms(**changes: Any) -> OrderTerms:
    asked: dict[str, Any] = {"market": "BTC-USD", "side": "buy", "size": "1.50", "price": 7, "type": "limit",
             "time_in_force": "gtc", "post_only": False}  # fmt: skip
    return check_terms(**(asked | changes))


def test_terms_are_those_of_the_common_interface() -> None:
    assert terms(post_only=True) == {
        "market": "BTC-USD", "side": Side.BUY, "type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC,
        "post_only": True, "size": Decimal("1.50"), "price": Decimal(7),
    }  # fmt: skip


@pytest.mark.parametrize("time_in_force", list(TimeInForce))
def test_market_order_takes_at_once_whatever_it_says(time_in_force: TimeInForce) -> None:
    assert terms(type="market", price=None, time_in_force=time_in_force)["time_in_force"] is TimeInForce.IOC


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"market": "BTC USD"}, "market must be visible ASCII"),
        ({"side": "long"}, "side must be one of"),
        ({"size": 0.5}, "size must be Decimal"),
        ({"price": "0"}, "price must be above zero"),
        ({"type": "stop"}, "type must be one of"),
        ({"time_in_force": "day"}, "time_in_force must be one of"),
        ({"post_only": 1}, "post_only must be True or False"),
        ({"price": None}, "a limit order needs a price"),
        ({"type": "market"}, "a market order has no price"),
        ({"post_only": True, "time_in_force": "ioc"}, "a post-only order rests"),
        ({"post_only": True, "time_in_force": "fok"}, "a post-only order rests"),
        ({"post_only": True, "type": "market", "price": None}, "a post-only order rests"),
    ],
)
def test_terms_that_do_not_go_together_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        terms(**changes)
    assert words in str(caught.value)


@pytest.mark.parametrize(("told", "shown"), [("theirs", "theirs"), ("", "ours")])
def test_accepted_order_is_the_one_sent_with_the_venues_ids(told: str, shown: str) -> None:
    sent = NewOrder(**terms(), client_order_id="ours", size_asset="BTC")
    fault = UnreadableRow(str(FrameError("odd", kind="wrong_shape")), raw=b"{}")
    order = Accepted(order_id="9", client_order_id=told, fault=fault).order(sent.as_sent())
    assert (order.order_id, order.client_order_id, order.status) == ("9", shown, OrderStatus.OPEN)
    assert (order.market, order.side, order.size, order.price, order.size_asset, order.filled_size) == (
        "BTC-USD", Side.BUY, Decimal("1.50"), Decimal(7), "BTC", 0,
    )  # fmt: skip
