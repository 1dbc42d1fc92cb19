"""What a core built with a profile learns from: our contenders of the rows whose time is the core's own.

python benches/python/train.py    run by ``maturin build --pgo`` with the instrumented core
"""

import sys
import sysconfig

# The instrumented core is in the environment of its own that maturin makes, other packages are on PYTHONPATH: where an
# older wheel is among those it must not be the one that learns.
sys.path.insert(0, sysconfig.get_path("purelib"))

from bench.rows import ROWS

LEARNT = {"S1", "S2", "S3", "J1", "B1", "B3", "D1", "D2", "D3", "D4", "G1"}
LAPS = 20


def main() -> int:
    """Run each row some laps; the profile is written when the process ends."""
    rows = [row for row in ROWS if row.id.partition("/")[0] in LEARNT and row.id != "G1/markets"]
    for row in rows:
        ours = next(one for one in row.contenders if one.name == row.ours)
        row.check(ours)
        for _ in range(LAPS):
            ours.prepare().run()
    print(f"learnt from {len(rows)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
