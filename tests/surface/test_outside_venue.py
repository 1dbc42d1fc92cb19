"""A venue in a package of its own is found by its entry point, and is then a venue like the others.

The package is ``support/toy``, put on the path as if it were installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import tradewire
from support import strict_bot
from support.witness import Witness
from tradewire.errors import ConfigError, NotSupported
from tradewire.model import OrderStatus
from tradewire.registry import BUILT_IN, find_venue, venue_names

TOY = Path(__file__).parents[1] / "support" / "toy"


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the toy exchange for the length of a test."""
    monkeypatch.syspath_prepend(str(TOY))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy_venue"]:
        del sys.modules[name]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(TOY), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-m", "tradewire", *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env={**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "120"},
    )


def package(folder: Path, text: str, value: str, name: str = "broken") -> None:
    """Write a package with an entry point."""
    (folder / f"{name}_venue.py").write_text(text, encoding="utf-8")
    info = folder / f"{name}_venue-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}-venue\nVersion: 1.0\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(f"[tradewire.venues]\n{value}\n", encoding="utf-8")


@pytest.mark.usefixtures("toy")
def test_it_is_listed_after_those_of_the_package_and_found() -> None:
    assert venue_names() == (*BUILT_IN, "toy")
    assert [one.__name__ for one in find_venue("toy").client_classes] == ["Toy"]


def test_it_is_not_there_where_it_is_not_installed() -> None:
    assert venue_names() == tuple(BUILT_IN)
    with pytest.raises(ConfigError, match=rf"venue must be one of {', '.join(BUILT_IN)}, got 'toy'"):
        find_venue("toy")


@pytest.mark.usefixtures("toy")
async def test_the_bot_for_every_venue_trades_there() -> None:
    order = await strict_bot.on_sandbox("toy")
    assert order.status is OrderStatus.FILLED


@pytest.mark.usefixtures("toy")
async def test_a_lost_reply_is_looked_for_and_the_order_found() -> None:
    async with (
        tradewire.Sandbox("toy", rate=0) as box,
        find_venue("toy").client_class.for_sandbox(box) as client,
    ):
        venue = box.venue("toy")
        assert venue is box.toy  # type: ignore[attr-defined]  # the type checker knows the package's own venues only
        venue.faults.lost_reply()
        order = client.send_order("TOY-USD", "buy", 2, 50)
        with pytest.raises(tradewire.OutcomeUnknown):
            await order
        witness = Witness(client)
        order.on_change = witness.poke
        await witness.until(lambda: order.status is OrderStatus.OPEN)
        assert [one.order_id for one in await client.open_orders()] == [order.order_id]
        assert [row["order_id"] for row in await client.request("GET", "/orders")] == [order.order_id]
        with pytest.raises(NotSupported):
            await client.amend_order("TOY-USD", order.order_id, price=51)


def test_the_command_line_knows_it() -> None:
    rows = json.loads(run("endpoints", "toy", "--json").stdout)
    assert {"ws": False, "method": "GET", "path": "/time", "group": "public", "python": "Toy.time"} in rows
    shown = run("book", "toy", "TOY-USD", "--seconds", "0.5", "--depth", "5")
    assert (shown.returncode, "toy sandbox" in shown.stdout) == (0, True), shown.stderr
    settings = run("sandbox", "toy", "--set", "?")
    assert "  mid: a number\n      Where prices start." in settings.stdout
    assert "toy" in run("endpoints", "nowhere").stderr


def test_the_demo_trades_there_and_checks_everything(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = run("demo", "toy", "--seconds", "4", "--report", str(report))
    assert done.returncode == 0, done.stdout + done.stderr
    toy = json.loads(report.read_text(encoding="utf-8"))["venues"]["toy"]
    for name in ("book_checks", "orders_placed", "fills", "ledger_checks", "resyncs", "reconnects"):
        assert toy[name] > 0, name


def test_a_venue_of_the_package_wins_over_an_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = next(iter(BUILT_IN))
    package(tmp_path, "VENUE = None", f"{name} = broken_venue:VENUE")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert venue_names() == tuple(BUILT_IN)
    assert find_venue(name).client.startswith("tradewire.venues.")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1 / 0", r"venue broken cannot be loaded from broken_venue:VENUE: ZeroDivisionError"),
        ("OTHER = 1", r"cannot be loaded from broken_venue:VENUE: AttributeError"),
        ("VENUE = 7", r"must be a VenueDescription of name 'broken', got 7"),
    ],
)
def test_a_broken_package_is_named_and_keeps_no_other_venue_from_working(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, complaint: str
) -> None:
    package(tmp_path, text, "broken = broken_venue:VENUE")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_venue", raising=False)
    assert venue_names() == (*BUILT_IN, "broken")
    assert all(find_venue(name) for name in BUILT_IN)
    with pytest.raises(ConfigError, match=complaint):
        find_venue("broken")


def test_one_name_in_two_packages_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "VENUE = 1", "same = first_venue:VENUE", "first")
    package(tmp_path, "VENUE = 2", "same = second_venue:VENUE", "second")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigError, match=r"venue same is brought by several packages .*uninstall one"):
        find_venue("same")


@pytest.mark.parametrize("name", ["", "Toy", "my-venue", "7up", "seed", "venue"])
def test_a_name_that_is_no_attribute_or_is_taken_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"name must be lower case letters, .* got "):
        msgspec.structs.replace(find_venue(next(iter(BUILT_IN))), name=name)
