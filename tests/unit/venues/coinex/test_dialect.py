"""CoinEx frames, codes and pushes."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tradewire.errors import (
    AuthRejected,
    BadRequest,
    ConfigError,
    FrameError,
    MarketUnavailable,
    NotSupported,
    RateLimited,
    TradewireError,
    UnreadableRow,
    VenueUnavailable,
)
from tradewire.model import (
    AccountKind,
    Balance,
    BestQuote,
    Fill,
    Level,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
    Trade,
)
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import Verdict
from tradewire.venues.coinex import pushes
from tradewire.venues.coinex.api import FUTURES, SPOT
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.dialect import TOPICS, Dialect, futures_messages, messages
from tradewire.venues.coinex.futures.client import CoinExFutures

D = Decimal

ORDER: dict[str, Any] = {
    "order_id": 117178743547,
    "market": "BTCUSDT",
    "margin_market": "",
    "type": "limit",
    "side": "buy",
    "amount": "0.001",
    "price": "30000.00",
    "unfilled_amount": "0.0004",
    "filled_amount": "0.0006",
    "filled_value": "18",
    "taker_fee_rate": "0.002",
    "maker_fee_rate": "0.002",
    "base_ccy_fee": "0",
    "quote_ccy_fee": "0",
    "discount_ccy_fee": "0",
    "last_filled_amount": "0.0006",
    "last_filled_price": "30000",
    "client_id": "sdk-0001",
    "created_at": 1763640000130,
    "updated_at": 1763640000140,
}
DEAL: dict[str, Any] = {
    "deal_id": 9,
    "created_at": 1763640000140,
    "order_id": 117178743547,
    "client_id": "sdk-0001",
    "market": "BTCUSDT",
    "margin_market": "",
    "side": "sell",
    "price": "30000",
    "amount": "0.0006",
    "role": "maker",
    "fee": "0.036",
    "fee_ccy": "USDT",
}
BBO: dict[str, Any] = {
    "market": "BTCUSDT",
    "updated_at": 1763640000000,
    "best_bid_price": "30000",
    "best_bid_size": "1",
    "best_ask_price": "30001",
    "best_ask_size": "2",
}


def push(topic: str, data: Any) -> bytes:
    return json.dumps({"method": f"{topic}.update", "data": data, "id": None}).encode()


def read(topic: str, data: Any) -> list[tuple[str, Any]]:
    return list(pushes.read(SPOT, f"{topic}.update", push(topic, data)))


def sent(frame: bytes) -> Any:
    return json.loads(frame)


def test_requests_have_the_venues_shape() -> None:
    dialect = Dialect(SPOT, lambda: {"access_id": "a", "signed_str": "s", "timestamp": 5})
    assert sent(dialect.login(1)) == {
        "method": "server.sign",
        "params": {"access_id": "a", "signed_str": "s", "timestamp": 5},
        "id": 1,
    }
    assert sent(dialect.ping(2)) == {"method": "server.ping", "params": {}, "id": 2}
    books = [Channel("depth", "BTCUSDT", 50), Channel("depth", "ETHUSDT", 5)]
    assert sent(dialect.subscribe(books, 3)) == {
        "method": "depth.subscribe",
        "params": {"market_list": [["BTCUSDT", 50, "0", False], ["ETHUSDT", 5, "0", False]]},
        "id": 3,
    }
    assert sent(dialect.unsubscribe(books, 4)) == {
        "method": "depth.unsubscribe",
        "params": {"market_list": ["BTCUSDT", "ETHUSDT"]},
        "id": 4,
    }
    assert sent(dialect.subscribe([Channel("order")], 5))["params"] == {"market_list": []}
    assert sent(dialect.subscribe([Channel("balance", "USDT")], 6))["params"] == {"ccy_list": ["USDT"]}


def test_a_login_without_credentials_is_the_callers_mistake() -> None:
    assert not Dialect(SPOT).can_login
    with pytest.raises(ConfigError, match="credentials"):
        Dialect(SPOT).login(1)


def test_topics_know_what_they_need() -> None:
    dialect = Dialect(SPOT)
    private = {name for name in TOPICS[SPOT] if dialect.is_private(Channel(name))}
    assert private == {"order", "stop", "user_deals", "balance", "notice"}
    assert {name for name in TOPICS[SPOT] if dialect.is_book(Channel(name))} == {"depth"}
    assert {dialect.push_name(Channel(name)) for name in TOPICS[SPOT]} - {"depth.update"} == set(
        pushes.readers(SPOT)
    )


def test_every_topic_has_a_method_whose_docstring_names_it() -> None:
    for product, client in ((SPOT, CoinEx), (FUTURES, CoinExFutures)):
        for topic in TOPICS[product].values():
            assert f"``{topic.name}.subscribe``" in (getattr(client, topic.method).__doc__ or "")


def test_every_method_on_the_wire_is_listed_once() -> None:
    common = {"depth", "deals", "bbo", "state", "index", "order", "stop", "user_deals", "balance", "notice"}
    for listed, topics in ((messages(), common), (futures_messages(), common | {"position", "premium"})):
        names = [name for name, _ in listed]
        assert len(names) == len(set(names))
        assert set(names) - {"server.ping", "server.sign", "server.time"} == {
            f"{topic}.{verb}" for topic in topics for verb in ("subscribe", "unsubscribe", "update")
        }


@pytest.mark.parametrize(
    ("code", "verdict", "error", "words"),
    [
        (20001, Verdict.REFUSED, BadRequest, "invalid"),
        (20002, Verdict.REFUSED, NotSupported, "deals.subscribe"),
        (21001, Verdict.RESTART, AuthRejected, "clock"),
        (21002, Verdict.STALE, AuthRejected, "secret"),
        (23001, Verdict.RETRY, VenueUnavailable, "invalid"),
        (23002, Verdict.RETRY, RateLimited, "invalid"),
        (24001, Verdict.RETRY, VenueUnavailable, "invalid"),
        (24002, Verdict.RETRY, VenueUnavailable, "invalid"),
        (77777, Verdict.REFUSED, BadRequest, "invalid"),
    ],
)
@pytest.mark.parametrize("family", [0, 10_000])
def test_codes_of_both_sockets_are_judged(
    code: int, verdict: Verdict, error: type[TradewireError], words: str, family: int
) -> None:
    dialect = Dialect(SPOT)
    assert dialect.verdict("") is Verdict.DONE
    assert dialect.verdict(str(code + family)) is verdict
    refusal = dialect.refusal(Channel("deals", "BTCUSDT"), str(code + family), "invalid")
    assert type(refusal) is error
    assert words in str(refusal)


def test_an_unknown_market_is_named_as_such() -> None:
    refusal = Dialect(SPOT).refusal(
        Channel("deals", "NOPE"), "20001", "invalid argument: market NOPE not found"
    )
    assert isinstance(refusal, MarketUnavailable)
    assert "markets()" in str(refusal)
    assert refusal.code == "20001"


def test_trades_come_in_the_order_they_happened() -> None:
    deals = [
        {"deal_id": 2, "created_at": 1763640000001, "side": "SELL", "price": "30000.10", "amount": "0.5"},
        {"deal_id": 1, "created_at": 1763640000000, "side": "buy", "price": "30000", "amount": "1"},
    ]
    first, second = read("deals", {"market": "BTCUSDT", "deal_list": deals})
    assert first[0] == "BTCUSDT"
    assert first[1].trade_id == "1"
    assert second[1] == Trade(
        trade_id="2",
        market="BTCUSDT",
        side=Side.SELL,
        price=D("30000.10"),
        size=D("0.5"),
        time_ns=1763640000001000000,
    )
    assert str(second[1].price) == "30000.10"
    assert read("deals", {"market": "BTCUSDT", "deal_list": []}) == []


def test_a_best_quote_may_lack_a_side() -> None:
    assert read("bbo", BBO) == [
        (
            "BTCUSDT",
            BestQuote(
                market="BTCUSDT",
                bid=Level(D(30000), D(1)),
                ask=Level(D(30001), D(2)),
                time_ns=1763640000000000000,
            ),
        )
    ]
    [(_, no_bid)] = read("bbo", {**BBO, "best_bid_price": "0", "best_bid_size": "0"})
    [(_, no_ask)] = read("bbo", {key: value for key, value in BBO.items() if "ask" not in key})
    assert (no_bid.bid, no_ask.ask) == (None, None)


def test_tickers_are_told_apart_by_market() -> None:
    state = dict.fromkeys(("last", "open", "close", "high", "low", "volume", "value"), "1.0")
    both = [{**state, "market": market, "period": 86400} for market in ("BTCUSDT", "ETHUSDT")]
    assert [(key, item.market) for key, item in read("state", {"state_list": both})] == [
        ("BTCUSDT", "BTCUSDT"),
        ("ETHUSDT", "ETHUSDT"),
    ]


def test_balances_of_margin_accounts_say_so() -> None:
    spot = {"margin_market": "", "ccy": "USDT", "available": "5", "frozen": "1", "updated_at": 1}
    margin = {**spot, "margin_market": "BTCUSDT"}
    balance = Balance(asset="USDT", available=D(5), locked=D(1), updated_at_ns=1_000_000)
    of_margin = msgspec.structs.replace(balance, account=AccountKind.MARGIN, margin_market="BTCUSDT")
    told = read("balance", {"balance_list": [margin, spot]})
    assert told == [("USDT", of_margin), ("USDT", balance)]


@pytest.mark.parametrize(
    ("event", "changes", "status"),
    [
        ("put", {"filled_amount": "0", "unfilled_amount": "0.001"}, OrderStatus.OPEN),
        ("put", {}, OrderStatus.PARTIALLY_FILLED),
        ("UPDATE", {}, OrderStatus.PARTIALLY_FILLED),
        ("modify", {}, OrderStatus.PARTIALLY_FILLED),
        ("finish", {}, OrderStatus.CANCELLED),
        ("finish", {"unfilled_amount": "0.000"}, OrderStatus.FILLED),
    ],
)
def test_order_events_and_quantities_tell_the_status(
    event: str, changes: dict[str, str], status: OrderStatus
) -> None:
    [(market, order)] = read("order", {"event": event, "order": {**ORDER, **changes}})
    assert market == "BTCUSDT"
    assert order.status is status
    assert (order.order_id, order.client_order_id, order.side) == ("117178743547", "sdk-0001", Side.BUY)
    assert (order.size, order.price, order.filled_notional) == (D("0.001"), D("30000.00"), D(18))
    assert order.updated_at_ns == 1763640000140000000


def test_older_spellings_of_orders_are_understood() -> None:
    old = {**ORDER, "unfill_amount": "0.0004", "fill_value": "18", "last_fill_amount": "0.0006"}
    for name in ("unfilled_amount", "filled_value", "last_filled_amount"):
        del old[name]
    assert read("order", {"event": "update", "order": old}) == read(
        "order", {"event": "update", "order": ORDER}
    )


def test_a_market_order_has_no_price() -> None:
    [(_, order)] = read("order", {"event": "finish", "order": {**ORDER, "type": "MARKET", "price": "0"}})
    assert (order.type, order.time_in_force, order.price) == (OrderType.MARKET, TimeInForce.IOC, None)


def test_a_fill_has_role_and_fee_where_the_venue_tells() -> None:
    assert read("user_deals", DEAL) == [
        (
            "BTCUSDT",
            Fill(
                trade_id="9",
                order_id="117178743547",
                client_order_id="sdk-0001",
                market="BTCUSDT",
                side=Side.SELL,
                price=D(30000),
                size=D("0.0006"),
                liquidity=Liquidity.MAKER,
                fee=D("0.036"),
                fee_asset="USDT",
                time_ns=1763640000140000000,
            ),
        )
    ]
    [(_, bare)] = read("user_deals", {k: v for k, v in DEAL.items() if k not in ("role", "fee", "fee_ccy")})
    assert (bare.liquidity, bare.fee, bare.fee_asset) == (None, None, "")


def changed(data: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    data = copy.deepcopy(data)
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return data


PUBLIC_DEAL: dict[str, Any] = {
    "deal_id": 5, "created_at": 1763640000000, "side": "buy", "price": "30000", "amount": "0.1",
}  # fmt: skip
STATE: dict[str, Any] = {
    "market": "BTCUSDT", "last": "1", "open": "2", "high": "3", "low": "1", "close": "1", "volume": "9", "value": "20",
}  # fmt: skip
BALANCE: dict[str, Any] = {
    "margin_market": "",
    "ccy": "USDT",
    "available": "5",
    "frozen": "1",
    "updated_at": 1,
}
UPDATE = {"event": "update", "order": ORDER}


@pytest.mark.parametrize(
    ("topic", "data"),
    [
        ("order", changed(UPDATE, "order", "side", to="long")),
        ("order", changed(UPDATE, "order", "side", to=None)),
        ("order", changed(UPDATE, "order", "price", to="NaN")),
        ("order", changed(UPDATE, "order", "price", to="1_000")),
        ("order", changed(UPDATE, "order", "price", to="٣")),
        ("order", changed(UPDATE, "order", "amount", to=None)),
        ("order", changed(UPDATE, "order", "order_id", to=None)),
        ("order", changed(UPDATE, "order", "market", to="")),
        ("order", changed(UPDATE, "order", "market_type", to="LUNAR")),
        ("order", changed(UPDATE, "order", to=None)),
        ("order", {"event": "update"}),
        ("order", None),
        ("order", {}),
        ("user_deals", [DEAL]),
        ("user_deals", {}),
        ("user_deals", changed(DEAL, "amount", to="")),
        ("bbo", changed(BBO, "best_bid_price", to="x")),
        ("deals", None),
        ("balance", {"balance_list": {}}),
        ("state", {}),
    ],
)
def test_a_push_without_the_documented_shape_is_reported_with_its_raw_row(topic: str, data: Any) -> None:
    [(_, fault)] = read(topic, data)
    assert isinstance(fault, UnreadableRow)
    assert fault.raw in push(topic, data)
    assert fault.reason


@pytest.mark.parametrize("topic", ["depth", "kline"])
def test_a_push_of_an_unknown_topic_is_refused(topic: str) -> None:
    with pytest.raises(FrameError) as caught:
        read(topic, {})
    assert caught.value.kind == "unknown_topic"
    assert caught.value.excerpt == push(topic, {})[:200]


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("event",), "exploded"),
        (("event",), 1),
        (("event",), None),
        (("order", "type"), "iceberg"),
        (("order", "type"), None),
        (("order", "client_id"), None),
        (("order", "client_id"), 77),
        (("order", "created_at"), str(ORDER["created_at"])),
        (("order", "updated_at"), None),
        (("order", "order_id"), str(ORDER["order_id"])),
        (("order", "price"), 30000),
        (("order", "market_type"), "Spot"),
    ],
    ids=str,
)
def test_an_order_push_with_a_new_word_or_an_odd_field_is_read(path: tuple[str, ...], to: object) -> None:
    # Public case: client libraries lost orders whenever the venue added a word or left out a field.
    [(market, order)] = read("order", changed(UPDATE, *path, to=to))
    assert (market, order.order_id, order.size) == ("BTCUSDT", "117178743547", D("0.001"))
    assert order.status is OrderStatus.PARTIALLY_FILLED


@pytest.mark.parametrize(
    ("event", "unfilled", "status"),
    [
        ("liquidated", "0.0006", OrderStatus.PARTIALLY_FILLED),
        ("liquidated", "0", OrderStatus.FILLED),
        ("FINISH", "0.0006", OrderStatus.CANCELLED),
    ],
)
def test_amounts_decide_a_status_whose_word_is_new_and_invent_no_end(
    event: str, unfilled: str, status: OrderStatus
) -> None:
    changes = {"unfilled_amount": unfilled, "type": "iceberg"}
    [(_, order)] = read("order", {"event": event, "order": {**ORDER, **changes}})
    assert (order.status, order.type, order.time_in_force, order.venue_type) == (
        status,
        None,
        None,
        "iceberg",
    )


def test_an_order_push_of_the_older_spelling_has_no_filled_amount() -> None:
    old = {name: value for name, value in ORDER.items() if "filled" not in name} | {
        "unfill_amount": "0.0006",
        "fill_value": "12",
        "last_fill_amount": "0.0004",
        "last_fill_price": "30000",
    }
    [(_, order)] = read("order", {"event": "update", "order": old})
    assert (order.filled_size, order.unfilled_size, order.filled_notional) == (
        D("0.0004"),
        D("0.0006"),
        D(12),
    )
    assert (order.last_fill_size, order.last_fill_price) == (D("0.0004"), D(30000))


def test_a_market_order_without_filled_amount_is_not_guessed() -> None:
    old = {name: value for name, value in ORDER.items() if "filled" not in name} | {
        "type": "market", "unfill_amount": "6", "fill_value": "12",
    }  # fmt: skip
    [(_, fault)] = read("order", {"event": "update", "order": old})
    assert isinstance(fault, UnreadableRow)


@pytest.mark.parametrize(
    ("marks", "account"),
    [
        ({"margin_market": "BTCUSDT"}, AccountKind.MARGIN),
        ({"market_type": "MARGIN"}, AccountKind.MARGIN),
        ({"market_type": "FUTURES"}, AccountKind.FUTURES),
    ],
)
def test_orders_and_fills_of_other_accounts_say_so(marks: dict[str, str], account: AccountKind) -> None:
    # Case p12: margin orders and deals come on the spot topics.
    [(_, order)] = read("order", {"event": "put", "order": {**ORDER, **marks}})
    [(_, fill)] = read("user_deals", {**DEAL, **marks})
    assert (order.account, fill.account) == (account, account)


@pytest.mark.parametrize(
    ("topic", "wrapped", "row", "field"),
    [
        ("deals", "deal_list", PUBLIC_DEAL, "price"),
        ("state", "state_list", STATE, "last"),
        ("balance", "balance_list", BALANCE, "available"),
    ],
)
@pytest.mark.parametrize("bad", [None, "", "abc", {}])
def test_a_bad_row_of_a_push_hides_no_neighbour(
    topic: str, wrapped: str, row: dict[str, Any], field: str, bad: object
) -> None:
    outer = {"market": "BTCUSDT"} if topic == "deals" else {}
    good = read(topic, outer | {wrapped: [row, row]})
    mixed = read(topic, outer | {wrapped: [row, row | {field: bad}, row]})
    assert [item for item in mixed if not isinstance(item[1], UnreadableRow)] == good
    [fault] = [item for _, item in mixed if isinstance(item, UnreadableRow)]
    assert json.loads(fault.raw) == row | {field: bad}


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"\xff", b"[]", b"null", b'{"method":"deals.update"}', b"[" * 5000]
)
def test_what_is_not_a_push_is_refused(payload: bytes) -> None:
    with pytest.raises(FrameError):
        pushes.read(SPOT, "deals.update", payload)
