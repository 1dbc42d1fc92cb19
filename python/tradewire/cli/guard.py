"""`tradewire guard`: cancels a bot's orders when the bot dies, hangs or goes mute."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tradewire.cli import console
from tradewire.cli.attach import client_of
from tradewire.guard.process import cancel_now, guard_the_bot_that_comes
from tradewire.registry import find_product
from tradewire.runner import run
from tradewire.session.guard import check_prefix

__all__ = ["guard"]


def guard(
    journal: Path,
    venues: Sequence[str],
    *,
    url: str,
    mute_s: float | None,
    at_close: str,
    prefix: str,
    is_now: bool,
) -> int:
    """Guard a bot, or cancel what one has left, and return the exit status, see ``tradewire.guard.watch.Exit``.

    Raises:
        TradewireError: It cannot be done.
    """
    check_prefix(prefix)
    for notice in {find_product(name).notice for name in venues} - {""}:
        if not url:
            console.talk(notice)
    accounts = {name: partial(client_of, name, url) for name in venues}
    journal = journal.absolute()
    doing = (
        cancel_now(journal, accounts, prefix)
        if is_now
        else guard_the_bot_that_comes(journal, accounts, mute_s=mute_s, at_close=at_close, prefix=prefix)
    )
    return run(doing, uvloop=False)
