"""What all endpoints about money share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.venues.coinex.core import ExchangeCore
from tradewire.sandbox.venues.coinex.fields import Page, Paged
from tradewire.sandbox.venues.coinex.handlers import Call, Handlers, Json
from tradewire.sandbox.venues.coinex.treasury import Treasury

__all__ = ["MoneyHandlers", "newest_first", "worth_of"]

RowT = TypeVar("RowT")


class MoneyHandlers(Handlers):
    """Endpoints that see the treasury as it is at their moment."""

    def treasury(self, call: Call) -> Treasury:
        """Return the treasury, in which everything has happened that was due."""
        treasury = self.core.treasury
        treasury.advance(call.now_ms)
        return treasury


@exactly
def worth_of(core: ExchangeCore, wallets: Iterable[str]) -> Decimal:
    """Return what wallets are worth in USDT, as far as their assets have a market."""
    worth = ZERO
    for wallet in wallets:
        for asset, held in core.ledger.accounts.get(wallet, {}).items():
            price = Decimal(1) if asset == "USDT" else ZERO
            if f"{asset}USDT" in core.rules:
                price = core.last_price(f"{asset}USDT")
            worth += (held.available + held.frozen) * price
    return worth


def newest_first(
    rows: Sequence[RowT], fits: Callable[[RowT], bool], show: Callable[[RowT], Json], page: Page
) -> Paged:
    """Return a page of those rows that fit, as the wire has them; with a total."""
    wanted: Iterable[RowT] = (row for row in reversed(rows) if fits(row))
    paged = page.of(list(wanted), with_total=True)
    return Paged([show(row) for row in paged.data], paged.has_next, paged.total)
