"""What the venue says no with: one message, and how it looks over HTTP and over WebSocket.

Source: the project's error page and ``trading.rs``, ``admin.rs``, ``rest.rs`` at 6a38735; framework texts from
axum 0.7. Read 2026-11-20.
"""

from __future__ import annotations

from tradewire.sandbox.documents import to_json
from tradewire.sandbox.reply import Reply

__all__ = ["BodyRefusal", "Refusal", "as_json", "as_text"]

TEXT = "text/plain"


class Refusal(Exception):
    """A rule of the venue was broken. ``code`` is the word WebSocket rejects carry; REST has none."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


class BodyRefusal(Exception):
    """The web framework refused a request before the venue saw it: plain text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def as_json(refusal: Refusal) -> Reply:
    """Return a refusal as the venue's own handlers do."""
    return Reply(to_json({"error": refusal.message}), refusal.status)


def as_text(status: int, text: str) -> Reply:
    """Return a refusal as the framework does."""
    return Reply(text.encode(), status, TEXT)
