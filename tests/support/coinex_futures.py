"""CoinEx futures on the wire as documented, and a client of a venue that answers so."""

from __future__ import annotations

import json
from typing import Any

from tradewire.signing import Credentials
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import HttpReply, HttpRequest
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.futures.client import CoinExFutures

MARKET: dict[str, Any] = {
    "market": "BTCUSDT",
    "contract_type": "linear",
    "taker_fee_rate": "0.0005",
    "maker_fee_rate": "0.0003",
    "min_amount": "0.0001",
    "base_ccy": "BTC",
    "quote_ccy": "USDT",
    "base_ccy_precision": 8,
    "quote_ccy_precision": 2,
    "status": "online",
    "delisted_at": 0,
    "tick_size": "0.5",
    "leverage": ["20", "1", "3"],
    "open_interest_volume": "180.5",
    "is_market_available": True,
    "is_copy_trading_available": True,
    "is_api_trading_available": True,
}
TICKER: dict[str, Any] = {
    "market": "BTCUSDT",
    "last": "61000",
    "open": "60000",
    "close": "61000",
    "high": "62000.5",
    "low": "59000",
    "volume": "12.3",
    "value": "750000",
    "volume_sell": "1",
    "volume_buy": "2",
    "period": 86400,
    "index_price": "61001",
    "mark_price": "61002",
    "open_interest_volume": "180.5",
}
ORDER: dict[str, Any] = {
    "order_id": 13400,
    "market": "BTCUSDT",
    "market_type": "FUTURES",
    "side": "buy",
    "type": "limit",
    "amount": "0.02",
    "price": "60000",
    "unfilled_amount": "0.01",
    "filled_amount": "0.01",
    "filled_value": "600",
    "client_id": "mine",
    "fee": "0.3",
    "fee_ccy": "USDT",
    "maker_fee_rate": "0.0003",
    "taker_fee_rate": "0.0005",
    "last_filled_amount": "0.01",
    "last_filled_price": "60000",
    "realized_pnl": "-1.5",
    "created_at": 1763640000130,
    "updated_at": 1763640000140,
}
ORDER_PUSH: dict[str, Any] = {**ORDER, "stop_id": 0}
del ORDER_PUSH["market_type"], ORDER_PUSH["realized_pnl"]
DEAL: dict[str, Any] = {
    "deal_id": 7,
    "created_at": 1763640000140,
    "market": "BTCUSDT",
    "side": "buy",
    "order_id": 13400,
    "position_id": 246830219,
    "price": "60000",
    "amount": "0.01",
    "role": "taker",
    "fee": "0.3",
    "fee_ccy": "USDT",
}
POSITION: dict[str, Any] = {
    "position_id": 246830219,
    "market": "BTCUSDT",
    "market_type": "FUTURES",
    "side": "short",
    "margin_mode": "cross",
    "open_interest": "0.01",
    "close_avbl": "0.004",
    "ath_position_amount": "0.02",
    "unrealized_pnl": "1.25",
    "realized_pnl": "-0.3",
    "avg_entry_price": "60000",
    "cml_position_value": "1200",
    "max_position_value": "1200",
    "take_profit_price": "0",
    "stop_loss_price": "",
    "take_profit_type": "",
    "stop_loss_type": "",
    "take_profit_list": [
        {
            "id": 5,
            "price": "55000",
            "type": "mark_price",
            "amount": "0.005",
            "is_all": False,
            "created_at": 1,
        },
        {"id": 6, "price": "50000", "type": "latest_price", "amount": "0", "is_all": True, "created_at": 2},
    ],
    "stop_loss_list": [],
    "leverage": "10",
    "margin_avbl": "60",
    "ath_margin_size": "120",
    "position_margin_rate": "0.1",
    "maintenance_margin_rate": "0.005",
    "maintenance_margin_value": "3",
    "liq_price": "0",
    "bkr_price": "66000",
    "adl_level": 2,
    "settle_price": "60000",
    "settle_value": "600",
    "created_at": 1763640000000,
    "updated_at": 1763640000140,
}
BALANCE: dict[str, Any] = {
    "ccy": "USDT",
    "available": "970.00340999999999999999",
    "frozen": "10",
    "margin": "60",
    "transferrable": "900",
    "unrealized_pnl": "1.25",
}


class Replies:
    """A venue that answers each path with one body, and remembers what it was asked."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.pages: dict[str, list[list[Any]]] = {}
        self.tells_pages = True
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def __call__(self, request: HttpRequest) -> HttpReply:
        path = request.url.partition("/v2/")[2]
        name, _, query = path.partition("?")
        sent = (
            json.loads(request.body)
            if request.body
            else dict(pair.split("=") for pair in query.split("&") if pair)
        )
        self.asked.append((request.method, name, sent))
        if name in self.pages:
            number, pages = int(sent["page"]), self.pages[name]
            body = {"code": 0, "data": pages[number - 1], "message": "OK"}
            if self.tells_pages:
                body["pagination"] = {"has_next": number < len(pages)}
        else:
            body = {"code": 0, "data": self.data[name], "message": "OK"}
        return HttpReply(200, {}, json.dumps(body).encode())


def futures_client(venue: Replies) -> CoinExFutures:
    """Return a client whose requests ``venue`` answers."""
    place = hosts.local("http://127.0.0.1:1/v2", "ws://127.0.0.1:1/v2/spot")
    return CoinExFutures(Credentials("key", "secret"), environment=place, http=MockHttp(venue))
