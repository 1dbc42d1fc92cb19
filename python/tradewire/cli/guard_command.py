"""What `tradewire guard` takes; its work is in ``guard``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewire.registry import product_names

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(guard)


def guard(
    path: Annotated[
        Path,
        typer.Option("--journal", help="The bot's journal, as given to tradewire.Journal.", dir_okay=False),
    ],
    venues: Annotated[
        list[str],
        typer.Option(
            "--venue",
            help="What the bot trades; once for each venue and product.",
            metavar=f"[{'|'.join(product_names())}]",
        ),
    ],
    url: Annotated[
        str,
        typer.Option(
            "--sandbox", help="Address of a running sandbox, http://127.0.0.1:PORT.", show_default=False
        ),
    ] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Guard at the real venue, with the keys of the environment.")
    ] = False,
    mute_s: Annotated[
        float | None,
        typer.Option(
            "--mute",
            min=0.2,
            help="Seconds that the bot may be mute; as it says itself if left out.",
            show_default=False,
        ),
    ] = None,
    cancels_at_close: Annotated[
        bool,
        typer.Option("--cancel-at-close", help="Cancel what is open when the bot closes in good order, too."),
    ] = False,
    prefix: Annotated[
        str,
        typer.Option(
            help="Beginning of the bot's client order ids, and of no other program's: orders that are not in the "
            "journal are known by it.",
            show_default=False,
        ),
    ] = "",
    is_now: Annotated[
        bool,
        typer.Option("--now", help="Wait for no bot: cancel what one that has died left open, and end."),
    ] = False,
) -> None:
    """Cancel a bot's orders when it dies, hangs or goes mute, and no one else's.

    Waits for the bot, whose clients are made with journal= and guard=tradewire.Guard(), and lives as long as it.
    Orders are the bot's if its journal has them, or their ids begin with --prefix. What was under way is asked for
    until its fate is certain; it goes on until the venue confirms that nothing is open. A bot finds this guard beside
    its journal; without one, tradewire.Guard() starts its own, so you need this command only to run it as a service
    of its own, with keys of its own.

    Keys come from the environment, as for from_env: TRADEWIRE_<VENUE>_KEY and TRADEWIRE_<VENUE>_SECRET.

    Exit status: 0 the bot closed in good order; 1 it did not, and nothing of it is open any more; 2 it could not be
    guarded; 3 it was stopped, or could not read the journal: orders may be open. Ctrl-C ends it, while it cancels the
    second one does, within 5 seconds; the bot is told.
    """
    from tradewire.cli import guard as command

    if bool(url) == live:
        raise typer.BadParameter("say where the bot trades: either --sandbox URL or --live")
    for name in venues:
        if name not in product_names():
            raise typer.BadParameter(f"product must be one of {', '.join(product_names())}, got {name!r}")
    raise typer.Exit(
        command.guard(
            path,
            list(dict.fromkeys(venues)),
            url=url,
            mute_s=mute_s,
            at_close="cancel" if cancels_at_close else "leave",
            prefix=prefix,
            is_now=is_now,
        )
    )
