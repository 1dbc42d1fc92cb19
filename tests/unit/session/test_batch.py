from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tradewire.errors import ConfigError, NotSent, OutcomeUnknown, Rejected, RemoteProtocolError, RequestError
from tradewire.session.batch import Shared, each_outcome, fitting

REFUSED = Rejected("no", code="1")


def number(text: str) -> int:
    if not text.isdigit():
        raise ConfigError(f"must be a number, got {text}")
    return int(text)


async def test_each_item_has_its_outcome_in_the_order_of_the_items() -> None:
    sent: list[Sequence[int]] = []

    async def send(asked: Sequence[int]) -> Sequence[str | RequestError]:
        sent.append(asked)
        return [REFUSED if one == 2 else f"got {one}" for one in asked]

    outcomes = await each_outcome(["1", "x", "2", "3", "y"], number, send, most=5)
    assert sent == [[1, 2, 3]]
    assert (outcomes[0], outcomes[2], outcomes[3]) == ("got 1", REFUSED, "got 3")
    for place in (1, 4):
        wrong = outcomes[place]
        assert isinstance(wrong, NotSent)
        assert isinstance(wrong.__cause__, ConfigError)


async def test_a_failure_of_the_whole_request_is_the_outcome_of_every_item_in_it() -> None:
    failure = OutcomeUnknown("lost")

    async def send(_: Sequence[int]) -> Sequence[int | RequestError]:
        raise failure

    outcomes = await each_outcome(["1", "x", "2"], number, send, most=3)
    assert (outcomes[0], outcomes[2]) == (failure, failure)
    assert isinstance(outcomes[1], NotSent)


async def test_nothing_is_sent_of_items_none_of_which_makes_sense() -> None:
    async def send(_: Sequence[int]) -> Sequence[int | RequestError]:
        raise AssertionError

    [outcome] = await each_outcome(["x"], number, send, most=1)
    assert isinstance(outcome, NotSent)


@pytest.mark.parametrize("items", [[], ["1"] * 4])
async def test_a_batch_has_a_bound(items: list[str]) -> None:
    async def send(_: Sequence[int]) -> Sequence[int | RequestError]:
        raise AssertionError

    with pytest.raises(ConfigError, match=f"1 to 3 items, got {len(items)}"):
        await each_outcome(items, number, send, most=3)


def test_a_result_that_is_of_another_item_leaves_that_one_unknown() -> None:
    results: list[str | RequestError] = ["1", "7", REFUSED]

    def differ(asked: str, result: str | RequestError) -> str:
        return "" if isinstance(result, RequestError) or asked == result else f"{result} for {asked}"

    found = fitting(["1", "2", "3"], results, differ, venue="v", endpoint="e")
    assert (found[0], found[2]) == ("1", REFUSED)
    assert isinstance(found[1], OutcomeUnknown)
    assert "7 for 2" in str(found[1])


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_results_as_items_must_come(count: int) -> None:
    with pytest.raises(RemoteProtocolError, match=f"a batch of 2 must have as many results, got {count}"):
        fitting(["1", "2"], ["1"] * count, lambda _asked, _result: "", venue="v", endpoint="e")


async def test_each_waits_for_its_own_result_of_one_request() -> None:
    go = asyncio.Event()

    async def reply() -> Sequence[str | RequestError]:
        await go.wait()
        return ["one", REFUSED]

    shared = Shared(reply())
    first, second = asyncio.create_task(shared.result(0)), asyncio.create_task(shared.result(1))
    await asyncio.sleep(0)
    go.set()
    assert await first == "one"
    with pytest.raises(Rejected):
        await second


async def test_a_request_nobody_waits_for_any_more_is_given_up() -> None:
    async def reply() -> Sequence[str | RequestError]:
        await asyncio.Event().wait()
        return []

    shared = Shared(reply())
    waiting = [asyncio.create_task(shared.result(place)) for place in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait([waiting[0]])
    assert not shared.task.done()
    waiting[1].cancel()
    await asyncio.wait([waiting[1]])
    assert shared.task.cancelled()
