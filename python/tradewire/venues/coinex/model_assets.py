"""What CoinEx says of money besides trading, in its own words where the common interface has none.

Each class is the shape of its row as well: an unknown field is ignored, a field with two spellings is read in either.
Words of a status or a method are lower case, whatever case they came in; a word that is new to us stands as it is.

Source: https://docs.coinex.com/api/v2/assets, read 2026-11-20; captured replies where they differ.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import field

from tradewire.venues.coinex.shapes import Millis, Word
from tradewire.wire import (
    Amount,
    AmountOrZero,
    Flag,
    Id,
    MaybeAmount,
    Text,
)

__all__ = [
    "AmmIncome",
    "AmmStake",
    "BorrowLimit",
    "CreditInfo",
    "Loan",
    "LoanStatus",
    "MarginBalance",
    "Transaction",
    "TransactionKind",
    "TransferRecord",
    "TransferStatus",
]


class TransactionKind(StrEnum):
    """What changed a spot balance."""

    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"
    TRADE = "trade"
    MAKER_CASH_BACK = "maker_cash_back"
    """What the venue pays makers."""


class TransferStatus(StrEnum):
    """Where a transfer between accounts stands."""

    CREATED = "created"
    DEDUCTED = "deducted"
    """Taken from the one account, not in the other yet."""
    FAILED = "failed"
    FINISHED = "finished"


class LoanStatus(StrEnum):
    """Where a loan stands."""

    LOAN = "loan"
    DEBT = "debt"
    """Due and not paid."""
    LIQUIDATED = "liquidated"
    """The venue sold what covered it."""
    FINISH = "finish"
    """Paid back."""


class MarginBalance(msgspec.Struct, frozen=True, kw_only=True):
    """One margin account: what it has and owes of its market's two assets."""

    market: Id = field(name="margin_account")
    """The market the account is for."""
    base: Id = field(name="base_ccy")
    """The market's base asset."""
    quote: Id = field(name="quote_ccy")
    """The market's quote asset."""
    base_available: Amount = field(name="available.base_ccy")
    """Base units free to trade or transfer."""
    quote_available: Amount = field(name="available.quote_ccy")
    """Quote units free to trade or transfer."""
    base_locked: Amount = field(name="frozen.base_ccy")
    """Base units held by orders."""
    quote_locked: Amount = field(name="frozen.quote_ccy")
    """Quote units held by orders."""
    base_owed: AmountOrZero = field(name="repaid.base_ccy")
    """Base units borrowed and to be repaid, without interest."""
    quote_owed: AmountOrZero = field(name="repaid.quote_ccy")
    """Quote units borrowed and to be repaid, without interest."""
    base_interest: AmountOrZero = field(name="interest.base_ccy")
    """Interest to be paid, base units."""
    quote_interest: AmountOrZero = field(name="interest.quote_ccy")
    """Interest to be paid, quote units."""
    risk_rate: MaybeAmount = None
    """Worth of the account in units of its loans; ``None`` without loans."""
    liquidation_price: MaybeAmount = field(name="liq_price", default=None)
    """Price at which the venue takes the account over; ``None`` without loans."""


class CreditInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A credit account."""

    equity: Amount
    """What it is worth."""
    owed: AmountOrZero = field(name="repaid")
    """What is to be repaid."""
    risk_rate: MaybeAmount = None
    """Worth in units of what is owed."""
    withdrawal_risk: MaybeAmount = None
    """Risk rate below which nothing can be withdrawn."""
    withdrawal_value: MaybeAmount = None
    """What can be withdrawn."""


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a spot balance."""

    created_at_ns: Millis = field(name="created_at")
    """Nanoseconds UTC."""
    asset: Id = field(name="ccy")
    """For instance ``USDT``."""
    change: Amount
    """Below zero for what went out."""
    balance: Amount
    """Available and locked together, after it."""
    kind: Word = field(name="type")
    """A word of ``TransactionKind``."""


class TransferRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer between our own accounts."""

    created_at_ns: Millis = field(name="created_at")
    """When it began, nanoseconds UTC."""
    source: Word = field(name="from_account_type")
    """Account that paid: ``spot``, ``margin`` or ``futures``."""
    target: Word = field(name="to_account_type")
    """Account that got it."""
    asset: Id = field(name="ccy")
    """For instance ``USDT``."""
    amount: Amount
    """Units of ``asset``."""
    status: Word
    """A word of ``TransferStatus``."""
    margin_market: Text = ""
    """Market of the margin account, where one took part."""


class Loan(msgspec.Struct, frozen=True, kw_only=True):
    """A loan of a margin account."""

    loan_id: Id = field(name="borrow_id")
    """The venue's number of it."""
    created_at_ns: Millis = field(name="created_at")
    """When it began, nanoseconds UTC."""
    market: Id
    """Market of the margin account."""
    asset: Id = field(name="ccy")
    """For instance ``USDT``."""
    daily_interest_rate: Amount
    """Part of the amount that a day costs, 0.0024 for 0.24 %."""
    expires_at_ns: Millis = field(name="expired_at")
    """Then it is renewed, or due."""
    amount: Amount = field(name="borrow_amount")
    """What was borrowed."""
    owed: Amount = field(name="to_repaied_amount | to_repaid_amount")
    """What is to be repaid, interest included."""
    renews: Flag = field(name="is_auto_renew", default=False)
    """It is renewed when it expires."""
    status: Word
    """A word of ``LoanStatus``."""


class BorrowLimit(msgspec.Struct, frozen=True, kw_only=True):
    """What a margin account may borrow of an asset."""

    market: Id
    """Market of the margin account."""
    asset: Id = field(name="ccy")
    """For instance ``USDT``."""
    leverage: Amount
    """Most that the account may hold, in units of what is its own."""
    min_amount: Amount
    """Least that is lent, units of ``asset``."""
    max_amount: Amount
    """Most that the account may borrow now, units of ``asset``."""
    daily_interest_rate: Amount
    """Part of the amount that a day costs."""


class AmmStake(msgspec.Struct, frozen=True, kw_only=True):
    """Our part of a market's pool of automated market making."""

    market: Id
    """For instance ``BTCUSDT``."""
    base: Text = field(name="base_ccy", default="")
    """The base asset; only in lists."""
    quote: Text = field(name="quote_ccy", default="")
    """The quote asset; only in lists."""
    base_amount: Amount = field(name="base_ccy_amount")
    """Base units that the part is worth now."""
    quote_amount: Amount = field(name="quote_ccy_amount")
    """Quote units that it is worth besides."""
    proportion: Amount = field(name="liquidity_proportion")
    """Part of the pool, 1 for all of it."""


class AmmIncome(AmmStake, frozen=True, kw_only=True):
    """What a part of a pool brought in a day."""

    created_at_ns: Millis = field(name="created_at")
    """When it was settled, nanoseconds UTC."""
    liquidity: Amount
    """What the part is worth."""
    fee_dividend: Amount
    """Fees of trades that fell to it; the page says of seven days."""
