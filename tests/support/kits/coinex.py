"""What suites over all venues must know of CoinEx."""

from __future__ import annotations

from decimal import Decimal

from support.kits import ClientKit, Identity, Kit, Row
from tradewire.signing import Credentials
from tradewire.venues.coinex import hosts, parse, shapes
from tradewire.venues.coinex.client import CoinEx

ORDER: Row = {
    "order_id": 1001, "market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "limit", "ccy": "BTC",
    "amount": "0.01", "price": "50000", "unfilled_amount": "0.01", "filled_amount": "0", "filled_value": "0",
    "client_id": "mine", "created_at": 1763640000000, "updated_at": 1763640000000,
}  # fmt: skip
DEAL: Row = {
    "deal_id": 1, "created_at": 1763640000000, "market": "BTCUSDT", "side": "buy", "order_id": 1001,
    "price": "50000", "amount": "0.01",
}  # fmt: skip
OTHERS: list[Row] = [{"order_id": 1002}, {"market": "ETHUSDT"}]


def check_arithmetic() -> None:
    """Fail if prices and sizes depend on the program's decimal context."""
    row = shapes.MarketRow(
        market="XY",
        base_ccy="X",
        quote_ccy="Y",
        base_ccy_precision=8,
        quote_ccy_precision=12,
        min_amount=Decimal("0.00000001"),
        maker_fee_rate=Decimal("0.002"),
        taker_fee_rate=Decimal("0.002"),
    )
    market = parse.market(row)
    assert (market.tick_size, market.lot_size) == (Decimal("1e-12"), Decimal("1e-8"))


KIT = Kit(
    clients=[
        ClientKit(
            CoinEx,
            lambda key: Credentials(key, "secret"),
            hosts.LIVE,
            hosts.local("http://127.0.0.1:1/v2", "ws://127.0.0.1:1/v2/spot"),
            {"market": "BTCUSDT", "order_id": "5", "size": "0.01", "price": "20000"},
        )
    ],
    identity=Identity(
        ORDER,
        [
            (
                lambda v: v.place_order("BTCUSDT", "buy", "0.010", "50000", client_order_id="mine"),
                lambda row: row,
                [
                    {"client_id": "other"},
                    {"market": "ETHUSDT"},
                    {"side": "sell"},
                    {"amount": "0.02"},
                    {"price": "40000"},
                ],
            ),
            (lambda v: v.amend_order("BTCUSDT", "1001", price="50001"), lambda row: row, OTHERS),
            (lambda v: v.cancel_order("BTCUSDT", "1001"), lambda row: row, OTHERS),
            (lambda v: v.order("BTCUSDT", "1001"), lambda row: row, OTHERS),
            (
                lambda v: v.cancel_by_client_order_id("mine", market="BTCUSDT"),
                lambda row: [{"code": 0, "message": "OK", "data": row}],
                [{"client_id": "other"}, {"market": "ETHUSDT"}],
            ),
            (lambda v: v.fills("BTCUSDT"), lambda row: [DEAL | row], [{"market": "ETHUSDT"}]),
        ],
        (
            200,
            {"code": 3600, "data": {}, "message": "Order not found"},
            lambda v: v.place_order("BTCUSDT", "buy", "0.01", "50000"),
        ),
    ),
    check_arithmetic=check_arithmetic,
    numeric_ids=[
        lambda v: v.order("BTCUSDT", 5),
        lambda v: v.cancel_order("BTCUSDT", 5),
        lambda v: v.amend_order("BTCUSDT", 5, price=1),
        lambda v: v.trades("BTCUSDT", after_id=5),
        lambda v: v.place_order("BTCUSDT", "buy", "0.01", "20000", client_order_id=5),
    ],
    refused=[
        (0, lambda v: v.fills("BTCUSDT", page="2"), "page must be a whole number from 1, got '2'"),
        (0, lambda v: v.book("BTCUSDT", depth="5"), "depth must be one of (5, 10, 20, 50), got '5'"),
        (0, lambda v: v.order("BTCUSDT", 5.0), "order_id must be a text or a whole number, got 5.0"),
        (
            0,
            lambda v: v.place_order("BTCUSDT", None, "1", "2"),
            "side must be one of 'buy', 'sell', got None",
        ),
    ],
    reply=lambda _request, data: {"code": 0, "message": "OK", "data": data},
)
