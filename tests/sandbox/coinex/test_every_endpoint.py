"""Every endpoint of the client works over real sockets, and shows the venue's refusal as the error it is."""

from __future__ import annotations

import inspect
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.coinex.exercises import EXERCISES, Exercise
from tradewire.errors import OrderNotFound, OutcomeUnknown, Rejected, RequestError
from tradewire.protocol.endpoint import endpoint_of
from tradewire.sandbox import Sandbox
from tradewire.sandbox.faults.rest import Delivery, RestInjector
from tradewire.sandbox.routing import Request
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.venues.coinex.api import api
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.futures.client import CoinExFutures

OK = 200
VECTORS = Path(__file__).parents[2] / "vectors" / "coinex_endpoints.json"
SPELLED_OTHERWISE = ("-order", "/order", "/kline", "/deposit-history", "/futures/balance")
"""In rows whose replies the live venue or that of 2024 spelled otherwise than the pages."""
each = pytest.mark.parametrize("exercise", EXERCISES, ids=str)


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox(["coinex"], seed=7, rate=0, coinex=CoinExOptions(markets=("BTCUSDT",))) as box:
        yield box


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Verb and path of every request that reached the venue."""
    names: list[str] = []
    answer = RestInjector.answer

    def note(self: RestInjector, request: Request) -> Delivery:
        names.append(f"{request.method} {request.path}")
        return answer(self, request)

    monkeypatch.setattr(RestInjector, "answer", note)
    return names


def method_of(exercise: Exercise) -> Any:
    """Return the client's method that calls the row."""
    [method] = [
        method
        for _, method in inspect.getmembers(exercise.client, inspect.isfunction)
        if (row := endpoint_of(method)) is not None and row.name == exercise.row
    ]
    return method


def test_every_published_endpoint_is_a_row_and_has_one_exercise() -> None:
    published = json.loads(VECTORS.read_text(encoding="utf-8"))["rest"]
    assert {row.name for row in api.rows} == set(published)
    assert Counter(exercise.row for exercise in EXERCISES) == Counter(dict.fromkeys(published, 1))


@each
async def test_endpoint_works(box: Sandbox, asked: list[str], exercise: Exercise) -> None:
    async with exercise.client.for_sandbox(box) as client:
        result = await exercise.works(client, box)
    assert exercise.row in asked
    returns_nothing = inspect.signature(method_of(exercise)).return_annotation == "None"
    assert (result is None) == returns_nothing
    assert not getattr(result, "unreadable", ())
    box.coinex.assert_adds_up()


@pytest.mark.parametrize(
    "exercise", [one for one in EXERCISES if any(word in one.row for word in SPELLED_OTHERWISE)], ids=str
)
async def test_endpoint_works_as_the_venue_once_spelled_it(exercise: Exercise) -> None:
    options = CoinExOptions.like("ccxt", markets=("BTCUSDT",), old_order_pushes=True)
    async with (
        Sandbox(["coinex"], seed=7, rate=0, coinex=options) as box,
        exercise.client.for_sandbox(box) as client,
    ):
        assert not getattr(await exercise.works(client, box), "unreadable", ())


async def test_an_order_that_is_answered_with_null_is_not_found() -> None:
    options = CoinExOptions.like("live", markets=("BTCUSDT",))
    async with Sandbox(["coinex"], rate=0, coinex=options) as box:
        clients: tuple[type[CoinEx | CoinExFutures], ...] = (CoinEx, CoinExFutures)
        for client_class in clients:
            async with client_class.for_sandbox(box) as client:
                with pytest.raises(OrderNotFound):
                    await client.order("BTCUSDT", "5")


@each
async def test_refusal_is_the_error_it_stands_for(box: Sandbox, asked: list[str], exercise: Exercise) -> None:
    async with exercise.client.for_sandbox(box) as client:
        with pytest.raises(RequestError) as caught:
            await exercise.refused(client, box)
    assert asked[-1] == exercise.row
    assert type(caught.value) is exercise.error
    # It was the venue who spoke, or the gateway in front of it.
    assert isinstance(caught.value, Rejected | OutcomeUnknown)
    assert caught.value.code or caught.value.http_status not in {None, OK}
    box.coinex.assert_adds_up()
