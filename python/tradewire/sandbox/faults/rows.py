"""Rows as no client expects them: null, without a field, of another type, with a word no one has seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tradewire.sandbox.faults.points import RowFields, Slot

__all__ = ["UNKNOWN_WORD", "spoil_first"]

UNKNOWN_WORD = "brand_new"


def spoil_first(slots: Iterable[Slot], fields: RowFields, defect: str, field: str | None) -> bool:
    """Spoil the first row there is; say whether there was one.

    Args:
        slots: Where rows are.
        fields: Which fields to spoil when none is named.
        defect: See ``kinds.Defect``.
        field: The venue's name of the field.
    """
    for holder, place in slots:
        row = holder[place]
        if not isinstance(row, dict):
            continue
        if defect == "null_row":
            holder[place] = None
        elif defect == "empty_row":
            holder[place] = {}
        else:
            name = field or (fields.word if defect == "unknown_word" else fields.number)
            _spoil(row, name, defect)
        return True
    return False


def _spoil(row: dict[str, Any], name: str, defect: str) -> None:
    holder = _holder(row, name)
    if defect == "missing_field":
        holder.pop(name, None)
    elif defect == "null_field":
        holder[name] = None
    elif defect == "not_a_number":
        holder[name] = "abc"
    elif defect == "unknown_word":
        holder[name] = UNKNOWN_WORD
    else:
        holder[name] = _other_type(holder.get(name))


def _holder(row: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object that has ``name``: the row itself or one inside of it."""
    if name in row:
        return row
    inner = (value for value in row.values() if isinstance(value, dict) and name in value)
    return next(inner, row)


def _other_type(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return 7
    return str(value)
