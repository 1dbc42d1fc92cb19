"""A perpetual: the engine's orders covered by margin before they come, positions and money moved with each trade."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from decimal import Decimal
from itertools import count

from tradewire.sandbox.engine import Engine, NoLiquidity
from tradewire.sandbox.exact import ZERO, exactly
from tradewire.sandbox.ledger import Shortfall
from tradewire.sandbox.order import Accepted, Amended, Event, Finished, Kind, Order, Side, Trade, Traded
from tradewire.sandbox.venues.coinex.core import PositionTooLarge
from tradewire.sandbox.venues.coinex.futures.margins import Margins, Wanted
from tradewire.sandbox.venues.coinex.futures.markets import FuturesRules
from tradewire.sandbox.venues.coinex.futures.positions import FuturesOrder, MarginMode, Position, Purpose

__all__ = ["FIRST_DEAL_ID", "FuturesMarket", "Positions"]

FIRST_DEAL_ID = 3_000_000_000
FIRST_POSITION_ID = 700_000_000
KEPT_POSITIONS = 10_000
CHANGED, CLOSED, LIQUIDATED = "update", "close", "liq"


class Positions:
    """What became of positions, over all markets.

    Args:
        margins: Their money, and those that are open.
        observe: Told of each position that changed, with the venue's word for what happened.
    """

    def __init__(self, margins: Margins, observe: Callable[[Position, str], None]) -> None:
        self.margins = margins
        self.observe = observe
        self.finished: defaultdict[str, deque[Position]] = defaultdict(lambda: deque(maxlen=KEPT_POSITIONS))
        self._ids = count(FIRST_POSITION_ID)

    def take(self, order: FuturesOrder, trade: Trade, fee_rate: Decimal) -> Decimal:
        """Take in a trade of ``order`` and move its money; return the fee."""
        size = trade.quantity if order.side is Side.BUY else -trade.quantity
        held = self.margins.positions[order.account].get(order.market)
        self.margins.free(order.account)
        if held is not None and (held.size > 0) != (size > 0) and abs(size) > held.amount:
            closing = -held.size
            fee = self._part(order, trade, closing, fee_rate)
            return fee + self._part(order, trade, size - closing, fee_rate)
        return self._part(order, trade, size, fee_rate)

    def open_position(self, account: str, market: str) -> Position | None:
        """Return an account's open position."""
        return self.margins.positions[account].get(market)

    def _part(self, order: FuturesOrder, trade: Trade, size: Decimal, fee_rate: Decimal) -> Decimal:
        margins = self.margins
        position = margins.positions[order.account].get(order.market)
        if position is None:
            setting = margins.setting(order.account, order.market)
            position = Position(
                next(self._ids), order.account, order.market, setting.mode, setting.leverage, trade.at_ms
            )
            margins.positions[order.account][order.market] = position
        before = position.size
        reduces = bool(before) and (before > 0) != (size > 0)
        pnl = position.trade(size, trade.price, trade.at_ms)
        limit = None
        if position.mode is MarginMode.ISOLATED and reduces:
            limit = margins.release_margin(position, size, before)
        if reduces:
            margins.realise(position, pnl, limit)
        elif position.mode is MarginMode.ISOLATED:
            margins.add_margin(position, size * trade.price)
        fee = abs(size) * trade.price * fee_rate
        margins.pay_fee(order.account, fee)
        position.fees += fee
        position.largest_margin = max(position.largest_margin, margins.own_margin(position))
        order.fee += fee
        order.realized_pnl += pnl
        order.position_ids.setdefault(trade.trade_id, position.position_id)
        event = CHANGED
        if not position.size:
            event = self._close(position, order)
        self.observe(position, event)
        return fee

    def _close(self, position: Position, order: FuturesOrder) -> str:
        del self.margins.positions[position.account][position.market]
        kind = "market" if order.kind is Kind.MARKET else "limit"
        position.finished_type = order.purpose.value or kind
        self.finished[position.account].append(position)
        return LIQUIDATED if order.purpose is Purpose.LIQUIDATION else CLOSED


class FuturesMarket:
    """One perpetual, traded and cleared.

    Args:
        rules: What its orders keep to.
        positions: Who takes its trades in.
        observe: Receives every event after its money has moved.
        is_house: Says whether an account is the venue's own, which needs no cover.
    """

    def __init__(
        self,
        rules: FuturesRules,
        positions: Positions,
        observe: Callable[[Event], None],
        is_house: Callable[[str], bool],
    ) -> None:
        self._rules = rules
        self._positions = positions
        self._margins = positions.margins
        self._observe = observe
        self._is_house = is_house
        self.engine = Engine(rules.name, lot=rules.lot, observe=self._clear, first_trade_id=FIRST_DEAL_ID)

    @exactly
    def place(self, order: Order, now_ms: int) -> None:
        """Make sure that ``order`` is covered and let it match.

        Raises:
            Shortfall: The account cannot cover it.
            PositionTooLarge: The position would outgrow its leverage.
            Refused: The engine does not take it.
        """
        assert isinstance(order, FuturesOrder)
        if not (order.closes_only or self._is_house(order.account)):
            self._require_cover(order, self._worst(order), order.remaining, instead_of=None)
        self.engine.place(order, now_ms)

    @exactly
    def amend(self, order_id: int, *, price: Decimal | None, quantity: Decimal | None, now_ms: int) -> Order:
        """Make sure that the order's new price and quantity are covered and let it match again.

        Raises:
            Shortfall: The account cannot cover the change.
            PositionTooLarge: The position would outgrow its leverage.
            Refused: The engine does not take it.
        """
        order = self.engine.find(order_id)
        assert isinstance(order, FuturesOrder)
        if not (order.closes_only or self._is_house(order.account)):
            limit = order.price if price is None else price
            remaining = (order.quantity if quantity is None else quantity) - order.filled
            assert limit is not None
            if remaining > 0:
                self._require_cover(order, self._worst(order, limit), remaining, instead_of=order)
        return self.engine.amend(order_id, price=price, quantity=quantity, now_ms=now_ms)

    def cancel(self, order_id: int, now_ms: int) -> Order:
        """Take an order out.

        Raises:
            UnknownOrder: It is not live.
        """
        return self.engine.cancel(order_id, now_ms)

    def _worst(self, order: Order, limit: Decimal | None = None) -> Decimal:
        """Return the price at which ``order`` needs most margin: a sale may meet better bids than its limit."""
        limit = order.price if limit is None else limit
        resting = self.engine.sides[order.side.opposite]
        first = resting.first()
        best = first.price if first is not None else None
        if order.side is Side.SELL:
            found = max((price for price in (limit, best) if price is not None), default=None)
        elif limit is not None:
            found = limit
        else:
            left, found = order.remaining, best
            for maker in resting:
                if left <= 0:
                    break
                found, left = maker.price, left - maker.remaining
        if found is None:
            raise NoLiquidity
        return found

    def _require_cover(
        self, order: FuturesOrder, price: Decimal, quantity: Decimal, *, instead_of: FuturesOrder | None
    ) -> None:
        margins, account, market = self._margins, order.account, order.market
        if order.price is None:
            quantity = min(quantity, self.engine.preview(order).quantity)
        resting = margins.resting(account, market, without=instead_of)
        wanted = [*resting, Wanted(order.side, price, quantity)]
        held = margins.positions[account].get(market)
        size = held.size if held is not None else ZERO
        same_side = sum((one.quantity for one in wanted if one.side is order.side), ZERO)
        reached = size + same_side if order.side is Side.BUY else size - same_side
        most = self._rules.most(margins.setting(account, market).leverage)
        if abs(reached) > max(most, abs(size)):
            raise PositionTooLarge
        before = margins.need(account, market, margins.resting(account, market))
        added = margins.need(account, market, wanted) - before
        if added > margins.usable(account):
            raise Shortfall

    def _clear(self, event: Event) -> None:
        if isinstance(event, Traded):
            trade = event.trade
            maker, taker = trade.maker, trade.taker
            assert isinstance(maker, FuturesOrder)
            assert isinstance(taker, FuturesOrder)
            trade.maker_fee = self._positions.take(maker, trade, maker.rates.maker)
            trade.taker_fee = self._positions.take(taker, trade, taker.rates.taker)
        elif isinstance(event, Accepted | Amended | Finished):
            self._margins.touched.add(event.order.account)
        self._observe(event)
