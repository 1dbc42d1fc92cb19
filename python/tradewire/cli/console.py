"""Where the command writes: data to stdout, talk to stderr."""

from __future__ import annotations

from importlib.util import find_spec

from rich.console import Console

from tradewire.errors import ConfigError
from tradewire.extras import install_hint

__all__ = ["data", "need", "talk", "talker"]

_stdout = Console(highlight=False)
talker = Console(stderr=True, highlight=False)


def data(*parts: object) -> None:
    """Write data to stdout."""
    _stdout.print(*parts)


def talk(text: str) -> None:
    """Tell the person something, on stderr."""
    talker.print(text, markup=False)


def need(package: str, extra: str) -> None:
    """Make sure that what a command needs is there.

    Raises:
        ConfigError: It is not; the message says what installs it.
    """
    if find_spec(package) is None:
        raise ConfigError(f"this command needs {package}: {install_hint(extra)}")
