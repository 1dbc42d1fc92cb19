"""`tradewire record`: books and trades of markets into a file."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from tradewire.cli import console
from tradewire.cli.attach import RunningBox
from tradewire.errors import ConfigError, TradewireError
from tradewire.interface import VenueClient
from tradewire.recording.recorder import Recorder
from tradewire.registry import find_product
from tradewire.runner import run as tradewire_run
from tradewire.sandbox import Sandbox

__all__ = ["run"]

STATUS_S = 1.0
READY_TIMEOUT_S = 30.0


def run(
    product_name: str,
    markets: Sequence[str],
    out: Path,
    *,
    depth: int,
    seconds: float,
    live: bool,
    keys: bool,
    url: str,
    part_bytes: int,
    part_s: float,
) -> None:
    """Record until Ctrl-C, or for ``seconds``."""
    product = find_product(product_name)
    depths = product.book_depths
    if depth and depth not in depths:
        offers = f"one of {', '.join(map(str, depths))}" if depths else "left out, it sends whole books"
        raise ConfigError(f"depth must be {offers} for {product_name}, got {depth}")
    options = {"depth": depth or depths[-1]} if depths else {}

    async def main() -> None:
        async with contextlib.AsyncExitStack() as stack:
            client: VenueClient
            if live:
                if product.notice:
                    console.talk(product.notice)
                client = product.client_class.from_env() if keys else product.client_class()
            elif url:
                client = product.client_class.for_sandbox(RunningBox(product.venue, url))
            else:
                box = await stack.enter_async_context(Sandbox([product.venue]))
                client = product.client_class.for_sandbox(box)
            await stack.enter_async_context(client)
            known = {market.symbol for market in await client.load_markets()}
            if unknown := [name for name in markets if name not in known]:
                offered = ", ".join(sorted(known)[:12]) + (" ..." if len(known) > 12 else "")
                raise ConfigError(f"{product_name} has no market {', '.join(unknown)}; it has {offered}")
            # Closed before the client is: what the client says at its end is no news of the venue.
            recorder = Recorder(client, out, part_bytes=part_bytes, part_s=part_s, markets=markets)
            recorded.append(recorder)
            await stack.enter_async_context(recorder)
            await _record(client, recorder, markets, options, seconds, has_orders=live and keys)

    recorded: list[Recorder] = []
    with contextlib.suppress(KeyboardInterrupt):
        tradewire_run(main(), uvloop=False)
    for recorder in recorded:
        files = f"{recorder.paths[0]}" + f" and {len(recorder.paths) - 1} parts" * (len(recorder.paths) > 1)
        console.talk(f"{files}: {recorder.records} records, {_size(recorder)}; see `tradewire inspect`")


async def _record(
    client: VenueClient,
    recorder: Recorder,
    markets: Sequence[str],
    options: Mapping[str, int],
    seconds: float,
    *,
    has_orders: bool,
) -> None:
    """Watch what is to be recorded for so long, from the moment that every book is there."""
    await client.load_markets()
    books = [client.watch_book(name, on_update=_ignore, **options) for name in markets]
    for name in markets:
        client.watch_trades(name, on_update=_ignore)
    if has_orders:
        client.watch_orders(on_update=_ignore)
        client.watch_fills(on_update=_ignore)
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            for book in books:
                await book.ready()
    except TimeoutError:
        raise TradewireError(
            f"not every book came within {READY_TIMEOUT_S:g} s; is the venue there?"
        ) from None
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + seconds if seconds else float("inf")
    while (left_s := ends_s - loop.time()) > 0 and not recorder.failure:
        await asyncio.sleep(min(STATUS_S, left_s))
        console.status(_status(client, recorder))


def _status(client: VenueClient, recorder: Recorder) -> str:
    metrics = client.stream_metrics
    lost = f", {recorder.lost} LOST" if recorder.lost else ""
    return (
        f"{metrics.frames} frames, {recorder.records} records, {_size(recorder)}{lost}, "
        f"{metrics.reconnects} reconnects, {metrics.resyncs} resyncs"
    )


def _size(recorder: Recorder) -> str:
    return f"{sum(path.stat().st_size for path in recorder.paths) / 1e6:.2f} MB"


def _ignore(item: object) -> None:
    """Do nothing: what comes is on its way into the file."""
