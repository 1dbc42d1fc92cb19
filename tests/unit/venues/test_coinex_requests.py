from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from tradewire.errors import ConfigError
from tradewire.model import OrderType, Side, StpMode, TimeInForce
from tradewire.protocol.endpoint import Params
from tradewire.venues.coinex import requests


def new_order(**changes: object) -> requests.PlaceOrder:
    values: dict[str, object] = {
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
    return requests.PlaceOrder(**(values | changes))  # type: ignore[arg-type]


def test_order_is_the_documented_body_to_the_byte() -> None:
    # The signed text of vector C of the venue's signature examples carries this body.
    params = new_order().params()
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
        new_order(
            side=Side.SELL,
            type=OrderType.MARKET,
            time_in_force=TimeInForce.IOC,
            price=None,
            stp=StpMode.CANCEL_BOTH,
            is_hidden=True,
            size_asset="BTC",
        )
        .params()
        .body
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
    assert json.loads(new_order(stp=mode).params().body)["stp_mode"] == word


def test_decimals_travel_as_plain_text() -> None:
    body = json.loads(new_order(size=Decimal("1E-8"), price=Decimal("1E+2")).params().body)
    assert (body["amount"], body["price"]) == ("0.00000001", "100")


@pytest.mark.parametrize("client_order_id", ["a", "A-z_0", "x" * 31, "x" * 32])
def test_client_id_the_venue_takes(client_order_id: str) -> None:
    assert requests.check_client_order_id(client_order_id) == client_order_id


@pytest.mark.parametrize(
    "client_order_id",
    ["", "x" * 33, "a b", "a\n", "ä", "a.b", "a/b", "\x00", "١", 'a"b', "a\u200b"],
    ids=repr,
)
def test_client_id_the_venue_does_not_take(client_order_id: str) -> None:
    with pytest.raises(ConfigError, match="client_order_id"):
        requests.check_client_order_id(client_order_id)


def test_order_id_travels_as_a_number() -> None:
    assert json.loads(requests.OrderRef("BTCUSDT", "117178743547").body().body)["order_id"] == 117178743547
    assert ("order_id", "117178743547") in requests.OrderRef("BTCUSDT", "117178743547").query().query


@pytest.mark.parametrize("order_id", ["", "abc", "-1", "1.0", " 1", "٣", "1" * 30, str(2**64)], ids=repr)
def test_order_id_that_is_no_number_is_refused(order_id: str) -> None:
    with pytest.raises(ConfigError, match="order_id must be one of the venue's numbers"):
        requests.OrderRef("BTCUSDT", order_id).body()


BAD_MARKET = "BTC\nUSDT"
ENCODERS: dict[str, Callable[[], Params]] = {
    "place": lambda: new_order(market=BAD_MARKET).params(),
    "asset": lambda: new_order(size_asset="BTC\r\n").params(),
    "amend": lambda: requests.AmendOrder(BAD_MARKET, "1", Decimal(1), None).params(),
    "cancel": lambda: requests.OrderRef(BAD_MARKET, "1").body(),
    "status": lambda: requests.OrderRef(BAD_MARKET, "1").query(),
    "order fills": lambda: requests.OrderRef(BAD_MARKET, "1", 1, 10).paged_query(),
    "cancel all": lambda: requests.CancelAll(BAD_MARKET, None).params(),
    "by client id": lambda: requests.ClientOrderIdRef("a", BAD_MARKET).params(),
    "orders": lambda: requests.OrdersQuery(BAD_MARKET, None, None, 1, 10).params(),
    "fills": lambda: requests.FillsQuery(BAD_MARKET, None, None, None, 1, 10).params(),
    "markets": lambda: requests.MarketsQuery([BAD_MARKET]).params(),
    "book": lambda: requests.DepthQuery(BAD_MARKET, 20).params(),
    "trades": lambda: requests.TradesQuery(BAD_MARKET, 1, None).params(),
}


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS.keys())
def test_control_characters_never_reach_the_wire(encode: Callable[[], Params]) -> None:
    with pytest.raises(ConfigError, match="visible ASCII"):
        encode()


def test_comma_in_a_name_does_not_ask_for_two_markets() -> None:
    with pytest.raises(ConfigError, match="market"):
        requests.MarketsQuery(["BTCUSDT,ETHUSDT"]).params()


def test_more_than_ten_markets_are_refused() -> None:
    requests.MarketsQuery(["BTCUSDT"] * 10).params()
    with pytest.raises(ConfigError, match="10 markets"):
        requests.MarketsQuery(["BTCUSDT"] * 11).params()


def test_no_market_asks_for_all() -> None:
    assert list(requests.MarketsQuery().params().query) == []


@pytest.mark.parametrize("depth", [0, 1, 19, 100])
def test_depth_the_venue_does_not_offer_is_refused(depth: int) -> None:
    with pytest.raises(ConfigError, match="depth"):
        requests.DepthQuery("BTCUSDT", depth).params()


@pytest.mark.parametrize(("page", "limit"), [(0, 10), (-1, 10), (1, 0), (1, 101)])
def test_page_out_of_bounds_is_refused(page: int, limit: int) -> None:
    with pytest.raises(ConfigError):
        requests.OrdersQuery("BTCUSDT", None, None, page, limit).params()


def test_amending_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="price"):
        requests.AmendOrder("BTCUSDT", "1", None, None).params()


@pytest.mark.parametrize("limit", [0, 1001])
def test_trades_beyond_the_bound_are_refused(limit: int) -> None:
    with pytest.raises(ConfigError, match="1000"):
        requests.TradesQuery("BTCUSDT", limit, None).params()
