"""How a CoinEx sandbox differs from the next one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

__all__ = ["CoinExOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinExOptions:
    """Options of the CoinEx venue."""

    push_ms: int = 200
    """Cadence of depth, state and deals pushes; 0 pushes each change at once."""
    markets: Collection[str] | None = None
    """Names of the markets to run; all there are by default."""
    idle_s: float = 60.0
    """Seconds after which a silent WebSocket client is cut off."""
    accept_legacy_hash: bool = False
    """Also take the plain SHA-256 from before April 2024, as ccxt sends it."""
    bare_batch_items: bool = False
    """Send successful elements of a batch without their wrapper, as in 2024."""
    rate_limits: bool = True
    """``False`` lifts the limits; the headers still count."""
    full_every_ms: int = 60_000
    """How often depth is pushed whole to everyone."""
    takes_unknown_markets: bool = False
    """Take a subscription to an unknown market or limit with OK and then send nothing, as the live venue does."""
