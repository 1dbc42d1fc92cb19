"""What the methods ask of CoinEx, checked, and how it travels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from tradewire.errors import ConfigError
from tradewire.model import Order, OrderType, Side, StpMode, TimeInForce
from tradewire.protocol.arguments import check_plain, flag, id_text, plain, shown, whole_number
from tradewire.protocol.endpoint import Params
from tradewire.venues.coinex import parse
from tradewire.wire import Accepted

__all__ = [
    "AmendOrder",
    "CancelAll",
    "ClientOrderIdRef",
    "DepthQuery",
    "FillsQuery",
    "MarketsQuery",
    "OrderRef",
    "OrdersQuery",
    "PlaceOrder",
    "TradesQuery",
    "check_client_order_id",
    "check_order_id",
]

SPOT = "SPOT"
MAX_MARKETS = 10
"""Markets one request may name; none means all of them."""
MAX_CLIENT_ID = 32
"""The page says "less than 32 bytes"; a widely used client sends 32, and the venue takes them."""
BOOK_LIMITS = (5, 10, 20, 50)
MAX_PAGE = 100
MAX_TRADES = 1000

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_STP = {StpMode.CANCEL_TAKER: "ct", StpMode.CANCEL_MAKER: "cm", StpMode.CANCEL_BOTH: "both"}


def check_client_order_id(client_order_id: object) -> str:
    """Return ``client_order_id`` if the venue accepts it.

    Raises:
        ConfigError: It is longer than 32 characters or has others than letters, digits, ``-`` and ``_``.
    """
    text = id_text("client_order_id", client_order_id)
    if not _CLIENT_ID.match(text):
        allowed = f"1 to {MAX_CLIENT_ID} of A-Z a-z 0-9 - _"
        raise ConfigError(f"client_order_id must be {allowed}, got {shown(text)}")
    return text


def check_order_id(order_id: object, name: str = "order_id") -> int:
    """Return the venue's number of an order, or of a trade.

    Raises:
        ConfigError: It is not a number: a client id goes into ``client_order_id``.
    """
    text = id_text(name, order_id)
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ConfigError(f"{name} must be one of the venue's numbers, got {shown(text)}; see Order.order_id")
    return int(text)


def _body(**members: object) -> Params:
    return Params(body=orjson.dumps({name: value for name, value in members.items() if value is not None}))


def _query(**members: object) -> Params:
    return Params(query=[(name, str(value)) for name, value in members.items() if value is not None])


@dataclass(frozen=True, slots=True)
class MarketsQuery:
    """Some markets, or all."""

    markets: Sequence[str] = ()

    def params(self) -> Params:
        """Encode; ConfigError for more than ten."""
        if len(self.markets) > MAX_MARKETS:
            raise ConfigError(
                f"a request names at most {MAX_MARKETS} markets, none for all, got {len(self.markets)}"
            )
        names = [check_plain("market", market) for market in self.markets]
        if any("," in name for name in names):
            raise ConfigError("pass each market as an argument of its own")
        return _query(market=",".join(names) or None)


@dataclass(frozen=True, slots=True)
class DepthQuery:
    """The top of one book."""

    market: str
    limit: int

    def params(self) -> Params:
        """Encode; ConfigError for a depth the venue does not offer."""
        if type(self.limit) is not int or self.limit not in BOOK_LIMITS:
            raise ConfigError(f"depth must be one of {BOOK_LIMITS}, got {shown(self.limit)}")
        return _query(market=check_plain("market", self.market), limit=self.limit, interval="0")


@dataclass(frozen=True, slots=True)
class TradesQuery:
    """The latest public trades of a market."""

    market: str
    limit: int
    after_id: str | None

    def params(self) -> Params:
        """Encode; ConfigError for more than 1000."""
        limit = whole_number("limit", self.limit, 1, MAX_TRADES)
        last_id = None if self.after_id is None else check_order_id(self.after_id, "after_id")
        return _query(market=check_plain("market", self.market), limit=limit, last_id=last_id)


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A new order, in the venue's words."""

    market: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    post_only: bool
    size: Decimal
    price: Decimal | None
    client_order_id: str
    stp: StpMode | None
    is_hidden: bool
    size_asset: str | None

    def accepted(self, reply: Accepted) -> Order:
        """Return the order as it was sent, with the ids the venue has for it."""
        return reply.order(
            client_order_id=self.client_order_id,
            market=self.market,
            side=self.side,
            type=self.type,
            time_in_force=self.time_in_force,
            post_only=self.post_only,
            price=self.price,
            size=self.size,
            size_asset=self.size_asset or "",
        )

    def params(self) -> Params:
        """Encode."""
        return _body(
            market=check_plain("market", self.market),
            market_type=SPOT,
            side=self.side.value,
            type=parse.wire_type(self.type, self.time_in_force, post_only=self.post_only),
            amount=plain(self.size),
            price=None if self.price is None else plain(self.price),
            client_id=check_client_order_id(self.client_order_id),
            stp_mode=None if self.stp is None else _STP[self.stp],
            is_hide=flag("is_hidden", self.is_hidden) or None,
            ccy=None if self.size_asset is None else check_plain("size_asset", self.size_asset),
        )


@dataclass(frozen=True, slots=True)
class AmendOrder:
    """New price or size of an order."""

    market: str
    order_id: str
    price: Decimal | None
    size: Decimal | None

    def params(self) -> Params:
        """Encode; ConfigError if nothing would change."""
        if self.price is None and self.size is None:
            raise ConfigError("amend_order needs a new price, a new size or both")
        return _body(
            market=check_plain("market", self.market),
            market_type=SPOT,
            order_id=check_order_id(self.order_id),
            amount=None if self.size is None else plain(self.size),
            price=None if self.price is None else plain(self.price),
        )


@dataclass(frozen=True, slots=True)
class OrderRef:
    """One order, by the venue's number."""

    market: str
    order_id: str
    page: int | None = None
    limit: int | None = None

    def body(self) -> Params:
        """Encode for a POST."""
        market = check_plain("market", self.market)
        return _body(market=market, market_type=SPOT, order_id=check_order_id(self.order_id))

    def query(self) -> Params:
        """Encode for a GET."""
        return _query(market=check_plain("market", self.market), order_id=check_order_id(self.order_id))

    def paged_query(self) -> Params:
        """Encode for a GET of a list."""
        members: dict[str, Any] = {"market": check_plain("market", self.market), "market_type": SPOT}
        return _query(**members, order_id=check_order_id(self.order_id), **_page(self.page, self.limit))


@dataclass(frozen=True, slots=True)
class ClientOrderIdRef:
    """Every order with one client id."""

    client_order_id: str
    market: str | None

    def params(self) -> Params:
        """Encode."""
        market = None if self.market is None else check_plain("market", self.market)
        return _body(market=market, market_type=SPOT, client_id=check_client_order_id(self.client_order_id))


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Every order of a market, or of one of its sides."""

    market: str
    side: Side | None

    def params(self) -> Params:
        """Encode."""
        side = None if self.side is None else self.side.value
        return _body(market=check_plain("market", self.market), market_type=SPOT, side=side)


@dataclass(frozen=True, slots=True)
class OrdersQuery:
    """A page of orders."""

    market: str | None
    side: Side | None
    client_order_id: str | None
    page: int
    limit: int

    def params(self) -> Params:
        """Encode."""
        return _query(
            market=None if self.market is None else check_plain("market", self.market),
            market_type=SPOT,
            side=None if self.side is None else self.side.value,
            client_id=None if self.client_order_id is None else check_client_order_id(self.client_order_id),
            **_page(self.page, self.limit),
        )


@dataclass(frozen=True, slots=True)
class FillsQuery:
    """A page of our trades in a market."""

    market: str
    side: Side | None
    start_ms: int | None
    end_ms: int | None
    page: int
    limit: int

    def params(self) -> Params:
        """Encode."""
        return _query(
            market=check_plain("market", self.market),
            market_type=SPOT,
            side=None if self.side is None else self.side.value,
            start_time=self.start_ms,
            end_time=self.end_ms,
            **_page(self.page, self.limit),
        )


def _page(page: int | None, limit: int | None) -> dict[str, int | None]:
    return {
        "page": None if page is None else whole_number("page", page, 1),
        "limit": None if limit is None else whole_number("limit", limit, 1, MAX_PAGE),
    }
