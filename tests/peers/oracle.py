"""What the sandbox itself says is so, asked over HTTP with the standard library alone."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

__all__ = ["Oracle", "number", "numbers", "same"]

TIMEOUT_S = 10


class Oracle:
    """The control surface and the public data of a running sandbox.

    Args:
        keys: What ``tradewire sandbox coinex --json`` prints of the venue.
    """

    def __init__(self, keys: dict[str, Any]) -> None:
        self.keys = keys
        self._root = keys["rest_url"].removesuffix("/v2")

    def book(self, market: str, limit: int = 50, **query: object) -> Any:
        """Return the public book of a market at this moment."""
        return self.control("book", market=market, limit=limit, **query)

    def ledger(self) -> Any:
        """Return what the venue knows of the default trader."""
        return self.control("ledger", access_id=self.keys["access_id"])

    def wallets(self) -> Any:
        """Return what is in each wallet of the default trader."""
        return self.control("wallets", access_id=self.keys["access_id"])

    def futures_book(self, market: str, limit: int = 50) -> Any:
        """Return the public book of a perpetual at this moment."""
        return self.control("book", product="futures", market=market, limit=limit)

    def futures(self) -> Any:
        """Return what the venue knows of the default trader's perpetuals."""
        return self.control("ledger", product="futures", access_id=self.keys["access_id"])

    def order(self, order_id: object) -> Any:
        """Return an order of the default trader as the venue has it, or ``None``."""
        orders = [order for order in self.ledger()["orders"] if str(order["order_id"]) == str(order_id)]
        return orders[0] if orders else None

    def control(self, name: str, **query: object) -> Any:
        """Ask the control surface."""
        return self._read(f"{self._root}/sandbox/coinex/{name}?{urlencode(query)}")

    def act(self, name: str, **document: object) -> Any:
        """Tell the control surface to do something."""
        body = json.dumps(document).encode()
        return self._read(Request(f"{self._root}/sandbox/coinex/{name}", data=body, method="POST"))

    def public(self, path: str, **query: object) -> Any:
        """Return the ``data`` of a public endpoint, as it is on the wire."""
        return self._read(f"{self._root}/v2/{path}?{urlencode(query)}")["data"]

    @staticmethod
    def _read(target: str | Request) -> Any:
        try:
            with urlopen(target, timeout=TIMEOUT_S) as reply:
                return json.load(reply)
        except HTTPError as error:
            raise LookupError(f"the oracle says {error.read().decode()}") from None


def number(value: object) -> Decimal:
    """Return a number by its value, however it is typed or padded."""
    return Decimal(str(value)).normalize()


def numbers(rows: object) -> list[list[Decimal]]:
    """Return price and size of each level."""
    assert isinstance(rows, list), rows
    return [[number(value) for value in row[:2]] for row in rows]


def same(found: object, expected: object, what: str = "") -> None:
    """Require two numbers, texts or lists to be equal by value.

    Raises:
        AssertionError: They are not.
    """
    if isinstance(found, float):
        assert found == float(str(expected)), f"{what}: {found} is not the venue's {expected}"
    elif isinstance(found, (int, Decimal)) and not isinstance(found, bool):
        assert number(found) == number(expected), f"{what}: {found} is not the venue's {expected}"
    else:
        assert found == expected, f"{what}: {found!r} is not the venue's {expected!r}"
