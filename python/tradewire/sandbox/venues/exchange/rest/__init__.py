"""Every REST endpoint of generation P, by the groups of the project's REST guide, read 2026-11-20.

To add one: a method with ``@route`` in the file of its group; a new group has its class in ``SUBJECTS``.
"""

from __future__ import annotations

from tradewire.sandbox.venues.exchange.rest.account import Account
from tradewire.sandbox.venues.exchange.rest.admin import Admin
from tradewire.sandbox.venues.exchange.rest.orders import Orders
from tradewire.sandbox.venues.exchange.rest.system import System

__all__ = ["SUBJECTS"]

SUBJECTS = (System, Account, Orders, Admin)
