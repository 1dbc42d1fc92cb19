"""Loans of margin accounts, each for one market: borrowed from the venue, charged by the hour, paid back.

A loan lives ten days. Then it is renewed if its borrower said so, else paid from what its account has available; what
is still owed is a ``debt``. An account worth less than 1.1 times its loans is taken over by the venue: its orders are
cancelled, its loans end as ``liquidated``, and what it was worth above them is paid out in the quote asset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from tradewire.sandbox.exact import ZERO, exactly, floored
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.core import ExchangeCore
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.treasury.books import INTEREST, LENDING, LIQUIDATION, Books, short
from tradewire.sandbox.venues.coinex.wallets import margin_wallet

__all__ = ["LEVERAGE", "Loan", "Loans", "Terms"]

HOUR_MS = 3_600_000
TERM_MS = 240 * HOUR_MS
LEVERAGE = 5
LIQUIDATED_AT = Decimal("1.1")
PLACES = 8
LIVE = ("loan", "debt")


@dataclass(frozen=True, slots=True)
class Terms:
    """What borrowing costs; a 24th of the rate is a round number, so that nothing is ever rounded."""

    daily_rate: Decimal
    least: Decimal
    most: Decimal


TERMS = {
    "BTC": Terms(Decimal("0.0012"), Decimal("0.001"), Decimal(50)),
    "ETH": Terms(Decimal("0.0012"), Decimal("0.01"), Decimal(1000)),
    "USDT": Terms(Decimal("0.0024"), Decimal(10), Decimal(1_000_000)),
}
OTHER_TERMS = Terms(Decimal("0.0024"), Decimal(1), Decimal(1_000_000))


@dataclass(slots=True)
class Loan:
    """One loan; ``status`` is ``loan``, ``debt``, ``liquidated`` or ``finish``."""

    loan_id: int
    trader: str
    market: str
    asset: str
    borrowed: Decimal
    principal: Decimal
    """What is left of it."""
    interest: Decimal
    """Charged and not paid."""
    daily_rate: Decimal
    created_ms: int
    expires_ms: int
    renews: bool
    status: str = "loan"
    charged_hours: int = 0

    @property
    def owed(self) -> Decimal:
        """Principal and interest."""
        return self.principal + self.interest


class Loans:
    """All loans of the venue.

    Args:
        core: The spot markets, for their prices.
        books: Where the money is.
    """

    def __init__(self, core: ExchangeCore, books: Books) -> None:
        self._core = core
        self._books = books
        self._ids = count(1)
        self._loans: dict[int, Loan] = {}

    def of(self, trader: str, market: str = "") -> Sequence[Loan]:
        """Return a trader's loans, oldest first; all, or those for one market."""
        return [
            loan for loan in self._loans.values() if loan.trader == trader and market in {"", loan.market}
        ]

    def require_asset(self, market: str, asset: str) -> MarketRules:
        """Return the rules of a margin market.

        Raises:
            Refusal: It has no margin account, or that does not hold ``asset``.
        """
        rules = self._core.rules[market]
        if not rules.has_margin:
            raise invalid(f"{market} has no margin trading")
        if asset not in {rules.base, rules.quote}:
            raise invalid(
                f"the margin account of {market} holds {rules.base} and {rules.quote}, not {asset[:32]}"
            )
        return rules

    def terms(self, asset: str) -> Terms:
        """Return what borrowing ``asset`` costs."""
        return TERMS.get(asset, OTHER_TERMS)

    @exactly
    def most(self, trader: str, market: str, asset: str) -> Decimal:
        """Return what may be borrowed besides what is: with what the account owns it makes ``LEVERAGE`` times that."""
        rules = self._core.rules[market]
        room = self._room(trader, market)
        if room <= 0:
            return ZERO
        amount = room if asset == rules.quote else floored(room, self._core.last_price(market), PLACES)
        return min(self.terms(asset).most, floored(amount, Decimal(1), PLACES))

    @exactly
    def borrow(
        self, trader: str, market: str, asset: str, amount: Decimal, renews: bool, now_ms: int
    ) -> Loan:
        """Lend to a margin account; the first hour is charged at once.

        Raises:
            Refusal: It is too little, or more than the account may borrow.
        """
        self.require_asset(market, asset)
        terms, most = self.terms(asset), self.most(trader, market, asset)
        if not terms.least <= amount <= most:
            raise invalid(f"borrow_amount must be {terms.least} to {most}")
        loan = Loan(
            next(self._ids), trader, market, asset, amount, amount, ZERO, terms.daily_rate, now_ms,
            now_ms + TERM_MS, renews,
        )  # fmt: skip
        self._books.move(LENDING, margin_wallet(trader, market), asset, amount, now_ms)
        self._loans[loan.loan_id] = loan
        self._charge(loan, now_ms)
        return loan

    @exactly
    def repay(self, trader: str, market: str, asset: str, amount: Decimal, loan_id: int, now_ms: int) -> None:
        """Pay back from the margin account: interest first, the oldest loan first, and no more than is owed.

        Raises:
            Refusal: There is no such loan, or less than that is available.
        """
        owing = [
            loan
            for loan in self.of(trader, market)
            if loan.asset == asset and loan.status in LIVE and loan_id in {0, loan.loan_id}
        ]
        if not owing:
            raise invalid("there is no such loan")
        due = min(amount, sum((loan.owed for loan in owing), ZERO))
        if self._books.ledger.balance(margin_wallet(trader, market), asset).available < due:
            raise short()
        for loan in owing:
            due -= self._pay(loan, due, now_ms)

    @exactly
    def advance(self, now_ms: int) -> None:
        """Charge, renew and collect what is due until now, and take over accounts that cannot pay."""
        for loan in self._live():
            self._charge(loan, now_ms)
            while loan.renews and loan.expires_ms <= now_ms:
                loan.expires_ms += TERM_MS
            if loan.expires_ms <= now_ms:
                wallet = margin_wallet(loan.trader, loan.market)
                self._pay(loan, self._books.ledger.balance(wallet, loan.asset).available, now_ms)
                if loan.status == "loan":
                    loan.status = "debt"
        for trader, market in sorted({(loan.trader, loan.market) for loan in self._live()}):
            risk = self.risk(trader, market)
            if risk is not None and risk < LIQUIDATED_AT:
                self._liquidate(trader, market, now_ms)

    @exactly
    def risk(self, trader: str, market: str) -> Decimal | None:
        """Return what a margin account is worth, in units of what it owes; ``None`` if it owes nothing."""
        owned, owed = self._worth(trader, market)
        return floored(owned, owed, 4) if owed else None

    @exactly
    def liquidation_price(self, trader: str, market: str) -> Decimal | None:
        """Return the price at which the venue takes over the account; ``None`` if there is none."""
        rules = self._core.rules[market]
        base, quote = self.owned(trader, market)
        base_owed, quote_owed = (self.owed(trader, market, asset) for asset in (rules.base, rules.quote))
        lacking, spare = LIQUIDATED_AT * quote_owed - quote, base - LIQUIDATED_AT * base_owed
        if not (quote_owed or base_owed) or lacking * spare <= 0:
            return None
        return floored(abs(lacking), abs(spare), rules.quote_places)

    @exactly
    def owed(self, trader: str, market: str, asset: str) -> Decimal:
        """Return principal and interest that an account owes of one asset."""
        return self.principal(trader, market, asset) + self.interest(trader, market, asset)

    @exactly
    def principal(self, trader: str, market: str, asset: str) -> Decimal:
        """Return what is left of the loans of one asset."""
        return sum((loan.principal for loan in self._owing(trader, market, asset)), ZERO)

    @exactly
    def interest(self, trader: str, market: str, asset: str) -> Decimal:
        """Return the unpaid interest of one asset."""
        return sum((loan.interest for loan in self._owing(trader, market, asset)), ZERO)

    @exactly
    def require_cover(self, trader: str, market: str, without: Mapping[str, Decimal]) -> None:
        """Refuse to take ``without`` out of an account that needs it for its loans."""
        if self._worth(trader, market)[1] and self._room(trader, market, without) < 0:
            raise short()

    @exactly
    def owned(
        self, trader: str, market: str, without: Mapping[str, Decimal] | None = None
    ) -> tuple[Decimal, Decimal]:
        """Return what the account holds of base and quote, borrowed or not, but for ``without``."""
        rules, wallet = self._core.rules[market], margin_wallet(trader, market)
        base, quote = (
            held.available + held.frozen - (without or {}).get(asset, ZERO)
            for asset in (rules.base, rules.quote)
            for held in (self._books.ledger.balance(wallet, asset),)
        )
        return base, quote

    def _owing(self, trader: str, market: str, asset: str) -> Iterator[Loan]:
        return (loan for loan in self.of(trader, market) if loan.asset == asset and loan.status in LIVE)

    def _live(self) -> list[Loan]:
        return [loan for loan in self._loans.values() if loan.status in LIVE]

    def _worth(
        self, trader: str, market: str, without: Mapping[str, Decimal] | None = None
    ) -> tuple[Decimal, Decimal]:
        """Return what an account owns and owes, in units of the quote asset."""
        rules, price = self._core.rules[market], self._core.last_price(market)
        base, quote = self.owned(trader, market, without)
        owed = self.owed(trader, market, rules.base) * price + self.owed(trader, market, rules.quote)
        return base * price + quote, owed

    def _room(self, trader: str, market: str, without: Mapping[str, Decimal] | None = None) -> Decimal:
        """Return for how much more, in the quote asset, the account may owe; below zero if it owes too much."""
        owned, owed = self._worth(trader, market, without)
        return (owned - owed) * (LEVERAGE - 1) - owed

    def _charge(self, loan: Loan, now_ms: int) -> None:
        hours = (now_ms - loan.created_ms) // HOUR_MS + 1 - loan.charged_hours
        if hours > 0:
            loan.interest += loan.principal * loan.daily_rate / 24 * hours
            loan.charged_hours += hours

    def _pay(self, loan: Loan, amount: Decimal, now_ms: int) -> Decimal:
        """Take what is owed from the account, ``amount`` at most; return how much it was."""
        wallet = margin_wallet(loan.trader, loan.market)
        interest = min(amount, loan.interest)
        principal = min(amount - interest, loan.principal)
        self._books.move(wallet, INTEREST, loan.asset, interest, now_ms)
        self._books.move(wallet, LENDING, loan.asset, principal, now_ms)
        loan.interest -= interest
        loan.principal -= principal
        if not loan.owed:
            loan.status = "finish"
        return interest + principal

    def _liquidate(self, trader: str, market: str, now_ms: int) -> None:
        rules, wallet = self._core.rules[market], margin_wallet(trader, market)
        for order in self._core.live_orders(wallet):
            self._core.cancel(market, order.order_id, now_ms)
        owned, owed = self._worth(trader, market)
        for asset, amount in zip((rules.base, rules.quote), self.owned(trader, market), strict=True):
            self._books.move(wallet, LIQUIDATION, asset, amount, now_ms)
        for loan in self._live():
            if (loan.trader, loan.market) == (trader, market):
                self._books.move(LIQUIDATION, INTEREST, loan.asset, loan.interest, now_ms)
                self._books.move(LIQUIDATION, LENDING, loan.asset, loan.principal, now_ms)
                loan.interest = loan.principal = ZERO
                loan.status = "liquidated"
        left = floored(max(owned - owed, ZERO), Decimal(1), PLACES)
        self._books.move(LIQUIDATION, wallet, rules.quote, left, now_ms)
