"""ccxt.pro as a contender: large and optional, ``make bench`` installs it.

It is imported when a bot is made, never when the table of rows is read.
"""

from importlib import import_module
from typing import Any

from bench.tape import MARKET
from bench.truth import Best

CCXT = "ccxt.pro"


class CcxtBot:
    """ccxt.pro 4.5.85, the last with this venue: its own gunzip, JSON, dispatch and book; no checksum."""

    is_proved = False
    url = "wss://socket.coinex.com/v2/spot"

    def __init__(self) -> None:
        client = import_module("ccxt.async_support.base.ws.client")
        self._gunzip = client.gunzip
        self._is_json = client.is_json_encoded_object
        self._loads = client.json_parser.loads
        self._exchange = import_module("ccxt.pro").coinex({"enableRateLimit": False})
        self._exchange.set_markets([market()])
        self._book: Any = None

    def on_frame(self, frame: bytes, received_at_ns: int) -> None:
        text = self._gunzip(frame)
        if self._is_json(text):
            self._exchange.handle_message(self, self._loads(text))

    def resolve(self, book: Any, _hash: str) -> None:
        """Take the book as ccxt's WebSocket client would, in place of waking a waiter."""
        self._book = book

    def best(self) -> Best:
        bid_price, bid_size = self._book["bids"][0]
        ask_price, ask_size = self._book["asks"][0]
        return bid_price, bid_size, ask_price, ask_size


def market() -> dict[str, object]:
    return {
        "id": MARKET,
        "symbol": "BTC/USDT",
        "base": "BTC",
        "quote": "USDT",
        "baseId": "BTC",
        "quoteId": "USDT",
        "type": "spot",
        "spot": True,
        "precision": {"amount": 1e-8, "price": 0.01},
        "limits": {"amount": {"min": 0.0001}},
    }
