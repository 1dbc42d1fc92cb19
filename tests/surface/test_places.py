"""Where a test stands follows from what it tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradewire.registry import BUILT_IN

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "tests" / "unit"
BOUND_BY = {"native": ROOT / "rust" / "py" / "src"}
"""The compiled module is mirrored by the source of its classes."""
OF_ALL = {
    "venues/test_argument_types.py": "every method of every client",
    "venues/test_reply_identity.py": "every request about one order, of every client",
}
"""Unit tests of no one module, and what they are about."""


def mirrored(path: Path) -> Path:
    """Return the folder of the code that a unit test's folder mirrors."""
    first, *rest = path.relative_to(UNIT).parent.parts or ("",)
    return (
        BOUND_BY[first].joinpath(*rest)
        if first in BOUND_BY
        else ROOT.joinpath("python/tradewire", first, *rest)
    )


def has_its_module(path: Path) -> bool:
    """Return whether a unit test is named after a module of the folder it mirrors, maybe with an aspect of it."""
    modules = {one.stem for one in mirrored(path).glob("*") if one.suffix in {"", ".py", ".rs"}}
    words = path.stem.removeprefix("test_").split("_")
    return any("_".join(words[:count]) in modules for count in range(1, len(words) + 1))


def test_unit_tests_mirror_the_package() -> None:
    paths = [path for path in UNIT.rglob("test_*.py") if str(path.relative_to(UNIT)) not in OF_ALL]
    lost = sorted(str(path.relative_to(ROOT)) for path in paths if not has_its_module(path))
    assert lost == [], "name it tests/unit/<folder>/test_<module>.py or test_<module>_<aspect>.py"


@pytest.mark.parametrize("path", OF_ALL)
def test_every_exception_is_there(path: str) -> None:
    assert (UNIT / path).exists()


def test_suites_of_a_venue_stand_in_its_folder() -> None:
    folders = ("sandbox", "conformance", "property", "unit/venues", "unit/sandbox")
    paths = [path for folder in folders for path in (ROOT / "tests" / folder).glob("test_*.py")]
    assert [path.name for path in paths if set(path.stem.split("_")) & set(BUILT_IN)] == []


def test_helpers_stand_in_support() -> None:
    assert [path.name for path in (ROOT / "tests").glob("*.py")] == ["conftest.py"]
