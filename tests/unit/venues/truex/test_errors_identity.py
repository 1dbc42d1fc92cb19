"""A refusal that names another order than its request proves nothing."""

from __future__ import annotations

import json

import pytest

from support.kits import Ask
from support.kits.truex import KIT
from tradewire.errors import OrderNotFound, OutcomeUnknown
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply, HttpRequest

OTHER = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"


def refuse(request: HttpRequest) -> HttpReply:
    if request.method == "GET" and "/orders/" not in request.url:
        return HttpReply(200, {}, json.dumps(KIT.reply(request, [])).encode())
    problem = {"error": {"title": "Not Found", "status": 404, "detail": f"Order {OTHER} is unknown"}}
    return HttpReply(404, {}, json.dumps(problem).encode())


@pytest.mark.parametrize(
    "ask",
    [
        lambda venue: venue.place_order("BTC-PYUSD", "buy", "0.01", "64000", client_order_id="mine"),
        lambda venue: venue.cancel_order("BTC-PYUSD", "501"),
        lambda venue: venue.amend_order("BTC-PYUSD", "501", size="0.02", price="64000"),
    ],
    ids=["place", "cancel", "amend"],
)
async def test_refusal_that_names_another_order_proves_nothing(ask: Ask) -> None:
    async with KIT.clients[0].make(MockHttp(refuse)) as venue:
        with pytest.raises(OutcomeUnknown, match="belongs to another request"):
            await ask(venue)


async def test_refusal_that_names_the_order_asked_for_is_one() -> None:
    async with KIT.clients[0].make(MockHttp(refuse)) as venue:
        with pytest.raises(OrderNotFound):
            await venue.order_status(client_order_id=OTHER)
