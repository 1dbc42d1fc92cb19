"""Whose money stands for what: wallets, margins, what orders freeze, and who pays when somebody cannot.

A trader's wallet freezes what resting orders and cross positions need; the margin of an isolated position is an account
of its own. Results pass through the market's clearing account, which owes exactly what open positions cost. A loss is
paid by whoever stands for it, and what that leaves by the insurance account; nothing of a trader's goes below zero.

Orders that reduce the position need no margin, only their fee. House accounts freeze nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from functools import partial

from tradewire.sandbox.exact import ZERO, quotient
from tradewire.sandbox.ledger import Ledger
from tradewire.sandbox.order import Order, Side
from tradewire.sandbox.venues.coinex.futures.markets import FuturesRules
from tradewire.sandbox.venues.coinex.futures.positions import FuturesOrder, MarginMode, Position
from tradewire.sandbox.venues.coinex.futures.prices import Prices
from tradewire.sandbox.venues.coinex.wallets import futures_wallet, isolated_wallet

__all__ = ["INSURANCE", "SETTLE", "Holding", "Margins", "Setting", "Wanted", "initial_margin"]

INSURANCE = "insurance"
SETTLE = "USDT"
MONEY_PLACES = 12


@dataclass(frozen=True, slots=True)
class Setting:
    """How positions of one account and market are margined."""

    mode: MarginMode = MarginMode.CROSS
    leverage: int = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order may still trade, at which price at worst."""

    side: Side
    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Holding:
    """A futures wallet as the venue shows it."""

    available: Decimal
    frozen: Decimal
    margin: Decimal
    transferrable: Decimal
    unrealized_pnl: Decimal

    @property
    def equity(self) -> Decimal:
        """What it would be worth if everything were closed at the mark price."""
        return self.available + self.frozen + self.margin + self.unrealized_pnl


class Margins:
    """The money of every account.

    Args:
        ledger: Where it is.
        rules: The markets.
        prices: Their mark prices.
        live: Live orders by account.
        is_house: Says whether an account is the venue's own.
    """

    def __init__(
        self,
        ledger: Ledger,
        rules: Mapping[str, FuturesRules],
        prices: Mapping[str, Prices],
        live: Mapping[str, Mapping[int, Order]],
        is_house: Callable[[str], bool],
    ) -> None:
        self.positions: defaultdict[str, dict[str, Position]] = defaultdict(dict)
        self.settings: dict[tuple[str, str], Setting] = {}
        self.touched: set[str] = set()
        self._ledger = ledger
        self._rules = rules
        self._prices = prices
        self._live = live
        self._is_house = is_house
        for market in rules:
            ledger.open_clearing(_clearing(market), SETTLE, partial(self._due_of, market))

    def open_cost(self, market: str) -> Decimal:
        """Return what all open positions of a market were paid for, longs less shorts."""
        return sum((held[market].cost for held in self.positions.values() if market in held), ZERO)

    def setting(self, account: str, market: str) -> Setting:
        """Return how positions are margined; an open one as it was opened or adjusted."""
        return self.settings.get((account, market), Setting())

    def own_margin(self, position: Position) -> Decimal:
        """Return what stands for ``position`` alone: all of it if isolated, what it freezes if cross."""
        if position.mode is MarginMode.CROSS:
            return initial_margin(position.cost, position.leverage)
        return self._ledger.balance(isolated_wallet(position.account, position.market), SETTLE).available

    def owned(self, account: str) -> Decimal:
        """Return what is in the wallet, isolated margins aside."""
        held = self._ledger.balance(futures_wallet(account), SETTLE)
        return held.available + held.frozen

    def cross_pnl(self, account: str) -> Decimal:
        """Return the open result of the account's cross positions."""
        return sum((self.pnl(one) for one in self.of_mode(account, MarginMode.CROSS)), ZERO)

    def pnl(self, position: Position) -> Decimal:
        """Return a position's open result at the mark price."""
        return position.unrealized_pnl(self._prices[position.market].mark)

    def of_mode(self, account: str, mode: MarginMode) -> list[Position]:
        """Return the account's positions of one margin mode."""
        return [one for one in self.positions[account].values() if one.mode is mode]

    def holding(self, account: str) -> Holding:
        """Return the wallet as the venue shows it."""
        held = self._ledger.balance(futures_wallet(account), SETTLE)
        orders = min(held.frozen, ZERO if self._is_house(account) else self._order_needs(account))
        isolated = sum((self.own_margin(one) for one in self.of_mode(account, MarginMode.ISOLATED)), ZERO)
        pnl = sum((self.pnl(one) for one in self.positions[account].values()), ZERO)
        return Holding(held.available, orders, held.frozen - orders + isolated, self.usable(account), pnl)

    def usable(self, account: str) -> Decimal:
        """Return what may be frozen or taken out: open losses of cross positions are as good as spent."""
        available = self._ledger.balance(futures_wallet(account), SETTLE).available
        return max(ZERO, available + min(ZERO, self.cross_pnl(account)))

    def need(self, account: str, market: str, wanted: Iterable[Wanted]) -> Decimal:
        """Return what these orders freeze: margin for what they would add to the position, and fees.

        Orders of one side are taken in the order in which they trade; the first of them reduce.
        """
        position = self.positions[account].get(market)
        leverage = self.setting(account, market).leverage
        rules, total = self._rules[market], ZERO
        size = position.size if position is not None else ZERO
        by_side: dict[Side, list[Wanted]] = {side: [] for side in Side}
        for one in wanted:
            by_side[one.side].append(one)
        for side, orders in by_side.items():
            reducible = max(ZERO, -size if side is Side.BUY else size)
            orders.sort(key=lambda one: one.price, reverse=side is Side.BUY)
            for one in orders:
                reduces = min(reducible, one.quantity)
                reducible -= reduces
                total += initial_margin((one.quantity - reduces) * one.price, leverage)
                total += one.quantity * one.price * rules.fee_rates.taker
        return total

    def resting(self, account: str, market: str, *, without: Order | None = None) -> list[Wanted]:
        """Return what the account's live orders of a market may trade, close-only ones aside."""
        return [
            Wanted(order.side, order.price, order.remaining)
            for order in self._live.get(account, {}).values()
            if order.market == market and order is not without and order.price is not None
            if not (isinstance(order, FuturesOrder) and order.closes_only)
        ]

    def covers(self, account: str, *, with_losses: bool = False) -> bool:
        """Say whether the wallet can freeze all it should, also if it had to pay for open losses."""
        losses = min(ZERO, self.cross_pnl(account)) if with_losses else ZERO
        return self._is_house(account) or self._target(account) <= self.owned(account) + losses

    def reserve(self, account: str) -> None:
        """Freeze what orders and cross positions need, or as much as there is."""
        self.free(account)
        if self._is_house(account):
            return
        wallet = futures_wallet(account)
        available = self._ledger.balance(wallet, SETTLE).available
        self._ledger.hold(wallet, SETTLE, min(available, self._target(account)))

    def free(self, account: str) -> None:
        """Make everything in the wallet available, until the next ``reserve``."""
        self.touched.add(account)
        wallet = futures_wallet(account)
        if frozen := self._ledger.balance(wallet, SETTLE).frozen:
            self._ledger.release(wallet, SETTLE, frozen)

    def add_margin(self, position: Position, value: Decimal) -> None:
        """Move the margin of ``value`` more from the wallet to an isolated position, or as much as there is."""
        wallet = futures_wallet(position.account)
        available = self._ledger.balance(wallet, SETTLE).available
        needed = min(available, initial_margin(value, position.leverage))
        self._ledger.move(wallet, isolated_wallet(position.account, position.market), SETTLE, needed)

    def release_margin(self, position: Position, size: Decimal, before: Decimal) -> Decimal:
        """Move the share of an isolated margin that stood for ``size`` to the wallet and return it."""
        own = isolated_wallet(position.account, position.market)
        margin = self._ledger.balance(own, SETTLE).available
        share = (
            margin
            if abs(size) == abs(before)
            else quotient(margin * abs(size), abs(before), MONEY_PLACES, ROUND_DOWN)
        )
        self._ledger.move(own, futures_wallet(position.account), SETTLE, share)
        return share

    def realise(self, position: Position, pnl: Decimal, limit: Decimal | None) -> None:
        """Pay a result between the market and whoever stands for it, up to ``limit`` of the wallet if given."""
        wallet, clearing = futures_wallet(position.account), _clearing(position.market)
        if pnl >= 0:
            self._ledger.move(clearing, wallet, SETTLE, pnl)
            return
        self._owe(wallet, clearing, -pnl, limit)

    def pay_funding(self, position: Position, amount: Decimal) -> None:
        """Pay ``amount`` to the position's account, or take it if below zero."""
        self.free(position.account)
        isolated = position.mode is MarginMode.ISOLATED
        payer = (
            isolated_wallet(position.account, position.market)
            if isolated
            else futures_wallet(position.account)
        )
        clearing = _clearing(position.market)
        if amount >= 0:
            self._ledger.move(clearing, payer, SETTLE, amount)
            return
        self._owe(payer, clearing, -amount, None)

    def pay_fee(self, account: str, fee: Decimal) -> None:
        """Take a fee from the wallet; what it has not got the insurance account pays."""
        wallet = futures_wallet(account)
        own = min(fee, self._ledger.balance(wallet, SETTLE).available)
        self._ledger.charge(wallet, SETTLE, own)
        if own < fee:
            self._ledger.charge(futures_wallet(INSURANCE), SETTLE, fee - own)

    def forfeit(self, account: str, most: Decimal) -> Decimal:
        """Move up to ``most`` from the wallet to the insurance account and return how much that was."""
        self.free(account)
        wallet = futures_wallet(account)
        amount = min(most, self._ledger.balance(wallet, SETTLE).available)
        self._ledger.move(wallet, futures_wallet(INSURANCE), SETTLE, amount)
        return amount

    def set_isolated(self, position: Position, margin: Decimal) -> None:
        """Make an isolated margin exactly this large, out of the wallet or into it.

        Raises:
            Shortfall: The wallet has not got it.
        """
        wallet, own = futures_wallet(position.account), isolated_wallet(position.account, position.market)
        now = self._ledger.balance(own, SETTLE).available
        if margin > now:
            self._ledger.move(wallet, own, SETTLE, margin - now)
        else:
            self._ledger.move(own, wallet, SETTLE, now - margin)

    def _due_of(self, market: str) -> Decimal:
        return -self.open_cost(market)

    def _owe(self, payer: str, payee: str, amount: Decimal, limit: Decimal | None) -> None:
        available = self._ledger.balance(payer, SETTLE).available
        own = min(amount, available if limit is None else min(available, limit))
        self._ledger.move(payer, payee, SETTLE, own)
        self._ledger.move(futures_wallet(INSURANCE), payee, SETTLE, amount - own)

    def _order_needs(self, account: str) -> Decimal:
        markets = {order.market for order in self._live.get(account, {}).values()}
        return sum((self.need(account, market, self.resting(account, market)) for market in markets), ZERO)

    def _target(self, account: str) -> Decimal:
        margins = sum((self.own_margin(one) for one in self.of_mode(account, MarginMode.CROSS)), ZERO)
        return margins + self._order_needs(account)


def initial_margin(value: Decimal, leverage: int) -> Decimal:
    """Return what a position of this value has to bring."""
    return quotient(abs(value), Decimal(leverage), MONEY_PLACES, ROUND_UP)


def _clearing(market: str) -> str:
    return f"clearing/futures/{market}"
