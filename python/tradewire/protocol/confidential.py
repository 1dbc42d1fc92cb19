"""Frames that carry credentials, marked where they are made: what records a conversation shows only what they allow."""

from __future__ import annotations

from typing import Self

__all__ = ["WITHHELD", "Confidential"]

WITHHELD = "[withheld]"
"""What stands in the place of a secret."""


class Confidential(bytes):
    """A frame to be sent as it is.

    Attributes:
        shown: What a recording may hold instead of it.
    """

    shown: bytes

    def __new__(cls, frame: bytes, shown: bytes = WITHHELD.encode()) -> Self:
        """Mark ``frame``."""
        made = super().__new__(cls, frame)
        made.shown = shown
        return made

    def __repr__(self) -> str:
        return f"Confidential({len(self)} bytes)"
