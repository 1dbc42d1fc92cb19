"""Audit the Python side: ``python -m support.audit``, run by ``make audit``. The crates' side is cargo-deny's.

Licences of every locked package that is installed are held to the list in ``deny.toml`` and a few of Python's own;
advisories are asked for with pip-audit. Where its database cannot be reached that is said, and is a failure only with
``--need-advisories``.
"""

# ruff: noqa: T201 - a command

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-dev.txt"
LOCKED = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.MULTILINE)
PYTHONS_OWN = {
    "CC0-1.0": "parts of numpy, public domain",
    "MIT-0": "MIT without attribution",
    "MIT-CMU": "Pillow's, permissive",
    "MPL-2.0": "file by file: nothing of it is in our wheel",
    "PSF-2.0": "Python's own",
}
NAMES = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""What packages that name no expression call their licence."""
WITHOUT_A_WORD = {"aiofastnet": "MIT", "picows": "MIT"}
"""Packages whose metadata is silent, by what the licence file in them says."""


def main(*, need_advisories: bool) -> int:
    """Print what was found; 1 if anything breaks the policy."""
    seen, refused = licences()
    print("licences of Python packages:", ", ".join(f"{count} {one}" for one, count in sorted(seen.items())))
    for name, licence in refused.items():
        print(f"{name}: its licence, {licence or 'none'}, is not allowed by deny.toml")
    broken = bool(refused)
    for lock in sorted(ROOT.glob("requirements-*.txt")):
        found, unknown, total = advisories(lock)
        print(*found, sep="\n", end="\n" if found else "")
        print(f"{lock.name}: {total - unknown} of {total} packages audited, {len(found)} advisories")
        if unknown:
            print(
                f"  NOT AUDITED: {unknown}, the database of advisories does not know them or cannot be reached"
            )
        broken |= bool(found) or (need_advisories and bool(unknown))
    return int(broken)


def licences() -> tuple[Counter[str], dict[str, str]]:
    """Return how many locked packages have which licence, and those whose licence is not allowed."""
    allowed = {*tomllib.loads((ROOT / "deny.toml").read_text())["licenses"]["allow"], *PYTHONS_OWN}
    seen, refused = Counter[str](), dict[str, str]()
    for name in dict.fromkeys(LOCKED.findall(LOCK.read_text())):
        try:
            licence = licence_of(name)
        except metadata.PackageNotFoundError:
            # Locked for another platform.
            continue
        seen[licence] += 1
        if not is_allowed(licence, allowed):
            refused[name] = licence
    return seen, refused


def licence_of(name: str) -> str:
    """Return the licence of an installed package as an expression; empty if it says nothing."""
    of = metadata.metadata(name)
    if "License-Expression" in of:
        return of["License-Expression"]
    said = [of["License"]] if "License" in of else []
    said += [one.rpartition(" :: ")[2] for one in of.get_all("Classifier") or [] if one.startswith("License")]
    known = [NAMES.get(one, one) for one in said if NAMES.get(one, one) in {*NAMES.values(), *PYTHONS_OWN}]
    return known[0] if known else WITHOUT_A_WORD.get(name, "")


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Return whether one may take a package under an SPDX expression: ``AND`` needs each part, ``OR`` one."""
    tokens = re.findall(r"\(|\)|\bAND\b|\bOR\b|[\w.+-]+(?: WITH [\w.-]+)?", expression)
    place = iter([*tokens, ""])
    head = next(place)

    def alternatives() -> bool:
        nonlocal head
        taken = [together()]
        while head == "OR":
            head = next(place)
            taken.append(together())
        return any(taken)

    def together() -> bool:
        nonlocal head
        taken = [one()]
        while head == "AND":
            head = next(place)
            taken.append(one())
        return all(taken)

    def one() -> bool:
        nonlocal head
        token, head = head, next(place)
        if token != "(":
            return token in allowed
        taken = alternatives()
        head = next(place)
        return taken

    return bool(tokens) and alternatives() and not head


def advisories(lock: Path) -> tuple[list[str], int, int]:
    """Return what is known against the packages of a lock, how many nobody could tell about, and how many there are."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"),
            *("--format", "json", "--requirement", str(lock)),
        ],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"pip-audit cannot ask: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
        total = len(set(LOCKED.findall(lock.read_text())))
        return [], total, total
    return list(_told(packages)), sum("skip_reason" in one for one in packages), len(packages)


def _told(packages: list[dict[str, object]]) -> Iterator[str]:
    for package in packages:
        found = package.get("vulns")
        for one in found if isinstance(found, list) else []:
            fixed = ", ".join(one["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {one['id']}, fixed in {fixed}"


if __name__ == "__main__":
    sys.exit(main(need_advisories="--need-advisories" in sys.argv))
