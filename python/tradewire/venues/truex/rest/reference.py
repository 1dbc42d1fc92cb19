"""Reference data: assets, instruments, and the table of their steps."""

from __future__ import annotations

from types import NoneType

from msgspec import field

from tradewire.model import Market, Rows
from tradewire.protocol.request import Name, Request
from tradewire.venues.truex import parse, replies
from tradewire.venues.truex.api import Part, VenueId, api, legacy
from tradewire.venues.truex.model import Asset, Instrument, PublicIncrement

__all__ = ["Reference"]


class AssetsQuery(Request, frozen=True):
    """Assets: by id, by name, or all."""

    asset_id: VenueId | None = field(name="id")
    name: Name | None


class InstrumentsQuery(Request, frozen=True):
    """Instruments: by id, by symbol, or all."""

    instrument_id: VenueId | None = field(name="id")
    symbol: Name | None


ASSETS = api(
    "GET", "/v1/cefi/assets", AssetsQuery, replies.every(Asset),
    group="public", source="apis/cefi-direct/rest/v1/assets/getassets", spellings=legacy("assets", "asset"),
)  # fmt: skip
INSTRUMENTS = api(
    "GET", "/v1/cefi/instruments", InstrumentsQuery, replies.every(Instrument),
    group="public", source="apis/cefi/rest/v1/instruments/getinstruments",
    spellings=legacy("instruments", "instrument"),
)  # fmt: skip
INCREMENTS = api(
    "GET", "/v1/cefi/markets/increment", NoneType, replies.every(PublicIncrement),
    group="public", source="documentation/exchange/cefi/information/increment_sizes",
    spellings=legacy("market/increment"),
)  # fmt: skip


class Reference(Part):
    """What the venue trades."""

    @ASSETS.client_method
    async def assets(self, name: str | None = None, *, asset_id: str | None = None) -> Rows[Asset]:
        """Return assets and their ids.

        Args:
            name: Only this one, for instance ``BTC``.
            asset_id: Only this one.
        """
        found = await self._rest.call(ASSETS, AssetsQuery(asset_id, name))
        self._directory.learn_assets(found)
        return found

    @INSTRUMENTS.client_method
    async def instruments(
        self, symbol: str | None = None, *, instrument_id: str | None = None
    ) -> Rows[Instrument]:
        """Return instruments with their limits and their last 24 hours.

        Args:
            symbol: Only those whose symbol holds this text; upper and lower case differ.
            instrument_id: Only this one.
        """
        found = await self._rest.call(INSTRUMENTS, InstrumentsQuery(instrument_id, symbol))
        self._directory.learn_instruments(found)
        return found

    @INCREMENTS.client_method
    async def increments(self) -> Rows[PublicIncrement]:
        """Return the table of ticks and lots as the venue serves it.

        Not confirmed: known from a release note only. Orders are checked against the published table, see
        ``tradewire.venues.truex.increments``.
        """
        return await self._rest.call(INCREMENTS, None)

    async def markets(self) -> tuple[Market, ...]:
        """Return every instrument as a market, with the tick and lot of its reference price.

        Both steps depend on the price of the order itself: ``increments.increment_at(price)`` has them for any.
        """
        found = await self.instruments()
        await self._learn_names()
        return tuple(parse.market(instrument, self._directory) for instrument in found)

    async def load_markets(self) -> tuple[Market, ...]:
        """Return every market, and remember which names the venue's ids stand for.

        Everything that needs the names reads them by itself; call this first to save the time later.
        """
        return await self.markets()

    async def _learn_names(self) -> None:
        """Read which names the venue's ids stand for, unless they are known: two requests, once."""
        if not self._directory.is_known:
            await self.assets()
            await self.instruments()

    async def _instrument_id(self, market: str) -> str:
        await self._learn_names()
        return self._directory.instrument(market).instrument_id
