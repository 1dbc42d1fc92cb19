"""A transport made of a function: test a bot the way we test ours, without a socket."""

from __future__ import annotations

from collections.abc import Callable

from tradewire.transport.seam import HttpReply, HttpRequest

__all__ = ["MockHttp"]


class MockHttp:
    """Answers every request with ``handler``, which may raise ``ConnectFailed`` or ``ConnectionLost``.

    Attributes:
        requests: What was sent, in order.
    """

    def __init__(self, handler: Callable[[HttpRequest], HttpReply]) -> None:
        self._handler = handler
        self.requests: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpReply:
        """Answer ``request``."""
        self.requests.append(request)
        return self._handler(request)

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""
