"""The commands and what they take; each one's work is in a module of its own."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tradewire.cli import console

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


class Venue(StrEnum):
    """Venues that work today."""

    COINEX = "coinex"
    EXCHANGE = "exchange"
    TRUEX = "truex"


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


Venues = Annotated[
    list[Venue] | None, typer.Argument(help="Which venues; all if none is named.", show_default=False)
]


@app.command()
def demo(
    venues: Venues = None,
    seconds: Annotated[
        float, typer.Option(min=1.0, max=600.0, help="How long the bot trades on each venue.")
    ] = 8.0,
    seed: Annotated[int, typer.Option(help="Seed of the sandbox's traffic: same seed, same tape.")] = 7,
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")] = Path("demo-report.json"),
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

    if not report.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {report.absolute().parent}", param_hint="--report")
    outcome = asyncio.run(
        run.demo(
            venues=_named(venues),
            seconds=seconds,
            seed=seed,
            report=report,
            make_book_wrong=make_book_wrong,
        )
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
    push_ms: Annotated[
        int,
        typer.Option(
            min=0, max=60_000, help="Milliseconds between CoinEx's depth pushes; 0 pushes every change."
        ),
    ] = 200,
    state_file: Annotated[
        Path | None,
        typer.Option(help="Keep Exchange's state in this SQLite file, and begin with what it holds."),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Begin Exchange without markets and traders, for its operator to make."),
    ] = False,
    legacy_signature: Annotated[
        bool,
        typer.Option(
            "--legacy-signature", help="Let CoinEx also take plain SHA-256 signatures, as older clients send."
        ),
    ] = False,
    bare_batch_items: Annotated[
        bool,
        typer.Option(
            "--bare-batch-items",
            help="Let CoinEx send elements of a batch without their wrapper, as in 2024.",
        ),
    ] = False,
    signature_without_path: Annotated[
        bool,
        typer.Option(
            "--signature-without-path",
            help="Let TrueX also take stream signatures without the path, as the vendor's samples make them.",
        ),
    ] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="Fault to inject from the start: NAME, NAME:parameter=value,... or VENUE.NAME... for one "
            "venue; may be given more than once. '?' lists them.",
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
    from tradewire.sandbox import CoinExOptions, ExchangeOptions, TrueXOptions

    if "?" in (fault or ()):
        serve.list_faults(_named(venues))
        return
    if (state_file or fresh) and Venue.EXCHANGE not in (venues or Venue):
        raise typer.BadParameter("--state-file and --fresh are for Exchange: name it")
    if (legacy_signature or bare_batch_items) and Venue.COINEX not in (venues or Venue):
        raise typer.BadParameter("--legacy-signature and --bare-batch-items are for CoinEx: name it")
    if signature_without_path and Venue.TRUEX not in (venues or Venue):
        raise typer.BadParameter("--signature-without-path is for TrueX: name it")
    if fresh and state_file is not None and state_file.exists():
        raise typer.BadParameter(f"--fresh starts empty, but {state_file} is there: name a new file")
    if port and port + len(_named(venues)) - 1 > LAST_PORT:
        raise typer.BadParameter(
            f"{len(_named(venues))} venues need ports up to {port + len(_named(venues)) - 1}"
        )
    serve.run(
        _named(venues),
        host=host,
        port=port,
        seed=seed,
        rate=rate,
        as_json=as_json,
        faults=fault or (),
        coinex=CoinExOptions(
            push_ms=push_ms, accept_legacy_hash=legacy_signature, bare_batch_items=bare_batch_items
        ),
        exchange=ExchangeOptions(state_file=state_file, fresh=fresh),
        truex=TrueXOptions(accept_signature_without_path=signature_without_path),
    )


@app.command()
def book(
    venue: Annotated[Venue, typer.Argument(help="The venue.")],
    market: Annotated[str, typer.Argument(help="The market in the venue's spelling, for instance BTCUSDT.")],
    depth: Annotated[int, typer.Option(min=1, max=50, help="Levels shown on each side.")] = 10,
    live: Annotated[bool, typer.Option("--live", help="Use the real venue instead of the sandbox.")] = False,
    seconds: Annotated[float, typer.Option(min=0.0, help="Stop after this long; 0 runs until Ctrl-C.")] = 0.0,
) -> None:
    """Show a live order book as a ladder.

    Bids on the left, asks on the right, best at the top, with a bar for the size resting at each price.
    """
    from tradewire.cli import ladder

    ladder.run(venue=venue.value, market=market, depth=depth, live=live, seconds=seconds)


@app.command()
def endpoints(
    venue: Annotated[Venue, typer.Argument(help="The venue.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List every REST endpoint and stream message the client covers, with its Python name."""
    from tradewire.cli import coverage

    coverage.show(venue.value, as_json=as_json)


def _named(venues: list[Venue] | None) -> list[str]:
    """Return the venues named, each once, or all of them."""
    return list(dict.fromkeys(venue.value for venue in venues or Venue))


def main() -> None:
    """Run the command; errors of ours are told in one line, not as a traceback."""
    from tradewire.errors import TradewireError

    try:
        app()
    except (TradewireError, OSError) as error:
        console.talk(f"tradewire: {error}")
        raise SystemExit(2) from None
