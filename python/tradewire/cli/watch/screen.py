"""The screen of `tradewire watch`: panels of text over a ``Desk``, side by side where there is room."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import Resize
from textual.widgets import Footer, Static

from tradewire.cli.attach import open_client
from tradewire.cli.ladder import bar
from tradewire.cli.watch.desk import Desk, Row
from tradewire.model import Side
from tradewire.protocol.arguments import plain
from tradewire.runner import run as tradewire_run

__all__ = ["WatchApp", "run"]

REFRESH_S = 0.25
NARROW_COLUMNS = 70
"""Fewer leave room for one panel."""
PANELS = {"ladder": "Book", "orders": "Own", "trades": "Tape", "events": "Log"}
"""Each panel and its name on the screen, short enough for 40 columns of keys."""
MOST_LEVELS = 50


def run(*, venue: str, market: str, live: bool, url: str, seconds: float) -> None:
    """Show the screen until `q`, or for ``seconds``."""
    with contextlib.suppress(KeyboardInterrupt):
        tradewire_run(_run(venue, market, live=live, url=url, seconds=seconds), uvloop=False)


async def _run(venue: str, market: str, *, live: bool, url: str, seconds: float) -> None:
    async with open_client(venue, market, url=url, live=live, is_private=True) as (client, place):
        desk = Desk(client, market, place)
        async with desk.open(venue, 20, is_private=True):
            await WatchApp(desk, seconds).run_async()


class WatchApp(App[None]):
    """Panels over a desk.

    Args:
        desk: What is shown; it must be open.
        seconds: Leave after this long; 0 for never.
    """

    CSS = """
    #head { height: 2; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    #panels { layout: grid; grid-size: 2 2; grid-columns: 3fr 2fr; grid-rows: 3fr 2fr; }
    .panel { width: 100%; height: 100%; border: round $primary; padding: 0 1; overflow: hidden; }
    .narrow #head { height: 4; }
    .narrow #panels { grid-size: 1 1; grid-columns: 1fr; grid-rows: 1fr; }
    .narrow .panel { display: none; border: none; padding: 0; }
    .narrow .panel.chosen { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "quit", "Quit"),
        ("p", "pause", "Pause"),
        *((str(number), f"choose('{one}')", title) for number, (one, title) in enumerate(PANELS.items(), 1)),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, desk: Desk, seconds: float = 0.0) -> None:
        super().__init__()
        self._desk = desk
        self._seconds = seconds
        self._is_paused = False

    def compose(self) -> ComposeResult:
        """Make the panels."""
        yield Static(id="head")
        with Container(id="panels"):
            for name, title in PANELS.items():
                panel = Static(id=name, classes="panel chosen" if name == "ladder" else "panel")
                panel.border_title = title
                yield panel
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin to refresh."""
        self.set_interval(REFRESH_S, self.refresh_panels)
        if self._seconds:
            self.set_timer(self._seconds, self.exit)
        self.refresh_panels()

    def on_resize(self, event: Resize) -> None:
        """Show one panel where there is no room for four."""
        self.screen.set_class(event.size.width < NARROW_COLUMNS, "narrow")
        self.call_after_refresh(self.refresh_panels)

    def action_pause(self) -> None:
        """Hold the picture, or let it go on."""
        self._is_paused = not self._is_paused

    def action_choose(self, name: str) -> None:
        """Show a panel where there is room for one only."""
        for panel in self.query(".panel"):
            panel.set_class(panel.id == name, "chosen")
        self.call_after_refresh(self.refresh_panels)

    def refresh_panels(self) -> None:
        """Draw what the desk knows now."""
        if not self.screen.query("#head"):
            return  # the last tick of one that is closing
        self.query_one("#head", Static).update(self._head())
        if not self._is_paused:
            draws: tuple[Callable[[int, int], Table | Text], ...] = (
                self._ladder,
                self._orders,
                self._trades,
                self._events,
            )
            for name, draw in zip(PANELS, draws, strict=True):
                panel = self.query_one(f"#{name}", Static)
                if panel.display:
                    panel.update(draw(panel.content_size.width, panel.content_size.height))

    def _head(self) -> Text:
        desk, book = self._desk, self._desk.book
        metrics, profit = desk.client.stream_metrics, desk.profit
        reason = f" ({book.reason})" if book.reason else ""
        where = f"{desk.place}{'  PAUSED' if self._is_paused else ''}"
        money = f"held {_short(desk.position)}  P&L {'-' if profit is None else f'{profit:+.2f}'}"
        trip = "-" if desk.round_trip_ms is None else f"{desk.round_trip_ms:.1f} ms"
        reaction = "-" if desk.reaction_us is None else f"{desk.reaction_us:.0f} us"
        counts = f"{metrics.frames} frames  {metrics.reconnects} reconnects  {metrics.resyncs} resyncs"
        title = Text.assemble(
            (f"{desk.market}  ", "bold"), (f"{book.status}{reason}", "green" if book.is_synced else "red"),
            f"  spread {book.spread(unsynced_ok=True)}  ",
        )  # fmt: skip
        state = Text(desk.state, "green" if desk.state == "live" else "yellow")
        if self.screen.has_class("narrow"):
            return Text("\n").join(
                [title, Text(where), Text(money), Text.assemble(state, f"  round trip {trip}")]
            )
        return Text("\n").join(
            [
                title + Text(where),
                Text.assemble(f"{money}  ", state, f"  round trip {trip}  to callback {reaction}  {counts}"),
            ]
        )

    def _ladder(self, width: int, height: int) -> Table:
        depth = max(1, min(MOST_LEVELS, (height - 2) // 2))
        asks, bids = self._desk.levels("sell", depth), self._desk.levels("buy", depth)
        largest = max((row.size for row in (*asks, *bids)), default=Decimal(1))
        table = _plain_table(width)
        table.add_column("price", justify="right", no_wrap=True)
        table.add_column("size", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True, ratio=1)
        for row in reversed(asks):
            table.add_row(*self._level(row, "red", largest))
        table.add_row(Text("─" * 8, "dim"), "", "")
        for row in bids:
            table.add_row(*self._level(row, "green", largest))
        return table

    @staticmethod
    def _level(row: Row, colour: str, largest: Decimal) -> tuple[Text, Text, Text]:
        mark = Text()
        if row.own:
            mine = sum((order.remaining or order.size for order in row.own), Decimal(0))
            ahead = "" if row.ahead is None else f", {row.ahead} ahead"
            mark = Text(f"◀ {_short(mine)}{ahead} ", "bold yellow")
        mark.append_text(bar(plain(row.size), largest, colour))
        return Text(plain(row.price), colour), Text(_short(row.size)), mark

    def _orders(self, width: int, height: int) -> Table:
        table = _plain_table(width)
        for name in ("side", "price", "size", "filled"):
            table.add_column(name, justify="left" if name == "side" else "right", no_wrap=True)
        orders = sorted(self._desk.orders.values(), key=lambda order: order.created_at_ns, reverse=True)
        for order in orders[: max(1, height - 1)]:
            price = "market" if order.price is None else plain(order.price)
            table.add_row(_side(order.side), price, _short(order.size), _short(order.filled_size))
        for fill in list(self._desk.fills)[: max(0, height - 2 - len(orders))]:
            table.add_row(Text("filled", "dim"), plain(fill.price), _short(fill.size), _side(fill.side))
        return table

    def _trades(self, width: int, height: int) -> Table:
        table = _plain_table(width)
        for name in ("time", "price", "size"):
            table.add_column(name, justify="left" if name == "time" else "right", no_wrap=True)
        for trade in list(self._desk.trades)[: max(1, height - 1)]:
            colour = "green" if trade.side is Side.BUY else "red"
            table.add_row(_clock(trade.time_ns), Text(plain(trade.price), colour), _short(trade.size))
        return table

    def _events(self, width: int, height: int) -> Table | Text:
        lines = [
            f"{_clock(at_ns)} {type(event).__name__} {getattr(event, 'reason', '')}".rstrip()[:width]
            for at_ns, event in list(self._desk.events)[: max(1, height)]
        ]
        return Text("\n".join(lines) or "nothing happened to the connection", no_wrap=True)


def _plain_table(width: int) -> Table:
    return Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=max(1, width), header_style="dim")


def _short(number: Decimal) -> str:
    """Return a number without the zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _side(side: Side | None) -> Text:
    return Text("-" if side is None else str(side), "green" if side is Side.BUY else "red")


def _clock(time_ns: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(time_ns // 10**9))
