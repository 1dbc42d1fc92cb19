"""How an Exchange sandbox differs from the next one. Names follow the server's own settings where it has them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ExchangeOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeOptions:
    """Options of the Exchange venue."""

    fresh: bool = False
    """Begin as the real server does: no market, no trader, no traffic."""
    state_file: Path | None = None
    """Keep users, markets, orders, fills, positions and messages in this SQLite file, and begin with what it holds."""
    admin_token: str = "local-admin-token"  # noqa: S105 - the server's documented default, on loopback
    """The operator's key."""
    quotes: int = 330
    """Quotes a side, about, that the venue's own market makers keep in each market, 1 and up."""
    heartbeat_s: float = 15.0
    """Seconds between heartbeats on every WebSocket."""
    ws_broadcast_buffer: int = 1024
    """Messages of one kind that may wait for a slow client before it skips some and is informed."""
    per_user_requests_per_second: int = 100
    """Signed requests a trader may make in a second."""
    admin_refusals_as_json: bool = False
    """Refuse a wrong admin token in JSON, as the published page says; the server does it in plain text."""
    with_order_type: bool = False
    """Take ``order_type`` on orders, as later generations do; ``limit`` only."""
    with_ws_rate_limit: bool = False
    """Meter trading over WebSocket like REST, as later generations do."""
    with_market_pushes: bool = False
    """Push ``market_state`` and ``market_deleted`` to every socket, as the latest generation does."""
    with_role: bool = False
    """Show ``role`` in profiles, as later generations do."""
    revives_settled_markets: bool = False
    """Let an upsert with blanks around the id of a settled market bring it back, as the server does by mistake."""
