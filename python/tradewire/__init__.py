"""Exchange clients for low-latency bots, and a local sandbox venue to try them on.

    async with tradewire.Sandbox() as box:
        print(box.venues)

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
    from tradewire.book import Book as Book
    from tradewire.book import BookEvent as BookEvent
    from tradewire.description import Capabilities as Capabilities
    from tradewire.description import DemoPlan as DemoPlan
    from tradewire.description import VenueDescription as VenueDescription
    from tradewire.interface import ClientOptions as ClientOptions
    from tradewire.interface import OrderSender as OrderSender
    from tradewire.interface import VenueClient as VenueClient
    from tradewire.journal.journal import Journal as Journal
    from tradewire.model import AccountKind as AccountKind
    from tradewire.model import Balance as Balance
    from tradewire.model import BestQuote as BestQuote
    from tradewire.model import BookSnapshot as BookSnapshot
    from tradewire.model import Candle as Candle
    from tradewire.model import CandleInterval as CandleInterval
    from tradewire.model import Fill as Fill
    from tradewire.model import Level as Level
    from tradewire.model import Liquidity as Liquidity
    from tradewire.model import Market as Market
    from tradewire.model import Order as Order
    from tradewire.model import OrderStatus as OrderStatus
    from tradewire.model import OrderType as OrderType
    from tradewire.model import Page as Page
    from tradewire.model import Position as Position
    from tradewire.model import Rows as Rows
    from tradewire.model import Side as Side
    from tradewire.model import StpMode as StpMode
    from tradewire.model import Ticker as Ticker
    from tradewire.model import TimeInForce as TimeInForce
    from tradewire.model import Trade as Trade
    from tradewire.playback.report import Report as Report
    from tradewire.playback.session import Replay as Replay
    from tradewire.playback.session import replay as replay
    from tradewire.protocol import events as events
    from tradewire.protocol.arguments import Exact as Exact
    from tradewire.protocol.channels import Channel as Channel
    from tradewire.protocol.events import Event as Event
    from tradewire.protocol.timing import Timing as Timing
    from tradewire.recording.reader import Recording as Recording
    from tradewire.recording.recorder import Recorder as Recorder
    from tradewire.registry import *  # noqa: F403
    from tradewire.runner import run as run
    from tradewire.sandbox import Sandbox as Sandbox
    from tradewire.session.guard import Guard as Guard
    from tradewire.session.journalling import Reconciliation as Reconciliation
    from tradewire.session.live_order import LiveOrder as LiveOrder
    from tradewire.session.metrics import StreamMetrics as StreamMetrics
    from tradewire.session.subscription import Overflow as Overflow
    from tradewire.session.subscription import Subscription as Subscription
    from tradewire.session.watched_book import BookSubscription as BookSubscription
    from tradewire.signing import Credentials as Credentials
    from tradewire.signing import Token as Token
    from tradewire.tables import to_arrow as to_arrow
    from tradewire.tables import to_dict as to_dict
    from tradewire.tables import to_pandas as to_pandas
    from tradewire.tables import to_polars as to_polars
    from tradewire.tables import write_parquet as write_parquet
    from tradewire.transport.network import NetworkOptions as NetworkOptions

_MODULES = {
    "book": ("Book", "BookEvent"),
    "description": ("Capabilities", "DemoPlan", "VenueDescription"),
    "interface": ("ClientOptions", "OrderSender", "VenueClient"),
    "journal.journal": ("Journal",),
    "model": (
        "AccountKind", "Balance", "BestQuote", "BookSnapshot", "Candle", "CandleInterval", "Fill", "Level", "Liquidity",
        "Market", "Order", "OrderStatus", "OrderType", "Page", "Position", "Rows", "Side", "StpMode", "Ticker",
        "TimeInForce", "Trade",
    ),
    "protocol.arguments": ("Exact",),
    "protocol.channels": ("Channel",),
    "protocol.events": ("Event",),
    "protocol.timing": ("Timing",),
    "recording.reader": ("Recording",),
    "recording.recorder": ("Recorder",),
    "registry": ("find_product", "find_venue", "product_names", "venue_names"),
    "playback.report": ("Report",),
    "playback.session": ("Replay", "replay"),
    "runner": ("run",),
    "sandbox": ("Sandbox",),
    "session.guard": ("Guard",),
    "session.journalling": ("Reconciliation",),
    "session.live_order": ("LiveOrder",),
    "session.metrics": ("StreamMetrics",),
    "session.subscription": ("Overflow", "Subscription"),
    "session.watched_book": ("BookSubscription",),
    "signing": ("Credentials", "Token"),
    "tables": ("to_arrow", "to_dict", "to_pandas", "to_polars", "write_parquet"),
    "transport.network": ("NetworkOptions",),
}  # fmt: skip
_LAZY = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}
_SUBMODULES = {"events": f"{__name__}.protocol.events"}

if not TYPE_CHECKING:
    # Type checkers see what is imported above under its own name, and cannot evaluate this.
    __all__ = [
        "Level2Book",
        "Level3Book",
        "__version__",
        *_errors,
        *_LAZY,
        *_SUBMODULES,
        *(name for names in _VENUES.values() for name in names),
    ]

    # Nor may they believe that anything is there.
    def __getattr__(name: str) -> Any:
        """Load ``name`` when it is first asked for."""
        if name in _LAZY:
            value = getattr(importlib.import_module(_LAZY[name]), name)
        elif name in _SUBMODULES:
            value = importlib.import_module(_SUBMODULES[name])
        else:
            try:
                value = _exported(name)
            except KeyError:
                raise AttributeError(f"module 'tradewire' has no attribute {name!r}") from None
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """Name what is public, loaded or not."""
        return sorted(__all__)
