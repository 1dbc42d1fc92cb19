"""`tradewire journal`: what it shows, exports and asks, and what it refuses."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from tradewire.cli.app import app
from tradewire.cli.attach import RunningBox
from tradewire.errors import ConfigError
from tradewire.extras import install_hint
from tradewire.journal.journal import Journal
from tradewire.model import Fill, Liquidity, OrderStatus, Side, sent_order
from tradewire.registry import BUILT_IN, find_venue
from tradewire.sandbox import Sandbox

run = CliRunner()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "bot.journal"
    with Journal(path) as journal:
        book = journal.book("venue/spot")
        for name, status in (("a", OrderStatus.FILLED), ("b", OrderStatus.OPEN)):
            order = sent_order(
                market="XYUSD", side=Side.BUY, size=Decimal("0.0000001"), price=Decimal("2.50"), client_order_id=name
            )  # fmt: skip
            book.intend(order)
            book.fill(
                name,
                Fill(
                    trade_id=f"t{name}", order_id="1", client_order_id="", market="XYUSD", side=None,
                    price=Decimal("2.50"), size=Decimal("0.0000001"), liquidity=Liquidity.MAKER, fee=None, fee_asset="",
                    time_ns=1_763_640_000_123_456_789,
                ),
            )  # fmt: skip
            book.report(replace(order, order_id=name * 3, status=status, filled_size=order.size))
    return path


def test_show_lists_what_is_not_final_and_all_of_it_when_asked(path: Path) -> None:
    shown = run.invoke(app, ["journal", "show", str(path)])
    assert shown.exit_code == 0, shown.output
    # However narrow the terminal is.
    assert "1 finished ones are left out" in " ".join(shown.output.split())
    rows = json.loads(run.invoke(app, ["journal", "show", str(path), "--all", "--json"]).output)
    assert [(row["client_order_id"], row["status"], row["fills"]) for row in rows] == [
        ("a", "filled", 1),
        ("b", "open", 1),
    ]
    # Never an exponent: other tools read these.
    assert rows[0]["size"] == "0.0000001"


def test_export_writes_orders_and_fills_exactly(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert run.invoke(app, ["journal", "export", str(path), "-o", str(out)]).exit_code == 0
    document = json.loads(out.read_bytes())
    assert len(document["orders"]) == len(document["fills"]) == 2
    assert document["fills"][0]["time"] == "2025-11-20T12:00:00.123456Z"
    out = tmp_path / "out.csv"
    assert run.invoke(app, ["journal", "export", str(path), "-o", str(out)]).exit_code == 0
    with out.open(newline="") as stream:
        assert [(row["trade_id"], row["price"]) for row in csv.DictReader(stream)] == [
            ("ta", "2.50"),
            ("tb", "2.50"),
        ]
    refused = run.invoke(app, ["journal", "export", str(path), "-o", str(tmp_path / "out.txt")])
    assert isinstance(refused.exception, ConfigError)
    assert "must end in .json, .csv or .parquet, got out.txt" in str(refused.exception)


def test_export_as_parquet_keeps_numbers_exact(path: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "out.parquet"
    assert run.invoke(app, ["journal", "export", str(path), "-o", str(out)]).exit_code == 0
    table = parquet.read_table(out)
    assert table.column("size").to_pylist() == [Decimal("0.0000001"), Decimal("0.0000001")]
    assert table.column("price").to_pylist() == [Decimal("2.50"), Decimal("2.50")]
    assert table.column("fee").to_pylist() == [None, None]
    assert table.column("trade_id").to_pylist() == ["ta", "tb"]


def test_export_as_parquet_without_pyarrow_says_what_to_install(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    refused = run.invoke(app, ["journal", "export", str(path), "-o", str(tmp_path / "out.parquet")])
    assert isinstance(refused.exception, ConfigError)
    assert f"{install_hint('arrow')}; or write .csv or .json" in str(refused.exception)
    assert not (tmp_path / "out.parquet").exists()


def test_reconcile_needs_to_be_told_where_to_ask(path: Path) -> None:
    for more in ([], ["--live", "--sandbox", "http://127.0.0.1:1"]):
        refused = run.invoke(app, ["journal", "reconcile", str(path), BUILT_IN_NAME, *more])
        assert refused.exit_code == 2
        assert "either --sandbox URL or --live" in refused.output.replace("\n", " ")


BUILT_IN_NAME = next(iter(BUILT_IN))


def test_an_address_where_no_such_sandbox_is_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no sandbox of \w+ answers at http://127\.0\.0\.1:1"):
        RunningBox(BUILT_IN_NAME, "http://127.0.0.1:1/v2")
    with pytest.raises(ConfigError, match="begins with http://"):
        RunningBox(BUILT_IN_NAME, "127.0.0.1:1")


@pytest.mark.parametrize("venue", BUILT_IN)
async def test_a_client_of_a_sandbox_in_another_process_has_its_keys(venue: str) -> None:
    async with Sandbox(venue, rate=0) as box:
        found = await asyncio.to_thread(RunningBox, venue, box.venue(venue).keys()["rest_url"])
        with pytest.raises(ConfigError, match="not of other"):
            found.venue("other")
        async with find_venue(venue).client_class.for_sandbox(found) as client:
            assert await client.open_orders() == ()
