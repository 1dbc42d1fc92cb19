"""The sandbox on a thread of its own: asked from another one, inside and outside of an event loop."""

from __future__ import annotations

import threading
import urllib.request
from typing import Any

import pytest

from tradewire.errors import ConfigError
from tradewire.testing import BackgroundSandbox


def threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "tradewire-sandbox"]


def test_it_listens_on_a_thread_that_ends_with_it() -> None:
    with BackgroundSandbox(["exchange"], rate=0) as box:
        assert threads() == ["tradewire-sandbox"]
        with urllib.request.urlopen(f"{box.exchange.rest_url}/api/v1/markets", timeout=30) as reply:
            assert reply.status == 200
    assert threads() == []


async def test_what_is_asked_of_a_venue_is_asked_on_its_thread() -> None:
    with BackgroundSandbox("coinex", rate=0) as box:
        venue: Any = box.venue("coinex")
        assert venue.name == box.coinex.name == "coinex"
        assert (box.coinex.traffic.paused, box.coinex.faults.is_armed) == (False, False)
        box.coinex.traffic.paused = True
        box.coinex.faults.busy(count=2)
        assert (box.coinex.traffic.paused, box.coinex.faults.is_armed) == (True, True)
        asked: list[str] = []
        box.call(lambda: asked.append(threading.current_thread().name))
        assert asked == ["tradewire-sandbox"]
        with pytest.raises(ValueError, match="count must be at least 1, got 0"):
            box.coinex.faults.busy(count=0)
        played = box.coinex.faults.play("[[faults]]\nat_s = 900\nfault = 'drop_socket'")
        assert played == box.coinex.faults.to_come
        offered = dir(box.coinex.faults)
        assert ("corrupt_checksum" in offered, "lost_ack" in offered) == (True, False)


def test_a_venue_that_is_not_open_is_refused() -> None:
    with BackgroundSandbox(["truex"], rate=0) as box:
        with pytest.raises(ConfigError, match="coinex is not open"):
            box.venue("coinex")
        with pytest.raises(AttributeError):
            box.nothing  # type: ignore[attr-defined] # noqa: B018 - the mistake
    with pytest.raises(ConfigError, match="venue must be one of"):
        BackgroundSandbox(["nyse"])


def test_a_sandbox_that_cannot_open_leaves_no_thread() -> None:
    with BackgroundSandbox(["truex"], rate=0) as box:
        port = int(box.truex.rest_url.rpartition(":")[2])
        with (
            pytest.raises(OSError, match="address already in use"),
            BackgroundSandbox(["truex"], ports={"truex": port}),
        ):
            raise AssertionError
        assert len(threads()) == 1
