"""Exchange clients for low-latency bots, and a local sandbox venue to try them on.

    async with tradewire.sandbox() as box, tradewire.CoinEx.for_sandbox(box) as venue:
        print(await venue.markets())

Importing this costs a few milliseconds: clients, models and transports are loaded when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tradewire._native import Level2Book, Level3Book, __version__
from tradewire.errors import *  # noqa: F403
from tradewire.errors import __all__ as _errors

if TYPE_CHECKING:
    from tradewire.model import (
        Balance,
        BestQuote,
        BookSnapshot,
        Fill,
        Level,
        Liquidity,
        Market,
        Order,
        OrderStatus,
        OrderType,
        Position,
        Side,
        StpMode,
        Ticker,
        TimeInForce,
        Trade,
    )
    from tradewire.runner import run
    from tradewire.sandbox import sandbox
    from tradewire.signing import Credentials, Token
    from tradewire.transport.network import NetworkOptions
    from tradewire.venues.coinex.client import CoinEx
    from tradewire.venues.exchange.admin import ExchangeAdmin
    from tradewire.venues.exchange.client import Exchange
    from tradewire.venues.exchange.requests import MarketDefinition
    from tradewire.venues.truex.client import TrueX
    from tradewire.venues.truex.jwt import JwtKey

_LAZY = {
    "Balance": "tradewire.model",
    "BestQuote": "tradewire.model",
    "BookSnapshot": "tradewire.model",
    "CoinEx": "tradewire.venues.coinex.client",
    "Credentials": "tradewire.signing",
    "Exchange": "tradewire.venues.exchange.client",
    "ExchangeAdmin": "tradewire.venues.exchange.admin",
    "JwtKey": "tradewire.venues.truex.jwt",
    "NetworkOptions": "tradewire.transport.network",
    "MarketDefinition": "tradewire.venues.exchange.requests",
    "Fill": "tradewire.model",
    "Level": "tradewire.model",
    "Market": "tradewire.model",
    "Order": "tradewire.model",
    "OrderStatus": "tradewire.model",
    "OrderType": "tradewire.model",
    "Position": "tradewire.model",
    "Liquidity": "tradewire.model",
    "Side": "tradewire.model",
    "StpMode": "tradewire.model",
    "Ticker": "tradewire.model",
    "TimeInForce": "tradewire.model",
    "Token": "tradewire.signing",
    "Trade": "tradewire.model",
    "TrueX": "tradewire.venues.truex.client",
    "run": "tradewire.runner",
    "sandbox": "tradewire.sandbox",
}

__all__ = [
    "Balance",
    "BestQuote",
    "BookSnapshot",
    "CoinEx",
    "Credentials",
    "Exchange",
    "ExchangeAdmin",
    "Fill",
    "JwtKey",
    "Level",
    "Level2Book",
    "Level3Book",
    "Market",
    "MarketDefinition",
    "NetworkOptions",
    "Order",
    "OrderStatus",
    "OrderType",
    "Position",
    "Liquidity",
    "Side",
    "StpMode",
    "Ticker",
    "TimeInForce",
    "Token",
    "Trade",
    "TrueX",
    "__version__",
    "run",
    "sandbox",
    *_errors,
]


def __getattr__(name: str) -> Any:
    """Load ``name`` when it is first asked for."""
    try:
        module = _LAZY[name]
    except KeyError:
        raise AttributeError(f"module 'tradewire' has no attribute {name!r}") from None
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Name what is public, loaded or not."""
    return sorted(__all__)
