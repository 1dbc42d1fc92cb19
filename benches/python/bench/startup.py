"""M1: what does ``import tradewire`` add to a bare ``import asyncio``, in milliseconds and memory, and what a client?

Absolute cost, each time in a fresh interpreter that has imported asyncio already; the contenders take
turns. Byte code is warm, also where the environment says that none is written: it is kept in a folder of its own and
one round is thrown away.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from statistics import median

from bench.row import OURS, WrongAnswerError

ROUNDS = 15
BUDGET_MS = 30.0
BUDGET_MIB = 12.0
CLIENT_BUDGET_MS = 30.0
CLIENTS = tuple(f"tradewire.{name}()" for name in ("CoinEx", "CoinExFutures", "Exchange", "TrueX"))
HEAVY = ("aiohttp", "picows", "rich", "typer", "numpy")
"""What the import must not load: each is loaded when first used."""

CONTENDERS = {
    OURS: "import tradewire",
    **{client: f"import tradewire; {client}" for client in CLIENTS},
    "aiohttp": "import aiohttp",
}
"""By name: the statement that is timed. Those after the first make a client, with all that the lazy first puts off."""

_PROBE = """
import asyncio, json, os, sys, time
def resident_bytes():
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
before_bytes, started_ns = resident_bytes(), time.perf_counter_ns()
{statement}
ms = (time.perf_counter_ns() - started_ns) / 1e6
mib = (resident_bytes() - before_bytes) / 2**20
print(json.dumps({{"ms": ms, "mib": mib, "modules": list(sys.modules)}}))
"""


@dataclass(frozen=True, slots=True)
class Startup:
    """One import in one fresh interpreter."""

    ms: float
    mib: float
    modules: frozenset[str]


def probe(name: str, byte_code: str | None = None) -> Startup | None:
    """Run one import in a fresh interpreter that keeps byte code there; None if a peer is not installed."""
    script = _PROBE.format(statement=CONTENDERS[name])
    environment = dict(os.environ)
    if byte_code is not None:
        environment["PYTHONPYCACHEPREFIX"] = byte_code
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    if ran.returncode and "ModuleNotFoundError" in ran.stderr and not name.startswith(OURS):
        return None
    if ran.returncode:
        raise WrongAnswerError(f"M1: {CONTENDERS[name]} failed: {ran.stderr.strip().splitlines()[-1]}")
    facts = json.loads(ran.stdout.splitlines()[-1])
    return Startup(facts["ms"], facts["mib"], frozenset(facts["modules"]))


def check(startup: Startup) -> None:
    """Refuse an import that did not import the package, or that loads what it promises to put off.

    Raises:
        WrongAnswerError: The modules that are loaded say so.
    """
    if "tradewire" not in startup.modules:
        raise WrongAnswerError("M1: the package is not among the loaded modules")
    if loaded := sorted(startup.modules.intersection(HEAVY)):
        raise WrongAnswerError(
            f"M1: import tradewire loads {', '.join(loaded)}; import it where it is first used"
        )


def measure(rounds: int = ROUNDS) -> dict[str, list[Startup]]:
    """Run the contenders that are installed in turn, after one round that warms the byte code."""
    with tempfile.TemporaryDirectory() as byte_code:
        warm = {name: probe(name, byte_code) for name in CONTENDERS}
        present = [name for name, startup in warm.items() if startup is not None]
        ours = warm[OURS]
        if ours is not None:
            check(ours)
        samples: dict[str, list[Startup]] = {name: [] for name in present}
        for _ in range(rounds):
            for name in present:
                startup = probe(name, byte_code)
                if startup is not None:
                    samples[name].append(startup)
    return samples


def median_of(samples: list[Startup]) -> tuple[float, float]:
    """Give the median milliseconds and the median mebibytes."""
    return median(sample.ms for sample in samples), median(sample.mib for sample in samples)
