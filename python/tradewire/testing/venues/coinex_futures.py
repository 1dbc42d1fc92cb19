"""CoinEx futures as the campaign sees them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import ClassVar, Unpack

import tradewire
from tradewire.errors import ConfigError
from tradewire.interface import VenueClient
from tradewire.sandbox.faults import FaultKind
from tradewire.session.lifetime import ClientOptions
from tradewire.testing.venue_setup import brisk, via
from tradewire.testing.venues import coinex
from tradewire.venues.coinex import hosts

__all__ = ["Setup"]


class Setup(coinex.Setup):
    """CoinEx perpetuals: another market, another socket, the same venue."""

    name = "coinex-futures"
    product = "futures"
    # The margin account is one of spot.
    absent_faults: ClassVar[Collection[FaultKind]] = frozenset({FaultKind.MARGIN_EVENTS})
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
        self.box.coinex.futures.traffic.step(steps)

    def watch_more(self, client: tradewire.CoinExFutures) -> Sequence[object]:
        return [client.watch_positions(on_update=_ignore)]

    def holds_otherwise(self, client: tradewire.CoinExFutures) -> str:
        try:
            ours = client.position(self.market)
        except ConfigError as error:
            return str(error)
        row = self.account()["positions"].get(self.market)
        theirs = (Decimal(row["size"]), Decimal(row["realized_pnl"])) if row else (0, 0)
        believed = (ours.size, ours.realized_pnl)
        return "" if believed == theirs else f"{believed} for {theirs}, {ours}"


def _ignore(_: object) -> None:
    pass
