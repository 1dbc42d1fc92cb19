"""What all REST endpoints of CoinEx share: the rows' maker, arguments in the venue's spelling, and the client's parts.

Source: https://docs.coinex.com/api/v2, read 2026-11-20; the page of each endpoint stands in its row.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from tradewire.errors import ConfigError
from tradewire.model import Market, Side, StpMode
from tradewire.protocol.arguments import id_text, shown
from tradewire.protocol.endpoint import Api
from tradewire.protocol.request import Argument, one_of, within
from tradewire.session.rest import RestSession
from tradewire.venues.coinex.connection import Streams

__all__ = [
    "ClientOrderId",
    "Limit",
    "MarketType",
    "OrderId",
    "PageNumber",
    "Part",
    "SideWord",
    "StpWord",
    "api",
    "check_client_order_id",
]

api = Api("https://docs.coinex.com/api/v2", "2026-11-20", public_group="ip")

MAX_CLIENT_ID = 32
"""The page says "less than 32 bytes"; a widely used client sends 32, and the venue takes them."""
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")


class MarketType(StrEnum):
    """Which of a market's namesakes is meant, as the venue spells it."""

    SPOT = "SPOT"
    MARGIN = "MARGIN"
    FUTURES = "FUTURES"


def check_client_order_id(client_order_id: object) -> str:
    """Return ``client_order_id`` if the venue accepts it.

    Raises:
        ConfigError: It is longer than 32 characters or has others than letters, digits, ``-`` and ``_``.
    """
    text = id_text("client_order_id", client_order_id)
    if not _CLIENT_ID.match(text):
        allowed = f"1 to {MAX_CLIENT_ID} of A-Z a-z 0-9 - _"
        raise ConfigError(f"client_order_id must be {allowed}, got {shown(text)}")
    return text


def _venue_number(name: str, order_id: object) -> int:
    """Return the venue's number of an order, or of a trade.

    Raises:
        ConfigError: It is not a number: a client id goes into ``client_order_id``.
    """
    text = id_text(name, order_id)
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ConfigError(f"{name} must be one of the venue's numbers, got {shown(text)}; see Order.order_id")
    return int(text)


OrderId = Annotated[str, Argument(_venue_number)]
ClientOrderId = Annotated[str, Argument(lambda _, value: check_client_order_id(value))]
SideWord = Annotated[Side | str, one_of(Side)]
StpWord = Annotated[
    StpMode | str,
    one_of(StpMode, {StpMode.CANCEL_TAKER: "ct", StpMode.CANCEL_MAKER: "cm", StpMode.CANCEL_BOTH: "both"}),
]
PageNumber = Annotated[int, within(1)]
Limit = Annotated[int, within(1, 100)]


class Part:
    """A subject of the venue's documentation, as a part of the client."""

    _rest: RestSession
    _streams: Streams
    _rules: dict[str, Market]
