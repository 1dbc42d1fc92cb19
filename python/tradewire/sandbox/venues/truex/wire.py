"""Documents as text: JSON without spaces."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["encode"]


def encode(document: Any) -> str:
    """Return ``document`` as it goes over the wire."""
    return json.dumps(document, separators=(",", ":"))
