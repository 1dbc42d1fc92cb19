"""A reply that names another order than its request proves nothing: on every venue, for every request about one."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from support.kits import KITS, Ask, Row
from tradewire.errors import OutcomeUnknown, RemoteProtocolError
from tradewire.protocol.mismatch import first_mismatch, foreign_id, mismatch
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply, HttpRequest

MINE = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
OTHER = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"


@pytest.mark.parametrize(
    ("name", "ask", "build", "changes"),
    [
        pytest.param(name, ask, build, changes, id=f"{name}-{number}")
        for name, kit in KITS.items()
        for number, (ask, build, changes) in enumerate(kit.identity.asks)
    ],
)
async def test_reply_that_names_another_order_proves_nothing(
    name: str, ask: Ask, build: Callable[[Row], object], changes: list[Row]
) -> None:
    kit = KITS[name]
    served = row = kit.identity.row

    def answer(request: HttpRequest) -> HttpReply:
        return HttpReply(200, {}, json.dumps(kit.reply(request, build(served))).encode())

    async with kit.clients[0].make(MockHttp(answer)) as venue:
        await ask(venue)
    for change in changes:
        # A client of its own each: the id of a live order may not be used again.
        served = row | change
        async with kit.clients[0].make(MockHttp(answer)) as venue:
            with pytest.raises(OutcomeUnknown, match="belongs to another request") as caught:
                await ask(venue)
            assert isinstance(caught.value.__cause__, RemoteProtocolError)
            assert caught.value.endpoint


@pytest.mark.parametrize("name", [name for name, kit in KITS.items() if kit.identity.no_such_order])
async def test_no_such_order_is_no_answer_to_a_placing(name: str) -> None:
    case = KITS[name].identity.no_such_order
    assert case is not None
    status, refusal, ask = case
    http = MockHttp(lambda _request: HttpReply(status, {}, json.dumps(refusal).encode()))
    async with KITS[name].clients[0].make(http) as venue:
        with pytest.raises(OutcomeUnknown, match="belongs to another request: it is about an order"):
            await ask(venue)


def test_foreign_id_is_a_uuid_or_a_long_number_that_was_not_sent() -> None:
    assert foreign_id(f"Order {OTHER} is unknown", f"/orders/{MINE}", "{}") == OTHER
    assert foreign_id(f"Order {OTHER} is unknown", f"/orders/{OTHER}") == ""
    assert foreign_id("order 100000000161 not found", '{"order_id":100000000162}') == "100000000161"
    assert foreign_id("code 3600, market BTCUSDT, 404", "") == ""


def test_what_one_side_leaves_out_is_no_difference() -> None:
    assert mismatch(market=(None, "X"), order_id=("7", ""), size=(Decimal("0.10"), Decimal("0.1"))) == ""
    assert mismatch(market=("X", "Y"), order_id=("7", "8")) == "market Y for X, order_id 8 for 7"
    assert len(mismatch(market=("X", "Y" * 10_000))) < 100
    assert first_mismatch(["", "a", "b"]) == "a"
    assert first_mismatch([]) == ""
