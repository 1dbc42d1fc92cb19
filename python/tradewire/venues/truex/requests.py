"""What the methods ask of TrueX, checked, and how it travels. Every id and number is sent as text.

Source: the order, market-data, client and transfer pages of docs.truemarkets.co, read 2026-11-20.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from tradewire.errors import ConfigError
from tradewire.model import Order, Side, StpMode
from tradewire.protocol.arguments import check_plain, plain, shown, whole_number
from tradewire.protocol.endpoint import Params
from tradewire.venues.truex import ids
from tradewire.venues.truex.ids import check_venue_id
from tradewire.venues.truex.model import (
    STP_WORDS,
    QuoteUnit,
    TransferKind,
    TransferPlatform,
)
from tradewire.venues.truex.new_order import NewOrder
from tradewire.wire import Accepted

__all__ = [
    "AmendOrder",
    "BalancesQuery",
    "ClientsQuery",
    "HistoryQuery",
    "NameQuery",
    "OrderRef",
    "OrdersQuery",
    "PlaceOrder",
    "QuoteRequest",
    "StartTransfer",
    "TradesQuery",
    "TransferRef",
    "UpdateClient",
    "status_filter",
]

MAX_PAGE = 100
CURSOR = "cursor"
"""What asks for a page by cursor. No page says it; the vendor's sister service has this name."""


def _body(members: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(members)
    except TypeError as error:
        raise ConfigError(f"what is sent must have a JSON form: {error}") from None


def _query(**members: str | int | None) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in members.items() if value is not None)


def _page(size: int, skip: int, cursor: object) -> dict[str, str | int | None]:
    if not isinstance(cursor, str):
        raise ConfigError(f"cursor must be a page's next_cursor, got {shown(cursor)}")
    return {"size": _size(size), "skip": skip or None, CURSOR: cursor or None}


def _size(size: int) -> int:
    return whole_number("limit", size, 1, MAX_PAGE)


def _id(name: str, order_id: str | None) -> str | None:
    return None if order_id is None else check_venue_id(name, order_id)


def _name(name: str, text: str | None) -> str | None:
    return None if text is None else check_plain(name, text)


@dataclass(frozen=True, slots=True)
class NameQuery:
    """Assets or instruments: by id, by name, or all."""

    field: str
    """What the venue calls a name here."""
    order_id: str | None = None
    name: str | None = None
    cursor: str = ""

    def params(self) -> Params:
        """Encode for REST."""
        return Params(
            query=_query(
                **{
                    "id": _id("id", self.order_id),
                    self.field: _name(self.field, self.name),
                    CURSOR: self.cursor or None,
                }
            )
        )


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """A page of something before a time."""

    timestamp_ns: int
    size: int = MAX_PAGE
    skip: int = 0
    cursor: str = ""

    def params(self) -> Params:
        """Encode for REST."""
        return Params(
            query=_query(
                timestamp=whole_number("end_ns", self.timestamp_ns, 0),
                **_page(self.size, self.skip, self.cursor),
            )
        )


@dataclass(frozen=True, slots=True)
class TransferRef:
    """A transfer under way, or all of them."""

    transfer_id: str | None

    def params(self) -> Params:
        """Encode for REST."""
        return Params(query=_query(transfer_id=_id("transfer_id", self.transfer_id)))


@dataclass(frozen=True, slots=True)
class TradesQuery:
    """Public trades of an instrument, or best prices of one or of all."""

    instrument_id: str | None
    size: int | None = None

    def params(self) -> Params:
        """Encode for REST."""
        size = None if self.size is None else _size(self.size)
        return Params(query=_query(instrument_id=self.instrument_id, size=size))


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A quote to compute."""

    instrument_id: str
    side: Side
    size: Decimal
    unit: QuoteUnit

    def params(self) -> Params:
        """Encode for REST."""
        return Params(
            body=_body(
                {
                    "instrument_id": self.instrument_id,
                    "side": self.side.upper(),
                    "qty": plain(self.size),
                    "qty_unit": self.unit.upper(),
                }
            )
        )


@dataclass(frozen=True, slots=True)
class ClientsQuery:
    """Clients: by id, by mnemonic, or all."""

    account_id: str | None = None
    mnemonic: str | None = None

    def params(self) -> Params:
        """Encode for REST."""
        return Params(
            query=_query(id=_id("account_id", self.account_id), mnemonic=_name("mnemonic", self.mnemonic))
        )


@dataclass(frozen=True, slots=True)
class UpdateClient:
    """A client's settings."""

    account_id: str
    self_trade_prevention: StpMode

    def params(self) -> Params:
        """Encode for REST."""
        info = {"self_trade_prevention": STP_WORDS[self.self_trade_prevention]}
        return Params(body=_body({"id": _id("account_id", self.account_id), "info": info}))


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A new order, and the venue's ids of what it names."""

    wanted: NewOrder
    account_id: str
    instrument_id: str

    def accepted(self, reply: Accepted, size_asset: str) -> Order:
        """Return the order as it was sent, with the ids the venue has for it."""
        wanted = self.wanted
        return reply.order(
            client_order_id=wanted.client_order_id,
            market=wanted.market,
            side=wanted.side,
            type=wanted.type,
            time_in_force=wanted.time_in_force,
            post_only=wanted.post_only,
            price=wanted.price,
            size=wanted.size,
            size_asset=size_asset,
        )

    def params(self) -> Params:
        """Encode for REST."""
        wanted = self.wanted
        info: dict[str, Any] = {
            "client_id": self.account_id,
            "instrument_id": self.instrument_id,
            "side": wanted.side.upper(),
            "type": wanted.type.upper(),
            "tif": wanted.time_in_force.upper(),
            "qty": plain(wanted.size),
        }
        if wanted.price is not None:
            info["price"] = plain(wanted.price)
        if wanted.post_only:
            info["exec_inst_flags"] = ["ALO"]
        if wanted.aggressive:
            info["flags"] = ["USE_AGGRESSIVE_PRICING"]
        if wanted.stp is not None:
            info["stp"] = STP_WORDS[wanted.stp]
        return Params(body=_body({"external_id": wanted.client_order_id, "info": info}))


@dataclass(frozen=True, slots=True)
class AmendOrder:
    """A new size and price for an order; both are always sent."""

    order_id: str
    client_order_id: str
    account_id: str
    size: Decimal
    price: Decimal
    to_market: bool

    def params(self) -> Params:
        """Encode for REST."""
        info = {"client_id": self.account_id, "new_qty": plain(self.size), "new_price": plain(self.price)}
        if self.to_market:
            info["new_type"] = "MARKET"
        return Params(body=_body({"id": self.order_id, "external_id": self.client_order_id, "info": info}))


@dataclass(frozen=True, slots=True)
class OrderRef:
    """An order by the venue's id or by ours."""

    ref_id: str
    id_type: str

    @property
    def named(self) -> str:
        """How the client's methods are told of it."""
        return f"client_id={self.ref_id!r}" if self.id_type == ids.CLIENT else repr(self.ref_id)

    def params(self) -> Params:
        """Encode for REST."""
        return Params(query=(("id_type", self.id_type),), path=(("ref_id", self.ref_id),))


@dataclass(frozen=True, slots=True)
class OrdersQuery:
    """A page of orders of the last weeks, filtered by the venue's own language."""

    filter: str | None = None
    size: int = MAX_PAGE
    skip: int = 0
    cursor: str = ""

    def params(self) -> Params:
        """Encode for REST."""
        return Params(query=_query(query=self.filter, **_page(self.size, self.skip, self.cursor)))


@dataclass(frozen=True, slots=True)
class BalancesQuery:
    """Balances of a client, or of all of the key's."""

    account_id: str | None = None
    asset_name: str | None = None

    def params(self) -> Params:
        """Encode for REST."""
        return Params(
            query=_query(
                asset_name=_name("asset", self.asset_name), client_id=_id("account_id", self.account_id)
            )
        )


@dataclass(frozen=True, slots=True)
class StartTransfer:
    """A transfer to begin. What ``instructions`` hold depends on the platform and is not published for all."""

    amount: Decimal
    asset_id: str
    account_id: str
    kind: TransferKind
    platform: TransferPlatform
    instructions: dict[str, Any] | None

    def params(self) -> Params:
        """Encode for REST."""
        request: dict[str, Any] = {
            "amount": plain(self.amount),
            "asset_id": self.asset_id,
            "client_id": _id("account_id", self.account_id),
            "type": self.kind.value,
            "platform": self.platform.value,
        }
        if self.instructions is not None:
            request["instructions"] = self.instructions
        return Params(body=_body({"request": request}))


def status_filter(statuses: object) -> str | None:
    """Return the one form of the filter language that is known to work: orders in some of the venue's states."""
    if not isinstance(statuses, list | tuple):
        raise ConfigError(f"statuses must be a tuple of texts, got {shown(statuses)}")
    if not statuses:
        return None
    for status in statuses:
        check_plain("statuses", status)
    columns = [{"name": "status", "filter": [{"$in": list(statuses)}]}]
    return orjson.dumps({"columns": columns}).decode()
