"""Differences of books, and which book a checksum is of."""

from __future__ import annotations

import random
import zlib

from tradewire.sandbox.venues.truex.depth import Depth, PushedStates, changes


def test_changes_turn_one_side_into_the_other() -> None:
    dice = random.Random(5)

    def side() -> tuple[tuple[str, str, str], ...]:
        return tuple((str(price), str(dice.randrange(1, 4)), str(dice.randrange(1, 3)))
                     for price in dice.sample(range(40), 20))  # fmt: skip

    then = side()
    for _ in range(200):
        now = side()
        book = {price: (quantity, orders) for price, quantity, orders in then}
        for price, quantity, orders in changes(then, now):
            if quantity == "0":
                del book[price]
            else:
                assert book.get(price) != (quantity, orders)
                book[price] = (quantity, orders)
        assert book == {price: (quantity, orders) for price, quantity, orders in now}
        then = now


def test_pushed_states_are_found_by_either_checksum_and_forgotten() -> None:
    states = PushedStates()
    first = Depth((("64000.0", "0.5000", "2"),), (("64001.0", "1.0000", "1"),))
    states.add(first)
    for text in ("64000.0:0.5000:2:64001.0:1.0000:1", "64000:0.5:2:64001:1:1"):
        assert states.find(zlib.crc32(text.encode())) is first
    for number in range(5000):
        states.add(Depth(((f"{number}.0", "1", "1"),), ()))
    assert states.find(first.checksum) is None
    assert states.find(zlib.crc32(b"4999.0:1:1")) is not None
