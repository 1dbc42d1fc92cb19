"""All that has to do with the account besides trading, as one part of the client."""

from __future__ import annotations

from tradewire.venues.coinex.rest.account import Account
from tradewire.venues.coinex.rest.amm import Amm
from tradewire.venues.coinex.rest.balance import Balances
from tradewire.venues.coinex.rest.deposits import Deposits
from tradewire.venues.coinex.rest.loans import Loans
from tradewire.venues.coinex.rest.refer import Referrals
from tradewire.venues.coinex.rest.sub_keys import SubKeys
from tradewire.venues.coinex.rest.subs import SubAccounts
from tradewire.venues.coinex.rest.transfers import Transfers
from tradewire.venues.coinex.rest.withdrawals import Withdrawals

__all__ = ["Assets"]


class Assets(
    Account, Balances, Transfers, Loans, Deposits, Withdrawals, Amm, SubAccounts, SubKeys, Referrals
):
    """Settings, balances, transfers, loans, deposits, withdrawals, pools, sub-accounts and referees."""
