"""Every REST endpoint, by the groups of docs.truemarkets.co/apis/cefi and /apis/cefi-direct, read 2026-11-20.

Unconfirmed: the plural paths of public trades and increments, and the path of an order's activity.
To add one: a method with ``@route`` in the file of its group; a new group has its class in ``SUBJECTS``.
"""

from __future__ import annotations

from tradewire.sandbox.venues.truex.rest.balances import Balances
from tradewire.sandbox.venues.truex.rest.clients import Clients
from tradewire.sandbox.venues.truex.rest.market_data import MarketData
from tradewire.sandbox.venues.truex.rest.orders import Orders
from tradewire.sandbox.venues.truex.rest.service import Service
from tradewire.sandbox.venues.truex.rest.transfers import MoneyTransfers

__all__ = ["SUBJECTS"]

SUBJECTS = (Service, MarketData, Clients, Orders, Balances, MoneyTransfers)
