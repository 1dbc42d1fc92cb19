"""What every endpoint of the perpetuals stands on."""

from __future__ import annotations

from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.venues.coinex.core import OwnRecords
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.desk import FuturesDesk
from tradewire.sandbox.venues.coinex.handlers import ProductHandlers
from tradewire.sandbox.venues.coinex.options import CoinExOptions

__all__ = ["FuturesHandlers"]


class FuturesHandlers(ProductHandlers):
    """Endpoints of one page group of the futures pages.

    Args:
        desk: Everything of the perpetuals.
        reads: What accounts see of their orders and deals.
        options: What the venue is to be like.
    """

    product = "futures"
    core: FuturesCore

    def __init__(self, desk: FuturesDesk, reads: LaggingReads[OwnRecords], options: CoinExOptions) -> None:
        super().__init__(desk.core, reads, options)
        self.desk = desk
