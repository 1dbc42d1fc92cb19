"""Index prices of both products: what other venues pay, weighed."""

from __future__ import annotations

from tradewire.model import Rows
from tradewire.venues.coinex import parse_prices, replies, shapes
from tradewire.venues.coinex.api import Part, both
from tradewire.venues.coinex.model import IndexPrice
from tradewire.venues.coinex.rest.market import MarketsQuery

__all__ = ["IndexPrices"]

INDEX = both(
    "GET", "index", MarketsQuery, replies.every(shapes.IndexRow, parse_prices.index_price),
    group="ip", source="market/http/list-market-index",
)  # fmt: skip


class IndexPrices(Part):
    """What the venue holds against its own prices."""

    @INDEX.client_method
    async def index_prices(self, *markets: str) -> Rows[IndexPrice]:
        """Return index prices and what they are made of.

        Args:
            markets: At most ten names; none for all.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        return await self._rest.call(INDEX[self.product], MarketsQuery(markets))
