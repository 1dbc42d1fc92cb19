"""The `tradewire` command. Needs the extra: ``pip install "tradewire[cli]"``.

Data goes to stdout, talk to stderr; nothing needs colour to be understood.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the `tradewire` command."""
    try:
        from tradewire.cli import app
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        sys.exit(f'the tradewire command needs {error.name}: pip install "tradewire[cli]"')
    app.main()
