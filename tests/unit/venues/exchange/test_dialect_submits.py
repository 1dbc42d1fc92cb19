"""A submit that is written natively: the same bytes as the general way, or nothing at all."""

from __future__ import annotations

from typing import Any

import pytest

from tradewire.errors import NotSent
from tradewire.model import Side
from tradewire.venues.exchange.dialect import submit_frame, submit_template
from tradewire.venues.exchange.user_values import Attributes

MAX = 2**63 - 1


@pytest.mark.parametrize(("price", "size"), [(1, 1), (50_000, 3), (MAX, MAX)])
@pytest.mark.parametrize("market", ["ABC-USD", 'A"B-Ü'])
def test_bytes_and_id_are_those_of_the_general_way(market: str, price: int, size: int) -> None:
    template, sent = submit_template(market, Side.SELL), list[bytes]()
    assert template is not None
    assert template.send(sent.append, lambda: "id-1", price, size) == "id-1"
    assert sent == [submit_frame("id-1", Attributes(market, Side.SELL, price, size))]


@pytest.mark.parametrize(
    "numbers", [(0, 1), (-1, 1), (1, MAX + 1), (1, 2**200), (1.0, 1), (True, 1), (1,), (1, 1, 1)]
)
def test_what_is_not_of_the_usual_form_is_not_sent(numbers: tuple[Any, ...]) -> None:
    template, sent = submit_template("ABC-USD", Side.BUY), list[bytes]()
    assert template is not None
    assert template.send(sent.append, lambda: "id", *numbers) is None
    assert sent == []


def test_what_sending_raises_is_raised() -> None:
    def refuse(_: bytes) -> None:
        raise NotSent("closed")

    template = submit_template("ABC-USD", Side.BUY)
    assert template is not None
    with pytest.raises(NotSent, match="closed"):
        template.send(refuse, lambda: "id", 1, 1)
