"""Pools of automated market making: who put in what part, and what they earn.

A pool keeps its ratio: of what is offered only what fits is taken. Shares are whole numbers and every amount is
rounded in favour of those who stay, so that nothing is lost. The pools of this sandbox do not trade: once a UTC day
the venue pays each of them a fixed yield, as fees would.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tradewire.sandbox.exact import exactly, floored
from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.treasury.books import AMM, Books, short
from tradewire.sandbox.venues.coinex.wallets import pool_wallet

__all__ = ["Income", "Pool", "Pools", "Stake"]

DAY_MS = 86_400_000
DAILY_YIELD = Decimal("0.0001")
SEED_VALUE = Decimal(1_000_000)
"""What the venue itself has in each pool, in the quote asset."""
SHARES = 10**15
"""Shares of the venue's own part."""
PLACES = 8
LAST_PLACE = Decimal(1).scaleb(-PLACES)
VENUE = "venue/pools"


@dataclass(frozen=True, slots=True)
class Stake:
    """A part of a pool: what it is worth now."""

    base: Decimal
    quote: Decimal
    proportion: Decimal


@dataclass(frozen=True, slots=True)
class Income:
    """What one day brought the owner of a part."""

    at_ms: int
    market: str
    base: Decimal
    quote: Decimal
    liquidity: Decimal
    """What the part is worth, in the quote asset."""
    proportion: Decimal
    dividend: Decimal
    """In the quote asset."""


@dataclass(slots=True)
class Pool:
    """One market's pool."""

    rules: MarketRules
    paid_until_ms: int
    shares: dict[str, int] = field(default_factory=dict)

    @property
    def wallet(self) -> str:
        """Its account of the ledger."""
        return pool_wallet(self.rules.name)

    @property
    def total(self) -> int:
        """All shares."""
        return sum(self.shares.values())


class Pools:
    """All pools of the venue.

    Args:
        books: Where the money is.
        rules: Markets that have one.
        now_ms: When the venue opens.
    """

    def __init__(self, books: Books, rules: Iterable[MarketRules], now_ms: int) -> None:
        self._books = books
        self.pools = {one.name: Pool(one, now_ms - now_ms % DAY_MS) for one in rules}
        self._incomes: defaultdict[str, list[Income]] = defaultdict(list)
        for pool in self.pools.values():
            one = pool.rules
            for asset, amount in (
                (one.quote, SEED_VALUE),
                (one.base, floored(SEED_VALUE, one.start_price, one.base_places)),
            ):
                books.ledger.deposit(VENUE, asset, amount)
                books.ledger.move(VENUE, pool.wallet, asset, amount)
            pool.shares[VENUE] = SHARES

    def incomes(self, trader: str) -> Sequence[Income]:
        """Return what a trader earned, oldest first."""
        return self._incomes[trader]

    def amounts(self, pool: Pool) -> tuple[Decimal, Decimal]:
        """Return all that a pool has, base and quote."""
        base, quote = (
            self._books.ledger.balance(pool.wallet, asset).available
            for asset in (pool.rules.base, pool.rules.quote)
        )
        return base, quote

    def stake(self, trader: str, market: str) -> Stake | None:
        """Return a trader's part of a pool, ``None`` if there is none."""
        pool = self.pools.get(market)
        if pool is None or trader not in pool.shares:
            return None
        return self._stake(pool, pool.shares[trader])

    def stakes(self, trader: str) -> Mapping[str, Stake]:
        """Return all parts of a trader by market."""
        found = {market: self.stake(trader, market) for market in self.pools}
        return {market: stake for market, stake in found.items() if stake is not None}

    @exactly
    def add(self, trader: str, market: str, base: Decimal, quote: Decimal, now_ms: int) -> Stake:
        """Take from the spot wallet what fits the pool's ratio, and return the whole part.

        Raises:
            Refusal: The market has no pool, it is too little, or there is less.
        """
        pool = self._pool(market)
        has_base, has_quote = self.amounts(pool)
        shares = int(min(base * pool.total // has_base, quote * pool.total // has_quote))
        if not shares:
            raise invalid("base_ccy_amount and quote_ccy_amount are too small")
        # Rounded up, and at most what was offered: the shares were rounded down.
        takes = {
            asset: min(offered, floored(has * shares, Decimal(pool.total), PLACES) + LAST_PLACE)
            for asset, has, offered in (
                (pool.rules.base, has_base, base),
                (pool.rules.quote, has_quote, quote),
            )
        }
        if any(
            self._books.ledger.balance(trader, asset).available < amount for asset, amount in takes.items()
        ):
            raise short()
        for asset, amount in takes.items():
            self._books.move(trader, pool.wallet, asset, amount, now_ms)
        pool.shares[trader] = pool.shares.get(trader, 0) + shares
        return self._stake(pool, pool.shares[trader])

    @exactly
    def remove(self, trader: str, market: str, now_ms: int) -> Stake:
        """Give a trader back the whole part.

        Raises:
            Refusal: There is none.
        """
        pool = self._pool(market)
        if trader not in pool.shares:
            raise invalid(f"there is no liquidity in {market}")
        stake = self._stake(pool, pool.shares[trader])
        del pool.shares[trader]
        self._books.move(pool.wallet, trader, pool.rules.base, stake.base, now_ms)
        self._books.move(pool.wallet, trader, pool.rules.quote, stake.quote, now_ms)
        return stake

    @exactly
    def advance(self, now_ms: int) -> None:
        """Pay what the days that have ended brought."""
        for pool in self.pools.values():
            while pool.paid_until_ms + DAY_MS <= now_ms:
                pool.paid_until_ms += DAY_MS
                self._pay_day(pool, pool.paid_until_ms)

    def _pay_day(self, pool: Pool, at_ms: int) -> None:
        base, quote = (floored(amount * DAILY_YIELD, Decimal(1), PLACES) for amount in self.amounts(pool))
        price = pool.rules.start_price
        for trader, shares in pool.shares.items():
            if trader == VENUE:
                continue
            stake = self._stake(pool, shares)
            dividend = floored((base * price + quote) * shares, Decimal(pool.total), PLACES)
            self._incomes[trader].append(
                Income(
                    at_ms,
                    pool.rules.name,
                    stake.base,
                    stake.quote,
                    stake.base * price + stake.quote,
                    stake.proportion,
                    dividend,
                )
            )
        self._books.move(AMM, pool.wallet, pool.rules.base, base, at_ms)
        self._books.move(AMM, pool.wallet, pool.rules.quote, quote, at_ms)

    def _pool(self, market: str) -> Pool:
        if market not in self.pools:
            raise invalid(f"{market} has no pool")
        return self.pools[market]

    def _stake(self, pool: Pool, shares: int) -> Stake:
        base, quote = self.amounts(pool)
        total = Decimal(pool.total)
        return Stake(
            floored(base * shares, total, PLACES),
            floored(quote * shares, total, PLACES),
            floored(Decimal(shares), total, PLACES),
        )
