"""CoinEx futures as the campaign sees them."""

from __future__ import annotations

from decimal import Decimal
from typing import Unpack

import tradewire
from tradewire.interface import VenueClient
from tradewire.session.lifetime import ClientOptions
from tradewire.testing.venue_setup import brisk, via
from tradewire.testing.venues import coinex
from tradewire.venues.coinex import hosts

__all__ = ["Setup"]


class Setup(coinex.Setup):
    """CoinEx perpetuals: another market, another socket, the same venue."""

    name = "coinex-futures"
    product = "futures"
    tick = Decimal("0.1")
    first_size = Decimal("0.0010")
    size_step = Decimal("0.0001")

    def client(self, rest_port: int, stream_port: int, **options: Unpack[ClientOptions]) -> VenueClient:
        venue = self.box.coinex
        urls = (via(url, stream_port) for url in (venue.ws_spot_url, venue.ws_futures_url))
        return tradewire.CoinExFutures(
            tradewire.Credentials(venue.access_id, venue.secret),
            environment=hosts.local(via(venue.rest_url, rest_port), *urls),
            **brisk(options),
        )

    def stir(self, steps: int) -> None:
        super().stir(steps)
        self.box.coinex.futures.traffic.step(steps)
