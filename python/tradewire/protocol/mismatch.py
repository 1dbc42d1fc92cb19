"""Does a reply belong to its request? Compares what both name. Sans-IO."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tradewire.protocol.request import Request

__all__ = ["first_mismatch", "foreign_id", "mismatch", "same"]

SHOWN_CHARACTERS = 50
_ID = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9]{12,}\b"
"""What every venue's order ids look like: a UUID or a long number."""


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


def same(*names: str) -> Callable[[Request, object], str]:
    """Return a comparison of a request with the reply, or with each item of it, by fields that both have."""

    def compare(request: Request, reply: object) -> str:
        asked = {name: request.sent(name) for name in names}
        items = reply if isinstance(reply, Iterable) else (reply,)
        return first_mismatch(
            mismatch(**{name: (sent, str(getattr(item, name, ""))) for name, sent in asked.items()})
            for item in items
        )

    return compare


def foreign_id(words: str, *sent: str) -> str:
    """Return the first id in ``words`` that stands in nothing that was ``sent``, empty if there is none."""
    return next((name for name in re.findall(_ID, words) if not any(name in text for text in sent)), "")


def _shown(value: object) -> str:
    return str(value)[:SHOWN_CHARACTERS]
