"""Cancels what a bot has open, account by account, until each venue confirms that nothing is.

Cancelling and reconciling are the client's own; this opens the journal, makes the clients, and does not give up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from tradewire.errors import JournalFailed
from tradewire.journal.journal import Journal
from tradewire.session.inquiry import READ_LAG_S
from tradewire.session.journalling import Reconciliation

__all__ = ["MakeClient", "Say", "Snapshot", "clear"]

MakeClient: TypeAlias = Callable[..., Any]
"""Makes the client of a product; takes options of it."""
Say: TypeAlias = Callable[[str], None]

LOCK_WITHIN_S = 1.0
"""A process that was killed gives its files up a moment after its connections."""
FIRST_WAIT_S = 0.5
WAIT_CAP_S = 10.0


class Snapshot:
    """A bot's journal as it is now: what a bot that was started meanwhile writes is none of our business.

    Args:
        path: Where it is.
        is_dead: The bot has died: it is about to give the journal up, if it has not yet.

    Raises:
        JournalFailed: It cannot be read.
    """

    def __init__(self, path: Path, *, is_dead: bool) -> None:
        self.path = path
        self._is_dead = is_dead
        try:
            self._data = path.read_bytes()
        except FileNotFoundError:
            self._data = b""
        except OSError as error:
            raise JournalFailed(f"{path} must be a journal that can be read: {error.strerror}") from error

    def journal(self, folder: Path) -> Journal:
        """Return the journal itself if the bot has given it up, else a copy, which nobody else sees.

        Raises:
            JournalFailed: It is damaged.
        """
        with suppress(JournalFailed):
            if self._data:
                return Journal(self.path, wait_s=LOCK_WITHIN_S if self._is_dead else 0.0)
        copy = folder / "copy.journal"
        copy.write_bytes(self._data)
        return Journal(copy)


async def clear(
    snapshot: Snapshot, accounts: Mapping[str, MakeClient], prefix: str, say: Say
) -> Mapping[str, Reconciliation]:
    """Cancel what is open of a journal and a prefix on every account, and return what was found of each.

    Returns once nothing is open and nothing unknown, however long a venue cannot be reached.

    Raises:
        JournalFailed: The journal is damaged, and there is no prefix to go by.
    """
    with TemporaryDirectory(prefix="tradewire-guard-") as folder:
        try:
            journal = await asyncio.to_thread(snapshot.journal, Path(folder))
        except JournalFailed as error:
            if not prefix:
                raise
            say(f"{error}; going by the prefix {prefix!r} alone")
            journal = Journal(Path(folder) / "empty.journal")
        with journal:
            found = await asyncio.gather(
                *(_clear_account(name, make, journal, prefix, say) for name, make in accounts.items())
            )
    return dict(zip(accounts, found, strict=True))


async def _clear_account(
    name: str, make: MakeClient, journal: Journal, prefix: str, say: Say
) -> Reconciliation:
    wait_s, said = FIRST_WAIT_S, ""

    def tell(error: Exception) -> None:
        nonlocal said
        # The same again, every second for hours, would hide everything else.
        if said != (said := f"{type(error).__name__}: {error}"):
            say(f"{name}: {said}")

    while True:
        try:
            client = make(journal=journal, on_error=tell)
            try:
                found: Reconciliation = await client.reconcile(cancel=True)
                await _confirm(name, client, prefix, say)
            finally:
                await client.close()
            return found
        except Exception as error:
            # Whatever it is, what is open must not stay so.
            tell(error)
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, WAIT_CAP_S)


async def _confirm(name: str, client: Any, prefix: str, say: Say) -> None:
    """Return once the venue has said twice, as far apart as its reads may lag, that nothing of ours is open."""
    in_a_row = 0
    while True:
        cancelled = await client.cancel_own(prefix=prefix)
        in_a_row = 0 if cancelled else in_a_row + 1
        if cancelled:
            say(f"{name}: {cancelled} more orders were open and are cancelled")
        if in_a_row == 2:
            return
        await asyncio.sleep(READ_LAG_S)
