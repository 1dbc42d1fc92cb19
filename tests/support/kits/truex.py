"""What suites over all venues must know of TrueX."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from support.kits import ClientKit, Identity, Kit, Row
from tradewire.model import Side
from tradewire.protocol.arguments import exact
from tradewire.signing import Credentials
from tradewire.transport.seam import HttpRequest
from tradewire.venues.truex import hosts
from tradewire.venues.truex.client import TrueX
from tradewire.venues.truex.increments import check, round_price

INSTRUMENT: Row = {
    "id": "78", "status": "ACTIVE",
    "info": {"symbol": "BTC-PYUSD", "reference_price": "64000", "base_asset_id": "7", "quote_asset_id": "8"},
}  # fmt: skip
ASSETS = [{"id": "7", "name": "BTC"}, {"id": "8", "name": "PYUSD"}]
TERMS: Row = {
    "client_id": "5", "instrument_id": "78", "side": "BUY", "type": "LIMIT", "qty": "0.01", "price": "64000",
}  # fmt: skip
ORDER: Row = {"id": "501", "status": "ACTIVE", "external_id": "mine", "order_info": TERMS}


def info(**changes: Any) -> Row:
    """Return a change of the order's terms."""
    return {"order_info": TERMS | changes}


def reply(request: HttpRequest, data: object) -> object:
    """Return the instruments and assets where they are asked for."""
    if "/instruments" in request.url:
        return {"data": [INSTRUMENT]}
    return {"data": ASSETS if "/assets" in request.url else data}


def check_arithmetic() -> None:
    """Fail if prices and sizes depend on the program's decimal context."""
    check(exact("size", "123456789.1234"), exact("price", "64000.1"))
    assert round_price(exact("price", "64000.123456789012"), Side.BUY) == Decimal("64000.1")


KIT = Kit(
    clients=[
        ClientKit(
            TrueX,
            lambda key: Credentials(key, "secret"),
            hosts.PRODUCTION,
            hosts.local("http://127.0.0.1:1", "ws://127.0.0.1:1/api/v1"),
            {"market": "BTC-PYUSD", "order_id": "5", "size": "0.01", "price": "64000"},
            {"account_id": "5", "organization_id": "6"},
        )
    ],
    identity=Identity(
        ORDER,
        [
            (
                lambda v: v.place_order("BTC-PYUSD", "buy", "0.0100", "64000.0", client_order_id="mine"),
                lambda row: row,
                [
                    {"external_id": "other"}, info(instrument_id="79"), info(side="SELL"), info(qty="0.02"),
                    info(price="63000"), info(client_id="6"),
                ],
            ),
            (
                lambda v: v.amend_order("BTC-PYUSD", "501", price="64001", size="0.01"),
                lambda row: row | {"external_id": "a new one"},
                [{"id": "502"}],
            ),
            (lambda v: v.cancel_order("BTC-PYUSD", "501"), lambda row: row, [{"id": "502"}]),
            (
                lambda v: v.cancel_order("BTC-PYUSD", client_order_id="mine"),
                lambda row: row,
                [{"external_id": "other"}],
            ),
            (lambda v: v.order("BTC-PYUSD", "501"), lambda row: row, [{"id": "502"}]),
        ],
    ),
    check_arithmetic=check_arithmetic,
    numeric_ids=[
        lambda v: v.order("BTC-PYUSD", 5),
        lambda v: v.cancel_order("BTC-PYUSD", 5),
        lambda v: v.place_order("BTC-PYUSD", "buy", "0.01", "64000", client_order_id=5),
    ],
    refused=[
        (0, lambda v: v.orders(page="2"), "page must be a whole number from 1, got '2'"),
        (0, lambda v: v.orders(limit=500), "limit must be a whole number from 1 to 100, got 500"),
    ],
    reply=reply,
)  # fmt: skip
