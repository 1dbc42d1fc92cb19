"""The policy of `make audit`, as far as it needs no network."""

from __future__ import annotations

import pytest

from support.audit import is_allowed, licences

ALLOWED = {"MIT", "MPL-2.0", "Apache-2.0 WITH LLVM-exception"}


def test_the_licences_of_all_locked_packages_are_allowed() -> None:
    seen, refused = licences()
    assert refused == {}
    assert seen.total() > 30


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("", False),
        ("MIT)", False),
    ],
)
def test_an_expression_needs_each_part_of_and_and_one_of_or(expression: str, expected: bool) -> None:
    assert is_allowed(expression, ALLOWED) is expected
