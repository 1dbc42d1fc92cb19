"""TrueX's frames, its connection status, and what its channels push."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from support.oracle import hmac_base64
from tradewire._native import FeedEvent, TruexFeed
from tradewire.errors import (
    AuthRejected,
    BadRequest,
    ConfigError,
    LocalProtocolError,
    TradewireError,
    UnreadableRow,
    VenueUnavailable,
)
from tradewire.model import Fill, Order, OrderStatus, OrderType, Side, TimeInForce, sent_order
from tradewire.protocol.channels import Channel
from tradewire.protocol.dialect import Verdict
from tradewire.session.live_order import LiveOrder
from tradewire.signing import Credentials
from tradewire.venues.truex import model, pushes
from tradewire.venues.truex.auth import Auth
from tradewire.venues.truex.dialect import Dialect
from tradewire.venues.truex.directory import Directory

SECRET = "tmk-example-secret-0123456789abcdef"
KEY_ID = "6398805c-0000-4000-8000-94ce683056e4"
ORGANIZATION = "30d17c5b-0000-4000-8000-d4b3b12bdd4e"
ACCOUNT = "78932725357888855"
BTC_PYUSD = "78901949723181070"
NOW_MS = 1_770_000_001_000
ORDER: dict[str, Any] = {
    "id": "799477895858487977",
    "status": "ACTIVE",
    "order_info": {"instrument_id": BTC_PYUSD, "side": "SELL", "qty": "0.0100", "price": "64000.0"},
    "external_id": "mine-1",
    "executed_qty": "0",
    "timestamp": "1770000000000000000",
    "update_timestamp": "1770000000000000001",
    "client_id": ACCOUNT,
    "text": "",
}


def auth(*, has_key: bool = True) -> Auth:
    credentials = Credentials(KEY_ID, SECRET) if has_key else None
    return Auth(credentials, None, user_id="", organization_id=ORGANIZATION, version="")


def dialect(
    *,
    has_key: bool = True,
    sign_path: bool = True,
    url: str = "wss://prod.truex.co/api/v1",
    now_ms: Callable[[], int] = lambda: NOW_MS,
    unidentified: TradewireError | None = None,
) -> Dialect:
    read = pushes.reader(known_instruments(), lambda *_: None)
    return Dialect(
        auth(has_key=has_key), url, lambda: ACCOUNT, lambda: unidentified, now_ms, read, sign_path=sign_path
    )


def known_instruments() -> Directory:
    directory = Directory()
    directory.learn_instruments(
        [
            model.Instrument(
                instrument_id=BTC_PYUSD,
                symbol="BTC-PYUSD",
                base_asset_id="1",
                quote_asset_id="2",
                status="ACTIVE",
                reference_price=Decimal(64000),
                price_limit_window_s=Decimal(0),
                price_limit_share=Decimal(0),
                price_band_share=Decimal(0),
                notional_24h=Decimal(0),
                size_24h=Decimal(0),
            )
        ]
    )
    return directory


def sent(frame: bytes) -> Any:
    return json.loads(frame)


@pytest.mark.parametrize(
    ("url", "sign_path", "signed"),
    [
        ("wss://prod.truex.co/api/v1", True, "/api/v1"),
        ("wss://prod.truex.co/api/v1", False, ""),
        ("ws://uat1.truex.co:4279/api/v1?x=1", True, "/api/v1"),
        ("ws://uat1.truex.co:4279", True, "/"),
    ],
)
def test_request_with_a_key(url: str, sign_path: bool, signed: str) -> None:
    frame = dialect(url=url, sign_path=sign_path).subscribe([Channel("DEPTH", "BTC-PYUSD")], 1)
    assert sent(frame) == {
        "type": "SUBSCRIBE",
        "item_names": ["BTC-PYUSD"],
        "channels": ["DEPTH"],
        "timestamp": "1770000000",
        "organization_id": ORGANIZATION,
        "key": KEY_ID,
        "signature": hmac_base64(SECRET.encode(), f"1770000000TRUEXWS{KEY_ID}{signed}".encode()),
    }


def test_request_without_a_key_carries_no_credentials() -> None:
    frame = dialect(has_key=False).unsubscribe([Channel("EBBO", "A"), Channel("EBBO", "B")], 1)
    assert sent(frame) == {
        "type": "UNSUBSCRIBE_NO_AUTH",
        "item_names": ["A", "B"],
        "channels": ["EBBO"],
        "timestamp": "1770000000",
    }


def test_drop_copy_is_asked_for_by_account() -> None:
    for frame in (
        dialect().subscribe([Channel("DROPCOPY")], 1),
        dialect().unsubscribe([Channel("DROPCOPY")], 2),
    ):
        assert sent(frame)["item_names"] == [ACCOUNT]


@pytest.mark.parametrize("ms", [0, 1, 999])
def test_stamps_are_never_ahead_of_the_venue(ms: int) -> None:
    frame = dialect(now_ms=lambda: 1_770_000_000_000 + ms).subscribe([Channel("TRADE", "A")], 1)
    assert int(sent(frame)["timestamp"]) * 1000 <= 1_770_000_000_000 + ms - 1000


def test_there_is_neither_login_nor_ping() -> None:
    with pytest.raises(LocalProtocolError, match="no login"):
        dialect().login(1)
    assert dialect().ping(1) is None
    assert not dialect().has_login


def test_topics_know_what_they_need() -> None:
    known = dialect()
    names = ("DEPTH", "EBBO", "TRADE", "INSTRUMENT", "DROPCOPY", "orders", "fills")
    channels = {name: Channel(name, "x") for name in names}
    assert {name for name in names if known.is_private(channels[name])} == {"DROPCOPY", "orders", "fills"}
    assert {name for name in names if known.is_implied(channels[name])} == {"orders", "fills"}
    assert {name for name in names if known.is_book(channels[name])} == {"DEPTH"}
    assert {known.push_name(channel) for channel in channels.values()} == set(names)


@pytest.mark.parametrize(
    ("status", "with_key", "without"),
    [
        ("AUTHENTICATED", Verdict.DONE, Verdict.DONE),
        ("UNAUTHENTICATED", Verdict.STALE, Verdict.DONE),
        ("UNAUTHORIZED", Verdict.STALE, Verdict.REFUSED),
        ("INVALID", Verdict.REFUSED, Verdict.REFUSED),
        ("ERROR", Verdict.RETRY, Verdict.RETRY),
        ("", Verdict.REFUSED, Verdict.REFUSED),
        ("SOMETHING_NEW", Verdict.REFUSED, Verdict.REFUSED),
    ],
)
def test_status_of_the_connection(status: str, with_key: Verdict, without: Verdict) -> None:
    assert dialect().verdict(status) is with_key
    assert dialect(has_key=False).verdict(status) is without


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("UNAUTHORIZED", AuthRejected),
        ("UNAUTHENTICATED", AuthRejected),
        ("INVALID", BadRequest),
        ("ERROR", VenueUnavailable),
    ],
)
def test_refusal_says_why_and_what_to_do(status: str, expected: type[TradewireError]) -> None:
    known = dialect()
    known.subscribe([Channel("DROPCOPY")], 1)
    error = known.refusal(Channel("DROPCOPY"), status, "")
    assert type(error) is expected
    assert isinstance(error, AuthRejected | BadRequest | VenueUnavailable)
    assert (error.code, error.venue, error.endpoint) == (status, "truex", "SUBSCRIBE DROPCOPY")
    assert (f"signed was '1770000000TRUEXWS{KEY_ID}/api/v1'" in str(error)) is (expected is AuthRejected)
    assert SECRET not in str(error)


def test_refusal_without_a_key_names_no_signature() -> None:
    error = dialect(has_key=False).refusal(Channel("DEPTH", "A"), "UNAUTHORIZED", "")
    assert "signed" not in str(error)
    assert "clock" in str(error)


def test_refusal_for_want_of_an_account_says_why_that_is_not_known() -> None:
    several, refused = ConfigError("the key has several accounts"), AuthRejected("wrong key")
    drop_copy, book = Channel("DROPCOPY"), Channel("DEPTH", "A")
    assert dialect(unidentified=several).refusal(drop_copy, "UNAUTHORIZED", "") is several
    assert type(dialect(unidentified=several).refusal(book, "INVALID", "")) is BadRequest
    for channel in (drop_copy, book):
        assert dialect(unidentified=refused).refusal(channel, "ERROR", "") is refused


def event(channel: str, data: Any, update: str = "UPDATE") -> FeedEvent:
    frame = {"seqnum": "0", "channel": channel, "update": update, "status": "AUTHENTICATED", "data": data}
    return TruexFeed().on_frame(json.dumps(frame).encode(), 77)


def read(
    told: FeedEvent, known: Callable[[str, str], LiveOrder | None] = lambda *_: None
) -> list[tuple[str, str, Any]]:
    return list(pushes.reader(known_instruments(), known)(told))


def test_best_prices_get_their_symbol_from_the_id() -> None:
    info = {
        "best_bid": {"price": "1.5", "qty": "2"},
        "best_ask": {"price": "0", "qty": "0"},
        "last_update": "9",
    }
    [(topic, key, quote)] = read(event("EBBO", {"id": BTC_PYUSD, "status": "ENABLED", "info": info}))
    assert (topic, key) == ("EBBO", "BTC-PYUSD")
    assert (quote.bid, quote.ask, quote.time_ns) == ((Decimal("1.5"), Decimal(2)), None, 9)


def test_trades_are_timed_by_their_arrival() -> None:
    data = {"id": BTC_PYUSD, "match_id": "8", "trade_price": "1.5", "trade_qty": "2", "liq_flag": "TAKER"}
    [(topic, key, trade)] = read(event("TRADE", data))
    assert (topic, key, trade.trade_id, trade.side, trade.time_ns) == ("TRADE", "BTC-PYUSD", "8", None, 77)


def test_instruments_are_learned_as_they_are_pushed() -> None:
    directory = Directory()
    info = {"symbol": "NEW-PYUSD", "reference_price": "1", "base_asset_id": "1", "quote_asset_id": "2"}
    told = event("INSTRUMENT", {"id": "7", "status": "OPENING", "info": info}, "SNAPSHOT")
    [(topic, key, instrument)] = pushes.reader(directory, lambda *_: None)(told)
    assert isinstance(instrument, model.Instrument)
    assert (topic, key, instrument.status) == ("INSTRUMENT", "NEW-PYUSD", "OPENING")
    assert directory.symbol("7") == "NEW-PYUSD"


@pytest.mark.parametrize("update", ["SNAPSHOT", "UPDATE"])
def test_orders_of_the_drop_copy(update: str) -> None:
    data = ORDER | {"status": "CANCELED", "text": "Canceled by client", "unknown": [1]}
    [(topic, key, report)] = read(event("DROPCOPY", data, update))
    assert (topic, key, report.side, report.status) == (
        "orders", "BTC-PYUSD", Side.SELL, OrderStatus.CANCELLED,
    )  # fmt: skip
    assert report.reason == "Canceled by client"


def bare(**more: Any) -> dict[str, Any]:
    return {name: value for name, value in ORDER.items() if name != "order_info"} | more


def own_order(report: Order | None = None) -> LiveOrder:
    order = LiveOrder(sent_order(
        market="BTC-PYUSD", side=Side.SELL, size=Decimal("0.01"), price=Decimal(64000), client_order_id="mine-1",
    ), sent_at_ns=5)  # fmt: skip
    if report is not None:
        order.merge(report)
    return order


def test_report_without_order_info_is_completed_from_the_order_it_is_about() -> None:
    asked: list[tuple[str, str]] = []

    def known(order_id: str, client_order_id: str) -> LiveOrder:
        asked.append((order_id, client_order_id))
        return own_order()

    told = event("DROPCOPY", bare(executed_qty="0.004", executed_vwap="64000.5"))
    [(topic, key, report)] = read(told, known)
    assert asked == [("799477895858487977", "mine-1")]
    assert (topic, key, report.side, report.size, report.price) == (
        "orders", "BTC-PYUSD", Side.SELL, Decimal("0.01"), Decimal(64000),
    )  # fmt: skip
    assert (report.status, report.filled_size, report.type, report.time_in_force) == (
        OrderStatus.PARTIALLY_FILLED, Decimal("0.004"), OrderType.LIMIT, TimeInForce.GTC,
    )  # fmt: skip


def test_first_report_without_order_info_keeps_the_terms_that_were_sent() -> None:
    order = LiveOrder(sent_order(
        market="BTC-PYUSD", side=Side.SELL, size=Decimal("0.01"), price=Decimal(64000), client_order_id="mine-1",
        time_in_force=TimeInForce.IOC, size_asset="BTC",
    ), sent_at_ns=5)  # fmt: skip
    [(_, _, report)] = read(event("DROPCOPY", bare(timestamp="0", text="why")), lambda *_: order)
    assert (report.time_in_force, report.size_asset, report.created_at_ns, report.reason) == (
        TimeInForce.IOC, "BTC", 5, "why",
    )  # fmt: skip
    assert report.received_at_ns == 0


def test_what_an_earlier_report_said_is_kept() -> None:
    [(_, _, first)] = read(event("DROPCOPY", ORDER | {"order_info": ORDER["order_info"] | {"tif": "IOC"}}))
    bare_one = event("DROPCOPY", bare(status="FILLED", executed_qty="0.0100", timestamp="0", external_id=""))
    [(_, _, report)] = read(bare_one, lambda *_: own_order(first))
    assert (report.time_in_force, report.created_at_ns, report.client_order_id, report.status) == (
        TimeInForce.IOC, first.created_at_ns, "mine-1", OrderStatus.FILLED,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "data"),
    [
        ("DROPCOPY", bare()),
        ("DROPCOPY", ORDER | {"order_info": {"side": "LONG"}}),
        ("DROPCOPY", {}),
        ("DROPCOPY", None),
        ("DROPCOPY", [ORDER]),
        ("EBBO", {"id": BTC_PYUSD}),
        ("EBBO", {"id": BTC_PYUSD, "info": {"best_bid": {"price": "1_5"}}}),
        ("TRADE", {"id": BTC_PYUSD, "match_id": "8"}),
        ("INSTRUMENT", {"id": "7"}),
    ],
    ids=str,
)
def test_pushes_without_the_documented_shape(channel: str, data: Any) -> None:
    reader = pushes.reader(known_instruments(), lambda *_: None)
    [(_, _, fault)] = reader(event(channel, data))
    assert isinstance(fault, UnreadableRow)
    assert json.loads(fault.raw) == data


@pytest.mark.parametrize(
    "frame",
    [
        {"channel": "WEBSOCKET", "update": "WELCOME", "connections": "1", "message": "", "version": "1.0.5"},
        {"channel": "DEPTH", "update": "SNAPSHOT_COMPLETE", "item": "BTC-PYUSD"},
        {"channel": "DROPCOPY", "update": "SNAPSHOT_COMPLETE", "item": ACCOUNT},
    ],
    ids=["welcome", "book complete", "drop copy complete"],
)
def test_pushes_nobody_waits_for(frame: dict[str, Any]) -> None:
    assert read(TruexFeed().on_frame(json.dumps(frame).encode(), 1)) == []


def test_fills_have_a_topic_of_their_own() -> None:
    fill = Fill(
        trade_id="1", order_id="2", client_order_id="", market="A", side=None, price=Decimal(1), size=Decimal(1),
        liquidity=None, fee=None, fee_asset="", time_ns=1,
    )  # fmt: skip
    assert dialect().push_name(Channel("fills", fill.market)) == "fills"
