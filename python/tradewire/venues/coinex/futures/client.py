"""``tradewire.CoinExFutures``: how its parts are put together; what it shares with spot is in ``coinex.client``."""

from __future__ import annotations

from tradewire.venues.coinex.api import FUTURES
from tradewire.venues.coinex.client import ProductClient
from tradewire.venues.coinex.futures.model import FuturesMarket, FuturesTicker
from tradewire.venues.coinex.futures.streams import FuturesStreams
from tradewire.venues.coinex.rest.subjects import Futures

__all__ = ["CoinExFutures"]


class CoinExFutures(ProductClient[FuturesMarket, FuturesTicker], Futures, product=FUTURES):
    """CoinEx v2 futures over REST and WebSocket: the common interface, positions, leverage and funding.

        async with CoinExFutures(Credentials.from_env("coinex")) as venue:
            print(await venue.balances())

    Markets of spot and futures share names: this client's orders, books and positions are those of futures only, and
    say so (``account``). Sizes count base units. Everything else is as for ``tradewire.CoinEx``, the arguments too, and
    what it says of the venue's end: CoinEx ended futures on 2026-09-22.
    """

    _streams: FuturesStreams
    _stream_class = FuturesStreams

    def _made(self) -> None:
        # Looked at when it is called: it is loaded then.
        self._streams.follow_positions(lambda: self.check_positions())
