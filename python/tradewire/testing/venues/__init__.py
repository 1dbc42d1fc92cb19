"""Each venue and product as the campaign sees it, one module each, found by the registry."""

from __future__ import annotations

from importlib import import_module

from tradewire.registry import BUILT_IN, product_names
from tradewire.testing.venue_setup import VenueSetup

__all__ = ["SETUPS"]

SETUPS: dict[str, type[VenueSetup]] = {
    product: import_module(f"{__name__}.{product.replace('-', '_')}").Setup
    for product in product_names()
    if product.partition("-")[0] in BUILT_IN
}
"""What makes each venue and its other products, by name."""
