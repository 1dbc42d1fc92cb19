"""`tradewire book`: a live order book as a ladder in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
from decimal import Decimal
from typing import Any, TypeAlias

from rich.live import Live
from rich.table import Table
from rich.text import Text

from tradewire._native import Level2Book, Level3Book
from tradewire.cli import console
from tradewire.errors import ConfigError, TradewireError
from tradewire.protocol.arguments import plain
from tradewire.registry import find_product
from tradewire.runner import run as tradewire_run
from tradewire.sandbox import Sandbox

__all__ = ["draw", "run"]

Book: TypeAlias = Level2Book | Level3Book
READY_TIMEOUT_S = 10.0
REFRESH_S = 0.2
BAR_CELLS = 12


def run(*, venue: str, market: str, depth: int, live: bool, seconds: float) -> None:
    """Show the book until Ctrl-C, or for ``seconds``."""
    with contextlib.suppress(KeyboardInterrupt):
        tradewire_run(_run(venue, market, depth, live=live, seconds=seconds), uvloop=False)


async def _run(venue: str, market: str, depth: int, *, live: bool, seconds: float) -> None:
    async with contextlib.AsyncExitStack() as stack:
        description = find_product(venue)
        depths = description.book_depths
        if depths and depth > depths[-1]:
            raise ConfigError(f"depth must be at most {depths[-1]}, which is what {venue} sends, got {depth}")
        client_class = description.client_class
        if live:
            if description.notice:
                console.talk(description.notice)
            client = await stack.enter_async_context(client_class())
            place = f"{venue} live"
        else:
            box = await stack.enter_async_context(Sandbox(description.venue))
            markets = box.venue(description.venue).keys()["markets"]
            if market not in markets:
                raise ConfigError(f"the sandbox has no market {market}; it has {', '.join(markets)}")
            client = await stack.enter_async_context(client_class.for_sandbox(box))
            place = f"{venue} sandbox"
        limit = next((limit for limit in depths if limit >= depth), depth)
        subscription: Any = client.watch_book(market, depth=limit)
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                await subscription.ready()
        except TimeoutError:
            raise TradewireError(
                f"no book of {market} after {READY_TIMEOUT_S:g} s; can {place} be reached?"
            ) from None
        await _show(subscription.book, place, depth, seconds)


async def _show(book: Book, place: str, depth: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + seconds
    with Live(draw(book, place, depth), console=console.talker, auto_refresh=False) as view:
        while not seconds or loop.time() < ends_at:
            await asyncio.sleep(REFRESH_S)
            view.update(draw(book, place, depth), refresh=True)


def draw(book: Book, place: str, depth: int) -> Table:
    """Return the ladder: bids left, asks right, best on top, and what the book says of itself below."""
    bids, asks = (
        [(plain(price), plain(size)) for price, size in side(depth, unsynced_ok=True)]
        for side in (book.bids, book.asks)
    )
    sizes = [Decimal(size) for _, size in (*bids, *asks)]
    largest = max(sizes, default=Decimal(1))
    spread = book.spread(unsynced_ok=True)
    caption = (
        f"{book.status}{f' ({book.reason})' if book.reason else ''} · spread {spread} · {book.updates} pushes"
    )
    table = Table(title=f"{book.market} · {place}", caption=caption)
    for name, side in (("", "right"), ("size", "right"), ("bid", "right"), ("ask", "left"), ("size", "left")):
        table.add_column(name, justify=side, no_wrap=True)  # type: ignore[arg-type]  # literals of rich
    table.add_column("", justify="left", no_wrap=True)
    for row in range(max(len(bids), len(asks))):
        bid_price, bid_size = bids[row] if row < len(bids) else ("", "")
        ask_price, ask_size = asks[row] if row < len(asks) else ("", "")
        table.add_row(
            _bar(bid_size, largest, "green"), bid_size, Text(bid_price, "green"),
            Text(ask_price, "red"), ask_size, _bar(ask_size, largest, "red"),
        )  # fmt: skip
    return table


def _bar(size: str, largest: Decimal, colour: str) -> Text:
    cells = max(1, round(Decimal(size) / largest * BAR_CELLS)) if size else 0
    return Text("█" * cells, colour)
