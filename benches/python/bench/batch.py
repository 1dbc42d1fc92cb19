"""B2: what does one update of a book and one look at its best levels cost inside one native call?

There is no batch call for single updates: frames are the batches, and a frame's updates are what the core does here.
So it is criterion that measures (``benches/rust/book.rs``), and this reads what it left.
"""

import json
import os
from pathlib import Path

from bench import machine

DEPTHS = (20, 100, 1000)
CHANGES = 2_000
"""In one iteration of ``book/change_and_best``."""
BUDGET_NS = 25.0


def measured_ns() -> dict[int, float]:
    """Return the median by depth, empty where criterion has not run."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", machine.ROOT / "target"))
    group = target / "criterion" / "book_change_and_best"
    paths = {depth: group / str(depth) / "new" / "estimates.json" for depth in DEPTHS}
    return {
        depth: json.loads(path.read_text())["median"]["point_estimate"] / CHANGES
        for depth, path in paths.items()
        if path.is_file()
    }
