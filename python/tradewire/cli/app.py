"""The commands and what they take; each one's work is in a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewire.cli import console, guard_command, recording_commands
from tradewire.registry import find_product, product_names, venue_names

__all__ = ["app"]

app = typer.Typer(
    name="tradewire",
    help="Exchange clients for low-latency bots, and a local venue to try them on. No account needed: "
    "everything runs on the built-in sandbox unless you say --live.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


LAST_PORT = 65535


def show_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        import tradewire

        typer.echo(f"tradewire {tradewire.__version__}")
        raise typer.Exit


@app.callback()
def top(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=show_version),
    ] = False,
) -> None:
    """Take the options of the command itself."""


def known(named: str | list[str] | None) -> str | list[str] | None:
    """Return what is named if all of it is a venue."""
    return _known(named, "venue", venue_names())


def known_product(named: str | list[str] | None) -> str | list[str] | None:
    """Return what is named if all of it can be traded."""
    return _known(named, "product", product_names())


def _known(named: str | list[str] | None, kind: str, names: tuple[str, ...]) -> str | list[str] | None:
    for name in [named] if isinstance(named, str) else named or ():
        if name not in names:
            raise typer.BadParameter(f"{kind} must be one of {', '.join(names)}, got {name!r}")
    return named


VENUES = f"[{'|'.join(venue_names())}]"
Venue = Annotated[str, typer.Argument(help="The venue.", metavar=VENUES, callback=known)]
Venues = Annotated[
    list[str] | None,
    typer.Argument(
        help="Which venues; all if none is named.", show_default=False, metavar=f"{VENUES}...", callback=known
    ),
]
PRODUCTS = f"[{'|'.join(product_names())}]"
Product = Annotated[
    str,
    typer.Argument(help="The venue, or another product of it.", metavar=PRODUCTS, callback=known_product),
]
Products = Annotated[
    list[str] | None,
    typer.Argument(
        help="Which venues and products; all if none is named.",
        show_default=False,
        metavar=f"{PRODUCTS}...",
        callback=known_product,
    ),
]


@app.command()
def demo(
    venues: Products = None,
    seconds: Annotated[
        float, typer.Option(min=1.0, max=600.0, help="How long the bot trades on each venue.")
    ] = 6.0,
    seed: Annotated[int, typer.Option(help="Seed of the sandbox's traffic: same seed, same tape.")] = 7,
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")] = Path("demo-report.json"),
    picture: Annotated[
        Path,
        typer.Option(help="Where the picture goes: mid, quotes, fills, inventory (PNG, needs matplotlib)."),
    ] = Path("demo.png"),
    make_book_wrong: Annotated[
        bool,
        typer.Option(
            "--make-book-wrong", help="Alter our book on purpose, to see the check find it (exit status 1)."
        ),
    ] = False,
) -> None:
    """Run a market-making bot against the sandbox and check everything it believes.

    Starts each venue in a process of its own, one after the other, keeps live books, quotes, gets filled,
    survives a dropped connection and a book made to differ, and compares books, orders, fills and holdings
    with the venue's own. Exit status 0 only if all of it matched.
    """
    from tradewire.cli.demo import run
    from tradewire.runner import run as tradewire_run

    for option, file in (("--report", report), ("--picture", picture)):
        if not file.absolute().parent.is_dir():
            raise typer.BadParameter(f"there is no folder {file.absolute().parent}", param_hint=option)
    outcome = tradewire_run(
        run.demo(
            venues=_named(venues or [name for name in product_names() if find_product(name).demo]),
            seconds=seconds,
            seed=seed,
            report=report,
            picture=picture,
            make_book_wrong=make_book_wrong,
        ),
        uvloop=False,
    )
    raise typer.Exit(0 if outcome else 1)


@app.command()
def sandbox(
    venues: Venues = None,
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=LAST_PORT,
            help="Port of the first venue, the others take the next ones; 0 for free ones.",
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the traffic: same seed, same tape.")] = 7,
    rate: Annotated[
        float, typer.Option(min=0.0, max=5000.0, help="Orders per second of the seeded traffic.")
    ] = 200.0,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="What a venue is to be like: NAME=VALUE, or VENUE.NAME=VALUE for one venue; may be given more than "
            "once. '?' lists the settings.",
            show_default=False,
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            help="Profile that makes several settings together, for the venues that have it: docs (as its pages say, "
            "the default), live (as its servers answered) or ccxt (as that library reads it). A --set goes before it. "
            "'?' lists what each sets.",
            show_default=False,
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="Fault to inject from the start: NAME, NAME:parameter=value,... or VENUE.NAME... for one "
            "venue; may be given more than once. '?' lists them.",
            show_default=False,
        ),
    ] = None,
    faults: Annotated[
        Path | None,
        typer.Option(
            help="Script of faults with their times, TOML; it begins once the venues listen.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print hosts and keys as one line of JSON, for programs.")
    ] = False,
) -> None:
    """Run local venues until Ctrl-C and print their hosts and keys.

    Point any client of a venue at it: only the URLs and the keys change. Each venue also answers below
    /sandbox/ on its own port: its own state, its traffic, and faults to inject, see the README.
    """
    from tradewire.cli import serve

    names = _named(venues)
    if "?" in (fault or ()):
        serve.list_faults(names)
        return
    if "?" in (setting or ()):
        serve.list_settings(names)
        return
    if like == "?":
        serve.list_profiles(names)
        return
    if port and port + len(names) - 1 > LAST_PORT:
        raise typer.BadParameter(f"{len(names)} venues need ports up to {port + len(names) - 1}")
    serve.run(
        names,
        host=host,
        port=port,
        seed=seed,
        rate=rate,
        as_json=as_json,
        faults=fault or (),
        script=faults.read_text() if faults else "",
        settings=setting or (),
        like=like,
    )


@app.command()
def book(
    venue: Product,
    market: Annotated[str, typer.Argument(help="The market in the venue's spelling, for instance BTCUSDT.")],
    depth: Annotated[int, typer.Option(min=1, max=50, help="Levels shown on each side.")] = 10,
    live: Annotated[bool, typer.Option("--live", help="Use the real venue instead of the sandbox.")] = False,
    url: Annotated[str, typer.Option(help="Address of a running sandbox, http://127.0.0.1:PORT.")] = "",
    seconds: Annotated[float, typer.Option(min=0.0, help="Stop after this long; 0 runs until Ctrl-C.")] = 0.0,
) -> None:
    """Show a live order book as a ladder.

    Bids on the left, asks on the right, best at the top, with a bar for the size resting at each price.
    """
    from tradewire.cli import ladder

    ladder.run(venue=venue, market=market, depth=depth, live=live, url=url, seconds=seconds)


@app.command()
def watch(
    venue: Product,
    market: Annotated[str, typer.Argument(help="The market in the venue's spelling, for instance BTCUSDT.")],
    url: Annotated[str, typer.Option(help="Address of a running sandbox, http://127.0.0.1:PORT.")] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Use the real venue, with the keys of the environment.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=0.0, help="Stop after this long; 0 runs until q.")] = 0.0,
) -> None:
    """Watch a market and what you have in it: ladder with your orders, trades, P&L, connection.

    With --url it joins a running sandbox and shows what any bot does there with the default keys. It sends nothing but
    questions. Keys are shown at the bottom. Needs the extra tradewire[watch].
    """
    console.need("textual", "watch")
    from tradewire.cli.watch import screen

    screen.run(venue=venue, market=market, live=live, url=url, seconds=seconds)


@app.command()
def endpoints(
    venue: Venue,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List every REST endpoint and stream message the client covers, with its Python name."""
    from tradewire.cli import coverage

    coverage.show(venue, as_json=as_json)


faults_app = typer.Typer(
    no_args_is_help=True,
    help="Let a running sandbox do something wrong: one fault now, or a script of them.",
)
app.add_typer(faults_app, name="faults")
SandboxUrl = Annotated[
    str, typer.Argument(metavar="URL", help="Address of the venue, as `tradewire sandbox` prints it.")
]


@faults_app.command("list")
def faults_list(url: SandboxUrl) -> None:
    """List the faults of the venue with their parameters."""
    from tradewire.cli import inject

    inject.show(url)


@faults_app.command("apply")
def faults_apply(
    url: SandboxUrl,
    script: Annotated[
        Path, typer.Argument(help="Faults with their times, TOML.", exists=True, dir_okay=False)
    ],
) -> None:
    """Play a script: its time begins now, and the venue keeps it."""
    from tradewire.cli import inject

    inject.play(url, script.read_bytes())


@faults_app.command("now")
def faults_now(
    url: SandboxUrl,
    fault: Annotated[list[str], typer.Argument(help="NAME or NAME:parameter=value,...; any number.")],
) -> None:
    """Arm faults, or do them at once."""
    from tradewire.cli import inject

    inject.arm(url, fault)


@faults_app.command("clear")
def faults_clear(url: SandboxUrl) -> None:
    """End every fault and the script."""
    from tradewire.cli import inject

    inject.arm(url, ["clear"])


journal_app = typer.Typer(
    no_args_is_help=True,
    help="Look into a bot's journal of orders: what it sent, what became of it, and what is still open.",
)
app.add_typer(journal_app, name="journal")
JournalFile = Annotated[
    Path, typer.Argument(help="The journal, as given to tradewire.Journal.", exists=True, dir_okay=False)
]


@journal_app.command("show")
def journal_show(
    path: JournalFile,
    is_whole: Annotated[bool, typer.Option("--all", help="Finished orders, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the orders that are not final; reads only, so the bot may be running."""
    from tradewire.cli import journal

    journal.show(path, is_whole=is_whole, as_json=as_json)


@journal_app.command("export")
def journal_export(
    path: JournalFile,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="A .json, .csv or .parquet file; the latter two hold fills.")
    ],
) -> None:
    """Write orders and fills to a file; prices and sizes are exact: texts, and decimals in Parquet."""
    from tradewire.cli import journal

    journal.export(path, out)


@journal_app.command("reconcile")
def journal_reconcile(
    path: JournalFile,
    venue: Product,
    url: Annotated[
        str,
        typer.Option(
            "--sandbox", help="Address of a running sandbox, http://127.0.0.1:PORT.", show_default=False
        ),
    ] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Ask the real venue, with the keys of the environment.")
    ] = False,
) -> None:
    """Ask the venue what became of the orders that are not final, and write it into the journal.

    The bot must not be running: it does the same when it starts.
    """
    from tradewire.cli import journal

    if bool(url) == live:
        raise typer.BadParameter("say where to ask: either --sandbox URL or --live")
    journal.reconcile(path, venue, url=url)


guard_command.add_to(app)
recording_commands.add_to(app)


def _named(venues: list[str] | None) -> list[str]:
    """Return the venues named, each once, or all of them."""
    return list(dict.fromkeys(venues or venue_names()))


def main() -> None:
    """Run the command; errors of ours are printed in one line, not as a traceback."""
    from tradewire.errors import TradewireError

    try:
        app()
    except (TradewireError, OSError) as error:
        console.talk(f"tradewire: {error}")
        raise SystemExit(2) from None
