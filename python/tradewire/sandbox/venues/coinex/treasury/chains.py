"""The networks that assets move over, their switches, and the addresses that the venue gives out.

No coin moves anywhere: transactions, addresses and explorers are made up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tradewire.sandbox.venues.coinex.codes import invalid

__all__ = ["Address", "Asset", "Chain", "Chains"]

EXPLORER = "https://explorer.sandbox.invalid"
FEE_ASSET = "CET"
FEE_IN_CET = Decimal(20)
"""What a withdrawal costs whose fee is paid in CET, whatever it is of."""


@dataclass(slots=True)
class Chain:
    """How one asset moves over one network."""

    name: str
    fee: Decimal
    """Of a withdrawal, in the asset."""
    least_deposit: Decimal
    least_withdrawal: Decimal
    confirmations: int
    """After so many a deposit counts."""
    needs_memo: bool = False
    deposit_enabled: bool = True
    withdraw_enabled: bool = True
    places: int = 8


@dataclass(slots=True)
class Asset:
    """One asset with its networks."""

    name: str
    full_name: str
    chains: Sequence[Chain]
    inter_transfer_enabled: bool = True

    @property
    def deposit_enabled(self) -> bool:
        """It can come in over one of them."""
        return any(chain.deposit_enabled for chain in self.chains)

    @property
    def withdraw_enabled(self) -> bool:
        """It can go out over one of them."""
        return any(chain.withdraw_enabled for chain in self.chains)

    def chain(self, name: str) -> Chain:
        """Return one of its networks.

        Raises:
            Refusal: It has none of this name.
        """
        for chain in self.chains:
            if chain.name == name:
                return chain
        raise invalid(f"chain {name[:32]} not found for {self.name}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where deposits go; ``memo`` is empty where the network needs none."""

    address: str
    memo: str


NAMES = {
    "BTC": "Bitcoin", "ETH": "Ethereum", "SOL": "Solana", "XRP": "XRP", "CET": "CoinEx Token", "USDT": "Tether USD",
}  # fmt: skip


def _chains(asset: str) -> Sequence[Chain]:
    made = {
        "BTC": [Chain("BTC", Decimal("0.0002"), Decimal("0.0001"), Decimal("0.0005"), 2)],
        "ETH": [
            Chain("ERC20", Decimal("0.002"), Decimal("0.001"), Decimal("0.004"), 12),
            Chain("ARBITRUM", Decimal("0.0003"), Decimal("0.001"), Decimal("0.002"), 30),
        ],
        "SOL": [Chain("SOL", Decimal("0.01"), Decimal("0.01"), Decimal("0.05"), 30)],
        "XRP": [Chain("XRP", Decimal("0.2"), Decimal(1), Decimal(20), 3, needs_memo=True, places=6)],
        "CET": [Chain("CSC", Decimal(1), Decimal(1), Decimal(10), 15)],
        "USDT": [
            Chain("TRC20", Decimal(2), Decimal(1), Decimal(10), 20, places=6),
            Chain("ERC20", Decimal(5), Decimal(1), Decimal(20), 12, places=6),
        ],
    }
    return made.get(asset) or [Chain("SANDBOX", Decimal(0), Decimal(1), Decimal(1), 1)]


class Chains:
    """Every asset of the venue.

    Args:
        seed: Makes the addresses; the same seed gives the same ones.
        assets: Names of the assets.
    """

    def __init__(self, seed: int, assets: Collection[str]) -> None:
        self._seed = seed
        self.assets: dict[str, Asset] = {}
        for name in sorted(assets):
            self.add(name)
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._owners: dict[tuple[str, str, str], str] = {}

    def add(self, name: str) -> Asset:
        """Return an asset, a new one if there is none of this name."""
        if name not in self.assets:
            self.assets[name] = Asset(name, NAMES.get(name, name), _chains(name))
        return self.assets[name]

    def asset(self, name: str) -> Asset:
        """Return an asset.

        Raises:
            Refusal: There is none of this name.
        """
        if name not in self.assets:
            raise invalid(f"ccy {name[:32]} not found")
        return self.assets[name]

    def address(self, trader: str, asset: str, chain: str, *, renew: bool = False) -> Address:
        """Return where a trader deposits; a new address if wanted, and the older ones stay theirs.

        Raises:
            Refusal: There is no such network, or it takes no deposits now.
        """
        network = self.asset(asset).chain(chain)
        if not network.deposit_enabled:
            raise invalid(f"deposits of {asset} over {chain} are suspended")
        key = trader, asset, chain
        self._numbers[key] = self._numbers.get(key, 0) + renew
        stem = self.digest("address", *key, str(self._numbers[key]))
        found = Address(f"sbx1{stem[:36]}", str(int(stem[36:44], 16)) if network.needs_memo else "")
        self._owners[asset, chain, found.address] = trader
        return found

    def owner(self, asset: str, chain: str, address: str) -> str:
        """Return whose address it is; an empty text if the venue never gave it out."""
        return self._owners.get((asset, chain, address), "")

    def digest(self, *parts: str) -> str:
        """Return 64 hexadecimal digits that are always the same for the same parts."""
        return hashlib.sha256(
            "/".join(["tradewire sandbox coinex", str(self._seed), *parts]).encode()
        ).hexdigest()
