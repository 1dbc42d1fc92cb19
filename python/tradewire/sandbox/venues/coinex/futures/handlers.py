"""What every endpoint of the perpetuals stands on."""

from __future__ import annotations

from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.core import OwnRecords
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.desk import FuturesDesk
from tradewire.sandbox.venues.coinex.futures.positions import Position
from tradewire.sandbox.venues.coinex.handlers import Call, ProductHandlers
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.options import CoinExOptions

__all__ = ["FuturesHandlers", "OwnedHandlers", "PositionHandlers", "require_futures"]


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


class OwnedHandlers(FuturesHandlers):
    """Endpoints of what a trader has: orders and deals are kept by the name of the trader."""

    def wallet(self, call: Call, market: MarketRules, market_type: str) -> str:  # noqa: ARG002 - the same for all
        """Return the trader."""
        require_futures(market_type)
        return call.account

    def wallets(self, call: Call, market: MarketRules | None, market_type: str) -> list[str]:  # noqa: ARG002
        """Return the trader."""
        require_futures(market_type)
        return [call.account]

    def every_wallet(self, call: Call, market: MarketRules) -> list[str]:  # noqa: ARG002 - the same for all
        """Return the trader."""
        return [call.account]


class PositionHandlers(FuturesHandlers):
    """Endpoints of what a trader holds."""

    topic = "positions"

    def position(self, call: Call, market: MarketRules, market_type: str) -> Position:
        """Return the trader's position."""
        require_futures(market_type)
        held = self.core.positions.open_position(call.account, market.name)
        if held is None:
            raise invalid(f"there is no position in {market.name}")
        return held


def require_futures(market_type: str) -> None:
    """Refuse the market types of spot markets."""
    if market_type != "FUTURES":
        raise invalid("market_type must be FUTURES here")
