"""What an exercise is, and what several of them need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from tradewire.errors import RequestError
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex.client import CoinEx

__all__ = ["Exercise", "Use", "blocked"]

Use: TypeAlias = Callable[[Any, Sandbox], Awaitable[object]]
"""Takes the client and its sandbox, which nobody else uses."""


@dataclass(frozen=True)
class Exercise:
    """One row of the client."""

    row: str
    """Verb and path."""
    works: Use
    """Returns what the row's method returns."""
    refused: Use
    """Provokes a refusal from the venue itself, not from the client's own checks."""
    error: type[RequestError]
    """Exactly this class."""
    client: type[Any] = CoinEx
    """Whose method it is."""

    def __str__(self) -> str:
        return self.row.replace("/v2/", "").replace(" ", "-")


def blocked(use: Use) -> Use:
    """Let the gateway refuse ``use``, which has nothing that the venue itself could refuse: ``PermissionDenied``."""

    async def refused(client: Any, box: Sandbox) -> object:
        box.coinex.faults.gateway_html(status=403)
        return await use(client, box)

    return refused
