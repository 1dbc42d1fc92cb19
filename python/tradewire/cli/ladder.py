"""`tradewire book`: a live order book as a ladder in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
from decimal import Decimal
from typing import Any, TypeAlias

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tradewire._native import Level2Book, Level3Book
from tradewire.cli.attach import open_client
from tradewire.errors import ConfigError, TradewireError
from tradewire.protocol.arguments import plain
from tradewire.registry import find_product
from tradewire.runner import run as tradewire_run

__all__ = ["bar", "draw", "level_limit", "run", "wait_ready"]

Book: TypeAlias = Level2Book | Level3Book
READY_TIMEOUT_S = 10.0
REFRESH_S = 0.2
BAR_CELLS = 12
BARRED_COLUMNS = 64
"""Fewer leave no room for bars."""
AROUND_LINES = 8
"""Title, head, rules, the line below, and the cursor's."""


def run(*, venue: str, market: str, depth: int, live: bool, url: str, seconds: float) -> None:
    """Show the book until Ctrl-C, or for ``seconds``."""
    with contextlib.suppress(KeyboardInterrupt):
        tradewire_run(_run(venue, market, depth, live=live, url=url, seconds=seconds), uvloop=False)


async def _run(venue: str, market: str, depth: int, *, live: bool, url: str, seconds: float) -> None:
    limit = level_limit(venue, depth)
    async with open_client(venue, market, url=url, live=live) as (client, place):
        subscription: Any = client.watch_book(market, depth=limit)
        await wait_ready(subscription, market, place)
        await _show(subscription.book, place, depth, seconds)


def level_limit(venue: str, depth: int) -> int:
    """Return which depth to subscribe to, so that ``depth`` levels can be shown.

    Raises:
        ConfigError: The venue sends fewer.
    """
    depths = find_product(venue).book_depths
    if depths and depth > depths[-1]:
        raise ConfigError(f"depth must be at most {depths[-1]}, which is what {venue} sends, got {depth}")
    return next((limit for limit in depths if limit >= depth), depth)


async def wait_ready(subscription: Any, market: str, place: str) -> None:
    """Wait for the book.

    Raises:
        TradewireError: None came.
    """
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            await subscription.ready()
    except TimeoutError:
        raise TradewireError(
            f"no book of {market} after {READY_TIMEOUT_S:g} s; can {place} be reached?"
        ) from None


async def _show(book: Book, place: str, depth: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + seconds
    screen = Console()
    with Live(console=screen, auto_refresh=False) as view:
        while not seconds or loop.time() < ends_at:
            view.update(draw(book, place, depth, screen.size), refresh=True)
            await asyncio.sleep(REFRESH_S)
        view.update(draw(book, place, depth, screen.size), refresh=True)


def draw(book: Book, place: str, depth: int, size: tuple[int, int]) -> Table:
    """Return the ladder: bids left, asks right, best on top, and what the book says of itself below.

    Args:
        book: The book; it is shown in whatever state it is.
        place: Where it is.
        depth: Most levels.
        size: Columns and lines there are: what does not fit is left out, the line below never.
    """
    columns, lines = size
    depth = max(1, min(depth, lines - AROUND_LINES))
    bids, asks = (
        [(plain(price), plain(size)) for price, size in side(depth, unsynced_ok=True)]
        for side in (book.bids, book.asks)
    )
    largest = max((Decimal(size) for _, size in (*bids, *asks)), default=Decimal(1))
    spread = book.spread(unsynced_ok=True)
    caption = (
        f"{book.status}{f' ({book.reason})' if book.reason else ''} · spread {spread} · {book.updates} pushes"
    )
    has_bars = columns >= BARRED_COLUMNS
    table = Table(title=f"{book.market} · {place}", caption=caption)
    if not has_bars:
        table.box, table.padding, table.pad_edge = None, (0, 1, 0, 0), False
    names = [("size", "right"), ("bid", "right"), ("ask", "left"), ("size", "left")]
    for name, side in [("", "right"), *names, ("", "left")] if has_bars else names:
        table.add_column(name, justify=side, no_wrap=True)  # type: ignore[arg-type]  # literals of rich
    for row in range(max(len(bids), len(asks))):
        bid_price, bid_size = bids[row] if row < len(bids) else ("", "")
        ask_price, ask_size = asks[row] if row < len(asks) else ("", "")
        cells = [Text(bid_size), Text(bid_price, "green"), Text(ask_price, "red"), Text(ask_size)]
        if has_bars:
            cells = [bar(bid_size, largest, "green"), *cells, bar(ask_size, largest, "red")]
        table.add_row(*cells)
    return table


def bar(size: str, largest: Decimal, colour: str) -> Text:
    """Return a bar as long as ``size`` is of the largest one."""
    cells = max(1, round(Decimal(size) / largest * BAR_CELLS)) if size else 0
    return Text("█" * cells, colour)
