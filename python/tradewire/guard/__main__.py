"""``python -m tradewire.guard FD``: the guard that ``tradewire.Guard`` starts; by hand it is ``tradewire guard``."""

from __future__ import annotations

import sys

from tradewire.guard.process import guard_the_bot_that_started_us
from tradewire.runner import run

if __name__ == "__main__":
    sys.exit(run(guard_the_bot_that_started_us(int(sys.argv[1])), uvloop=False))
