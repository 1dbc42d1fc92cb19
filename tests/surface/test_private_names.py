"""A test reaches for no private name but of its own file: what it needs of a module is public or has no test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
NAMED_TUPLE = {"_asdict", "_fields", "_make", "_replace"}
"""Public for all their underscore."""
ALLOWED = {
    ("support/late_frames.py", "_path"): "stands before the native path of every frame",
    ("sandbox/exchange/test_server_restart.py", "_write"): "stands for a disk that is full",
    (
        "unit/transport/test_network.py",
        "_default_tls",
    ): "the process has made its context long before this test",
}
"""What stays, and why."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in NAMED_TUPLE | {"_"}


def own_names(tree: ast.Module) -> set[str]:
    """Return what the file itself defines, as functions, variables or attributes."""
    own: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                own.add(name)
            case ast.Attribute(attr=name, value=ast.Name(id="self" | "cls"), ctx=ast.Store()):
                own.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                own.add(name)
    return own


def reached(source: str) -> Iterator[str]:
    """Yield private names of others: as attributes, imports, or texts that name an attribute to patch."""
    tree = ast.parse(source)
    own = own_names(tree)
    for node in ast.walk(tree):
        names: list[str] = []
        match node:
            case ast.Attribute(attr=name, value=owner):
                if not (isinstance(owner, ast.Name) and owner.id in {"self", "cls"}):
                    names = [name]
            case ast.ImportFrom(names=aliases, module=module):
                # The compiled module's stub is public to the tests of it.
                names = [alias.name for alias in aliases]
                names += [part for part in (module or "").split(".") if part != "_native"]
            case ast.Call(
                func=ast.Attribute(attr="setattr" | "delattr") | ast.Name(id="setattr" | "getattr")
            ):
                texts = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
                names = [part for text in texts if isinstance(text, str) for part in text.split(".")]
        yield from (name for name in names if is_private(name) and name not in own)


def test_tests_reach_for_public_names() -> None:
    found = {
        (str(path.relative_to(TESTS)), name)
        for path in sorted(TESTS.rglob("*.py"))
        for name in reached(path.read_text(encoding="utf-8"))
    }
    new = sorted(found - ALLOWED.keys())
    assert new == [], "test what can be seen, or make a property of it that others need too"
    assert ALLOWED.keys() - found == set(), "strike from ALLOWED what no test needs any more"


@pytest.mark.parametrize(
    "source",
    [
        "client._rest", "client._rest.close()", "from tradewire.session.rest import _Sending",
        'monkeypatch.setattr(client, "_rest", None)', 'monkeypatch.setattr("tradewire.session.rest._wait", None)',
        "from tradewire._secret import name", 'getattr(client, "_rest")',
    ],
)  # fmt: skip
def test_a_private_name_is_seen(source: str) -> None:
    assert list(reached(source))


@pytest.mark.parametrize(
    "source",
    [
        "row._replace(a=1)", "self._rest", "client.__class__", "from tradewire._native import Level2Book",
        "class Rig:\n    def _answer(self): ...\nrig._answer()", "_ = 1",
    ],
)  # fmt: skip
def test_a_public_name_and_ones_own_are_not(source: str) -> None:
    assert list(reached(source)) == []
