"""What the Exchange client sends, to the byte, and what it refuses before anything is sent."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire.errors import ConfigError
from tradewire.model import Side
from tradewire.protocol.rest import prepare
from tradewire.venues.exchange import api
from tradewire.venues.exchange.model import MessageLevel
from tradewire.venues.exchange.rest import (
    account,
    admin_control,
    admin_markets,
    admin_users,
    open_orders,
    orders,
)

D = Decimal
ORDER_ID = "0b6f7c1e-5a52-4f0a-9b1e-2d6f1d0c7a11"
NOT_WHOLE: list[Any] = [
    D("1.5"),
    D("0.0000001"),
    "1.5",
    "15e-1",
    1.0,
    1.5,
    math.nan,
    math.inf,
    True,
    False,
    0,
    -1,
    D(0),
    D("-0"),
    D(-3),
    "0",
    "-7",
    "",
    " 7",
    "7 ",
    "7_0",
    "٧",
    "0x7",
    "seven",
    D("NaN"),
    D("Infinity"),
    D("sNaN"),
    2**63,
    D(2) ** 63,
    str(2**64),
    10**30,
    D("1E+29"),
    "9" * 30 + ".5",
    10**40,
    "9" * 100_000,
    D("1E+40"),
    b"7",
    [7],
    None,
]
NOT_A_MARKET: list[Any] = [
    "",
    "-",
    "ABC",
    "ABC-",
    "-USD",
    "ABCUSD",
    "AB\nC-USD",
    "AB\x00-USD",
    "\ud800-USD",
    7,
    None,
    b"ABC-USD",
]
NOT_AN_ID: list[Any] = [
    "",
    "x",
    ORDER_ID.upper(),
    ORDER_ID[:-1],
    ORDER_ID + "0",
    ORDER_ID.replace("-", ""),
    f"{{{ORDER_ID}}}",
    f"urn:uuid:{ORDER_ID}",
    f" {ORDER_ID}",
    f"{ORDER_ID}\n",
    ORDER_ID.replace("0", "٠"),
    "../../admin/users/reset",
    None,
    7,
    ORDER_ID.encode(),
]
NOT_A_TEXT: list[Any] = ["", "  \t", "\ud800", 7, b"x", ["x"]]


@pytest.mark.parametrize("value", NOT_WHOLE, ids=lambda value: repr(value)[:20])
def test_no_whole_number_above_zero_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="price") as caught:
        api.whole("price", value)
    assert len(str(caught.value)) < 200


@given(st.integers(1, 2**63 - 1), st.sampled_from((int, str, Decimal, lambda number: f"{number}.00")))
def test_a_whole_number_stays_what_it_is(number: int, spell: Callable[[int], Any]) -> None:
    found = api.whole("size", spell(number))
    assert type(found) is int
    assert found == number


@given(
    st.decimals(min_value=D("0.001"), max_value=2**63, allow_nan=False).filter(
        lambda number: number != int(number)
    )
)
def test_any_fraction_is_refused(number: Decimal) -> None:
    with pytest.raises(ConfigError, match="size"):
        api.whole("size", number)


@pytest.mark.parametrize("market", NOT_A_MARKET, ids=repr)
def test_what_cannot_be_a_market_is_refused(market: Any) -> None:
    with pytest.raises(ConfigError, match="BASE-QUOTE"):
        api.check_market(market)


@pytest.mark.parametrize("market", ["ABC-USD", "a-b", "A-B-C", "A B-C/D", "Ä-€"])
def test_what_can_be_a_market_is_taken(market: str) -> None:
    assert api.check_market(market) == market


@pytest.mark.parametrize("order_id", NOT_AN_ID, ids=repr)
def test_no_uuid_of_the_venue_is_refused(order_id: Any) -> None:
    with pytest.raises(ConfigError, match="UUID"):
        api.check_order_id(order_id)


def test_an_order_is_the_documented_body() -> None:
    order = orders.PlaceOrder("ABC-USD", Side.SELL, 205, 7)
    target = prepare(orders.PLACE_ORDER, order)
    assert target.path == "/api/v1/orders"
    assert target.body == b'{"market":"ABC-USD","side":"SELL","price":205,"quantity":7}'
    assert orders.PlaceOrder("ABC-USD", Side.BUY, 1, 2**63 - 1).members() == {
        "market": "ABC-USD",
        "side": "BUY",
        "price": 1,
        "quantity": 2**63 - 1,
    }


def test_amend_and_cancel_name_the_order_in_the_path() -> None:
    amend = prepare(orders.AMEND_ORDER, orders.AmendOrder(ORDER_ID, 4))
    assert (amend.path, amend.body) == (f"/api/v1/orders/{ORDER_ID}", b'{"remaining":4}')
    cancel = prepare(orders.CANCEL_ORDER, orders.OrderRef(ORDER_ID))
    assert (cancel.path, cancel.body) == (f"/api/v1/orders/{ORDER_ID}", b"")


def test_a_filter_travels_in_the_query() -> None:
    assert prepare(open_orders.FILLS, open_orders.MarketQuery(None)).path == "/api/v1/fills"
    assert (
        prepare(open_orders.FILLS, open_orders.MarketQuery("A B-C&D")).path
        == "/api/v1/fills?market=A%20B-C%26D"
    )
    assert prepare(account.LEADERBOARD, api.LimitQuery(None)).path == "/api/v1/leaderboard"
    assert prepare(account.LEADERBOARD, api.LimitQuery(0)).path == "/api/v1/leaderboard?limit=0"


def test_a_market_in_a_path_cannot_leave_its_place() -> None:
    path = prepare(admin_markets.DELETE_MARKET, admin_markets.MarketRef("../../users-reset?x=1#y")).path
    assert path == "/api/v1/admin/markets/..%2F..%2Fusers-reset%3Fx%3D1%23y"


def test_a_market_is_defined_in_the_venues_words() -> None:
    definition = admin_markets.MarketDefinition(
        base="ABC",
        quote="USD",
        tick_size=D(5),
        min_size="2",
        is_enabled=False,
        display_name="Abc",
        reference_price=100,
    )
    assert definition.market == "ABC-USD"
    assert definition.members() == {
        "market_id": "ABC-USD",
        "base_asset": "ABC",
        "quote_asset": "USD",
        "tick_size": 5,
        "min_order_quantity": 2,
        "enabled": False,
        "display_name": "Abc",
        "reference_price": 100,
    }


def test_a_patch_sends_only_what_changes() -> None:
    some = prepare(
        admin_markets.PATCH_MARKET, admin_markets.MarketPatch("ABC-USD", None, D(5), None, None, False)
    )
    assert some.path == "/api/v1/admin/markets/ABC-USD"
    assert json.loads(some.body) == {"tick_size": 5, "enabled": False}
    full = prepare(admin_markets.PATCH_MARKET, admin_markets.MarketPatch("ABC-USD", "Abc", 1, 2, 3, True))
    assert json.loads(full.body) == {
        "display_name": "Abc",
        "tick_size": 1,
        "min_order_quantity": 2,
        "reference_price": 3,
        "enabled": True,
    }


def test_the_operators_other_requests_are_the_documented_bodies() -> None:
    assert admin_users.NewUser("desk-7 ü").members() == {"username": "desk-7 ü"}
    settle = prepare(admin_markets.SETTLE_MARKET, admin_markets.SettleMarket("ABC-USD", "104", "The end."))
    assert settle.path == "/api/v1/admin/markets/ABC-USD/settle"
    assert json.loads(settle.body) == {"settlement_price": 104, "announcement": "The end."}
    market = admin_markets.MarketDefinition(base="ABC", quote="USD")
    loaded = admin_markets.LoadConfig([market], None).members()
    # What is optional may be absent or null.
    assert loaded == {"markets": [market.members()]}
    assert admin_markets.LoadConfig([], False).members() == {"markets": [], "trading_enabled": False}
    assert admin_control.NewMessage(MessageLevel.CRITICAL, "Stop.", "desk-7", "ABC-USD", "Now").members() == {
        "level": "critical",
        "body": "Stop.",
        "target_username": "desk-7",
        "market": "ABC-USD",
        "title": "Now",
    }


def refusals() -> Iterator[tuple[str, Callable[[], object]]]:
    """Return requests with one thing wrong, each under a name."""
    # Wrong types are the point.
    patch: Any = admin_markets.MarketPatch
    settle: Any = admin_markets.SettleMarket
    load: Any = admin_markets.LoadConfig
    limit: Any = api.LimitQuery
    narrow: Any = open_orders.MarketQuery
    refer: Any = admin_markets.MarketRef
    message: Any = admin_control.NewMessage

    def definition(**changes: Any) -> Callable[[], object]:
        return admin_markets.MarketDefinition(**({"base": "ABC", "quote": "USD"} | changes)).members

    for value in NOT_WHOLE:
        shown = repr(value)[:20]
        yield f"tick {shown}", definition(tick_size=value)
        yield f"minimum {shown}", definition(min_size=value)
        yield f"settle {shown}", settle("ABC-USD", value, None).members
        if value is not None:
            yield f"reference {shown}", definition(reference_price=value)
            for place in range(3):
                numbers: list[Any] = [None, None, None]
                numbers[place] = value
                yield f"patch {place} {shown}", patch("ABC-USD", None, *numbers, None).members
    for value in NOT_A_TEXT:
        yield f"user {value!r}", admin_users.NewUser(value).members
        yield f"display name {value!r}", definition(display_name=value)
        yield f"announcement {value!r}", settle("ABC-USD", 1, value).members
        info = MessageLevel.INFO
        yield f"message {value!r}", message(info, value, None, None, None).members
        yield f"target {value!r}", message(info, "x", value, None, None).members
        yield f"market {value!r}", message(info, "x", None, value, None).members
        yield f"title {value!r}", message(info, "x", None, None, value).members
    for value in (0, 1, "true", "", 1.0):
        yield f"enabled {value!r}", definition(is_enabled=value)
        yield (
            f"patch enabled {value!r}",
            patch("ABC-USD", None, None, None, None, value).members,
        )
        yield f"trading {value!r}", load([], value).members
    for value in (-1, True, 1.0, "5", D(5), 2**63):
        yield f"limit {value!r}", limit(value).members
    for value in ("", "ABC", 7):
        yield f"filter {value!r}", narrow(value).members
        yield f"delete {value!r}", refer(value).members
        yield f"settle market {value!r}", settle(value, 1, None).members
        yield f"patch market {value!r}", patch(value, None, 1, None, None, None).members
    yield "blank base", definition(base="")
    yield "blank quote", definition(quote="")
    yield "one bad market", load([admin_markets.MarketDefinition(base="", quote="")], None).members


REFUSALS = dict(refusals())


@pytest.mark.parametrize("encode", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_request_with_one_thing_wrong_is_not_encoded(encode: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        encode()
    assert len(str(caught.value)) < 300
