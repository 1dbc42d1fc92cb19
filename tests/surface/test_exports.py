from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tradewire
from tradewire import errors
from tradewire.registry import BUILT_IN, find_venue

INIT = Path(tradewire.__file__)
NO_SUCH_NAME = "CoinX"
ALL: list[str] = vars(tradewire)["__all__"]
EXPORTS = [name for names in BUILT_IN.values() for name in names]


def test_every_export_is_there() -> None:
    for name in ALL:
        assert getattr(tradewire, name) is not None, name


def test_exports_are_listed_once_and_by_dir() -> None:
    assert len(ALL) == len(set(ALL))
    assert dir(tradewire) == sorted(ALL)


def test_every_error_is_exported() -> None:
    for name in errors.__all__:
        assert getattr(tradewire, name) is getattr(errors, name)


def names_for_type_checkers(module: Path) -> dict[str, str]:
    """Return what a module imports for type checkers to pass on, and from where."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    [block] = [
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {
        alias.asname: str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }


def test_what_type_checkers_see_is_what_is_loaded() -> None:
    seen = names_for_type_checkers(INIT) | names_for_type_checkers(INIT.with_name("registry.py"))
    for name, module in seen.items():
        assert getattr(tradewire, name) is getattr(importlib.import_module(module), name), name
    at_once = {*errors.__all__, "Level2Book", "Level3Book", "__version__"}
    assert seen.keys() | {"find_product", "find_venue", "product_names", "venue_names"} == set(ALL) - at_once


def test_every_venue_resolves_the_names_it_is_listed_with() -> None:
    for venue, names in BUILT_IN.items():
        assert find_venue(venue).exports.keys() == set(names)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'CoinX'"):
        getattr(tradewire, NO_SUCH_NAME)


def test_version_is_the_one_of_the_workspace() -> None:
    manifest = (INIT.parents[2] / "Cargo.toml").read_text()
    match = re.search(r'^version = "([^"]+)"', manifest, re.MULTILINE)
    assert match is not None
    assert tradewire.__version__ == match[1]


def test_star_import_gives_every_export() -> None:
    program = (
        "from tradewire import *; import tradewire; "
        "assert set(tradewire.__all__) - {'__version__'} <= set(globals())"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
