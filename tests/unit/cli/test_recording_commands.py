"""`tradewire record`, `inspect` and `replay`: one after the other, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from support.recorded import record
from tradewire.cli.app import app, main
from tradewire.errors import ConfigError, RecordingError

run = CliRunner()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record("truex", tmp_path_factory.mktemp("recorded") / "a.twrec", seconds=4.0).path


BOT = """
async def main(client):
    watch = client.watch_book("BTC-PYUSD")
    await watch.ready()
    await client.send_order("BTC-PYUSD", "buy", "0.01", watch.book.best_ask()[0])
    return "done"

def not_async(client):
    pass
"""


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    (tmp_path / "bot.py").write_text(BOT)
    return tmp_path / "bot.py"


def test_what_is_recorded_is_told_and_drawn(tmp_path: Path) -> None:
    path, png = tmp_path / "a.twrec", tmp_path / "a.png"
    done = run.invoke(
        app, ["record", "coinex", "BTCUSDT", "-o", str(path), "--seconds", "0.1", "--depth", "5"]
    )
    assert done.exit_code == 0, done.output
    assert "records" in done.output
    shown = run.invoke(app, ["inspect", str(path), "--plot", str(png)])
    assert shown.exit_code == 0, shown.output
    assert "depth BTCUSDT" in shown.output
    assert "gaps: 0; checksum failures: 0" in shown.output
    assert png.read_bytes()[:4] == b"\x89PNG"
    again = run.invoke(app, ["record", "coinex", "BTCUSDT", "-o", str(path), "--seconds", "0.1"])
    assert isinstance(again.exception, ConfigError)
    assert "exists already" in str(again.exception)


def test_inspect_tells_what_is_there_as_json(path: Path) -> None:
    told = json.loads(run.invoke(app, ["inspect", str(path), "--json"]).output)
    assert told["about"]["product"] == "truex"
    [book] = told["books"]
    assert book["market"] == "BTC-PYUSD"
    assert book["pushes"] == told["pushes"]["DEPTH BTC-PYUSD"] > 5
    assert all(sample["spread"] > 0 for sample in book["samples"])
    assert told["damage"] == []


def test_inspect_tells_of_damage_and_leaves_with_1(path: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.twrec"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    damaged.write_bytes(data)
    shown = run.invoke(app, ["inspect", str(damaged)])
    assert shown.exit_code == 1
    assert "DAMAGED" in shown.output
    assert "the checksum does not match" in " ".join(shown.output.split())
    torn = tmp_path / "torn.twrec"
    torn.write_bytes(path.read_bytes()[:-5])
    shown = run.invoke(app, ["inspect", str(torn)])
    assert shown.exit_code == 0
    assert "torn end" in shown.output


def test_a_bot_is_replayed(path: Path, bot: Path) -> None:
    done = run.invoke(app, ["replay", str(path), "--bot", f"{bot}:main"])
    assert done.exit_code == 0, done.output
    assert "BTC-PYUSD: profit" in done.output
    told = json.loads(run.invoke(app, ["replay", str(path), "--bot", f"{bot}:main", "--json"]).output)
    assert told["result"] == "done"
    assert len(told["fills"]) >= 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "has no attribute"),
        ("not_async", "must name an async function"),
        ("", "must be MODULE:FUNCTION"),
    ],
)
def test_a_bot_that_is_none_is_refused(path: Path, bot: Path, name: str, message: str) -> None:
    done = run.invoke(app, ["replay", str(path), "--bot", f"{bot}:{name}" if name else "nowhere.py:x"])
    assert isinstance(done.exception, ConfigError)
    assert message in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["record", "coinex", "BTCUSDT", "-o", "x.twrec", "--depth", "7"],
            "depth must be one of 5, 10, 20, 50",
        ),
        (["record", "exchange", "ABC-USD", "-o", "x.twrec", "--depth", "7"], "it sends whole books"),
        (["record", "coinex", "NOSUCH", "-o", "x.twrec"], "has no market NOSUCH"),
        (["record", "mtgox", "BTC", "-o", "x.twrec"], "must be one of"),
        (
            ["record", "coinex", "BTCUSDT", "-o", "x.twrec", "--live", "--sandbox", "http://a"],
            "either --live or",
        ),
        (["record", "coinex", "BTCUSDT", "-o", "x.twrec", "--keys"], "--keys goes with --live"),
        (["replay", __file__], "must be a recording of tradewire"),
        (["inspect", __file__], "must be a recording of tradewire"),
        (["inspect", "nowhere.twrec"], "does not exist"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run.invoke(app, arguments)
    assert done.exit_code != 0
    told = " ".join((done.output + str(done.exception)).replace("│", " ").split())
    assert message in told


def test_errors_are_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["tradewire", "inspect", __file__])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "tradewire: " in capsys.readouterr().err
    assert issubclass(RecordingError, Exception)
