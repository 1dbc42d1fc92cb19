"""A spot market whose fees are paid in the quote asset by both sides.

A buy freezes its notional and the fee on it; a sale freezes its quantity and pays out of what it receives.
Which rates apply and what exactly is held is not published: the fee asset is, by the vendor's samples.
"""

from __future__ import annotations

from decimal import Decimal

from tradewire.sandbox.clearing import SpotMarket
from tradewire.sandbox.exact import exactly
from tradewire.sandbox.order import Order, Side, Trade

__all__ = ["QuoteFeeMarket", "fee_hold_of"]


class QuoteFeeMarket(SpotMarket):
    """One pair of assets. ``Order.rates.hold`` is the rate at which fees are frozen."""

    def _limit_cost(self, order: Order, quantity: Decimal, price: Decimal) -> Decimal:
        return quantity * price * (1 + order.rates.hold) if order.side is Side.BUY else quantity

    def _settle(self, trade: Trade) -> None:
        maker, taker = trade.maker, trade.taker
        buyer, seller = (taker, maker) if taker.side is Side.BUY else (maker, taker)
        trade.maker_fee = trade.value * maker.rates.maker
        trade.taker_fee = trade.value * taker.rates.taker
        buyer_fee, seller_fee = (
            (trade.taker_fee, trade.maker_fee) if buyer is taker else (trade.maker_fee, trade.taker_fee)
        )
        self._ledger.pay(seller.account, buyer.account, self.base, trade.quantity, fee=Decimal(0))
        self._ledger.pay(buyer.account, seller.account, self.quote, trade.value, seller_fee)
        self._ledger.pay(buyer.account, buyer.account, self.quote, buyer_fee, buyer_fee)
        seller.held -= trade.quantity
        buyer.held -= trade.value + buyer_fee
        buyer.quote_fee += buyer_fee
        seller.quote_fee += seller_fee
        assert buyer.price is not None
        self._release(buyer, self._limit_cost(buyer, trade.quantity, buyer.price) - trade.value - buyer_fee)


@exactly
def fee_hold_of(order: Order) -> Decimal:
    """Return what an order freezes for fees, in the quote asset."""
    if order.side is Side.SELL or order.price is None:
        return Decimal(0)
    return order.held - order.remaining * order.price if order.held else Decimal(0)
