"""An answer over HTTP, whole, as a venue hands it to its listener."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["JSON_TYPE", "Reply"]

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer over HTTP."""

    body: bytes
    status: int = 200
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
