"""Clients close with ``async with``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

__all__ = ["AsyncCloseable"]


class AsyncCloseable(ABC):
    """An object whose ``close`` is awaited at the end of an ``async with`` block, however it ends."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection and leave no task behind. Safe to call twice."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
