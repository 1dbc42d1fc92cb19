"""The seeded makers and takers of the venue's own, whose orders nobody checks and who pay no fees."""

from __future__ import annotations

from decimal import Decimal

from tradewire.sandbox.market import MAKERS, TAKERS, Cancel, Command, Quote
from tradewire.sandbox.order import Kind, Order
from tradewire.sandbox.venues.truex.house import House
from tradewire.sandbox.venues.truex.instruments import ASSETS

__all__ = ["CROWD", "Crowd"]

CROWD = frozenset(MAKERS + TAKERS)
DEPOSIT = Decimal(10) ** 15


class Crowd:
    """Executes the tape's commands.

    Args:
        house: The venue's state.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._resting: dict[int, int] = {}
        for account in sorted(CROWD):
            for asset in ASSETS:
                house.ledger.deposit(account, asset, DEPOSIT)

    def play(self, command: Command) -> None:
        """Execute one command; an instrument that is not open is left alone."""
        house, now_ms = self._house, self._house.now_ms()
        instrument, market = house.instruments[command.market], house.markets[command.market]
        if isinstance(command, Cancel):
            order_id = self._resting.pop(command.ref, None)
            if order_id is None or order_id not in market.engine.orders:
                return
            market.cancel(order_id, now_ms)
        elif instrument.status == "ACTIVE":
            order = Order(
                order_id=house.next_id(),
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
        house.command_done(instrument)
