"""What the command says before it turns to a live venue, and what is left of the ladder where room is short."""

from __future__ import annotations

import io

import pytest
from msgspec.structs import replace
from rich.console import Console

from tradewire import Level2Book
from tradewire.cli import attach, console, ladder
from tradewire.errors import ConfigError
from tradewire.registry import find_product, product_names

SAID: list[str] = []


class Unreachable:
    """A client of a venue that nobody should have turned to yet."""

    def __init__(self) -> None:
        raise ConfigError("this is where it connects")


@pytest.mark.parametrize("name", product_names())
@pytest.mark.parametrize("notice", ["", "It has ended."])
def test_notice_of_a_venue_is_said_before_live_connects(
    name: str, notice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = replace(find_product(name), notice=notice)
    monkeypatch.setattr(console, "talk", SAID.append)
    monkeypatch.setattr(attach, "find_product", lambda _: described)
    monkeypatch.setattr(type(described), "client_class", Unreachable)
    SAID.clear()
    with pytest.raises(ConfigError, match="where it connects"):
        ladder.run(venue=name, market="BTCUSDT", depth=5, live=True, url="", seconds=1)
    assert [notice] * bool(notice) == SAID


def synced_book() -> Level2Book:
    book = Level2Book("BTCUSDT", limit=50)
    prices = range(50)
    book.snapshot([(f"10.{999 - one}", "2") for one in prices], [(f"11.{100 + one}", "1") for one in prices])
    return book


@pytest.mark.parametrize("size", [(80, 24), (40, 20), (30, 10), (20, 5)])
def test_the_line_below_the_ladder_is_there_at_any_size(size: tuple[int, int]) -> None:
    book = synced_book()
    screen = Console(width=size[0], height=size[1], record=True, file=io.StringIO())
    screen.print(ladder.draw(book, "here", 50, size))
    lines = screen.export_text().splitlines()
    assert len(lines) < size[1] or size[1] < ladder.AROUND_LINES
    assert "synced" in " ".join(lines[-4:])
    assert "10.999" in "".join(lines) or size[0] < 30


def test_live_and_a_running_sandbox_together_are_refused() -> None:
    with pytest.raises(ConfigError, match="choose --url for a running sandbox or --live"):
        ladder.run(venue="coinex", market="BTCUSDT", depth=5, live=True, url="http://127.0.0.1:1", seconds=1)


def test_address_without_a_sandbox_is_refused() -> None:
    with pytest.raises(ConfigError, match="no sandbox of coinex answers"):
        ladder.run(venue="coinex", market="BTCUSDT", depth=5, live=False, url="http://127.0.0.1:1", seconds=1)
