"""TrueX over REST: one file per subject of its documentation, with rows, requests, replies and methods."""

from tradewire.venues.truex.rest import balances, market, orders, service, trades, transfers

__all__ = ["balances", "market", "orders", "service", "trades", "transfers"]
