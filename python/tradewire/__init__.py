"""Exchange clients for low-latency bots, and a local sandbox venue to try them on.

    async with tradewire.Sandbox() as box, tradewire.CoinEx.for_sandbox(box) as venue:
        print(await venue.markets())

Importing this costs a few milliseconds: clients, models and transports are loaded when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tradewire._native import Level2Book as Level2Book
from tradewire._native import Level3Book as Level3Book
from tradewire._native import __version__ as __version__
from tradewire.errors import *  # noqa: F403
from tradewire.errors import __all__ as _errors
from tradewire.registry import BUILT_IN as _VENUES
from tradewire.registry import exported as _exported

if TYPE_CHECKING:
    from tradewire.description import VenueDescription as VenueDescription
    from tradewire.model import Balance as Balance
    from tradewire.model import BestQuote as BestQuote
    from tradewire.model import BookSnapshot as BookSnapshot
    from tradewire.model import Fill as Fill
    from tradewire.model import Level as Level
    from tradewire.model import Liquidity as Liquidity
    from tradewire.model import Market as Market
    from tradewire.model import Order as Order
    from tradewire.model import OrderStatus as OrderStatus
    from tradewire.model import OrderType as OrderType
    from tradewire.model import Position as Position
    from tradewire.model import Side as Side
    from tradewire.model import StpMode as StpMode
    from tradewire.model import Ticker as Ticker
    from tradewire.model import TimeInForce as TimeInForce
    from tradewire.model import Trade as Trade
    from tradewire.registry import *  # noqa: F403
    from tradewire.runner import run as run
    from tradewire.sandbox import Sandbox as Sandbox
    from tradewire.signing import Credentials as Credentials
    from tradewire.signing import Token as Token
    from tradewire.transport.network import NetworkOptions as NetworkOptions

_MODULES = {
    "description": ("VenueDescription",),
    "model": (
        "Balance", "BestQuote", "BookSnapshot", "Fill", "Level", "Liquidity", "Market", "Order", "OrderStatus",
        "OrderType", "Position", "Side", "StpMode", "Ticker", "TimeInForce", "Trade",
    ),
    "registry": ("find_venue", "venue_names"),
    "runner": ("run",),
    "sandbox": ("Sandbox",),
    "signing": ("Credentials", "Token"),
    "transport.network": ("NetworkOptions",),
}  # fmt: skip
_LAZY = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}

if not TYPE_CHECKING:
    # Type checkers see what is imported above under its own name, and cannot evaluate this.
    __all__ = [
        "Level2Book",
        "Level3Book",
        "__version__",
        *_errors,
        *_LAZY,
        *(name for names in _VENUES.values() for name in names),
    ]

    # Nor may they believe that anything is there.
    def __getattr__(name: str) -> Any:
        """Load ``name`` when it is first asked for."""
        try:
            value = getattr(importlib.import_module(_LAZY[name]), name) if name in _LAZY else _exported(name)
        except KeyError:
            raise AttributeError(f"module 'tradewire' has no attribute {name!r}") from None
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """Name what is public, loaded or not."""
        return sorted(__all__)
