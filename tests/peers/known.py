"""What strangers cannot do, and why; the table in the docs says so with these words."""

from __future__ import annotations

__all__ = ["KNOWN"]

KNOWN: dict[tuple[str, str, str], str] = {}
"""By stranger (empty: each of them), group and check."""
