"""Draw a run: ratios of every row, latency by percentile, cost against markets and depth.

python benches/python/plots.py [RUN]    the newest run if none is named; needs requirements-bench.txt

The pictures lie on a light card of their own, so that they can be read on any background.
"""

import json
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import machine
from report import newest_run

PICTURES = machine.ROOT / "docs" / "pages" / "pictures"
PAPER, INK, FAINT = "#fbfbf9", "#24292f", "#c9ccd1"
OURS, GOOD, SHORT, MISSED = "#0b62c4", "#1a7f37", "#bf6a02", "#c9252d"
OTHERS = ("#d1701a", "#8250df", "#57606a", "#b3247d", "#6e7f0e", "#0f8b8d", "#946c3b")
FLOOR = "bare Protocol"
PANELS = (
    ("T2/rest-p99", "CoinEx, order over REST, polled loop"),
    ("T2/rest-tls-p99", "the same over TLS"),
    ("T2/ws-p99", "Exchange, order over the WebSocket, polled loop"),
    ("T2/ws-tls-p99", "the same over TLS"),
    ("T2/rest-sleeping", "CoinEx, order over REST, sleeping loop"),
    ("T2/ws-sleeping", "Exchange, order over the WebSocket, sleeping loop"),
)
Report = dict[str, Any]


def main() -> int:
    """Draw the run that was named, or the newest one."""
    run = Path(sys.argv[1]) if len(sys.argv) > 1 else newest_run()
    for path in draw(run):
        print(path)
        if run == newest_run():
            shutil.copyfile(path, PICTURES / path.name)  # a site has nothing from outside its folder
    return 0


def draw(run: Path) -> list[Path]:
    """Write the pictures beside the run's figures."""
    report = json.loads((run / "raw.json").read_text())
    pyplot = _pyplot()
    drawn = []
    for name, plot in (("ratios", _ratios), ("latency", _latency), ("growth", _growth)):
        figure = plot(pyplot, report)
        path = run / f"{name}.png"
        figure.savefig(path, dpi=110, metadata={"Software": None})
        pyplot.close(figure)
        drawn.append(path)
    return drawn


def _pyplot() -> Any:
    import_module("matplotlib").use("Agg")
    pyplot = import_module("matplotlib.pyplot")
    pyplot.rcParams.update(
        {
            "figure.facecolor": PAPER, "axes.facecolor": PAPER, "savefig.facecolor": PAPER,
            "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": FAINT, "axes.titlecolor": INK,
            "xtick.color": INK, "ytick.color": INK, "grid.color": FAINT, "grid.linewidth": 0.6,
            "font.family": "DejaVu Sans", "font.size": 9, "axes.titlesize": 10, "axes.titlelocation": "left",
            "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "legend.fontsize": 8,
        }
    )  # fmt: skip
    return pyplot


def _ratios(pyplot: Any, report: Report) -> Any:
    """One bar for each ratio to a peer, with ticks where the design and the requirement stand."""
    lines = [
        line
        for row in report["rows"]
        for line in row["lines"]
        if line["ratio_x"] and not line["id"].startswith("G1") and not line["peer"].startswith(FLOOR)
    ]
    figure, axes = pyplot.subplots(figsize=(10, 1.2 + 0.19 * len(lines)), layout="constrained")
    for at, line in enumerate(lines):
        is_reached = line["design_x"] is None or line["ratio_x"] >= line["design_x"]
        colour = MISSED if line["is_missed"] else GOOD if is_reached else SHORT
        axes.barh(at, line["ratio_x"] - 1, left=1, height=0.66, color=colour, alpha=0.85)
        axes.plot([line["design_x"]] * 2, [at - 0.42, at + 0.42], color=INK, linewidth=1.6)
        if line["required_x"]:
            axes.plot(
                [line["required_x"]] * 2, [at - 0.42, at + 0.42], color=INK, linewidth=1.2, linestyle=":"
            )
        axes.text(
            1.005, at, f"{line['ratio_x']:.2f}x", va="center", fontsize=7.5, color=colour, weight="bold",
            transform=axes.get_yaxis_transform(),
        )  # fmt: skip
    peers = [line["peer"].removesuffix(", best").rsplit(" ", 2)[0] for line in lines]
    axes.set_yticks(
        range(len(lines)),
        [f"{line['id']}  over {peer}" for line, peer in zip(lines, peers, strict=True)],
        fontsize=7.5,
    )
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.set_xscale("log")
    ticks = [0.2, 0.5, 1, 2, 3, 5, 10, 20, 40]
    axes.set_xticks(ticks, [f"{tick:g}x" for tick in ticks])
    axes.minorticks_off()
    ends = [line["ratio_x"] for line in lines] + [line["design_x"] for line in lines]
    axes.set_xlim(min(0.8, 0.9 * min(ends)), 1.2 * max(ends))
    axes.axvline(1, color=INK, linewidth=0.8)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_title(f"How many times faster than the peer, {report['date']} (log scale)")
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=colour, alpha=0.85) for colour in (GOOD, SHORT, MISSED)]
    handles += [pyplot.Line2D([], [], color=INK, linestyle=style) for style in ("-", ":")]
    names = ["design reached", "below the design", "requirement missed", "design", "required"]
    figure.legend(handles, names, loc="outside lower center", ncols=5)
    return figure


def _latency(pyplot: Any, report: Report) -> Any:
    """Microseconds by percentile, a panel for each way."""
    rows = {row["id"]: row for row in report["rows"]}
    panels = [(rows[row_id], title) for row_id, title in PANELS if row_id in rows]
    names = list(dict.fromkeys(name for row, _ in panels for name in row["percentiles_ns"]))
    colours = {
        name: OTHERS[at % len(OTHERS)]
        for at, name in enumerate(n for n in names if not n.startswith("tradewire"))
    }
    height = (len(panels) + 1) // 2
    figure, grid = pyplot.subplots(
        height, 2, figsize=(10, 3.1 * height), layout="constrained", squeeze=False, sharey="row"
    )
    for axes in grid.flat[len(panels) :]:
        axes.axis("off")
    for axes, (row, title) in zip(grid.flat, panels, strict=False):
        for name, figures in row["percentiles_ns"].items():
            shares = [float(key[1:]) for key in figures]
            is_ours = name.startswith("tradewire")
            axes.plot(
                range(len(shares)), [ns / 1000 for ns in figures.values()], marker="o", markersize=3,
                color=OURS if is_ours else colours[name], linewidth=2.4 if is_ours else 1.2, label=name,
                linestyle="--" if name == FLOOR else ":" if is_ours and "," in name else "-",
                zorder=3 if is_ours else 2,
            )  # fmt: skip
            axes.set_xticks(range(len(shares)), [f"{share:g}" for share in shares])
        axes.set_yscale("log")
        axes.set_yticks([10, 20, 50, 100, 200, 500, 1000], ["10", "20", "50", "100", "200", "500", "1000"])
        axes.minorticks_off()
        axes.set_xlabel("percentile")
        axes.set_ylabel("us, log scale")
        axes.set_title(title)
        axes.grid()
    handles: dict[str, Any] = {}
    for axes in grid.flat:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=4)
    figure.suptitle(f"Tick to trade: frame on the socket to signed order on the socket, {report['date']}")
    return figure


def _growth(pyplot: Any, report: Report) -> Any:
    """Cost against what it should not depend on."""
    rows = {row["id"]: row for row in report["rows"]}
    figure, (markets, depth, update) = pyplot.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
    for axes, row_id, title, unit in (
        (markets, "G1/markets", "CoinEx frame, whole client", "markets on one connection"),
        (depth, "G1/depth", "TrueX frame of 12 changes", "levels a side"),
    ):
        figures = rows[row_id]["figures"] if row_id in rows else {}
        points = sorted((int(name.split()[0]), one["p50_ns"] / 1000) for name, one in figures.items())
        if points:
            axes.axhspan(points[0][1], 1.2 * points[0][1], color=GOOD, alpha=0.12, label="within 1.2x")
            axes.plot(*zip(*points, strict=True), marker="o", color=OURS, linewidth=2.4, label="tradewire")
            axes.set_ylim(0, 1.35 * max(max(cost for _, cost in points), 1.2 * points[0][1]))
        _against(axes, [count for count, _ in points], title, unit, "us a frame")
    deep = {depth: rows[f"B1/{depth}"]["figures"] for depth in (20, 100, 1000) if f"B1/{depth}" in rows}
    for at, name in enumerate(next(iter(deep.values()), {})):
        is_ours = name == "tradewire"
        update.plot(
            list(deep), [one[name]["p50_ns"] for one in deep.values()], marker="o", label=name,
            color=OURS if is_ours else OTHERS[at], linewidth=2.4 if is_ours else 1.2,
        )  # fmt: skip
    update.set_ylim(0)
    _against(update, list(deep), "one update and the best levels (B1)", "levels a side", "ns")
    figure.suptitle(f"Cost against markets and depth, {report['date']}")
    return figure


def _against(axes: Any, ticks: list[int], title: str, x: str, y: str) -> None:
    axes.set_xscale("log")
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_title(title)
    axes.grid()
    if ticks:
        axes.legend(loc="best")


if __name__ == "__main__":
    sys.exit(main())
