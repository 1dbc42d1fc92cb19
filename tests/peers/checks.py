"""Checks: what a stranger is asked to do, and running them one after the other."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeAlias

from peers.strangers import Session

__all__ = ["Check", "Checks", "run"]

Work: TypeAlias = Callable[[Session], Awaitable[None]]
LONGEST_S = 20.0


class Check(NamedTuple):
    """One row of the table."""

    group: str
    name: str
    work: Work
    watches: bool
    kind: str


class Checks:
    """The checks of one group, in the order in which they are declared: later ones build on earlier ones.

    Args:
        group: Heading of their rows.
        kind: What strangers they are for, see ``Stranger.kind``.
    """

    def __init__(self, group: str, kind: str = "ccxt") -> None:
        self.group = group
        self.kind = kind
        self.rows: list[Check] = []

    def check(self, name: str, *, watches: bool = False) -> Callable[[Work], Work]:
        """Make a function a check; ``name`` says which calls of the stranger it makes."""

        def mark(work: Work) -> Work:
            self.rows.append(Check(self.group, name, work, watches, self.kind))
            return work

        return mark


async def run(session: Session, checks: list[Check]) -> list[tuple[str, str, str]]:
    """Return group, name and outcome of each check: empty where all was as the venue has it, else why not."""
    outcomes = []
    for check in checks:
        if check.kind != session.kind or (check.watches and not session.watches):
            continue
        outcome = ""
        try:
            await asyncio.wait_for(check.work(session), LONGEST_S)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in place if "/peers/" in frame.filename]
            where = f"{own[-1].filename.rpartition('/')[2]}:{own[-1].lineno}" if own else "?"
            outcome = f"{type(error).__name__} at {where}: {error}".strip().replace("\n", " ")
        outcomes.append((check.group, check.name, outcome))
    return outcomes
