"""Refusals as the venue words them: problem documents of RFC 7807.

Source: docs.truemarkets.co/apis/institutional/true-markets-cefi-rest, read 2026-11-20; the title is the vendor's
spelling. The texts of details are not published except for the few that FIX shows.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Problem"]

TITLE = "An Error Occured"


class Problem(Exception):
    """A request that is refused.

    Args:
        status: HTTP status.
        detail: Why, for people.
        headers: Headers the reply needs.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}

    def document(self, instance: str) -> dict[str, Any]:
        """Return the problem document of a request to ``instance``."""
        return {
            "type": "about:blank",
            "title": TITLE,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "extensions": {},
        }
