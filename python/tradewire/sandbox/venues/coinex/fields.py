"""Reading the parameters of a request, strictly, and the annotations that endpoints name them by.

JSON types matter to this venue: an id must be an integer and an amount a text. In a query everything is text.
Refuses with the code of an invalid parameter, or of an unreadable request when a required one is missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, TypeAlias, TypeVar
from urllib.parse import parse_qsl

from tradewire.sandbox.documents import JSON_TYPE, from_json, is_json_type
from tradewire.sandbox.order import Kind, Order, SelfTrade, Side
from tradewire.sandbox.routing import Reader, struct
from tradewire.sandbox.venues.coinex.codes import UnknownMarket, invalid, unreadable
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.stops import PriceKind, StopOrder

__all__ = [
    "KINDS", "AccountType", "Anything", "Asset", "ChosenMargin", "ClientId", "Fields", "Filter", "Flag", "Id", "Items",
    "Limit", "Market", "MarketType", "Markets", "Number", "OneSide", "OrderFilter", "OrderKind", "Page", "Paged",
    "QueryFlag", "SelfTradeMode", "SignedNumber", "Span", "Text", "Texts", "TransactionKind", "TriggerPriceType",
    "UncheckedAmount",
    "json_object", "one_of", "query_of",
]  # fmt: skip

ValueT = TypeVar("ValueT")
OrderT = TypeVar("OrderT", Order, StopOrder)
DECIMAL = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
INTEGER = re.compile(r"[0-9]{1,18}", re.ASCII)
CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{1,32}", re.ASCII)
MAX_INTEGER = 2**63 - 1
MAX_BATCH = 50
"""The venue does not publish how many orders a batch may hold; its examples have five."""
MAX_LISTED_MARKETS = 10
SIGNED_PLACES = 8
KINDS = {
    "limit": Kind.LIMIT,
    "market": Kind.MARKET,
    "maker_only": Kind.POST_ONLY,
    "ioc": Kind.IOC,
    "fok": Kind.FOK,
}
SIDES = {side.value: side for side in Side}
SELF_TRADE_MODES = {
    "ct": SelfTrade.CANCEL_TAKER,
    "cm": SelfTrade.CANCEL_MAKER,
    "both": SelfTrade.CANCEL_BOTH,
}


@dataclass(frozen=True, slots=True)
class Paged:
    """A list with its place in a longer one; ``total`` only where the venue gives it."""

    data: Sequence[Any]
    has_next: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted, from 1, and how many elements one has."""

    number: int
    size: int

    def of(self, rows: Sequence[Any], *, with_total: bool = False) -> Paged:
        """Return the page of ``rows``."""
        start, end = (self.number - 1) * self.size, self.number * self.size
        return Paged(rows[start:end], len(rows) > end, len(rows) if with_total else None)


@dataclass(frozen=True, slots=True)
class UncheckedAmount:
    """A number whose decimals are counted when its market is known."""

    name: str
    value: Any

    def of(self, places: int) -> Decimal:
        """Return it: above zero, sent as text, with at most ``places`` decimals."""
        if not isinstance(self.value, str) or not DECIMAL.fullmatch(self.value):
            raise invalid(f"{self.name} must be a plain decimal number in a string")
        number = Decimal(self.value)
        if not number:
            raise invalid(f"{self.name} must be above 0")
        exponent = number.normalize().as_tuple().exponent
        assert isinstance(exponent, int)
        if -exponent > places:
            raise invalid(f"{self.name} has more than {places} decimals")
        return number


class Fields:
    """The parameters of one request.

    Args:
        values: What came, by name.
        rules: The venue's markets.
        from_query: They came as text in a query, not typed in a JSON body.
    """

    def __init__(
        self, values: Mapping[str, Any], rules: Mapping[str, MarketRules], *, from_query: bool
    ) -> None:
        self._values = values
        self._rules = rules
        self._from_query = from_query

    def has(self, name: str) -> bool:
        """Say whether ``name`` came; ``null`` and an empty query text count as absent."""
        value = self._values.get(name)
        return name in self._values if isinstance(value, (list, dict)) else value not in {None, ""}

    def text(self, name: str) -> str:
        """Return a required text."""
        value = self._required(name)
        if not isinstance(value, str):
            raise invalid(f"{name} must be a string")
        return value

    def integer(self, name: str) -> int:
        """Return a required integer of at least 0."""
        value = self._required(name)
        if self._from_query and INTEGER.fullmatch(value):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INTEGER:
            raise invalid(f"{name} must be an integer")
        return value

    def within(self, name: str, default: int, most: int) -> int:
        """Return an integer from 1 to ``most``."""
        value = self.integer(name) if self.has(name) else default
        if not 1 <= value <= most:
            raise invalid(f"{name} must be 1 to {most}")
        return value

    def page(self, _: str) -> PageRequest:
        """Return ``page`` and ``limit``."""
        return PageRequest(self.within("page", 1, MAX_INTEGER), self.within("limit", 10, 100))

    def span(self, _: str) -> range:
        """Return the milliseconds from ``start_time`` to ``end_time``, both included; 0 leaves an end open."""
        start, end = (self.integer(name) if self.has(name) else 0 for name in ("start_time", "end_time"))
        return range(start, (end or MAX_INTEGER) + 1)

    def number(self, name: str) -> UncheckedAmount:
        """Return a required number."""
        return UncheckedAmount(name, self._required(name))

    def signed(self, name: str) -> Decimal:
        """Return a required number of either sign, with at most 8 decimals."""
        value = self._required(name)
        sign = -1 if isinstance(value, str) and value.startswith("-") else 1
        return sign * UncheckedAmount(name, value.removeprefix("-") if sign < 0 else value).of(SIGNED_PLACES)

    def flag(self, name: str) -> bool:
        """Return a JSON bool."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise invalid(f"{name} must be true or false")
        return value

    def client_id(self, name: str) -> str:
        """Return a required client id."""
        value = self.text(name)
        if not CLIENT_ID.fullmatch(value):
            raise invalid(f"{name} takes 1 to 32 letters, digits, - and _")
        return value

    def items(self, name: str) -> list[Any]:
        """Return a required list of 1 to 50 elements; in a query they are separated by commas."""
        value = self._required(name)
        if self._from_query:
            value = value.split(",")
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_BATCH:
            raise invalid(f"{name} must be a list of 1 to {MAX_BATCH}")
        return value

    def asset(self, name: str) -> str:
        """Return the name of an asset that some market has."""
        found = self.text(name)
        if not any(found in {rules.base, rules.quote} for rules in self._rules.values()):
            raise invalid(f"{name} {found[:32]} not found")
        return found

    def texts(self, name: str) -> list[str]:
        """Return a required list of texts, perhaps an empty one."""
        value = self._values.get(name)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise invalid(f"{name} must be a list of strings")
        return value

    def query_flag(self, name: str) -> bool:
        """Return ``true`` or ``false`` as a query has it."""
        return one_of(name, self.text(name), ("true", "false")) == "true"

    def anything(self, name: str) -> Any:
        """Return what came, whatever it is."""
        return self._required(name)

    def market(self, name: str) -> MarketRules:
        """Return the rules of a required market."""
        return self._market(self.text(name))

    def markets(self, name: str) -> list[MarketRules]:
        """Return the rules of the markets that are named, separated by commas; of all when none is."""
        if not self.has(name):
            return list(self._rules.values())
        names = self.text(name).split(",")
        if len(names) > MAX_LISTED_MARKETS:
            raise invalid(f"{name} takes at most {MAX_LISTED_MARKETS} names")
        return [self._market(one) for one in names]

    def _market(self, name: str) -> MarketRules:
        if name not in self._rules:
            raise UnknownMarket(name)
        return self._rules[name]

    def _required(self, name: str) -> Any:
        if not self.has(name):
            raise unreadable(f"{name} is required")
        return self._values[name]


def one_of(name: str, value: str, allowed: Collection[str]) -> str:
    """Return ``value`` if it is among ``allowed``."""
    if value not in allowed:
        raise invalid(f"{name} must be one of {', '.join(allowed)}")
    return value


def choice(meanings: Mapping[str, Any]) -> Reader:
    """Return the reader of a required text that stands for something."""
    return Reader(lambda fields, name: meanings[one_of(name, fields.text(name), meanings)])


Text: TypeAlias = Annotated[str, Reader(Fields.text)]
Id: TypeAlias = Annotated[int, Reader(Fields.integer)]
Texts: TypeAlias = Annotated[Sequence[str], Reader(Fields.texts)]
QueryFlag: TypeAlias = Annotated[bool, Reader(Fields.query_flag)]
Anything: TypeAlias = Annotated[Any, Reader(Fields.anything)]
Asset: TypeAlias = Annotated[str, Reader(Fields.asset)]
AccountType: TypeAlias = Annotated[str, choice({kind: kind for kind in ("SPOT", "MARGIN", "FUTURES")})]
TransactionKind: TypeAlias = Annotated[
    str, choice({kind: kind for kind in ("deposit", "withdraw", "trade", "maker_cash_back")})
]
Items: TypeAlias = Annotated[list[Any], Reader(Fields.items)]
Flag: TypeAlias = Annotated[bool, Reader(Fields.flag)]
Number: TypeAlias = Annotated[UncheckedAmount, Reader(Fields.number)]
SignedNumber: TypeAlias = Annotated[Decimal, Reader(Fields.signed)]
ClientId: TypeAlias = Annotated[str, Reader(Fields.client_id)]
Market: TypeAlias = Annotated[MarketRules, Reader(Fields.market)]
Markets: TypeAlias = Annotated[list[MarketRules], Reader(Fields.markets, ("market?",))]
MarketType: TypeAlias = Annotated[str, choice({kind: kind for kind in ("SPOT", "MARGIN", "FUTURES")})]
ChosenMargin: TypeAlias = Annotated[str, choice({mode: mode for mode in ("cross", "isolated")})]
TriggerPriceType: TypeAlias = Annotated[PriceKind, choice({kind.value: kind for kind in PriceKind})]
OneSide: TypeAlias = Annotated[Side, choice(SIDES)]
OrderKind: TypeAlias = Annotated[Kind, choice(KINDS)]
SelfTradeMode: TypeAlias = Annotated[SelfTrade, choice(SELF_TRADE_MODES)]
Page: TypeAlias = Annotated[PageRequest, Reader(Fields.page, ("page?", "limit?"))]
Span: TypeAlias = Annotated[range, Reader(Fields.span, ("start_time?", "end_time?"))]
Limit: TypeAlias = Annotated[int, Reader(lambda fields, name: fields.within(name, 100, 1000), ("limit?",))]


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are wanted; what is not said does not matter."""

    market: Market | None = None
    side: OneSide | None = None
    client_id: ClientId = ""

    def of(self, orders: Mapping[int, OrderT]) -> list[OrderT]:
        """Return those of ``orders``, oldest first."""
        return [
            order
            for _, order in sorted(orders.items())
            if (self.market is None or order.market == self.market.name)
            and self.side in {None, order.side}
            and self.client_id in {"", order.client_id}
        ]


Filter: TypeAlias = Annotated[OrderFilter, struct(OrderFilter)]


def query_of(text: str) -> dict[str, str]:
    """Return the members of a query."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=64))
    except ValueError:
        raise unreadable("the query cannot be read") from None


def json_object(content_type: str, body: bytes) -> dict[str, Any]:
    """Return the members of a body."""
    if not is_json_type(content_type):
        raise unreadable(f"Content-Type must be {JSON_TYPE}")
    try:
        values = from_json(body)
    except ValueError:
        raise unreadable("the body is not JSON") from None
    if not isinstance(values, dict):
        raise unreadable("the body must be a JSON object")
    return values
