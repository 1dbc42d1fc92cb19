"""Futures on the wire as the venue documents them, and what the client makes of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from support.coinex_futures import (
    BALANCE,
    DEAL,
    MARKET,
    ORDER,
    ORDER_PUSH,
    POSITION,
    TICKER,
    Replies,
    futures_client,
)
from tradewire.errors import BadRequest, ConfigError, RequestError, UnreadableRow
from tradewire.model import AccountKind, OrderStatus, Rows, Side
from tradewire.protocol.channels import Channel
from tradewire.signing import Credentials
from tradewire.venues.coinex import hosts, pushes
from tradewire.venues.coinex.api import FUTURES, SPOT
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.dialect import Dialect
from tradewire.venues.coinex.futures.client import CoinExFutures
from tradewire.venues.coinex.futures.model import (
    Contract,
    FuturesBalance,
    FuturesMarket,
    FuturesPosition,
    FuturesTicker,
    Leverage,
    MarginMode,
    PositionEnd,
    PositionExit,
)
from tradewire.venues.coinex.model import TriggerPrice

D = Decimal
MS = 1_000_000


def push(topic: str, data: Any) -> list[tuple[str, Any]]:
    frame = json.dumps({"method": f"{topic}.update", "data": data, "id": None}).encode()
    return list(pushes.read(FUTURES, f"{topic}.update", frame))


@pytest.fixture
def venue() -> Replies:
    return Replies()


@pytest.fixture
async def client(venue: Replies) -> AsyncIterator[CoinExFutures]:
    async with futures_client(venue) as client:
        yield client


async def test_market_as_documented(venue: Replies, client: CoinExFutures) -> None:
    venue.data["futures/market"] = [MARKET]
    [found] = await client.load_markets()
    assert found == FuturesMarket(
        symbol="BTCUSDT", base="BTC", quote="USDT", tick_size=D("0.5"), lot_size=D("0.00000001"), min_size=D("0.0001"),
        maker_fee_rate=D("0.0003"), taker_fee_rate=D("0.0005"), status="online", contract=Contract.LINEAR,
        leverages=(1, 3, 20), open_interest=D("180.5"),
    )  # fmt: skip
    with pytest.raises(ConfigError, match="must be a multiple of"):
        client.send_order("BTCUSDT", "buy", "0.01", "60000.1")


@pytest.mark.parametrize(
    ("change", "attribute", "value"),
    [
        ({"contract_type": "INVERSE"}, "contract", Contract.INVERSE),
        ({"contract_type": "quanto"}, "contract", None),
        ({"leverage": [3, 5]}, "leverages", (3, 5)),
        ({"leverage": None}, "leverages", ()),
        ({"tick_size": None}, "tick_size", D("0.01")),
        ({"is_market_available": False}, "is_tradable", False),
        ({"delisted_at": 5}, "delisted_at_ns", 5 * MS),
    ],
)
async def test_market_in_other_words(
    venue: Replies, client: CoinExFutures, change: dict[str, Any], attribute: str, value: object
) -> None:
    venue.data["futures/market"] = [MARKET | change]
    [found] = await client.markets()
    assert getattr(found, attribute) == value


async def test_ticker_of_rest_and_of_the_stream(venue: Replies, client: CoinExFutures) -> None:
    venue.data["futures/ticker"] = [TICKER]
    found = await client.ticker("BTCUSDT")
    assert isinstance(found, FuturesTicker)
    assert (found.mark_price, found.index_price, found.open_interest) == (D(61002), D(61001), D("180.5"))
    state = TICKER | {
        "open_interest_size": "181", "insurance_fund_size": "500", "latest_funding_rate": "0.0001",
        "next_funding_rate": "-0.0002", "latest_funding_time": 5, "next_funding_time": 0,
    }  # fmt: skip
    [(key, pushed)] = push("state", {"state_list": [state]})
    assert key == "BTCUSDT"
    assert (pushed.open_interest, pushed.next_funding_rate) == (D(181), D("-0.0002"))
    assert (pushed.latest_funding_ns, pushed.next_funding_ns) == (5 * MS, 0)


async def test_ticker_of_a_pseudo_market_lacks_what_it_has_not(client: CoinExFutures) -> None:
    row = {name: value for name, value in TICKER.items() if "price" not in name} | {
        "market": "ETHUSD_SIGNPRICE"
    }
    [(_, found)] = push("state", {"state_list": [row]})
    assert (found.market, found.mark_price) == ("ETHUSD_SIGNPRICE", None)


async def test_order_says_that_it_is_of_futures_whether_the_venue_does_or_not(
    venue: Replies, client: CoinExFutures
) -> None:
    venue.data["futures/order-status"] = ORDER | {"status": "part_deal"}
    found = await client.order("BTCUSDT", "13400")
    assert found.account is AccountKind.FUTURES
    assert found.status is OrderStatus.PARTIALLY_FILLED
    assert (found.quote_fee, found.base_fee, found.realized_pnl) == (D("0.3"), None, D("-1.5"))
    [(_, pushed)] = push("order", {"event": "update", "order": ORDER_PUSH})
    assert pushed.account is AccountKind.FUTURES
    assert (pushed.filled_size, pushed.realized_pnl) == (D("0.01"), None)


def test_old_order_push_without_what_is_filled() -> None:
    old = {name: value for name, value in ORDER_PUSH.items() if "fill" not in name}
    old |= {
        "unfill_amount": "0.01",
        "fill_value": "600",
        "last_fill_amount": "0.01",
        "last_fill_price": "60000",
    }
    [(_, pushed)] = push("order", {"event": "finish", "order": old})
    assert (pushed.filled_size, pushed.filled_notional, pushed.last_fill_price) == (
        D("0.01"),
        D(600),
        D(60000),
    )
    assert pushed.status is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("fee_ccy", "fees"),
    [("USDT", (None, D("0.3"), None)), ("BTC", (D("0.3"), None, None)), ("CET", (None, None, D("0.3"))),
     ("", (None, None, None))],
)  # fmt: skip
def test_fee_counts_in_its_asset(fee_ccy: str, fees: tuple[Decimal | None, ...]) -> None:
    [(_, found)] = push("order", {"event": "put", "order": ORDER_PUSH | {"fee_ccy": fee_ccy}})
    assert (found.base_fee, found.quote_fee, found.discount_fee) == fees


async def test_fill_names_its_position(venue: Replies, client: CoinExFutures) -> None:
    venue.data["futures/user-deals"] = [DEAL]
    [found] = await client.fills("BTCUSDT")
    [(_, pushed)] = push("user_deals", DEAL)
    assert found == pushed
    assert (found.account, found.position_id) == (AccountKind.FUTURES, "246830219")


async def test_requests_say_that_they_are_of_futures(venue: Replies, client: CoinExFutures) -> None:
    venue.data |= {
        "futures/order": ORDER, "futures/pending-order": [ORDER], "futures/cancel-order": ORDER,
        "futures/cancel-all-order": {}, "futures/user-deals": [], "futures/modify-order": ORDER,
        "futures/pending-position": [],
    }  # fmt: skip
    order = await client.place_order("BTCUSDT", "buy", "0.02", "60000", client_order_id="mine")
    assert order.account is AccountKind.FUTURES
    await client.open_orders()
    await client.amend_order("BTCUSDT", "13400", price="1")
    await client.cancel_all("BTCUSDT")
    await client.fills("BTCUSDT")
    await client.positions()
    assert len(venue.asked) == 6
    for _, path, sent in venue.asked:
        assert (path.partition("/")[0], sent["market_type"]) == ("futures", "FUTURES")


async def test_reply_of_spot_to_a_futures_order_is_no_reply(venue: Replies, client: CoinExFutures) -> None:
    venue.data["futures/order"] = ORDER | {"market_type": "SPOT"}
    venue.data |= {"futures/pending-order": [ORDER], "futures/finished-order": []}
    with pytest.raises(RequestError, match="account spot for futures"):
        await client.place_order("BTCUSDT", "buy", "0.02", "60000", client_order_id="mine")


async def test_market_order_counts_in_the_base(venue: Replies, client: CoinExFutures) -> None:
    venue.data |= {"futures/order": ORDER | {"type": "market", "price": "0"}, "futures/market": [MARKET]}
    await client.place_order(
        "BTCUSDT", "buy", "0.02", type="market", size_asset="BTC", client_order_id="mine"
    )
    assert "ccy" not in venue.asked[-1][2]
    with pytest.raises(ConfigError, match="count in the base of BTCUSDT, got size_asset 'USDT'"):
        client.prepare_order("BTCUSDT", "buy", type="market", size_asset="USDT")
    await client.load_markets()
    with pytest.raises(ConfigError, match="count in the base of BTCUSDT, got size_asset 'B'"):
        client.prepare_order("BTCUSDT", "buy", type="market", size_asset="B")


@pytest.mark.parametrize("nothing", [None, [], {}])
async def test_empty_balance_in_every_spelling(
    venue: Replies, client: CoinExFutures, nothing: object
) -> None:
    venue.data["assets/futures/balance"] = nothing
    assert await client.balances() == ()


async def test_balance_of_rest_and_of_the_stream(venue: Replies, client: CoinExFutures) -> None:
    venue.data["assets/futures/balance"] = [BALANCE]
    [found] = await client.balances()
    assert found == FuturesBalance(
        asset="USDT", available=D("970.00340999999999999999"), locked=D(10), account=AccountKind.FUTURES, margin=D(60),
        transferable=D(900), unrealized_pnl=D("1.25"),
    )  # fmt: skip
    [(key, pushed)] = push("balance", {"balance_list": [BALANCE | {"equity": "1041.25"}]})
    assert (key, pushed.account, pushed.equity) == ("USDT", AccountKind.FUTURES, D("1041.25"))


async def test_position_as_documented(venue: Replies, client: CoinExFutures) -> None:
    venue.data["futures/pending-position"] = [POSITION]
    [found] = await client.positions("BTCUSDT")
    assert found == FuturesPosition(
        market="BTCUSDT", size=D("-0.01"), average_price=D(60000), entry_price=D(60000), realized_pnl=D("-0.3"),
        updated_at_ns=1763640000140 * MS, position_id="246830219", margin_mode=MarginMode.CROSS, leverage=10,
        closable_size=D("0.004"), created_at_ns=1763640000000 * MS, venue_unrealized_pnl=D("1.25"),
        highest_size=D("0.02"), traded_notional=D(1200), highest_notional=D(1200),
        take_profits=(
            PositionExit(exit_id="5", price=D(55000), price_type=TriggerPrice.MARK, size=D("0.005"), created_at_ns=MS),
            PositionExit(exit_id="6", price=D(50000), price_type=TriggerPrice.LATEST, size=None, created_at_ns=2 * MS),
        ),
        margin=D(60), highest_margin=D(120), margin_rate=D("0.1"), maintenance_margin_rate=D("0.005"),
        maintenance_margin=D(3), bankruptcy_price=D(66000), adl_level=2, settle_price=D(60000), settle_value=D(600),
    )  # fmt: skip
    assert (found.side, found.absolute_size) == (Side.SELL, D("0.01"))
    assert found.unrealized_pnl(D(59000)) == D(10)


def test_position_push_spells_its_value_in_another_way() -> None:
    row = {name: value for name, value in POSITION.items() if name not in {"settle_value", "market_type"}}
    more = {"settle_val": "601", "first_filled_price": "1", "latest_filled_price": "2", "side": "LONG"}
    [(key, found)] = push("position", {"event": "UPDATE", "position": row | more})
    assert key == "BTCUSDT"
    assert (found.settle_value, found.first_fill_price, found.last_fill_price) == (D(601), D(1), D(2))
    assert (found.size, found.event, found.side) == (D("0.01"), "update", Side.BUY)


@pytest.mark.parametrize(
    ("change", "exits"),
    [
        ({"stop_loss_price": "0"}, ()),
        ({"stop_loss_price": ""}, ()),
        ({"stop_loss_price": "7", "stop_loss_type": "mark_price"}, ("", D(7), TriggerPrice.MARK)),
        ({"stop_loss_price": "7", "stop_loss_type": "moon_price"}, ("", D(7), None)),
        (
            {"stop_loss_price": "7", "stop_loss_list": [{"id": "9", "price": "8", "is_all": True}]},
            ("9", D(8), None),
        ),
    ],
)
def test_exits_with_ids_and_without(change: dict[str, Any], exits: tuple[object, ...]) -> None:
    [(_, found)] = push(
        "position", {"event": "update", "position": POSITION | {"stop_loss_list": None} | change}
    )
    assert (
        tuple(part for one in found.stop_losses for part in (one.exit_id, one.price, one.price_type)) == exits
    )
    assert all(one.size is None for one in found.stop_losses)


def test_position_of_an_unknown_side_is_unreadable() -> None:
    [(_, found)] = push("position", {"event": "update", "position": POSITION | {"side": "both"}})
    assert isinstance(found, UnreadableRow)


async def test_closed_position_has_no_size_and_says_how_it_ended(
    venue: Replies, client: CoinExFutures
) -> None:
    venue.data["futures/finished-position"] = [POSITION | {"finished_type": "market_close_all"}]
    [found] = await client.closed_positions("BTCUSDT")
    assert (found.size, found.average_price, found.entry_price) == (D(0), None, D(60000))
    assert (found.ended_by, found.is_open) == (PositionEnd.MARKET_CLOSE_ALL, False)
    assert [one async for one in client.all_closed_positions()] == [found]


async def test_closing_a_position_follows_the_order(venue: Replies, client: CoinExFutures) -> None:
    venue.data["futures/close-position"] = ORDER | {"client_id": "out", "status": ""}
    order = await client.close_position("BTCUSDT", client_order_id="out")
    _, _, sent = venue.asked[-1]
    assert sent == {"market_type": "FUTURES", "market": "BTCUSDT", "type": "market", "client_id": "out"}
    assert [live.order_id for live in client.live_orders] == [order.order_id]
    with pytest.raises(ConfigError, match="a limit order needs a price"):
        await client.close_position("BTCUSDT", "1", type="limit")
    with pytest.raises(ConfigError, match="a market order has none"):
        await client.close_position("BTCUSDT", "1", "5")


@pytest.mark.parametrize(("amount", "sent"), [("5", "5"), (D("-5.50"), "-5.50"), (-3, "-3")])
async def test_margin_is_added_and_taken_out(
    venue: Replies, client: CoinExFutures, amount: Any, sent: str
) -> None:
    venue.data["futures/adjust-position-margin"] = POSITION
    await client.adjust_position_margin("BTCUSDT", amount)
    assert venue.asked[-1][2]["amount"] == sent


@pytest.mark.parametrize("amount", [0, "0", "-0", "--5", -1.5, 1.5, None, True, "x"])
async def test_margin_that_is_no_amount_is_refused(
    venue: Replies, client: CoinExFutures, amount: Any
) -> None:
    with pytest.raises(ConfigError, match="amount"):
        await client.adjust_position_margin("BTCUSDT", amount)
    assert venue.asked == []


async def test_leverage_is_chosen(venue: Replies, client: CoinExFutures) -> None:
    venue.data["futures/adjust-position-leverage"] = {"margin_mode": "cross", "leverage": "10"}
    assert await client.adjust_position_leverage("BTCUSDT", "cross", 10) == Leverage(MarginMode.CROSS, 10)
    with pytest.raises(ConfigError, match="margin_mode must be one of 'cross', 'isolated', got 'both'"):
        await client.adjust_position_leverage("BTCUSDT", "both", 10)
    with pytest.raises(ConfigError, match="leverage must be a whole number from 1, got 0"):
        await client.adjust_position_leverage("BTCUSDT", "cross", 0)


def test_stream_of_a_product_has_its_topics() -> None:
    login = Dialect(FUTURES, lambda: {"access_id": "a"})
    assert login.is_private(Channel("position", "BTCUSDT"))
    assert json.loads(login.subscribe([Channel("position")], 1)) == {
        "method": "position.subscribe", "params": {"market_list": []}, "id": 1,
    }  # fmt: skip
    refusal = login.refusal(Channel("state", "NOPE"), "30001", "market NOPE not found")
    assert "CoinExFutures.markets()" in str(refusal)
    assert isinstance(login.refusal(Channel("state", "X"), "30001", "invalid argument"), BadRequest)
    with pytest.raises(KeyError):
        Dialect(SPOT).subscribe([Channel("position")], 1)


async def test_position_is_not_guessed_while_nobody_watches(client: CoinExFutures) -> None:
    with pytest.raises(ConfigError, match="watch_positions"):
        client.position("BTCUSDT")


@pytest.mark.parametrize(
    ("client_class", "account"), [(CoinExFutures, "spot"), (CoinExFutures, "margin"), (CoinEx, "futures")]
)
async def test_account_of_another_product_cannot_be_watched(client_class: Any, account: str) -> None:
    place = hosts.local("http://127.0.0.1:1/v2", "ws://127.0.0.1:1/v2/spot")
    async with client_class(Credentials("key", "secret"), environment=place) as client:
        with pytest.raises(
            ConfigError, match=f"account must be one of {client_class.__name__}'s, got '{account}'"
        ):
            client.watch_orders(account=account)


async def test_client_needs_to_know_where_the_futures_stream_is() -> None:
    place = hosts.local("http://127.0.0.1:1/v2", "ws://127.0.0.1:1/elsewhere")
    with pytest.raises(ConfigError, match="where the futures stream is"):
        CoinExFutures(environment=place)
    assert (
        hosts.local("http://127.0.0.1:1/v2", "ws://127.0.0.1:1/v2/spot/").futures_ws_url
        == "ws://127.0.0.1:1/v2/futures"
    )
    assert hosts.LIVE.stream_url(FUTURES) == "wss://socket.coinex.com/v2/futures"
    assert hosts.LIVE.stream_url(SPOT) == "wss://socket.coinex.com/v2/spot"


async def test_list_of_positions_with_one_unreadable_row_keeps_the_others(
    venue: Replies, client: CoinExFutures
) -> None:
    venue.data["futures/pending-position"] = [POSITION, POSITION | {"side": "?"}]
    found = await client.positions()
    assert isinstance(found, Rows)
    assert (len(found), len(found.unreadable)) == (1, 1)


async def test_live_order_says_whose_it_is(client: CoinExFutures) -> None:
    order = client.send_order("BTCUSDT", "buy", "0.02", "60000", client_order_id="mine")
    assert order.account is AccountKind.FUTURES
    assert repr(order) == "<LiveOrder mine BTCUSDT futures buy 0/0.02 pending>"
