"""All that has to do with money besides trading, as one part of the client."""

from __future__ import annotations

from tradewire.venues.coinex.rest.amm import Amm
from tradewire.venues.coinex.rest.balance import Balances
from tradewire.venues.coinex.rest.deposits import Deposits
from tradewire.venues.coinex.rest.loans import Loans
from tradewire.venues.coinex.rest.transfers import Transfers
from tradewire.venues.coinex.rest.withdrawals import Withdrawals

__all__ = ["Assets"]


class Assets(Balances, Transfers, Loans, Deposits, Withdrawals, Amm):
    """Balances, transfers, loans, deposits, withdrawals and pools."""
