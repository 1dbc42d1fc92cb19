"""Names of wallets, the accounts of the ledger: a spot wallet has its trader's name, every other one a longer one."""

from __future__ import annotations

from collections.abc import Container, Mapping

from tradewire.sandbox.venues.coinex.codes import invalid
from tradewire.sandbox.venues.coinex.markets import MarketRules

__all__ = [
    "PREFIXES",
    "financial_wallet",
    "futures_wallet",
    "isolated_wallet",
    "margin_market_of",
    "margin_wallet",
    "market_type_of",
    "market_type_of_id",
    "owner_of",
    "pool_wallet",
    "spot_wallet",
    "spot_wallets",
]

MARGIN = "/margin/"
PREFIXES = ("amm", "venue")
"""What the names of wallets begin with that are nobody's: pools, and the venue's own money."""


def futures_wallet(trader: str) -> str:
    """Return a trader's wallet for futures."""
    return f"{trader}/futures"


def isolated_wallet(trader: str, market: str) -> str:
    """Return the account that holds the margin of a trader's isolated position."""
    return f"{futures_wallet(trader)}/{market}"


def financial_wallet(trader: str) -> str:
    """Return a trader's wallet for savings."""
    return f"{trader}/financial"


def pool_wallet(market: str) -> str:
    """Return the wallet of a market's pool, which belongs to all who have put something in."""
    return f"amm/{market}"


def owner_of(wallet: str) -> str:
    """Return the trader whose wallet it is."""
    return wallet.partition("/")[0]


def margin_wallet(trader: str, market: str) -> str:
    """Return a trader's wallet for margin orders of ``market``."""
    return f"{trader}{MARGIN}{market}"


def margin_market_of(wallet: str) -> str:
    """Return the market of a margin wallet; of any other an empty text."""
    return wallet.partition(MARGIN)[2]


def market_type_of(wallet: str) -> str:
    """Return which market type a wallet's orders of spot markets have."""
    return "MARGIN" if margin_market_of(wallet) else "SPOT"


def market_type_of_id(order_id: object, in_margin: Container[int]) -> str:
    """Return which market type an element of a batch means; one that is no id is refused when its turn comes."""
    return "MARGIN" if isinstance(order_id, int) and order_id in in_margin else "SPOT"


def spot_wallet(trader: str, market: MarketRules, market_type: str) -> str:
    """Return the wallet that pays an order of a spot market; refuse futures, and margin where there is none."""
    _require_spot(market_type)
    if market_type == "SPOT":
        return trader
    if not market.has_margin:
        raise invalid(f"{market.name} has no margin trading")
    return margin_wallet(trader, market.name)


def spot_wallets(
    trader: str, markets: Mapping[str, MarketRules], market: MarketRules | None, market_type: str
) -> list[str]:
    """Return the wallets in which orders of a market type can be, in one market or in all of them."""
    _require_spot(market_type)
    if market_type == "SPOT":
        return [trader]
    named = markets.values() if market is None else [market]
    return [margin_wallet(trader, rules.name) for rules in named if rules.has_margin]


def _require_spot(market_type: str) -> None:
    if market_type == "FUTURES":
        raise invalid("market_type must be SPOT or MARGIN here")
