"""Names for the venue's ids: instruments by symbol, assets by name. Filled from REST, kept for the client's life."""

from __future__ import annotations

from collections.abc import Iterable

from tradewire.errors import MarketUnavailable
from tradewire.protocol.arguments import check_plain
from tradewire.venues.truex.model import Asset, Instrument

__all__ = ["Directory"]

VENUE = "truex"


class Directory:
    """What is known of instruments and assets. An id no one knows is shown as it is."""

    def __init__(self) -> None:
        self._by_symbol: dict[str, Instrument] = {}
        self._by_id: dict[str, Instrument] = {}
        self._assets: dict[str, str] = {}

    @property
    def is_known(self) -> bool:
        """Instruments and assets have been read."""
        return bool(self._by_symbol and self._assets)

    def learn_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Note instruments."""
        for instrument in instruments:
            self._by_symbol[instrument.symbol] = instrument
            self._by_id[instrument.instrument_id] = instrument

    def learn_assets(self, assets: Iterable[Asset]) -> None:
        """Note assets."""
        for asset in assets:
            self._assets[asset.asset_id] = asset.name

    def find(self, symbol: str) -> Instrument | None:
        """Return an instrument by its symbol, if it is known."""
        return self._by_symbol.get(symbol)

    def instrument(self, symbol: str) -> Instrument:
        """Return an instrument by its symbol.

        Raises:
            ConfigError: It can be no name.
            MarketUnavailable: The venue has none of this name.
        """
        try:
            return self._by_symbol[check_plain("market", symbol)]
        except KeyError:
            known = ", ".join(self._by_symbol) or "none"
            raise MarketUnavailable(f"no instrument {symbol}; there is {known}", venue=VENUE) from None

    def symbol(self, instrument_id: str) -> str:
        """Return the symbol of an instrument, or its id if it is not known."""
        instrument = self._by_id.get(instrument_id)
        return instrument_id if instrument is None else instrument.symbol

    def asset(self, asset_id: str) -> str:
        """Return the name of an asset, or its id if it is not known."""
        return self._assets.get(asset_id, asset_id)

    def asset_id(self, name: str) -> str:
        """Return the id of an asset.

        Raises:
            ConfigError: It can be no name.
            MarketUnavailable: The venue has none of this name.
        """
        for asset_id, known in self._assets.items():
            if known == name:
                return asset_id
        raise MarketUnavailable(f"no asset {name}; there is {', '.join(self._assets.values())}", venue=VENUE)

    def base_asset(self, symbol: str) -> str:
        """Return the name of what an instrument's sizes count; empty if it is not known."""
        instrument = self._by_symbol.get(symbol)
        return "" if instrument is None else self.asset(instrument.base_asset_id)

    def quote_asset(self, symbol: str) -> str:
        """Return the name of what an instrument is priced in: what fees are paid in."""
        instrument = self._by_symbol.get(symbol)
        return symbol.rpartition("-")[2] if instrument is None else self.asset(instrument.quote_asset_id)
