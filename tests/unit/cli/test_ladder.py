"""What the command says before it turns to a live venue."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tradewire.cli import console, ladder
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
    monkeypatch.setattr(ladder, "find_product", lambda _: described)
    monkeypatch.setattr(type(described), "client_class", Unreachable)
    SAID.clear()
    with pytest.raises(ConfigError, match="where it connects"):
        ladder.run(venue=name, market="BTCUSDT", depth=5, live=True, seconds=1)
    assert [notice] * bool(notice) == SAID
