"""JSON as every venue writes and reads it: without spaces, and nothing that the standard does not know."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

__all__ = ["JSON_TYPE", "from_json", "is_json_type", "to_json"]

JSON_TYPE = "application/json"
_encode = json.JSONEncoder(separators=(",", ":")).encode


def to_json(document: Any) -> bytes:
    """Return ``document`` as it goes over the wire."""
    return _encode(document).encode()


def from_json(text: bytes | str, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Return what ``text`` holds.

    Args:
        text: As it came.
        pairs: Makes an object of its members; by default the last of the same name counts.

    Raises:
        ValueError: It is not UTF-8 or not JSON (``NaN`` is not), or nested too deeply.
    """
    try:
        text = text if isinstance(text, str) else text.decode()
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=pairs)
    except RecursionError:
        raise ValueError("recursion limit exceeded") from None


def is_json_type(content_type: str) -> bool:
    """Say whether a ``Content-Type`` is that of JSON, whatever its parameters."""
    return content_type.partition(";")[0].strip().lower() == JSON_TYPE


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
