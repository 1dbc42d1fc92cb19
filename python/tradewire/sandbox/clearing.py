"""A spot market: the engine's orders covered by the ledger's balances, before and after each trade.

An order freezes what it may cost when it comes and gives back what it did not need. Fees are taken from what
is received: the buyer pays in base, the seller in quote.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tradewire.sandbox.engine import Engine, Refused
from tradewire.sandbox.exact import exactly
from tradewire.sandbox.ledger import Ledger
from tradewire.sandbox.order import Event, Finished, Order, Side, Trade, Traded

__all__ = ["SpotMarket"]


class SpotMarket:
    """One pair of assets, traded and cleared.

    Args:
        name: Name of the market.
        base: Asset traded.
        quote: Asset paid with.
        lot: Smallest step of a base quantity.
        ledger: Where the balances are.
        observe: Receives every event after its money has moved.
        first_trade_id: Number of the first trade.
    """

    def __init__(
        self,
        name: str,
        *,
        base: str,
        quote: str,
        lot: Decimal,
        ledger: Ledger,
        observe: Callable[[Event], None],
        first_trade_id: int = 1,
    ) -> None:
        self.name = name
        self.base = base
        self.quote = quote
        self._ledger = ledger
        self._observe = observe
        self.engine = Engine(name, lot=lot, observe=self._clear, first_trade_id=first_trade_id)

    def paying_asset(self, side: Side) -> str:
        """Return the asset an order of ``side`` freezes."""
        return self.quote if side is Side.BUY else self.base

    @exactly
    def place(self, order: Order, now_ms: int) -> None:
        """Cover ``order`` and let it match.

        Raises:
            Shortfall: The account cannot cover it.
            Refused: The engine does not take it.
        """
        self._hold(order, self._cost(order))
        try:
            self.engine.place(order, now_ms)
        except Refused:
            self._release(order, order.held)
            raise

    @exactly
    def amend(self, order_id: int, *, price: Decimal | None, quantity: Decimal | None, now_ms: int) -> Order:
        """Cover the order's new price and quantity and let it match again.

        Raises:
            Shortfall: The account cannot cover the change.
            Refused: The engine does not take it.
        """
        order = self.engine.find(order_id)
        remaining = (order.quantity if quantity is None else quantity) - order.filled
        limit = order.price if price is None else price
        assert limit is not None
        cost = self._limit_cost(order, remaining, limit)
        before = order.held
        if cost > before:
            self._hold(order, cost - before)
        try:
            order = self.engine.amend(order_id, price=price, quantity=quantity, now_ms=now_ms)
        except Refused:
            self._release(order, order.held - before)
            raise
        if cost < before and order.held:
            self._release(order, before - cost)
        return order

    def cancel(self, order_id: int, now_ms: int) -> Order:
        """Take an order out and give back what it froze.

        Raises:
            UnknownOrder: It is not live.
        """
        return self.engine.cancel(order_id, now_ms)

    def _cost(self, order: Order) -> Decimal:
        if order.side is Side.SELL:
            return self.engine.preview(order).quantity if order.in_quote else order.quantity
        if order.in_quote:
            return order.quantity
        if order.price is None:
            return self.engine.preview(order).value
        return self._limit_cost(order, order.quantity, order.price)

    def _limit_cost(self, order: Order, quantity: Decimal, price: Decimal) -> Decimal:
        """Return what ``quantity`` of ``order`` freezes at ``price``."""
        return quantity * price if order.side is Side.BUY else quantity

    def _hold(self, order: Order, amount: Decimal) -> None:
        self._ledger.hold(order.account, self.paying_asset(order.side), amount)
        order.held += amount

    def _release(self, order: Order, amount: Decimal) -> None:
        self._ledger.release(order.account, self.paying_asset(order.side), amount)
        order.held -= amount

    def _clear(self, event: Event) -> None:
        if isinstance(event, Traded):
            self._settle(event.trade)
        elif isinstance(event, Finished):
            self._release(event.order, event.order.held)
        self._observe(event)

    def _settle(self, trade: Trade) -> None:
        maker, taker = trade.maker, trade.taker
        buyer, seller = (taker, maker) if taker.side is Side.BUY else (maker, taker)
        trade.maker_fee = (trade.value if maker is seller else trade.quantity) * maker.rates.maker
        trade.taker_fee = (trade.value if taker is seller else trade.quantity) * taker.rates.taker
        base_fee = trade.maker_fee if maker is buyer else trade.taker_fee
        quote_fee = trade.maker_fee if maker is seller else trade.taker_fee
        self._ledger.pay(seller.account, buyer.account, self.base, trade.quantity, base_fee)
        self._ledger.pay(buyer.account, seller.account, self.quote, trade.value, quote_fee)
        seller.held -= trade.quantity
        buyer.held -= trade.value
        buyer.base_fee += base_fee
        seller.quote_fee += quote_fee
        if buyer.price is not None and buyer.price > trade.price:
            self._release(buyer, (buyer.price - trade.price) * trade.quantity)
