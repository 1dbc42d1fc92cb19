"""Every REST endpoint, one file for each page group of docs.coinex.com/api/v2, read 2026-11-20.

To add one: a method with ``@route`` in the file of its page group; a new group has its class in ``SUBJECTS``.
"""

from __future__ import annotations

from tradewire.sandbox.venues.coinex.rest.account import Account
from tradewire.sandbox.venues.coinex.rest.amm import Amm
from tradewire.sandbox.venues.coinex.rest.balances import Balances
from tradewire.sandbox.venues.coinex.rest.deposits import Deposits
from tradewire.sandbox.venues.coinex.rest.futures_account import FuturesAccount
from tradewire.sandbox.venues.coinex.rest.futures_balances import FuturesBalances
from tradewire.sandbox.venues.coinex.rest.futures_exits import FuturesExits
from tradewire.sandbox.venues.coinex.rest.futures_market import FuturesMarket
from tradewire.sandbox.venues.coinex.rest.futures_orders import FuturesDeals, FuturesOrders, FuturesStopOrders
from tradewire.sandbox.venues.coinex.rest.futures_positions import FuturesPositions, PositionHistories
from tradewire.sandbox.venues.coinex.rest.loans import Loans
from tradewire.sandbox.venues.coinex.rest.refer import Refer
from tradewire.sandbox.venues.coinex.rest.spot_deals import SpotDeals
from tradewire.sandbox.venues.coinex.rest.spot_market import SpotMarket
from tradewire.sandbox.venues.coinex.rest.spot_orders import SpotOrders
from tradewire.sandbox.venues.coinex.rest.spot_stop_orders import SpotStopOrders
from tradewire.sandbox.venues.coinex.rest.subs import Subs
from tradewire.sandbox.venues.coinex.rest.system import System
from tradewire.sandbox.venues.coinex.rest.transfers import Transfers
from tradewire.sandbox.venues.coinex.rest.withdrawals import Withdrawals

__all__ = ["SUBJECTS"]

SUBJECTS = (
    System,
    SpotMarket,
    FuturesMarket,
    FuturesBalances,
    FuturesOrders,
    FuturesStopOrders,
    FuturesDeals,
    FuturesPositions,
    FuturesExits,
    PositionHistories,
    SpotOrders,
    SpotStopOrders,
    SpotDeals,
    Balances,
    Transfers,
    Loans,
    Deposits,
    Withdrawals,
    Amm,
    Account,
    FuturesAccount,
    Subs,
    Refer,
)
