"""The REST API of the local toy exchange."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs

from tradewire.sandbox.documents import from_json, to_json
from tradewire.sandbox.order import Order, Side
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.routing import Api, Handlers, Matched, Reader, Request, Route, Source, route

if TYPE_CHECKING:
    from .sandbox import ToyVenue

__all__ = ["LOT", "MARKET", "TICK", "Refusal", "ToyApi", "reply"]

MARKET, TICK, LOT = "TOY-USD", Decimal("0.5"), Decimal(1)


def reply(document: object, status: int = 200) -> Reply:
    """Return a JSON reply."""
    return Reply(to_json(document), status)


class Refusal(Exception):
    """The exchange says no: a word and a status."""


class Members(dict[str, str]):
    """What came with a request."""

    def has(self, name: str) -> bool:
        """Say whether ``name`` came."""
        return name in self


def _text(fields: Members, name: str) -> str:
    if name not in fields:
        raise Refusal(f"missing_{name}", 400)
    return fields[name]


def _amount(fields: Members, name: str) -> Decimal:
    try:
        value = Decimal(_text(fields, name))
    except ArithmeticError:
        raise Refusal(f"bad_{name}", 400) from None
    if not value > 0 or not value.is_finite():
        raise Refusal(f"bad_{name}", 400)
    return value


Text = Annotated[str, Reader(_text)]
Amount = Annotated[Decimal, Reader(_amount)]


class Public(Handlers):
    """What anybody may ask."""

    def __init__(self, venue: ToyVenue) -> None:
        self._venue = venue

    @route("GET", "/time")
    def time(self) -> object:
        """Return the time."""
        return {"time_ms": self._venue.now_ms()}

    @route("GET", "/markets")
    def markets(self) -> object:
        """Return the one market."""
        return [{"symbol": MARKET, "base": "TOY", "quote": "USD", "tick": str(TICK), "lot": str(LOT)}]

    @route("GET", "/book")
    def book(self, market: Text) -> object:
        """Return the book."""
        return {**self._venue.whole_book(), "time_ms": self._venue.now_ms()}


class Account(Handlers):
    """What the trader may ask."""

    def __init__(self, venue: ToyVenue) -> None:
        self._venue = venue

    @route("POST", "/orders", group="account", action="place")
    def place(self, market: Text, side: Text, size: Amount, price: Amount, client_order_id: Text) -> object:
        """Place an order."""
        if market != MARKET or side not in {"buy", "sell"} or price % TICK or size % LOT:
            raise Refusal("bad_order", 400)
        return self._venue.place(Side(side), size, price, client_order_id)

    @route("DELETE", "/orders/{order_id}", group="account", action="cancel")
    def cancel(self, order_id: Text) -> object:
        """Cancel an order."""
        return self._venue.cancel(self._find(order_id))

    @route("GET", "/orders", group="account")
    def open_orders(self) -> object:
        """Return the open orders."""
        return [
            row for row in map(self._venue.order_row, self._venue.orders.values()) if row["status"] == "open"
        ]

    @route("GET", "/orders/{order_id}", group="account")
    def order(self, order_id: Text) -> object:
        """Return an order."""
        return self._venue.order_row(self._find(order_id))

    @route("GET", "/order", group="account")
    def named_order(self, client_order_id: Text) -> object:
        """Return an order by the trader's id of it."""
        return self._venue.order_row(self._find(client_order_id, "client_id"))

    @route("GET", "/fills", group="account")
    def fills(self, market: Text, after_ms: Text) -> object:
        """Return the trader's trades."""
        return self._venue.fill_rows(int(after_ms))

    @route("GET", "/balances", group="account")
    def balances(self) -> object:
        """Return the trader's assets."""
        return self._venue.balance_rows()

    def _find(self, value: str, name: str = "order_id") -> Order:
        for order in self._venue.orders.values():
            if str(getattr(order, name)) == value:
                return order
        raise Refusal("no_such_order", 404)


class ToyApi(Api[None]):
    """From a request to its reply."""

    def __init__(self, venue: ToyVenue) -> None:
        super().__init__([Public(venue), Account(venue)])
        self._venue = venue

    def answer(self, request: Request) -> Reply:
        """Answer one request."""
        try:
            return self.serve(request)
        except Refusal as refusal:
            word, status = refusal.args
            return reply({"error": word}, status)

    def oversized(self) -> Reply:
        """Return the answer to a body that is too large."""
        return reply({"error": "too_large"}, 413)

    def unknown_path(self, request: Request) -> Reply:
        """Answer a path that is not there."""
        return reply({"error": "no_such_path"}, 404)

    def wrong_method(self, request: Request, routes: Mapping[str, Route]) -> Reply:
        """Answer a verb that is not there."""
        return reply({"error": "wrong_method"}, 405)

    def admit(self, matched: Matched) -> None:
        """Check the key."""
        if matched.route.is_signed and matched.request.headers.get("x-toy-key") != self._venue.key:
            raise Refusal("unknown_key", 401)

    def fields(self, matched: Matched, source: Source) -> Members:
        """Return what came in path, query or body."""
        if source == "path":
            return Members(matched.values)
        if source == "query":
            return Members({name: values[0] for name, values in parse_qs(matched.request.query).items()})
        try:
            return Members({name: str(value) for name, value in from_json(matched.request.body).items()})
        except (AttributeError, ValueError):
            raise Refusal("bad_body", 400) from None

    def envelope(self, matched: Matched, result: Any) -> Reply:
        """Return the reply."""
        return reply(result)
