"""What the demo shows while it trades: a few lines that are redrawn in a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tradewire.cli import console

__all__ = ["View"]

FORCED_FOR_S = 3.0
"""What the connections say so soon after a forced fault is its consequence."""
REFRESHES_PER_S = 4


class View:
    """Shows the progress of each product; where there is no terminal, one line for each thing that happens.

    Args:
        seconds: How long each product trades.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._forced_at = 0.0
        self._product = ""
        self._began_at: float | None = None
        self._counts: Callable[[], str] = str
        self._live: Live | None = None
        if console.talker.is_terminal:
            self._live = Live(
                console=console.talker,
                refresh_per_second=REFRESHES_PER_S,
                transient=True,
                get_renderable=self._draw,
            )
        self._handler = _Said(self)
        self._logger = logging.getLogger("tradewire")

    def __enter__(self) -> Self:
        self._propagates, self._logger.propagate = self._logger.propagate, False
        self._logger.addHandler(self._handler)
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        self._logger.removeHandler(self._handler)
        self._logger.propagate = self._propagates

    def say(self, words: str) -> None:
        """Say something that happened."""
        console.talk(f"{self._product}: {words}")

    def force(self, words: str) -> None:
        """Say which fault is forced now."""
        self._forced_at = time.monotonic()
        self.say(f"FORCED: the venue {words}")

    @property
    def is_forced(self) -> bool:
        """A fault was forced a moment ago."""
        return time.monotonic() - self._forced_at < FORCED_FOR_S

    @contextlib.contextmanager
    def product(self, name: str) -> Iterator[None]:
        """Show a product until the block ends."""
        self._product = name
        try:
            yield
        finally:
            self._began_at, self._counts = None, str

    def trading(self, counts: Callable[[], str]) -> None:
        """Show from now on how far trading is, with what ``counts`` returns."""
        self._began_at, self._counts = time.monotonic(), counts

    def _draw(self) -> Any:
        if self._began_at is None:
            return Text(f"{self._product}: preparing" if self._product else "")
        passed = min(time.monotonic() - self._began_at, self._seconds)
        line = Table.grid(padding=(0, 1))
        line.add_row(
            Text(self._product, "bold"),
            ProgressBar(self._seconds, passed, width=24),
            f"{passed:.0f} of {self._seconds:.0f} s",
        )
        return Group(line, Text(self._counts(), "dim"))


class _Said(logging.Handler):
    """Shows what the package logs, marked where it is the consequence of a forced fault."""

    def __init__(self, view: View) -> None:
        super().__init__(logging.WARNING)
        self._view = view

    def emit(self, record: logging.LogRecord) -> None:
        """Show one line."""
        mark = "(forced) " if self._view.is_forced else ""
        self._view.say(f"{mark}{record.getMessage()}")
