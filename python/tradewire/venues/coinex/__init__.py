"""CoinEx v2: spot, and futures as a product of its own."""

from __future__ import annotations

from tradewire.description import DemoPlan, Product, VenueDescription

__all__ = ["VENUE"]

NOTICE = (
    "CoinEx announced on 2026-09-15 its orderly cessation of operations (its notice 53539656293908): futures ended on "
    "2026-09-22, spot trading on 2026-09-29, and withdrawals are open until 2026-12-22. Nothing trades there any more. "
    "The sandbox speaks its protocol as before."
)

VENUE = VenueDescription(
    name="coinex",
    client="tradewire.venues.coinex.client:CoinEx",
    exports={
        "CoinEx": "tradewire.venues.coinex.client:CoinEx",
        "CoinExFutures": "tradewire.venues.coinex.futures.client:CoinExFutures",
        "CoinExOptions": "tradewire.sandbox.venues.coinex.options:CoinExOptions",
    },
    rates="tradewire.venues.coinex.hosts:RATES_PER_S",
    messages="tradewire.venues.coinex.dialect:messages",
    book_depths=(5, 10, 20, 50),
    sandbox="tradewire.sandbox.venues.coinex.venue:CoinExVenue",
    sandbox_options="tradewire.sandbox.venues.coinex.options:CoinExOptions",
    first_look="/spot/ticker?market=BTCUSDT",
    demo=DemoPlan(
        sizes={"BTCUSDT": "0.01", "ETHUSDT": "0.1", "CETUSDT": "100"},
        book_fault="corrupt_checksum",
        holdings="pushed_balances",
        # Four times the venue's own cadence, so that a short demo sees as many pushes as a minute of the venue.
        settings={"push_ms": "50"},
        forgets_cancelled=True,
    ),
    notice=NOTICE,
    products=(
        Product(
            name="coinex-futures",
            client="tradewire.venues.coinex.futures.client:CoinExFutures",
            messages="tradewire.venues.coinex.dialect:futures_messages",
            book_depths=(5, 10, 20, 50),
            demo=DemoPlan(
                sizes={"BTCUSDT": "0.01", "ETHUSDT": "0.1"},
                book_fault="corrupt_checksum",
                holdings="pushed_balances",
                has_positions=True,
                settings={"push_ms": "50"},
                forgets_cancelled=True,
            ),
            notice=NOTICE,
        ),
    ),
)
