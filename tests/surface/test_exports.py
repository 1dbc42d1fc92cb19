from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tradewire
from tradewire import errors

INIT = Path(tradewire.__file__)


def test_every_export_is_there() -> None:
    for name in tradewire.__all__:
        assert getattr(tradewire, name) is not None, name


def test_exports_are_listed_once_and_by_dir() -> None:
    assert len(tradewire.__all__) == len(set(tradewire.__all__))
    assert dir(tradewire) == sorted(tradewire.__all__)


def test_every_error_is_exported() -> None:
    for name in errors.__all__:
        assert getattr(tradewire, name) is getattr(errors, name)


def test_what_type_checkers_see_is_what_is_loaded() -> None:
    tree = ast.parse(INIT.read_text())
    block = next(
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: module.removesuffix(".box") for name, module in tradewire._LAZY.items()}


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'CoinX'"):
        tradewire.CoinX  # noqa: B018


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
