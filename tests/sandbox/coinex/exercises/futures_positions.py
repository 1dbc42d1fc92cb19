from __future__ import annotations

from typing import Any

from sandbox.coinex.exercises.exercise import Exercise, Use
from tradewire.errors import BadRequest, InsufficientFunds, MarketUnavailable, RequestError
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex.futures.client import CoinExFutures

NO_ID = "1"


async def opened(client: Any) -> Any:
    """Return our position after a purchase."""
    await client.place_order("BTCUSDT", "buy", "0.01", "70000", time_in_force="ioc")
    [position] = await client.positions("BTCUSDT")
    return position


async def isolated(client: Any) -> Any:
    """Return our position, which has a margin of its own."""
    await client.adjust_position_leverage("BTCUSDT", "isolated", 5)
    return await opened(client)


async def positions(client: Any, _: Sandbox) -> object:
    await opened(client)
    found = await client.positions()
    assert found
    return found


async def close(client: Any, _: Sandbox) -> object:
    await opened(client)
    return await client.close_position("BTCUSDT")


async def closed(client: Any, box: Sandbox) -> object:
    await close(client, box)
    found = await client.closed_positions("BTCUSDT")
    assert found.items
    return found


async def adjust_margin(client: Any, _: Sandbox) -> object:
    await isolated(client)
    return await client.adjust_position_margin("BTCUSDT", "10.5")


async def adjust_margin_by_too_much(client: Any, _: Sandbox) -> object:
    await isolated(client)
    return await client.adjust_position_margin("BTCUSDT", "1000000")


async def margins(client: Any, box: Sandbox) -> object:
    position = await adjust_margin(client, box)
    found = await client.position_margins("BTCUSDT", position.position_id)  # type: ignore[attr-defined]
    assert found.items
    return found


async def funding(client: Any, box: Sandbox) -> object:
    await opened(client)
    box.coinex.futures.funding.settle(box.coinex.now_ms())
    found = await client.position_funding("BTCUSDT")
    assert found.items
    return found


async def settlements(client: Any, box: Sandbox) -> object:
    position = await opened(client)
    await client.close_position("BTCUSDT")
    found = await client.position_settlements("BTCUSDT", position.position_id)
    assert found.items
    return found


def guarded(kind: str, verb: str) -> Use:
    """Return the use of one method of exits."""

    async def use(client: Any, _: Sandbox) -> object:
        await opened(client)
        price = "90000" if kind == "take_profit" else "30000"
        position = await getattr(client, f"set_{kind}")("BTCUSDT", price, size="0.005")
        if verb == "set":
            return position
        exits = position.take_profits if kind == "take_profit" else position.stop_losses
        changed = {"price": "80000" if kind == "take_profit" else "40000"} if verb == "amend" else {}
        return await getattr(client, f"{verb}_{kind}")("BTCUSDT", exits[0].exit_id, **changed)

    return use


def unguarded(kind: str, verb: str) -> Use:
    """Return a use that the venue refuses for want of a position."""

    async def use(client: Any, _: Sandbox) -> object:
        arguments = {"set": ("90000",), "amend": (NO_ID,), "cancel": (NO_ID,)}[verb]
        changed = {"price": "80000"} if verb == "amend" else {}
        return await getattr(client, f"{verb}_{kind}")("BTCUSDT", *arguments, **changed)

    return use


ROWS: list[tuple[str, Use, Use, type[RequestError]]] = [
    ("GET pending-position", positions, lambda client, _: client.positions("NOPEUSDT"), MarketUnavailable),
    (
        "GET finished-position",
        closed,
        lambda client, _: client.closed_positions("NOPEUSDT"),
        MarketUnavailable,
    ),
    ("POST close-position", close, lambda client, _: client.close_position("BTCUSDT"), BadRequest),
    ("POST adjust-position-margin", adjust_margin, adjust_margin_by_too_much, InsufficientFunds),
    (
        "POST adjust-position-leverage",
        lambda client, _: client.adjust_position_leverage("BTCUSDT", "isolated", 5),
        lambda client, _: client.adjust_position_leverage("BTCUSDT", "isolated", 7),
        BadRequest,
    ),
    (
        "GET position-margin-history",
        margins,
        lambda client, _: client.position_margins("NOPEUSDT", NO_ID),
        MarketUnavailable,
    ),
    (
        "GET position-funding-history",
        funding,
        lambda client, _: client.position_funding("NOPEUSDT"),
        MarketUnavailable,
    ),
    (
        "GET position-adl-history",
        lambda client, _: client.position_reductions("BTCUSDT", NO_ID),
        lambda client, _: client.position_reductions("NOPEUSDT", NO_ID),
        MarketUnavailable,
    ),
    (
        "GET position-settle-history",
        settlements,
        lambda client, _: client.position_settlements("NOPEUSDT", NO_ID),
        MarketUnavailable,
    ),
] + [
    (
        f"POST {path}-position-{kind.replace('_', '-')}",
        guarded(kind, verb),
        unguarded(kind, verb),
        BadRequest,
    )
    for kind in ("take_profit", "stop_loss")
    for path, verb in (("set", "set"), ("modify", "amend"), ("cancel", "cancel"))
]
EXERCISES = [
    Exercise(row.replace(" ", " /v2/futures/"), works, refused, error, CoinExFutures)
    for row, works, refused, error in ROWS
]
