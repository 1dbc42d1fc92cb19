from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from tradewire.errors import ConfigError
from tradewire.model import AccountKind, OrderType, Side, StpMode, TimeInForce
from tradewire.protocol.endpoint import Params
from tradewire.protocol.new_order import check_terms
from tradewire.venues.coinex import api
from tradewire.venues.coinex.api import SPOT
from tradewire.venues.coinex.rest import deals, market, orders, placing


def new_order(**changes: object) -> placing.PlaceOrder:
    values: dict[str, object] = {
        "account": AccountKind.SPOT,
        "market": "BTCUSDT",
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "time_in_force": TimeInForce.GTC,
        "post_only": False,
        "size": Decimal("0.001"),
        "price": Decimal(30000),
        "client_order_id": "sdk-0001",
        "stp": None,
        "is_hidden": False,
        "size_asset": None,
    }
    return placing.PlaceSpotOrder(**(values | changes))  # type: ignore[arg-type]


def place(**changes: object) -> Params:
    return placing.PLACE_ORDER[SPOT].encode(new_order(**changes))


def test_order_is_the_documented_body_to_the_byte() -> None:
    # The signed text of vector C of the venue's signature examples carries this body.
    params = place()
    assert json.loads(params.body) == {
        "market": "BTCUSDT",
        "market_type": "SPOT",
        "side": "buy",
        "type": "limit",
        "amount": "0.001",
        "price": "30000",
        "client_id": "sdk-0001",
    }
    assert b" " not in params.body
    assert params.query == ()


def test_every_option_of_an_order_travels_in_the_venues_words() -> None:
    body = json.loads(
        place(
            side=Side.SELL,
            type=OrderType.MARKET,
            time_in_force=TimeInForce.IOC,
            price=None,
            stp=StpMode.CANCEL_BOTH,
            is_hidden=True,
            size_asset="BTC",
        ).body
    )
    assert body["side"] == "sell"
    assert body["type"] == "market"
    assert body["stp_mode"] == "both"
    assert body["is_hide"] is True
    assert body["ccy"] == "BTC"
    assert "price" not in body


@pytest.mark.parametrize(
    ("mode", "word"),
    [(StpMode.CANCEL_TAKER, "ct"), (StpMode.CANCEL_MAKER, "cm"), (StpMode.CANCEL_BOTH, "both")],
)
def test_self_trade_prevention_has_the_venues_words(mode: StpMode, word: str) -> None:
    assert json.loads(place(stp=mode).body)["stp_mode"] == word


def test_self_trade_prevention_that_the_venue_has_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="stp must be one of 'cancel_taker', 'cancel_maker', 'cancel_both'"):
        place(stp="none")


def test_decimals_travel_as_plain_text() -> None:
    body = json.loads(place(size=Decimal("1E-8"), price=Decimal("1E+2")).body)
    assert (body["amount"], body["price"]) == ("0.00000001", "100")


@pytest.mark.parametrize("client_order_id", ["a", "A-z_0", "x" * 31, "x" * 32])
def test_client_id_the_venue_takes(client_order_id: str) -> None:
    assert api.check_client_order_id(client_order_id) == client_order_id


@pytest.mark.parametrize(
    "client_order_id",
    ["", "x" * 33, "a b", "a\n", "ä", "a.b", "a/b", "\x00", "١", 'a"b', "a\u200b"],
    ids=repr,
)
def test_client_id_the_venue_does_not_take(client_order_id: str) -> None:
    with pytest.raises(ConfigError, match="client_order_id"):
        api.check_client_order_id(client_order_id)


def test_order_id_travels_as_a_number() -> None:
    assert (
        json.loads(
            orders.CANCEL_ORDER[SPOT]
            .encode(orders.CancelOrder("BTCUSDT", "117178743547", AccountKind.SPOT))
            .body
        )["order_id"]
        == 117178743547
    )
    assert ("order_id", "117178743547") in orders.ORDER[SPOT].encode(
        orders.OrderRef("BTCUSDT", "117178743547")
    ).query


@pytest.mark.parametrize("order_id", ["", "abc", "-1", "1.0", " 1", "٣", "1" * 30, str(2**64)], ids=repr)
def test_order_id_that_is_no_number_is_refused(order_id: str) -> None:
    with pytest.raises(ConfigError, match="order_id must be one of the venue's numbers"):
        orders.CANCEL_ORDER[SPOT].encode(orders.CancelOrder("BTCUSDT", order_id, AccountKind.SPOT))


BAD_MARKET = "BTC\nUSDT"
ENCODERS: dict[str, Callable[[], object]] = {
    # A new order's terms are checked once, before it is encoded.
    "place": lambda: check_terms(BAD_MARKET, "buy", "1", "1", "limit", "gtc", post_only=False),
    "asset": lambda: place(size_asset="BTC\r\n"),
    "amend": lambda: orders.AMEND_ORDER[SPOT].encode(
        orders.AmendOrder(BAD_MARKET, AccountKind.SPOT, "1", Decimal(1), None)
    ),
    "cancel": lambda: orders.CANCEL_ORDER[SPOT].encode(orders.CancelOrder(BAD_MARKET, "1", AccountKind.SPOT)),
    "status": lambda: orders.ORDER[SPOT].encode(orders.OrderRef(BAD_MARKET, "1")),
    "order fills": lambda: deals.ORDER_FILLS[SPOT].encode(
        deals.OrderFillsQuery(BAD_MARKET, AccountKind.SPOT, "1", 1, 10)
    ),
    "cancel all": lambda: orders.CANCEL_ALL[SPOT].encode(
        orders.CancelAll(BAD_MARKET, None, AccountKind.SPOT)
    ),
    "by client id": lambda: orders.CANCEL_BY_CLIENT_ORDER_ID[SPOT].encode(
        orders.ClientOrderIdRef("a", BAD_MARKET, AccountKind.SPOT)
    ),
    "orders": lambda: orders.OPEN_ORDERS[SPOT].encode(
        orders.OrdersQuery(BAD_MARKET, None, None, AccountKind.SPOT, 1, 10)
    ),
    "fills": lambda: deals.FILLS[SPOT].encode(
        deals.FillsQuery(BAD_MARKET, AccountKind.SPOT, None, None, None, 1, 10)
    ),
    "markets": lambda: market.MARKETS[SPOT].encode(market.MarketsQuery([BAD_MARKET])),
    "book": lambda: market.BOOK[SPOT].encode(market.DepthQuery(BAD_MARKET, 20)),
    "trades": lambda: market.TRADES[SPOT].encode(market.TradesQuery(BAD_MARKET, 1, None)),
}


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS.keys())
def test_control_characters_never_reach_the_wire(encode: Callable[[], object]) -> None:
    with pytest.raises(ConfigError, match="visible ASCII"):
        encode()


def test_comma_in_a_name_does_not_ask_for_two_markets() -> None:
    with pytest.raises(ConfigError, match="market"):
        market.MARKETS[SPOT].encode(market.MarketsQuery(["BTCUSDT,ETHUSDT"]))


def test_more_than_ten_markets_are_refused() -> None:
    market.MARKETS[SPOT].encode(market.MarketsQuery(["BTCUSDT"] * 10))
    with pytest.raises(ConfigError, match="10 markets"):
        market.MARKETS[SPOT].encode(market.MarketsQuery(["BTCUSDT"] * 11))


def test_no_market_asks_for_all() -> None:
    assert list(market.MARKETS[SPOT].encode(market.MarketsQuery()).query) == []


@pytest.mark.parametrize("depth", [0, 1, 19, 100])
def test_depth_the_venue_does_not_offer_is_refused(depth: int) -> None:
    with pytest.raises(ConfigError, match="depth"):
        market.BOOK[SPOT].encode(market.DepthQuery("BTCUSDT", depth))


@pytest.mark.parametrize(("page", "limit"), [(0, 10), (-1, 10), (1, 0), (1, 101)])
def test_page_out_of_bounds_is_refused(page: int, limit: int) -> None:
    with pytest.raises(ConfigError):
        orders.OPEN_ORDERS[SPOT].encode(
            orders.OrdersQuery("BTCUSDT", None, None, AccountKind.SPOT, page, limit)
        )


def test_amending_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="price"):
        orders.AMEND_ORDER[SPOT].encode(orders.AmendOrder("BTCUSDT", AccountKind.SPOT, "1", None, None))


@pytest.mark.parametrize("limit", [0, 1001])
def test_trades_beyond_the_bound_are_refused(limit: int) -> None:
    with pytest.raises(ConfigError, match="1000"):
        market.TRADES[SPOT].encode(market.TradesQuery("BTCUSDT", limit, None))
