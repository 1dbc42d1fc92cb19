"""What happened while the demo traded one market of a venue, for its picture: middle, quotes, fills, faults."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradewire.book import Book
from tradewire.model import OrderStatus, Side
from tradewire.playback.plots import BUY, DPI, LINE, MUTED, SELL, figure, moment
from tradewire.session.live_order import LiveOrder

__all__ = ["Track", "draw"]

FAULT = "#bf8700"


@dataclass(slots=True)
class Track:
    """One market of one product."""

    product: str
    market: str
    mids: list[tuple[int, float]] = field(default_factory=list)
    """Our time, UTC, and the middle."""
    faults: list[tuple[int, str]] = field(default_factory=list)
    """What was forced, and when."""
    orders: list[LiveOrder] = field(default_factory=list)
    quotes: list[LiveOrder] = field(default_factory=list)
    ends: dict[LiveOrder, int] = field(default_factory=dict)
    """Our time at which an order was final, UTC."""

    def follow(self, order: LiveOrder, *, is_quote: bool) -> None:
        """Note an order of this market, and when it ends; quotes are shown with their prices."""
        if order.market == self.market:
            self.orders.append(order)
            if is_quote:
                self.quotes.append(order)
                order.on_change = self._on_change

    def _on_change(self, order: LiveOrder) -> None:
        if order.status.is_final:
            self.ends.setdefault(order, time.time_ns())

    def sample(self, book: Book) -> None:
        """Note the middle of a synced book."""
        mid = book.mid_float()
        if mid == mid:  # an empty side has none
            self.mids.append((time.time_ns(), mid))

    def force(self, words: str) -> None:
        """Note a fault that is forced now."""
        self.faults.append((time.time_ns(), words))


def draw(tracks: Sequence[Track], path: Path) -> None:
    """Draw middle, quotes, fills and inventory of each market into a PNG file.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    drawn, panels = figure(2 * len(tracks), "tradewire demo", (2, 1) * len(tracks), shares_time=False)
    for place, track in enumerate(tracks):
        _prices(panels[2 * place], track)
        _inventory(panels[2 * place + 1], track)
        panels[2 * place + 1].sharex(panels[2 * place])
    drawn.savefig(path, dpi=DPI)


def _prices(panel: Any, track: Track) -> None:
    times = [moment(time_ns) for time_ns, _ in track.mids]
    last_ns = track.mids[-1][0] if track.mids else 0
    panel.plot(times, [mid for _, mid in track.mids], color=LINE, linewidth=1, label="middle")
    for side, colour, marker in ((Side.BUY, BUY, "^"), (Side.SELL, SELL, "v")):
        for order in track.quotes:
            if order.side is side and order.price is not None and order.status is not OrderStatus.REJECTED:
                ends = moment(order.sent_at_ns), moment(track.ends.get(order, last_ns))
                panel.hlines(float(order.price), *ends, color=colour, linewidth=1.5, alpha=0.35)
        fills = [fill for order in track.orders if order.side is side for fill in order.fills]
        panel.scatter(
            [moment(fill.time_ns) for fill in fills], [float(fill.price) for fill in fills],
            color=colour, marker=marker, s=28, zorder=3, label=f"{side}, {len(fills)} fills",
        )  # fmt: skip
    for time_ns, words in track.faults:
        panel.axvline(moment(time_ns), color=FAULT, linewidth=1, linestyle="--", label=f"forced: {words}")
    panel.set_ylabel(f"{track.product}\n{track.market}")
    panel.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=8, frameon=False)


def _inventory(panel: Any, track: Track) -> None:
    fills = sorted((fill for order in track.orders for fill in order.fills), key=lambda fill: fill.time_ns)
    held, curve = 0.0, [(track.mids[0][0] if track.mids else 0, 0.0)]
    for fill in fills:
        held += float(fill.size) * (1 if fill.side is Side.BUY else -1)
        curve.append((fill.time_ns, held))
    panel.step(
        [moment(at) for at, _ in curve], [one for _, one in curve], where="post", color=LINE, linewidth=1
    )
    panel.axhline(0, color=MUTED, linewidth=0.6)
    panel.set_ylabel("held")
