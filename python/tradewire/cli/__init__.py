"""The `tradewire` command. Needs the extra: ``pip install "tradewire[cli]"``.

Data goes to stdout, talk to stderr; nothing needs colour to be understood.
"""

from __future__ import annotations

import signal
import sys

__all__ = ["main"]


def main() -> None:
    """Run the `tradewire` command; Ctrl-C before it has begun ends it as well, without a traceback."""
    try:
        from tradewire.cli import app
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        from tradewire.extras import install_hint

        sys.exit(f"the tradewire command needs {error.name}: {install_hint('cli')}")
    try:
        app.main()
    finally:
        # All is closed: one more Ctrl-C must not kill Python while it ends, and change the exit status.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
