"""How a TrueX sandbox differs from the next one. Most options are what the published pages leave open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from tradewire.sandbox.market import OPENING_LEVELS

__all__ = ["CURRENT", "OLDER", "TrueXOptions"]

OLDER = "v2024_01_01"
CURRENT = "v2026_01_23"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueXOptions:
    """Options of the TrueX venue."""

    instruments: Collection[str] | None = None
    """Symbols of the instruments to run; all there are by default."""
    quotes: int = OPENING_LEVELS
    """Quotes a side of each book before trading starts, 1 and up."""
    default_version: str = OLDER
    """Schema of replies to requests without ``X-Truex-Version``; whether it outlived its sunset is unknown."""
    sunset_status: int | None = None
    """Answer ``/api/v1`` over REST with this (410 or 404), as if the announced sunset had come."""
    require_user_id: bool = False
    """Refuse signed requests without a user header; the pages demand it, the vendor's tools omit it."""
    accept_signature_without_path: bool = False
    """Also take WebSocket signatures without the path, as the vendor's samples make them."""
    refuse_with_problems: bool = False
    """Answer an order the exchange rejects with 400; else with 200 and an order that is ``REJECTED``."""
    replies_early: bool = False
    """Answer commands before the exchange confirmed them: ``NEW_PENDING``, ``MODIFY_PENDING``, ``CANCEL_PENDING``."""
    coalesce_ms: int = 1000
    """How often sessions without credentials are sent changes."""
    coalesced_jumps: bool = False
    """Let sequence numbers of such sessions count the changes that were merged; whether they do is unknown."""
    empty_side: Literal["zero", "extremes"] = "zero"
    """What an empty side of a book shows: price 0, or the ends of the fixed-point range."""
    max_open_orders: int = 50
    """Open orders a client may have."""
    requests_per_s: int = 0
    """Requests a key may make in a second; 0 for no limit, since none is published."""
    order_history_s: int = 28 * 86_400
    """How long orders stay in the list."""
    reference_window_s: int = 86_400
    """How far before ``timestamp`` histories of trades and transfers reach."""
    transfer_step_ms: int | None = 200
    """How long a transfer stays in one state; ``None``: until the control surface pushes it on."""
    settle_ms: int = 5000
    """How often fees and trades are settled."""
    halt_ms: int = 30_000
    """How long an instrument stays halted after a breach of its price limit."""
    access_token_s: int = 900
    """Life of an access token."""
    refresh_token_s: int = 86_400
    """Life of a refresh token."""
    tokens_name_client: bool = True
    """Put ``client_id`` into access tokens; without it the venue refuses them."""
