"""What suites over all venues must know of CoinEx futures."""

from __future__ import annotations

from decimal import Decimal

from support.kits import ClientKit, Identity, Kit, Row
from support.kits.coinex import KIT as SPOT
from support.kits.coinex import ORDER as SPOT_ORDER
from tradewire.signing import Credentials
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.futures import words
from tradewire.venues.coinex.futures.client import CoinExFutures

ORDER: Row = {name: value for name, value in SPOT_ORDER.items() if name != "ccy"} | {"market_type": "FUTURES"}
POSITION: Row = {"position_id": 5, "market": "BTCUSDT", "side": "long", "open_interest": "1"}


def check_arithmetic() -> None:
    """Fail if sizes and profits depend on the program's decimal context."""
    row = words.PositionRow(
        position_id="5",
        market="BTCUSDT",
        side="short",
        open_interest=Decimal("0.12345678901234567890123456789"),
        avg_entry_price=Decimal("12345.678901234567890123456789"),
    )
    position = words.position(row)
    assert position.size == Decimal("-0.12345678901234567890123456789")
    assert position.unrealized_pnl(Decimal("12344.678901234567890123456789")) == position.size.copy_negate()


KIT = Kit(
    clients=[
        ClientKit(
            CoinExFutures,
            lambda key: Credentials(key, "secret"),
            hosts.LIVE,
            hosts.local("http://127.0.0.1:1/v2", "ws://127.0.0.1:1/v2/spot"),
            {
                **SPOT.clients[0].good,
                "position_id": "5",
                "exit_id": "5",
                "margin_mode": "cross",
                "leverage": 3,
            },
        )
    ],
    identity=Identity(
        ORDER,
        [
            *SPOT.identity.asks,
            (
                lambda v: v.close_position("BTCUSDT", client_order_id="mine"),
                lambda row: row,
                [{"market": "ETHUSDT"}],
            ),
            (
                lambda v: v.adjust_position_margin("BTCUSDT", 5),
                lambda row: POSITION | {"market": row["market"]},
                [{"market": "ETHUSDT"}],
            ),
        ],
        SPOT.identity.no_such_order,
    ),
    check_arithmetic=check_arithmetic,
    numeric_ids=[
        *SPOT.numeric_ids,
        lambda v: v.position_margins("BTCUSDT", 5),
        lambda v: v.cancel_stop_loss("BTCUSDT", 5),
    ],
    refused=[
        *SPOT.refused,
        (
            0,
            lambda v: v.set_stop_loss("BTCUSDT", 1.5),
            "price must be Decimal, int or a decimal in a str, got float",
        ),
        (
            0,
            lambda v: v.adjust_position_leverage("BTCUSDT", "cross", "3"),
            "leverage must be a whole number from 1, got '3'",
        ),
    ],
    reply=SPOT.reply,
)
