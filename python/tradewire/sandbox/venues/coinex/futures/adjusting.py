"""Changing how a position is margined, and what there is to remember of that and of results.

Simple: another leverage or mode sets an isolated margin to exactly what the position then has to bring; what was added
by hand is given back. Orders keep resting, if they are still covered.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.ledger import Shortfall
from tradewire.sandbox.venues.coinex.core import NotIsolated, TooLittleMargin
from tradewire.sandbox.venues.coinex.futures.core import FuturesCore
from tradewire.sandbox.venues.coinex.futures.liquidation import Liquidations
from tradewire.sandbox.venues.coinex.futures.margins import Setting, initial_margin
from tradewire.sandbox.venues.coinex.futures.positions import MarginMode, Position

__all__ = ["Adjusting", "MarginRow"]

KEPT_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class MarginRow:
    """A position after its margin or its result changed by ``change``."""

    position: Position
    mode: MarginMode
    leverage: int
    liquidation_price: Decimal
    bankruptcy_price: Decimal
    price: Decimal
    size: Decimal
    margin: Decimal
    change: Decimal
    at_ms: int


class Adjusting:
    """Margins of all positions.

    Args:
        core: Where the positions are.
        liquidations: Say what a position must be worth.
    """

    def __init__(self, core: FuturesCore, liquidations: Liquidations) -> None:
        self._core = core
        self._margins = core.margins
        self._liquidations = liquidations
        self.margin_rows: defaultdict[str, deque[MarginRow]] = defaultdict(lambda: deque(maxlen=KEPT_ROWS))
        """Changes of margin by account, oldest first."""
        self.result_rows: defaultdict[str, deque[MarginRow]] = defaultdict(lambda: deque(maxlen=KEPT_ROWS))
        """Results realised by account, oldest first."""
        self._results: dict[int, Decimal] = {}
        core.listen_to_positions(self._on_position)

    @exactly
    def add_margin(self, position: Position, amount: Decimal, now_ms: int) -> None:
        """Move margin from the wallet to an isolated position, or back if below zero.

        Raises:
            NotIsolated: It is a cross position.
            Shortfall: The wallet has not got it.
            TooLittleMargin: Too little would be left.
        """
        margins = self._margins
        if position.mode is not MarginMode.ISOLATED:
            raise NotIsolated
        margin = margins.own_margin(position) + amount
        if amount > margins.usable(position.account):
            raise Shortfall
        least = initial_margin(position.cost, position.leverage)
        if amount < 0 and margin + min(ZERO, margins.pnl(position)) < least:
            raise TooLittleMargin
        margins.set_isolated(position, margin)
        position.updated_ms = now_ms
        position.largest_margin = max(position.largest_margin, margin)
        self.margin_rows[position.account].append(self._row(position, amount, now_ms))
        self._tell(position, now_ms)

    @exactly
    def set(self, account: str, market: str, setting: Setting, now_ms: int) -> None:
        """Choose margin mode and leverage of an account's orders and position in a market.

        Raises:
            Shortfall: The wallet has not got what that needs.
            TooLittleMargin: The position would be liquidated at once.
        """
        margins = self._margins
        before, position = (
            margins.setting(account, market),
            self._core.positions.open_position(account, market),
        )
        margin = ZERO if position is None else margins.own_margin(position)
        was_isolated = before.mode is MarginMode.ISOLATED
        try:
            self._apply(account, market, setting, position, initial_margin)
            if not margins.covers(account, with_losses=True):
                raise Shortfall
            if position is not None and self._liquidations.is_due(position):
                raise TooLittleMargin
        except (Shortfall, TooLittleMargin):
            self._apply(account, market, before, position, lambda *_: margin if was_isolated else ZERO)
            margins.reserve(account)
            raise
        if position is not None:
            position.updated_ms = now_ms
            changed = margins.own_margin(position) - margin
            self.margin_rows[account].append(self._row(position, changed, now_ms))
            self._tell(position, now_ms)
        else:
            self._core.publish(market, now_ms)

    def _apply(
        self,
        account: str,
        market: str,
        setting: Setting,
        position: Position | None,
        margin: Callable[[Decimal, int], Decimal],
    ) -> None:
        margins = self._margins
        margins.settings[account, market] = setting
        margins.free(account)
        if position is not None:
            position.mode, position.leverage = setting.mode, setting.leverage
            isolated = setting.mode is MarginMode.ISOLATED
            margins.set_isolated(position, margin(position.cost, setting.leverage) if isolated else ZERO)

    def _tell(self, position: Position, now_ms: int) -> None:
        self._margins.touched.add(position.account)
        self._core.positions.observe(position, "update")
        self._core.publish(position.market, now_ms)

    @exactly
    def _on_position(self, position: Position, _event: str) -> None:
        if self._core.is_house(position.account):
            return
        before = self._results.get(position.position_id, ZERO)
        if position.traded_pnl != before:
            row = self._row(position, position.traded_pnl - before, position.updated_ms)
            self.result_rows[position.account].append(row)
            self._results[position.position_id] = position.traded_pnl
        if not position.size:
            self._results.pop(position.position_id, None)

    def _row(self, position: Position, change: Decimal, now_ms: int) -> MarginRow:
        is_open = bool(position.size)
        return MarginRow(
            position,
            position.mode,
            position.leverage,
            self._liquidations.liquidation_price(position) if is_open else ZERO,
            self._liquidations.bankruptcy_price(position) if is_open else ZERO,
            position.last_price,
            position.size,
            self._margins.own_margin(position) if is_open else ZERO,
            change,
            now_ms,
        )
