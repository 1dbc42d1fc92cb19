"""Each venue as the campaign sees it, one module a venue, found by the registry."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from tradewire.registry import BUILT_IN
from tradewire.testing.venue_setup import VenueSetup

__all__ = ["SETUPS"]

SETUPS: dict[str, Callable[[], VenueSetup]] = {
    name: import_module(f"{__name__}.{name}").Setup for name in BUILT_IN
}
"""What makes each venue, by name."""
