"""Names of wallets, the accounts of the ledger: a spot wallet has its trader's name, every other one a longer one."""

from __future__ import annotations

__all__ = ["margin_market_of", "margin_wallet", "owner_of"]

MARGIN = "/margin/"


def owner_of(wallet: str) -> str:
    """Return the trader whose wallet it is."""
    return wallet.partition("/")[0]


def margin_wallet(trader: str, market: str) -> str:
    """Return a trader's wallet for margin orders of ``market``."""
    return f"{trader}{MARGIN}{market}"


def margin_market_of(wallet: str) -> str:
    """Return the market of a margin wallet; of any other an empty text."""
    return wallet.partition(MARGIN)[2]
