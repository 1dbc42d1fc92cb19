"""An answer over HTTP, whole, as a venue hands it to its listener."""

from __future__ import annotations

from dataclasses import dataclass, field

from tradewire.sandbox.documents import JSON_TYPE

__all__ = ["Reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer over HTTP."""

    body: bytes
    status: int = 200
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
