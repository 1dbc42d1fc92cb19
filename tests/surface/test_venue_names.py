"""A venue is named in its own folders and suites and in the registry; everything else finds it there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tradewire.registry import BUILT_IN

ROOT = Path(__file__).parents[2]
SEARCHED = ("python", "rust", "tests", "Makefile", "pyproject.toml", ".github")
MODULES = "declares the modules of the venues"
EVERY = "one suite or helper for all venues, with a table of what differs"
EXAMPLE = "takes one venue as the example for what is true of all"
SHOWN = "its docstrings show a program or a name, which must be of some venue"
ALLOWED = {
    "python/tradewire/playback/session.py": SHOWN,
    "python/tradewire/recording/format.py": SHOWN,
    "python/tradewire/recording/recorder.py": SHOWN,
    "python/tradewire/sandbox/faults/api.py": SHOWN,
    "python/tradewire/sandbox/faults/script.py": SHOWN,
    "python/tradewire/session/later.py": SHOWN,
    "python/tradewire/testing/background.py": SHOWN,
    "python/tradewire/testing/bot_run.py": SHOWN,
    "python/tradewire/testing/decorator.py": SHOWN,
    "python/tradewire/testing/venue_under_test.py": SHOWN,
    "python/tradewire/recording/redaction.py": "headers that are no secret, of every venue",
    "rust/py/src/feed/path.rs": "one path for the feeds of every venue, each called by its own class",
    "python/tradewire/registry.py": "the registry",
    "python/tradewire/_native.pyi": "the compiled module is one module and has one stub",
    "pyproject.toml": "extras and keywords of the package",
    "rust/core/src/feed/mod.rs": MODULES,
    "rust/core/src/frame/mod.rs": MODULES,
    "rust/core/src/sign.rs": MODULES,
    "rust/py/src/feed/event.rs": "one event class for the feeds of every venue",
    "rust/py/src/feed/mod.rs": MODULES,
    "rust/py/src/lib.rs": MODULES,
    "rust/py/src/sign/mod.rs": MODULES,
    "rust/fuzz/Cargo.toml": "declares the targets",
    "rust/fuzz/fuzz_targets/frame.rs": "reads frames by a feed",
    "rust/core/tests/sign_vectors.rs": EVERY,
    "rust/core/tests/template.rs": EVERY,
    "Makefile": "runs other people's clients of the one venue that has any",
    "tests/conformance/test_adding_an_endpoint.py": EXAMPLE,
    "tests/property/test_order_lanes.py": EVERY,
    "tests/support/core_bot.py": "has every kind of secret that there is",
    "tests/support/strict_bot.py": "has a client of every venue type checked",
    "tests/surface/test_any.py": "lists the lines that may say Any, in whatever file they stand",
    "tests/surface/test_native.py": "tries the classes of the compiled module",
    "tests/surface/test_venue_names.py": "this file",
    "tests/unit/native/feed/test_event.py": EVERY,
    "tests/unit/native/feed/test_path.py": EXAMPLE,
    "tests/unit/session/test_later.py": EXAMPLE,
    "tests/unit/testing/test_bot_invariants.py": EXAMPLE,
    "tests/unit/testing/test_bot_run.py": EXAMPLE,
    "tests/unit/testing/test_world.py": EXAMPLE,
    "tests/unit/protocol/test_request.py": EXAMPLE,
    "tests/wheel/smoke.py": "tries the classes of the compiled module",
}
"""Files that may name a venue, and why."""
AS_A_VENUE = re.compile(
    # The others are no words of any language.
    r"(?i:coinex|truex)"
    # This one is: it must look like a module, a class, an attribute or a name in quotes.
    r"|\bExchange(?=[^ \w]|Admin|Event|Feed|Options|Venue|'s)|venues[./]exchange|[\"'`]exchange[\"'`.]|\.exchange\b"
    r"|\bexchange::|\bmod exchange\b"
)
IN_A_TEST = re.compile(
    r"venues[./](?:coinex|exchange|truex)\b|(?i:(?:coinex|truex)(?:feed|signer|event|options|venue))\b"
    r"|\b(?:import|tradewire\.)[^\"'`]*\b(?:CoinEx|TrueX|Exchange(?:Admin|Event|Feed|Options)?)\b"
    r"|\b(?:CoinEx|TrueX|Exchange)\("
)
"""A suite for all venues may have a table of what differs; what a venue is made of is its own suites' matter."""


def is_of_a_venue(path: Path) -> bool:
    """Return whether a folder or the file itself carries a venue's name."""
    return any(venue in re.split(r"[_.]", part) for part in path.parts for venue in BUILT_IN)


def named_in(path: Path) -> list[str]:
    """Return the lines that name a venue."""
    name = IN_A_TEST if path.parts[0] == "tests" else AS_A_VENUE
    lines = (ROOT / path).read_text(encoding="utf-8", errors="replace").splitlines()
    return [f"{path}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if name.search(line)]


def searched() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *SEARCHED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [Path(line) for line in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix not in {".md", ".gz", ".bin"} and (ROOT / path).exists()]


def test_no_other_file_names_a_venue() -> None:
    found = [
        line
        for path in searched()
        if not is_of_a_venue(path) and str(path) not in ALLOWED
        for line in named_in(path)
    ]
    assert found == [], "find it by tradewire.registry, name the suite after the venue, or say why in ALLOWED"


@pytest.mark.parametrize("path", ALLOWED)
def test_every_exception_is_needed(path: str) -> None:
    assert named_in(Path(path)), f"{path} names no venue any more: strike it from ALLOWED"


@pytest.mark.parametrize(
    "line",
    [
        "from tradewire.venues.exchange.client import Exchange", "client = Exchange(key)", "box.exchange.faults",
        'find_venue("exchange")', "the book of ``CoinEx``", "use crate::feed::exchange::Feed;", "X-TRUEX-KEY",
        "pub mod exchange;", "class ExchangeFeed:", "Exchange's books", "`exchange`",
    ],
)  # fmt: skip
def test_a_venues_name_is_seen(line: str) -> None:
    assert AS_A_VENUE.search(line)


@pytest.mark.parametrize(
    "line",
    ["in exchange for speed", "Exchange clients for bots", "an exchange's REST", "exchanges", "ExchangeCore"],
)
def test_the_english_word_is_not_taken_for_a_venue(line: str) -> None:
    assert not AS_A_VENUE.search(line)
