"""Imported once by the process that all others are forked from: what they share is there before they begin."""

from __future__ import annotations

import gc

from tradewire.testing.run import run_seed
from tradewire.testing.venues import SETUPS

for _venue in SETUPS:
    run_seed(_venue, 0)
gc.collect()
# What is there stays: it is neither looked at again nor copied because of that.
gc.freeze()
