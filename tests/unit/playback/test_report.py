"""What a report says: profit, inventory, fees, and its picture."""

from __future__ import annotations

import struct
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tradewire import Fill, Market, Side
from tradewire.errors import ConfigError
from tradewire.playback.report import Report, result_of

RULES = Market(
    symbol="BTCUSDT",
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.1"),
    min_size=Decimal(1),
)
NS = 1_000_000_000
BEGAN_NS = 1_790_000_000 * NS


def fill(at_s: int, side: Side, price: str, size: str, fee: str = "0", asset: str = "USDT") -> Fill:
    return Fill(
        trade_id=str(at_s), order_id="1", client_order_id="", market="BTCUSDT", side=side, price=Decimal(price),
        size=Decimal(size), liquidity=None, fee=Decimal(fee), fee_asset=asset, time_ns=BEGAN_NS + at_s * NS,
        size_asset="BTC", received_at_ns=BEGAN_NS + at_s * NS,
    )  # fmt: skip


FILLS = [
    fill(1, Side.BUY, "100", "2", "0.01", "BTC"),
    fill(3, Side.SELL, "110", "1", "0.5", "USDT"),
    fill(5, Side.SELL, "108", "0.5", "3", "CET"),
]


@pytest.fixture
def report() -> Report:
    mids = [(BEGAN_NS + at_s * NS, 100.0 + at_s) for at_s in range(8)]
    return Report(
        product="coinex", duration_ns=7 * NS, played=70, fills=FILLS, orders=(), mids={"BTCUSDT": mids},
        markets={"BTCUSDT": result_of(RULES, FILLS, Decimal(107))},
    )  # fmt: skip


def test_money_and_inventory_add_up(report: Report) -> None:
    result = report.markets["BTCUSDT"]
    assert (result.bought, result.sold) == (2, Decimal("1.5"))
    assert result.inventory == Decimal("0.49")
    assert result.cash == -200 + 110 - Decimal("0.5") + 54
    assert result.pnl == Decimal("-36.5") + Decimal("0.49") * 107
    assert result.fees == {"BTC": Decimal("0.01"), "USDT": Decimal("0.5"), "CET": Decimal(3)}


def test_what_is_held_without_a_price_has_no_profit() -> None:
    assert result_of(RULES, FILLS[:1], None).pnl is None
    flat = [fill(1, Side.BUY, "100", "1"), fill(2, Side.SELL, "101", "1")]
    assert result_of(RULES, flat, None).pnl == 1


def test_the_curve_ends_where_the_result_does(report: Report) -> None:
    curve = report.curve("BTCUSDT")
    held = [round(one[2], 2) for one in curve]
    assert held == [0, 0, 1.99, 1.99, 1.99, 0.99, 0.99, 0.99, 0.49, 0.49, 0.49]
    assert curve[-1][3] == pytest.approx(float(report.markets["BTCUSDT"].pnl or 0))


def test_it_reads_as_text(report: Report) -> None:
    assert str(report).splitlines() == [
        "coinex: 7.0 s, 70 pushes, 0 orders rested, 3 fills",
        "  BTCUSDT: profit +15.93 USDT; 3 fills, bought 2, sold 1.5, holds 0.49, fees 0.01 BTC, 0.5 USDT, 3 CET",
    ]


def test_it_is_drawn(report: Report, tmp_path: Path) -> None:
    report.plot(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert width > 900
    assert height > 500


def test_without_matplotlib_it_says_what_to_install(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("matplotlib", "matplotlib.dates", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match="matplotlib"):
        report.plot(tmp_path / "a.png")
