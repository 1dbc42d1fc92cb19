from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tradewire
from tradewire import BookSnapshot, ConfigError, Fill, Level, Level2Book, Liquidity, NotSynced, Side, Trade
from tradewire.model import Candle, CandleInterval

NAN = Decimal("NaN")


def trade(price: str | Decimal = "1.5", size: str = "2", time_ns: int = 1_700_000_000_000_000_001) -> Trade:
    return Trade(
        trade_id="7",
        market="BTCUSDT",
        side=Side.BUY,
        price=Decimal(price),
        size=Decimal(size),
        time_ns=time_ns,
    )


SNAPSHOT = BookSnapshot(
    market="BTCUSDT",
    bids=(Level(Decimal("10.1"), Decimal("0.25")), Level(Decimal(9), Decimal(1))),
    asks=(Level(Decimal("10.2"), Decimal("3.125")),),
    time_ns=5,
)


def test_dict_keeps_decimals_and_words() -> None:
    found = tradewire.to_dict(trade("1.50"))
    assert found["price"] == Decimal("1.50")
    assert str(found["price"]) == "1.50"
    assert found["side"] == "buy"
    assert type(found["side"]) is str
    assert tradewire.to_dict(SNAPSHOT)["bids"][0] == {"price": Decimal("10.1"), "size": Decimal("0.25")}


def test_dict_of_something_else_is_refused() -> None:
    with pytest.raises(ConfigError, match="to_dict takes a model, got int"):
        tradewire.to_dict(5)


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=9)
    )
)
def test_decimals_are_exact_whatever_their_scale(prices: list[Decimal]) -> None:
    table = tradewire.to_arrow([trade(price) for price in prices], of=Trade)
    assert table.column("price").to_pylist() == prices


def test_wide_decimals_take_the_wide_type() -> None:
    prices = ["123456789012345678901234567890.12345678901234567890", "0.1"]
    column = tradewire.to_arrow([trade(price) for price in prices]).column("price")
    assert column.type == pa.decimal256(76, 20)
    assert column.to_pylist() == [Decimal(price) for price in prices]


def test_decimals_that_arrow_cannot_hold_are_refused() -> None:
    with pytest.raises(ConfigError, match="price needs 81 digits"):
        tradewire.to_arrow([trade("1e40"), trade("1e-40")])
    with pytest.raises(ConfigError, match="price must be a finite number, got NaN"):
        tradewire.to_arrow([trade(NAN)])


def test_times_are_timestamps_and_zero_is_null() -> None:
    column = tradewire.to_arrow([trade(), trade(time_ns=0)]).column("time_ns")
    assert column.type == pa.timestamp("ns", tz="UTC")
    assert column.cast(pa.int64()).to_pylist() == [1_700_000_000_000_000_001, None]


def test_missing_values_are_null() -> None:
    fill = Fill(
        trade_id="1", order_id="2", client_order_id="", market="M", side=None, price=Decimal(1), size=Decimal(1),
        liquidity=Liquidity.MAKER, fee=None, fee_asset="", time_ns=1,
    )  # fmt: skip
    [row] = tradewire.to_arrow([fill]).to_pylist()
    assert (row["side"], row["fee"], row["liquidity"]) == (None, None, "maker")


def test_columns_do_not_depend_on_there_being_rows() -> None:
    def names(table: pa.Table) -> list[tuple[str, str]]:
        return [(field.name, str(field.type).partition("(")[0]) for field in table.schema]

    assert names(tradewire.to_arrow([], of=Trade)) == names(tradewire.to_arrow([trade()]))


def test_levels_of_a_book() -> None:
    rows = tradewire.to_arrow(SNAPSHOT).to_pylist()
    assert [(row["side"], row["level"], row["price"], row["size"]) for row in rows] == [
        ("buy", 0, Decimal("10.1"), Decimal("0.25")),
        ("buy", 1, Decimal(9), Decimal(1)),
        ("sell", 0, Decimal("10.2"), Decimal("3.125")),
    ]


def test_a_live_book_that_is_not_synced_is_refused() -> None:
    with pytest.raises(NotSynced):
        tradewire.to_arrow(Level2Book("BTCUSDT"))


def test_models_of_two_classes_are_refused() -> None:
    with pytest.raises(ConfigError, match="models must be of one class, got Trade and BookSnapshot"):
        tradewire.to_arrow([trade(), SNAPSHOT])


def test_no_models_without_a_class_are_refused() -> None:
    with pytest.raises(ConfigError, match="pass of="):
        tradewire.to_arrow([])


def test_something_else_is_refused() -> None:
    with pytest.raises(ConfigError, match="to_arrow takes models, got int"):
        tradewire.to_arrow([1, 2])


@pytest.mark.parametrize(
    ("name", "call"), [("pyarrow", "to_arrow"), ("polars", "to_polars"), ("pandas", "to_pandas")]
)
def test_missing_package_is_named(name: str, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match="pip install"):
        getattr(tradewire, call)([trade()])


def test_frames_keep_decimals() -> None:
    frame = tradewire.to_polars([trade("0.1"), trade("0.25")])
    assert frame.schema["price"] == pl.Decimal(38, 2)
    assert frame["price"].sum() == Decimal("0.35")
    panda = tradewire.to_pandas([trade("0.1"), trade("0.25")])
    assert isinstance(panda["price"].dtype, pd.ArrowDtype)
    assert panda["price"].sum() == Decimal("0.35")


def test_parquet_is_read_by_duckdb(tmp_path: Path) -> None:
    candles = [
        Candle(
            market="M", interval=CandleInterval.MINUTE, start_ns=60 * number * 10**9, open=Decimal(1), high=Decimal(2),
            low=Decimal("0.5"), close=Decimal("1.25"), volume=Decimal(number), quote_volume=Decimal(1), is_closed=True,
        )
        for number in (1, 2, 3)
    ]  # fmt: skip
    path = tmp_path / "candles.parquet"
    tradewire.write_parquet(candles, path)
    found = duckdb.sql(f"select count(*), sum(volume), min(low), max(epoch_ns(start_ns)) from '{path}'")
    assert found is not None
    [row] = found.fetchall()
    assert row == (3, Decimal(6), Decimal("0.5"), 180 * 10**9)
