"""The seeded makers and takers of the venue's own, whose orders are not checked and who pay no fees."""

from __future__ import annotations

from decimal import Decimal

from tradewire.sandbox.market import MAKERS, TAKERS, Cancel, Command, Quote
from tradewire.sandbox.order import Kind, Order
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.instruments import ASSETS

__all__ = ["MARKET_MAKERS", "MarketMakers"]

MARKET_MAKERS = frozenset(MAKERS + TAKERS)
DEPOSIT = Decimal(10) ** 15


class MarketMakers:
    """Executes the tape's commands.

    Args:
        core: The venue's state.
    """

    def __init__(self, core: ExchangeCore) -> None:
        self._core = core
        self._resting: dict[int, int] = {}
        for account in sorted(MARKET_MAKERS):
            for asset in ASSETS:
                core.ledger.deposit(account, asset, DEPOSIT)

    def play(self, command: Command) -> None:
        """Execute one command; an instrument that is not open is left alone."""
        core, now_ms = self._core, self._core.now_ms()
        instrument, market = core.instruments[command.market], core.markets[command.market]
        if isinstance(command, Cancel):
            order_id = self._resting.pop(command.ref, None)
            if order_id is None or order_id not in market.engine.orders:
                return
            market.cancel(order_id, now_ms)
        elif instrument.status == "ACTIVE":
            order = Order(
                order_id=core.next_id(),
                account=command.account,
                market=command.market,
                side=command.side,
                kind=Kind.LIMIT if isinstance(command, Quote) else Kind.IOC,
                quantity=command.quantity,
                price=command.price,
            )
            market.place(order, now_ms)
            if isinstance(command, Quote):
                self._resting[command.ref] = order.order_id
        core.command_done(instrument)
