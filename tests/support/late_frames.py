"""A frame that comes while a client closes, and what it may leave behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from tradewire.interface import VenueClient
from tradewire.session.stream import StreamSession


def own_coroutines() -> set[str]:
    """Return what our own tasks run."""
    running = (task.get_coro() for task in asyncio.all_tasks())
    names = {getattr(one, "__qualname__", "") for one in running}
    return {name for name in names if name.startswith(("Streams.", "MissingFills.", "CatchUp."))}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[StreamSession[Any]]:
    """Sessions of the frames that came, oldest first."""
    sessions: list[StreamSession[Any]] = []

    def remember(session: StreamSession[Any], data: bytes) -> bytes:
        sessions.append(session)
        return data

    hear_through(monkeypatch, remember)
    return sessions


def hear_through(
    monkeypatch: pytest.MonkeyPatch, heard: Callable[[StreamSession[Any], bytes], bytes]
) -> None:
    """Let every session hear what ``heard`` returns of a frame."""

    def on_frame(session: StreamSession[Any]) -> Callable[[bytes, int], None]:
        return lambda data, received_at_ns: session._path.on_frame(heard(session, data), received_at_ns)

    monkeypatch.setattr(StreamSession, "on_frame", property(on_frame))


async def close_and_hear(client: VenueClient, session: StreamSession[Any], said: dict[str, Any]) -> None:
    """Close, and hear a frame in the iteration of the loop in which orders under way are given up."""
    closing = asyncio.create_task(client.close())
    await asyncio.sleep(0)
    session.on_frame(json.dumps(said).encode(), 1)
    await closing
