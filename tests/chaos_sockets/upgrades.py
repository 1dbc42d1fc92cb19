"""Every broken WebSocket upgrade, on every venue: a stream must come back from each by itself."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from chaos_sockets.campaign import silent_logs
from support.link_proxy import LinkProxy
from support.upgrade_faults import UPGRADE_FAULTS, UpgradeFault
from tradewire.errors import TradewireError
from tradewire.testing.venue_setup import VenueSetup
from tradewire.testing.venues import SETUPS

__all__ = ["failed_upgrades"]

BROKEN_TRIES = 2
"""Connections of a stream that fail before one that is good."""
BACK_S = 60.0
"""Two waits for a reply that does not come and two back-offs take six; a busy machine may take ten times that."""
AT_ONCE = 40


def failed_upgrades(
    venue: str, times: int, faults: Collection[str] = tuple(UPGRADE_FAULTS)
) -> Mapping[str, Sequence[str]]:
    """Try each fault ``times`` times on ``venue`` and return why streams did not come back, by fault."""
    with silent_logs():
        return asyncio.run(_failed(SETUPS[venue](), [UPGRADE_FAULTS[name] for name in faults] * times))


async def _failed(setup: VenueSetup, faults: Sequence[UpgradeFault]) -> Mapping[str, Sequence[str]]:
    failed: dict[str, list[str]] = defaultdict(list)
    places = asyncio.Semaphore(AT_ONCE)

    async def attempt(fault: UpgradeFault) -> None:
        async with places:
            if reason := await _reason_of_failure(setup, fault):
                failed[fault.name].append(reason)

    async with setup.open(seed=1):
        await asyncio.gather(*map(attempt, faults))
    return failed


async def _reason_of_failure(setup: VenueSetup, fault: UpgradeFault) -> str:
    """Return why a book and the account's stream did not become ready; empty if they did."""
    struck: list[str] = []
    link = await LinkProxy(setup.target(), struck.append).start()
    _, rest_port = setup.target()
    errors: list[Exception] = []
    client = setup.client(rest_port, link.port, on_error=errors.append)
    link.fail_next(fault, BROKEN_TRIES * setup.connections)
    watches = [client.watch_book(setup.market, **setup.book_options), client.watch_orders()]
    try:
        async with asyncio.timeout(BACK_S):
            for watch in watches:
                await watch.ready()
    except TradewireError as error:
        return repr(error)
    except TimeoutError:
        return f"not ready within {BACK_S} s, {link.connections} connections tried; {errors[-1:]}"
    finally:
        await client.close()
        await link.close()
    return "" if struck else "the fault never struck"
