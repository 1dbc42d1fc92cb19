"""What TrueX's rows make of whole replies: every shape a body was seen in, and what is none."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import FrameError, UnreadableRow
from tradewire.model import Level, Liquidity, Side, StpMode
from tradewire.protocol.endpoint import Endpoint
from tradewire.venues.truex import model, parse
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.rest.balances import BALANCES, holdings
from tradewire.venues.truex.rest.clients import CLIENTS, UPDATE_CLIENT
from tradewire.venues.truex.rest.market import COMPUTE_QUOTE, PUBLIC_TRADES, QUOTES
from tradewire.venues.truex.rest.reference import ASSETS, INSTRUMENTS
from tradewire.venues.truex.rest.service import HEALTH, VERSIONS
from tradewire.venues.truex.rest.trades import TRADES
from tradewire.venues.truex.rest.transfers import START_TRANSFER, TRANSFERS

BTC_PYUSD = "78901949723181070"
INSTRUMENT: dict[str, Any] = {
    "id": BTC_PYUSD,
    "status": "ACTIVE",
    "info": {
        "symbol": "BTC-PYUSD",
        "reference_price": "75000.50",
        "base_asset_id": "78873627519877134",
        "quote_asset_id": "78873627519877133",
        "price_limit_window_secs": "3600",
        "price_limit_percent": "0.015",
        "price_bands_percent": "0.025",
    },
    "stats": {"last_24hr_notional": "12.5", "last_24hr_quantity": "0.25"},
}
BID = Level(Decimal(64000), Decimal("0.5"))
ASK = Level(Decimal("64005.5"), Decimal("0.25"))
LOW, HIGH = "-170141183460469231731.687303715884105728", "170141183460469231731.687303715884105727"


@pytest.fixture
def directory() -> Directory:
    known = Directory()
    known.learn_instruments(INSTRUMENTS.decode(body([INSTRUMENT])))
    assets = [{"id": "78873627519877134", "name": "BTC"}, {"id": "78873627519877133", "name": "PYUSD"}]
    known.learn_assets(ASSETS.decode(body(assets)))
    return known


def body(document: Any) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("bid", "ask", "expected"),
    [
        (("64000.0", "0.5"), ("64005.5", "0.25"), (BID, ASK)),
        (("0", "0"), ("0.0", "0"), (None, None)),
        ((LOW, "0"), (HIGH, "0"), (None, None)),
        ((HIGH, "0"), (LOW, "0"), (None, None)),
        (("0", "0"), ("64005.5", "0.25"), (None, ASK)),
    ],
    ids=["both", "zero", "extremes", "swapped", "one"],
)  # fmt: skip
def test_empty_sides(directory: Directory, bid: tuple[str, str], ask: tuple[str, str], expected: Any) -> None:
    info = {
        "best_bid": {"price": bid[0], "qty": bid[1], "order_count": "2", "last_update": "1"},
        "best_ask": {"price": ask[0], "qty": ask[1]},
        "last_update": "1770000000100000000",
    }
    [row] = QUOTES.decode(body([{"id": BTC_PYUSD, "symbol": "BTC-PYUSD", "info": info}]))
    quote = parse.best_quote(row, directory)
    assert (quote.bid, quote.ask) == expected
    assert (quote.market, quote.time_ns) == ("BTC-PYUSD", 1770000000100000000)


def test_quote_without_symbol_or_sides_is_named_by_its_id(directory: Directory) -> None:
    [row] = QUOTES.decode(body([{"id": BTC_PYUSD, "info": {}}]))
    quote = parse.best_quote(row, directory)
    assert (quote.market, quote.bid, quote.ask, quote.time_ns) == ("BTC-PYUSD", None, None, 0)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"qty": "1", "price": "64000.5"}, ("1", "64000.5", None, None)),
        ({"qty": "1", "price": "2", "notional": "2", "notional_residual": "0"}, ("1", "2", "2", "0")),
        ({"quote": "64000.5", "buy_amount": "0.5"}, ("0.5", "64000.5", None, None)),
    ],
)
def test_computed_quotes_of_three_generations(
    document: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    quote = COMPUTE_QUOTE.decode(body(document))
    found = (quote.size, quote.price, quote.notional, quote.notional_residual)
    assert found == tuple(None if text is None else Decimal(text) for text in expected)


@pytest.mark.parametrize(
    "names", [{"price": "1.5", "qty": "2"}, {"trade_price": "1.5", "trade_qty": "2", "liq_flag": "TAKER"}]
)
@pytest.mark.parametrize("where", [{"instrument_id": BTC_PYUSD}, {"id": BTC_PYUSD}])
def test_public_trades_under_either_names(
    directory: Directory, names: dict[str, str], where: dict[str, str]
) -> None:
    [row] = PUBLIC_TRADES.decode(body([{"match_id": "8", "timestamp": "5"} | names | where]))
    trade = parse.trade(row, directory)
    assert (trade.market, trade.price, trade.size, trade.time_ns, trade.side) == (
        "BTC-PYUSD", Decimal("1.5"), Decimal(2), 5, None,
    )  # fmt: skip


@pytest.mark.parametrize("names", [{"price": "1.5"}, {"qty": "2"}, {}])
def test_public_trade_without_price_or_size(directory: Directory, names: dict[str, str]) -> None:
    [row] = PUBLIC_TRADES.decode(body([{"match_id": "8"} | names]))
    with pytest.raises(FrameError, match="without price or size"):
        parse.trade(row, directory)


@pytest.mark.parametrize("name", [{"fields": {"name": "BTC"}}, {"info": {"name": "BTC"}}, {"name": "BTC"}])
def test_name_of_an_asset_wherever_it_is(name: dict[str, Any]) -> None:
    assert ASSETS.decode(body([{"id": "7"} | name])) == (model.Asset(asset_id="7", name="BTC", status=""),)


def test_asset_without_a_name_shows_its_id() -> None:
    assert ASSETS.decode(body([{"id": "7"}]))[0].name == "7"


def test_organization_of_a_client_at_either_level() -> None:
    for document in ({"id": "7", "organization_id": "o"}, {"id": "7", "info": {"organization_id": "o"}}):
        [client] = CLIENTS.decode(body([document]))
        assert client.organization_id == "o"
        assert client.self_trade_prevention is None


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("CANCEL_BOTH", StpMode.CANCEL_BOTH),
        ("NONE", StpMode.NONE),
        ("INVALID", None),
        ("SOMETHING_NEW", None),
    ],
)
def test_settings_of_a_client(word: str, mode: StpMode | None) -> None:
    info = {
        "self_trade_prevention": word,
        "maker_fee_tier": 1,
        "taker_fee_tier": 2,
        "cancel_on_disconnect": True,
    }
    client = UPDATE_CLIENT.decode(body({"data": {"id": "7", "info": info}}))
    assert client.self_trade_prevention is mode
    assert (client.maker_fee_tier, client.taker_fee_tier) == (1, 2)


def test_available_is_exact_to_the_last_of_39_digits(directory: Directory) -> None:
    row = {"asset_id": "78873627519877134", "balance": HIGH, "order_hold": "0.000000000000000001"}
    [held] = holdings(BALANCES.decode(body([{"id": "7", "balances": [row]}])), directory)
    assert held.available == Decimal("170141183460469231731.687303715884105726")
    assert held.asset == "BTC"


def test_fill_has_its_fee_in_quote_units(directory: Directory) -> None:
    trade = {
        "client_id": "78932725357888855",
        "instrument_id": BTC_PYUSD,
        "order_id": "1",
        "match_id": "2",
        "trade_price": "64000.1",
        "trade_qty": "0.0101",
        "trade_fee_rate": "0.00055",
        "liq_flag": "TAKER",
        "timestamp": "1770000000000000000",
    }
    [row] = TRADES.decode(body([trade]))
    fill = parse.fill(row, directory, Side.BUY, "mine")
    assert fill.fee == Decimal("64000.1") * Decimal("0.0101") * Decimal("0.00055")
    assert (fill.fee_asset, fill.liquidity, fill.market, fill.trade_id, fill.order_id) == (
        "PYUSD", Liquidity.TAKER, "BTC-PYUSD", "2", "1",
    )  # fmt: skip
    [odd] = TRADES.decode(body([trade | {"liq_flag": "INVALID"}]))
    assert parse.fill(odd, directory, None, "").liquidity is None


TRANSFER: dict[str, Any] = {
    "id": "5",
    "status": "PENDING",
    "request": {
        "amount": "1.5",
        "asset_id": "7",
        "client_id": "8",
        "type": "WITHDRAW",
        "platform": "CRYPTO",
        "instructions": {"whatever": [1]},
    },
}


def test_transfer() -> None:
    transfer = START_TRANSFER.decode(body(TRANSFER))
    assert (transfer.status, transfer.kind, transfer.amount) == (
        model.TransferStatus.PENDING, model.TransferKind.WITHDRAW, Decimal("1.5"),
    )  # fmt: skip
    assert not transfer.status.is_final
    assert {word for word in model.TransferStatus if word.is_final} == {"completed", "failed", "rejected"}


@pytest.mark.parametrize("change", [{"status": "LOST"}, {"request": TRANSFER["request"] | {"type": "GIFT"}}])
def test_transfers_that_are_none(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRow):
        START_TRANSFER.decode(body([TRANSFER | change]))
    found = TRANSFERS.decode(body([TRANSFER, TRANSFER | change, TRANSFER]))
    assert [row.transfer_id for row in found] == ["5", "5"]
    [fault] = found.unreadable
    assert json.loads(fault.raw) == TRANSFER | change


@pytest.mark.parametrize(
    "document",
    [
        [{"version": "v2026_01_23"}],
        {"versions": [{"version": "v2026_01_23"}]},
        {"data": [{"version": "v2026_01_23"}]},
        {"data": {"versions": [{"version": "v2026_01_23"}]}},
    ],
)
def test_versions_in_every_wrapping(document: Any) -> None:
    [version] = VERSIONS.decode(body(document))
    assert (version.version, version.is_default, version.sunset) == ("v2026_01_23", False, None)


def test_wrappings_do_not_go_on_for_ever() -> None:
    with pytest.raises(FrameError):
        CLIENTS.decode(body({"data": {"data": {"data": [{"id": "7"}]}}}))


@pytest.mark.parametrize("text", ["2026-02-02T02:40:00Z", "", "soon", "2026-13-02 02:40:00"])
def test_health_with_another_time(text: str) -> None:
    with pytest.raises(FrameError, match="not a time"):
        HEALTH.decode(body({"status": "healthy", "timestamp": text}))


def test_instrument_without_limits_or_statistics(directory: Directory) -> None:
    info = {
        name: INSTRUMENT["info"][name]
        for name in ("symbol", "reference_price", "base_asset_id", "quote_asset_id")
    }
    [known] = INSTRUMENTS.decode(body([{"id": "7", "status": "HALTED", "info": info}]))
    market = parse.market(known, directory)
    assert (market.is_tradable, market.status) == (False, "HALTED")
    assert (market.tick_size, market.lot_size) == (Decimal("0.1"), Decimal("0.0001"))
    assert known.notional_24h == 0


def test_problem_members_beside_the_rows_are_ignored() -> None:
    [client] = CLIENTS.decode(b'{"data":[{"id":"7","new":{"deep":[1]}}],"meta":{}}')
    assert client.account_id == "7"


def test_one_bad_balance_hides_no_other(directory: Directory) -> None:
    good = {"asset_id": "78873627519877134", "balance": "1"}
    accounts = [
        {"id": "7", "balances": [good, good | {"balance": "abc"}, None, good]},
        {"id": "8", "balances": None},
    ]
    held = holdings(BALANCES.decode(body(accounts)), directory)
    assert [(one.asset, one.total) for one in held] == [("BTC", Decimal(1)), ("BTC", Decimal(1))]
    assert [json.loads(fault.raw) for fault in held.unreadable] == [good | {"balance": "abc"}, None]


ODDITIES: list[object] = [None, "", "abc", 1, 1.5, "NaN", "1_0", [], {}, True]
LISTS: list[tuple[Endpoint[Any, Any], dict[str, Any]]] = [
    (INSTRUMENTS, INSTRUMENT),
    (ASSETS, {"id": "7", "name": "BTC", "status": "ACTIVE"}),
    (CLIENTS, {"id": "7", "status": "ACTIVE", "organization_id": "o"}),
    (TRANSFERS, TRANSFER),
    (
        TRADES,
        {
            "order_id": "1", "match_id": "2", "instrument_id": BTC_PYUSD, "trade_price": "1", "trade_qty": "2",
            "timestamp": "3", "trade_fee_rate": "0.1", "liq_flag": "TAKER", "client_id": "9",
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("row", "good"), LISTS, ids=lambda value: getattr(value, "path", None))
def test_whatever_one_field_of_one_row_is_its_neighbours_come_out_unchanged(
    row: Endpoint[Any, Any], good: dict[str, Any]
) -> None:
    [whole] = row.decode(body([good]))
    for field in good:
        for odd in ODDITIES:
            found = row.decode(body([good, good | {field: odd}, good]))
            got = list(found)
            assert got[0] == got[-1] == whole, (field, odd)
            unreadable = [json.loads(fault.raw) for fault in found.unreadable]
            assert unreadable in ([], [good | {field: odd}])
            assert len(got) == 3 - len(unreadable)
