"""A transport made of a function: test a bot the way we test ours, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tradewire.transport.seam import ConnectionLost, HttpReply, HttpRequest

__all__ = ["MockHttp"]


class MockHttp:
    """Answers every request with ``handler``, which may raise ``ConnectFailed`` or ``ConnectionLost``.

    Attributes:
        requests: What was sent, in order.
    """

    def __init__(self, handler: Callable[[HttpRequest], HttpReply]) -> None:
        self._handler = handler
        self.requests: list[HttpRequest] = []

    def start(self, request: HttpRequest) -> asyncio.Future[HttpReply] | None:
        """Answer ``request`` at once: a connection is always ready."""
        answered: asyncio.Future[HttpReply] = asyncio.get_running_loop().create_future()
        self.requests.append(request)
        try:
            answered.set_result(self._handler(request))
        except ConnectionLost as error:
            answered.set_exception(error)
        return answered

    async def send(self, request: HttpRequest) -> HttpReply:
        """Answer ``request``."""
        self.requests.append(request)
        return self._handler(request)

    async def warm(self, url: str, connections: int = 1) -> None:
        """Do nothing: a connection is always ready."""

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""
