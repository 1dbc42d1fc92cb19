"""Does a reply belong to its request? Compares what both name. Sans-IO."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["first_mismatch", "mismatch"]

SHOWN_CHARACTERS = 50


def mismatch(**members: tuple[object, object]) -> str:
    """Return which of ``name=(asked, got)`` differ, empty if none does; what a side leaves out is no difference."""
    return ", ".join(
        f"{name} {_shown(got)} for {_shown(asked)}"
        for name, (asked, got) in members.items()
        if asked not in {None, ""} and got not in {None, ""} and asked != got
    )


def first_mismatch(differences: Iterable[str]) -> str:
    """Return the first difference of a list's rows, empty if all fit."""
    return next(filter(None, differences), "")


def _shown(value: object) -> str:
    return str(value)[:SHOWN_CHARACTERS]
