"""Which things were seen lately, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Recent"]

KeyT = TypeVar("KeyT", bound=Hashable)


class Recent(Generic[KeyT]):
    """Remembers the last ``bound`` keys; the oldest give way and are counted in ``forgotten``."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        # Not a dict: finding the oldest of one behind many deleted entries is not cheap.
        self._keys: OrderedDict[KeyT, None] = OrderedDict()
        self.forgotten = 0

    def __contains__(self, key: KeyT) -> bool:
        return key in self._keys

    def add(self, key: KeyT) -> bool:
        """Remember ``key``; ``False`` if it was seen before."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > self._bound:
            self._keys.popitem(last=False)
            self.forgotten += 1
        return True
