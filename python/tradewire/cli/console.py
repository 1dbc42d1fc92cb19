"""Where the command writes: data to stdout, talk to stderr."""

from __future__ import annotations

from importlib.util import find_spec

from rich.console import Console

from tradewire.errors import ConfigError
from tradewire.extras import install_hint

__all__ = ["data", "need", "status", "talk", "talker"]

_stdout = Console(highlight=False)
talker = Console(stderr=True, highlight=False)


def data(*parts: object) -> None:
    """Write data to stdout."""
    _stdout.print(*parts)


def status(text: str) -> None:
    """Show how something goes on, on stderr, in one line that the next replaces; nothing where nobody watches."""
    if talker.is_terminal:
        # Cut to the width, or the next one would replace its last line only.
        talker.file.write(f"\r\x1b[K{text[: talker.width - 1]}")
        talker.file.flush()


def talk(text: str) -> None:
    """Tell the person something, on stderr."""
    if talker.is_terminal:
        talker.file.write("\r\x1b[K")
    talker.print(text, markup=False)


def need(package: str, extra: str) -> None:
    """Make sure that what a command needs is there.

    Raises:
        ConfigError: It is not; the message says what installs it.
    """
    if find_spec(package) is None:
        raise ConfigError(f"this command needs {package}: {install_hint(extra)}")
