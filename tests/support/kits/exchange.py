"""What suites over all venues must know of Exchange."""

from __future__ import annotations

from support.kits import ClientKit, Identity, Kit, Row
from tradewire.signing import Token
from tradewire.venues.exchange import hosts
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.api import whole
from tradewire.venues.exchange.client import Exchange

MINE = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
OTHER = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"
ORDER: Row = {
    "id": MINE, "trader_id": OTHER, "market": "ABC-USD", "side": "BUY", "price": 4000, "quantity": 2,
    "remaining": 2, "created_at": "2026-11-20T00:00:00Z",
}  # fmt: skip


def check_arithmetic() -> None:
    """Fail if prices and sizes depend on the program's decimal context."""
    assert whole("size", str(2**62 + 1)) == 2**62 + 1


KIT = Kit(
    clients=[
        ClientKit(
            Exchange,
            Token,
            hosts.LIVE,
            hosts.local("http://127.0.0.1:1", "ws://127.0.0.1:1/ws"),
            {"market": "ABC-USD", "order_id": MINE, "size": 2, "price": 4000},
        ),
        ClientKit(
            ExchangeAdmin,
            Token,
            hosts.LIVE,
            hosts.local("http://127.0.0.1:1", ""),
            {"market": "ABC-USD", "price": 4000},
            has_stream=False,
        ),
    ],
    identity=Identity(
        ORDER,
        [
            (
                lambda v: v.place_order("ABC-USD", "buy", 2, 4000, order_entry="rest"),
                lambda row: {"order": row, "fills": [], "resting": True},
                [{"market": "XYZ-USD"}, {"side": "SELL"}, {"price": 3000}, {"quantity": 3}],
            ),
            (
                lambda v: v.amend_order("ABC-USD", MINE, remaining=2, order_entry="rest"),
                lambda row: {"order": row},
                [{"id": OTHER}, {"remaining": 1}],
            ),
            (
                lambda v: v.cancel_order("ABC-USD", MINE, order_entry="rest"),
                lambda row: {"order": row},
                [{"id": OTHER}],
            ),
        ],
        (
            404,
            {"error": "order not found"},
            lambda v: v.place_order("ABC-USD", "buy", 2, 4000, order_entry="rest"),
        ),
    ),
    check_arithmetic=check_arithmetic,
    numeric_ids=[],
    refused=[
        (0, lambda v: v.leaderboard(limit="5"), "limit must be a whole number from 0 to"),
        (
            0,
            lambda v: v.cancel_order("ABC-USD", 5),
            "order_id must be a UUID in lower case on Exchange, got 5",
        ),
    ],
)
