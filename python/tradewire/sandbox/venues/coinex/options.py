"""How a CoinEx sandbox differs from the next one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from tradewire.sandbox.market import OPENING_LEVELS

__all__ = ["CoinExOptions"]

LIVE: Mapping[str, Any] = {
    "takes_unknown_markets": True,
    "answers_unknown_markets_4004": True,
    "any_case_market_types": True,
    "unpadded_prices": True,
    "idle_cut_is_abrupt": True,
    "null_for_empty_balance": True,
    "null_for_unknown_order": True,
    "misspells_pagination": True,
    "empty_batch_messages": True,
    "accept_legacy_hash": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinExOptions:
    """Options of the CoinEx venue."""

    profiles: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "docs": {},
        "live": LIVE,
        "ccxt": {
            **LIVE,
            "null_for_unknown_order": False,
            "bare_batch_items": True,
            "old_fill_names": True,
            "old_candle_volumes": True,
            "old_part_deal": True,
        },
    }
    """What to be like, and the options that say so: ``docs`` as the venue's pages print it, ``live`` as its servers
    were seen to answer until it closed, ``ccxt`` as ccxt 4.5.85 reads it, with the spellings of 2024."""

    push_ms: int = 200
    """Cadence of depth, state and deals pushes; 0 pushes each change at once."""
    quotes: int = OPENING_LEVELS
    """Quotes a side of each spot market before trading starts, 1 and up; of perpetuals 30 at most."""
    markets: Collection[str] | None = None
    """Names of the markets to run; all there are by default."""
    perpetuals: Collection[str] | None = None
    """Names of the perpetual markets to run beside them; those of ``markets`` by default."""
    idle_s: float = 60.0
    """Seconds after which a silent WebSocket client is cut off."""
    rate_limits: bool = True
    """``False`` lifts the limits; the headers still count."""
    full_every_ms: int = 60_000
    """How often depth is pushed whole to everyone."""
    funding_every_s: int = 28_800
    """Seconds of the sandbox's clock between two settlements of funding, which are at whole multiples of that."""
    takes_unknown_markets: bool = False
    """Take a subscription to an unknown market or limit with OK and then send nothing, as the live venue does."""
    answers_unknown_markets_4004: bool = False
    """Refuse an unknown market over REST with 4004 "invalid argument", as the live venue does, not with 3639."""
    any_case_market_types: bool = False
    """Take ``market_type`` in lower case too, as the vendor's own programs send it; elements of batches aside."""
    unpadded_prices: bool = False
    """Push prices without trailing zeros and amounts with 8 decimals, as the live venue does."""
    idle_cut_is_abrupt: bool = False
    """Cut a silent WebSocket client off without a close frame, as the live venue does."""
    null_for_empty_balance: bool = False
    """Send ``data: null`` for an empty futures balance, as the live venue does."""
    null_for_unknown_order: bool = False
    """Answer ``order-status`` of an unknown order with code 0 and ``data: null``, as the live venue was seen to."""
    misspells_pagination: bool = False
    """Send the page of the deposit history as ``paginatation``, as the live venue does."""
    empty_batch_messages: bool = False
    """Send an empty message with successful elements of a batch, as the live venue does, not OK."""
    accept_legacy_hash: bool = False
    """Also take the plain SHA-256 from before April 2024, as ccxt sends it over REST and old programs everywhere."""
    bare_batch_items: bool = False
    """Send successful elements of a batch of spot orders without their wrapper, as in 2024."""
    old_fill_names: bool = False
    """Send ``last_fill_amount`` and ``last_fill_price`` of spot orders, as in 2024, not ``last_filled_*``."""
    old_candle_volumes: bool = False
    """Send the base volume of candles as ``value`` and the quote volume as ``volume``, as captured in 2024."""
    old_part_deal: bool = False
    """Send the status ``part_deal``, as before September 2026, not ``part_filled``."""
    old_order_pushes: bool = False
    """Push spot orders with ``unfill_amount``, ``fill_value`` and ``last_fill_*``, without ``filled_amount``."""

    @classmethod
    def like(cls, profile: str, **options: Any) -> Self:
        """Return the options of a profile: ``docs``, ``live`` or ``ccxt``; ``options`` go before it.

        Raises:
            ValueError: There is no such profile.
        """
        if profile not in cls.profiles:
            raise ValueError(f"a profile must be one of {', '.join(cls.profiles)}, got {profile!r}")
        return cls(**{**cls.profiles[profile], **options})

    money_step_ms: int = 1000
    """How long a deposit or a withdrawal is in each of its states, in milliseconds; 0: it is finished at once."""
