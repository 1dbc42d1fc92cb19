"""Every field of every public model has a description, below it or under ``Attributes:`` of its class."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "python" / "tradewire"
MODULES = sorted(
    {
        *PACKAGE.glob("venues/**/model*.py"),
        *(PACKAGE / name for name in ("model.py", "errors.py", "description.py", "protocol/events.py")),
        *(PACKAGE / name for name in ("protocol/timing.py", "session/metrics.py", "session/journalling.py")),
    }
)


def undescribed(source: str) -> Iterator[str]:
    """Yield the public fields without a description."""
    for cls in ast.walk(ast.parse(source)):
        if not isinstance(cls, ast.ClassDef):
            continue
        words = ast.get_docstring(cls) or ""
        for field, below in zip(cls.body, [*cls.body[1:], None], strict=True):
            if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                continue
            name = field.target.id
            has_own = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            if not (name.startswith("_") or has_own or re.search(rf"^\s*{name}:", words, re.MULTILINE)):
                yield f"{cls.name}.{name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_field_is_described(path: Path) -> None:
    assert not list(undescribed(path.read_text(encoding="utf-8")))


def test_a_field_without_words_is_found() -> None:
    text = """
class A:
    'A.

    Attributes:
        b: B.
    '

    b: int
    c: int
    d: int
    'D.'
"""
    assert list(undescribed(text.replace("'", "'" * 3))) == ["A.c"]
