"""Pictures, as PNG files; needs matplotlib, the extra ``tradewire[plots]``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tradewire.errors import ConfigError
from tradewire.extras import install_hint

if TYPE_CHECKING:
    from tradewire.playback.report import Report
    from tradewire.playback.survey import Survey

__all__ = ["BUY", "DPI", "LINE", "MUTED", "SELL", "figure", "moment", "plot_report", "plot_survey"]

NS_PER_S: Final = 1_000_000_000
BUY, SELL, LINE, MUTED = "#1a7f37", "#cf222e", "#1f4e9c", "#6e7781"
DPI: Final = 110


def moment(time_ns: int) -> datetime:
    """Return a time as a time axis takes it."""
    return datetime.fromtimestamp(time_ns / NS_PER_S, UTC)


def figure(rows: int, title: str, heights: Sequence[int], *, shares_time: bool = True) -> tuple[Any, Any]:
    """Return a figure of ``rows`` panels, which share their time axis unless told otherwise.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    try:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise ConfigError(f"a plot needs matplotlib: {install_hint('plots')}") from None
    drawn = Figure(figsize=(10, 1.2 + 1.1 * sum(heights)), layout="constrained")
    panels = drawn.subplots(rows, 1, sharex=shares_time, squeeze=False, height_ratios=list(heights))[:, 0]
    drawn.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    for panel in panels:
        panel.grid(True, color="#d8dee4", linewidth=0.6)
        panel.spines[["top", "right"]].set_visible(False)
        panel.ticklabel_format(axis="y", useOffset=False, style="plain")
        panel.margins(x=0.01)
    for panel in panels[-1:] if shares_time else panels:
        locator = AutoDateLocator(tz=UTC)  # type: ignore[no-untyped-call]  # matplotlib has no types there
        panel.xaxis.set_major_locator(locator)
        panel.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))  # type: ignore[no-untyped-call]  # nor there
    panels[-1].set_xlabel("UTC")
    return drawn, panels


def plot_report(report: Report, path: Path) -> None:
    """Draw mid price with fills, inventory and profit of every market."""
    markets = list(report.markets)
    drawn, panels = figure(
        3 * len(markets) or 1, f"replay of {report.product}", (3, 1, 1) * len(markets) or (3,)
    )
    for place, market in enumerate(markets):
        price, inventory, profit = panels[3 * place : 3 * place + 3]
        curve = report.curve(market)
        times = [one[0] for one in curve]
        price.plot(times, [one[1] for one in curve], color=LINE, linewidth=1, label="recorded mid")
        for side, colour, marker in (("buy", BUY, "^"), ("sell", SELL, "v")):
            fills = [fill for fill in report.fills if fill.market == market and fill.side == side]
            price.scatter(
                [moment(fill.received_at_ns) for fill in fills],
                [float(fill.price) for fill in fills],
                color=colour, marker=marker, s=28, zorder=3, label=f"{side}, {len(fills)} fills",
            )  # fmt: skip
        price.set_ylabel(f"{market} price")
        price.legend(loc="best", fontsize=8, frameon=False)
        inventory.step(times, [one[2] for one in curve], where="post", color=LINE, linewidth=1)
        inventory.axhline(0, color=MUTED, linewidth=0.6)
        inventory.set_ylabel("inventory")
        profit.plot(times, [one[3] for one in curve], color=LINE, linewidth=1)
        profit.axhline(0, color=MUTED, linewidth=0.6)
        profit.set_ylabel(f"profit, {report.markets[market].quote}")
    drawn.savefig(path, format="png", dpi=DPI)


def plot_survey(survey: Survey, path: Path) -> None:
    """Draw mid price, spread and depth of every recorded book."""
    books = [book for book in survey.books if book.samples]
    drawn, panels = figure(
        3 * len(books) or 1, f"recording of {survey.about.product}", (2, 1, 1) * len(books) or (3,)
    )
    for place, book in enumerate(books):
        price, spread, depth = panels[3 * place : 3 * place + 3]
        times = [datetime.fromtimestamp(one.wall_ns / NS_PER_S, UTC) for one in book.samples]
        price.plot(times, [one.mid for one in book.samples], color=LINE, linewidth=1)
        price.set_ylabel(f"{book.market} mid")
        spread.step(times, [one.spread for one in book.samples], where="post", color=MUTED, linewidth=1)
        spread.set_ylabel("spread")
        spread.set_ylim(bottom=0)
        for name, colour, sign in (("bid_size", BUY, 1), ("ask_size", SELL, -1)):
            sizes = [sign * getattr(one, name) for one in book.samples]
            depth.fill_between(
                times, sizes, step="post", color=colour, alpha=0.4, linewidth=0, label=name[:3]
            )
        depth.axhline(0, color=MUTED, linewidth=0.6)
        depth.set_ylabel("ten levels\nbids up, asks down")
    if not books:
        panels[0].text(
            0.5, 0.5, survey.note or "no book was recorded", ha="center", transform=panels[0].transAxes
        )
    drawn.savefig(path, format="png", dpi=DPI)
