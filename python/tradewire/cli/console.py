"""Where the command writes: data to stdout, talk to stderr."""

from __future__ import annotations

from rich.console import Console

__all__ = ["data", "talk", "talker"]

_stdout = Console(highlight=False)
talker = Console(stderr=True, highlight=False)


def data(*parts: object) -> None:
    """Write data to stdout."""
    _stdout.print(*parts)


def talk(text: str) -> None:
    """Tell the person something, on stderr."""
    talker.print(text, markup=False)
