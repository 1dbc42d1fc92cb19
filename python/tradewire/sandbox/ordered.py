"""A set that is gone through in the order its members came: what is sent must depend on no address and no hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSet
from typing import TypeVar

__all__ = ["OrderedSet"]

T = TypeVar("T")


class OrderedSet(MutableSet[T]):
    """Members, first come first."""

    def __init__(self, members: Iterable[T] = ()) -> None:
        self._members = dict.fromkeys(members)

    def __contains__(self, member: object) -> bool:
        return member in self._members

    def __iter__(self) -> Iterator[T]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def add(self, value: T) -> None:
        """Take a member, at its place if it is one already."""
        self._members[value] = None

    def update(self, values: Iterable[T]) -> None:
        """Take several."""
        self._members.update(dict.fromkeys(values))

    def discard(self, value: T) -> None:
        """Let a member go, if it is one."""
        self._members.pop(value, None)
