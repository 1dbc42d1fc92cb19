"""Flat shapes of nested JSON: what a member is called says where it is.

``field(name="info.symbol")`` is a member of a nested object; of ``field(name="info.name | name")`` the first place that
is not empty counts. An outer object that is ``null`` or absent has no members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

import msgspec
from msgspec import UNSET

__all__ = ["flattener", "is_flat", "nest", "places"]

ShapeT = TypeVar("ShapeT")
Place = Sequence[str]


def places(name: str) -> Sequence[Place]:
    """Return each place a member may be in: the names of the objects around it, and its own."""
    return [place.split(".") for place in name.split(" | ")]


def nest(leaves: Iterable[tuple[Place, object]]) -> dict[str, Any]:
    """Return members as objects within objects."""
    tree: dict[str, Any] = {}
    for (*outer, name), leaf in leaves:
        inner = tree
        for part in outer:
            inner = inner.setdefault(part, {})
        inner.setdefault(name, leaf)
    return tree


def is_flat(shape: type[Any]) -> bool:
    """Return whether members of ``shape`` are nested in its JSON."""
    return any(
        len(places(name)[0]) > 1 or " | " in name for name in getattr(shape, "__struct_encode_fields__", ())
    )


def flattener(shape: type[ShapeT]) -> tuple[type[msgspec.Struct], Callable[[msgspec.Struct], ShapeT]]:
    """Return the nested shape to decode, and what makes the flat one of it; that raises ``ValidationError``."""
    fields = msgspec.structs.fields(cast("type[msgspec.Struct]", shape))
    found_at = [(field.name, field.required, places(field.encode_name)) for field in fields]
    tree = nest((place, field.type) for field in fields for place in places(field.encode_name))

    def flatten(outer: msgspec.Struct) -> ShapeT:
        members = {}
        for name, is_required, candidates in found_at:
            values = [value for place in candidates if (value := _at(outer, place)) is not UNSET]
            if values:
                members[name] = next(filter(None, values), values[0])
            elif is_required:
                raise msgspec.ValidationError(f"Object missing required field `{'.'.join(candidates[0])}`")
        return shape(**members)

    return _nested(shape.__name__, tree), flatten


def _nested(name: str, tree: dict[str, Any]) -> type[msgspec.Struct]:
    def kind(member: str, inner: Any) -> Any:
        return _nested(f"{name}.{member}", inner) | None if isinstance(inner, dict) else inner

    return msgspec.defstruct(name, [(member, kind(member, inner), UNSET) for member, inner in tree.items()])


def _at(outer: object, place: Place) -> object:
    for name in place:
        if outer is UNSET or outer is None:
            return UNSET
        outer = getattr(outer, name)
    return outer
