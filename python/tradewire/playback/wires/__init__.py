"""What a replay must know of each venue's frames, one module a venue."""

from __future__ import annotations

import importlib

from tradewire.description import Product
from tradewire.errors import RecordingError
from tradewire.playback.wire import Wire

__all__ = ["wire_of"]


def wire_of(product: Product) -> Wire:
    """Return how to read the frames of a product.

    Raises:
        RecordingError: Replays do not know the venue.
    """
    try:
        module = importlib.import_module(f"tradewire.playback.wires.{product.venue}")
    except ModuleNotFoundError:
        raise RecordingError(
            f"{product.name} can be recorded and inspected, but not replayed: there is no tradewire.playback.wires."
            f"{product.venue}"
        ) from None
    wire: Wire = module.wire_of(product)
    return wire
