"""Reading the parameters of a request, strictly.

JSON types matter to this venue: an id must be an integer and an amount a text. In a query everything is text.
Knows spellings and types; refuses with the code of an invalid parameter, or of an unreadable request when a
required one is missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from tradewire.sandbox.venues.coinex.codes import invalid, unreadable

__all__ = ["Fields"]

DECIMAL = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
INTEGER = re.compile(r"[0-9]{1,18}", re.ASCII)
CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{1,32}", re.ASCII)
MAX_INTEGER = 2**63 - 1


class Fields:
    """The parameters of one request.

    Args:
        values: What came, by name.
        from_query: They came as text in a query, not typed in a JSON body.
    """

    def __init__(self, values: Mapping[str, Any], *, from_query: bool) -> None:
        self._values = values
        self._from_query = from_query

    def has(self, name: str) -> bool:
        """Say whether ``name`` came; ``null`` and an empty query text count as absent."""
        return self._values.get(name) not in {None, ""} if self._is_scalar(name) else name in self._values

    def text(self, name: str) -> str:
        """Return a required text."""
        value = self._required(name)
        if not isinstance(value, str):
            raise invalid(f"{name} must be a string")
        return value

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """Return a required text out of ``allowed``."""
        value = self.text(name)
        if value not in allowed:
            raise invalid(f"{name} must be one of {', '.join(allowed)}")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """Return an integer of at least 0; without ``default`` it is required."""
        if default is not None and not self.has(name):
            return default
        value = self._required(name)
        if self._from_query and INTEGER.fullmatch(value):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INTEGER:
            raise invalid(f"{name} must be an integer")
        return value

    def page(self, *, limit: int = 10, max_limit: int = 100) -> tuple[int, int]:
        """Return page (from 1) and page size."""
        page, size = self.integer("page", 1), self.integer("limit", limit)
        if page < 1:
            raise invalid("page must be at least 1")
        return page, self._within("limit", size, max_limit)

    def limit(self, default: int, max_limit: int) -> int:
        """Return how many elements are wanted."""
        return self._within("limit", self.integer("limit", default), max_limit)

    def amount(self, name: str, places: int) -> Decimal:
        """Return a required decimal above zero with at most ``places`` decimals, sent as text."""
        value = self._required(name)
        if not isinstance(value, str) or not DECIMAL.fullmatch(value):
            raise invalid(f"{name} must be a plain decimal number in a string")
        number = Decimal(value)
        if not number:
            raise invalid(f"{name} must be above 0")
        exponent = number.normalize().as_tuple().exponent
        assert isinstance(exponent, int)
        if -exponent > places:
            raise invalid(f"{name} has more than {places} decimals")
        return number

    def flag(self, name: str) -> bool:
        """Return a JSON bool, false when absent."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise invalid(f"{name} must be true or false")
        return bool(value)

    def client_id(self) -> str:
        """Return the client id, empty when absent."""
        if not self.has("client_id"):
            return ""
        value = self.text("client_id")
        if not CLIENT_ID.fullmatch(value):
            raise invalid("client_id takes 1 to 32 letters, digits, - and _")
        return value

    def items(self, name: str, most: int) -> list[Any]:
        """Return a required list of 1 to ``most`` elements."""
        value = self._required(name)
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            raise invalid(f"{name} must be a list of 1 to {most}")
        return value

    def _is_scalar(self, name: str) -> bool:
        return not isinstance(self._values.get(name), (list, dict))

    def _required(self, name: str) -> Any:
        if not self.has(name):
            raise unreadable(f"{name} is required")
        return self._values[name]

    def _within(self, name: str, value: int, most: int) -> int:
        if not 1 <= value <= most:
            raise invalid(f"{name} must be 1 to {most}")
        return value
