"""What a figure is worth: the machine, the interpreter and the versions it was measured with."""

import hashlib
import os
import platform
import re
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[3]


def facts(packages: dict[str, str]) -> dict[str, object]:
    """Collect what a record must say beside its figures."""
    return {
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") or "not visible",
        "os": platform.platform(),
        "python": sys.version.split()[0],
        "interpreter": interpreter_build(),
        "interpreter_compiler": platform.python_compiler(),
        "rustc": _run("rustc", "--version"),
        "tradewire": metadata.version("tradewire"),
        "commit": _commit(),
        "lockfiles": {name: _hash(name) for name in ("Cargo.lock", "requirements-dev.txt")},
        "packages": packages,
    }


def cpu() -> str:
    """Name the processor and the extensions that matter here."""
    text = _read("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", text)
    name = model[1].strip() if model else platform.processor() or platform.machine()
    known = {"sha_ni": "SHA-NI", "avx512f": "AVX-512", "avx2": "AVX2"}
    extensions = [label for flag, label in known.items() if re.search(rf"\b{flag}\b", text)]
    return f"{name} ({', '.join(extensions)})" if extensions else name


def load() -> float | None:
    """Tell how many processes wanted to run in the last minute, where the system says so."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def unread_bytes(port: int) -> int:
    """Tell what the clients of this local port have been sent and not read, 0 where the system does not say."""
    connections = [line.split() for line in _read("/proc/net/tcp").splitlines()[1:]]
    return sum(
        int(queues.partition(":")[2], 16)
        for _, _, remote, _, queues, *_ in connections
        if int(remote.partition(":")[2], 16) == port
    )


def kind() -> str:
    """Name the machine's kind for a folder: ``xeon-avx512-2core``."""
    text = cpu().lower()
    families = ("xeon", "epyc", "ryzen", "core", "apple", "neoverse", "amd", "intel")
    family = next((word for word in families if word in text), platform.machine().lower())
    vectors = next((word for word in ("avx512", "avx2") if word in text.replace("-", "")), "")
    return "-".join(filter(None, (family, vectors, f"{os.cpu_count()}core")))


def interpreter_build() -> str:
    """Say how the interpreter was optimised: ``pgo``, ``distribution`` or ``plain``.

    Debian and its children build theirs with profiles without telling ``configure``, so the flags of
    the system's own interpreter cannot show it; such a build is called ``distribution``.
    """
    if "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""):
        return "pgo"
    is_systems = Path(sys.base_prefix) == Path("/usr") and Path("/usr/share/python-wheels").is_dir()
    return "distribution" if is_systems else "plain"


def is_optimised() -> bool:
    """Tell whether ratios measured here may be published."""
    return interpreter_build() != "plain"


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _run(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _commit() -> str:
    commit = _run("git", "rev-parse", "--short=12", "HEAD")
    is_dirty = bool(_run("git", "status", "--porcelain", "--", "rust", "python", "benches/python"))
    return f"{commit} with changes" if is_dirty else commit


def _hash(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()[:16]
