"""Sub-accounts: traders that belong to another one, with keys of their own, and what those keys may do.

A sub-account's wallets are its own; only its main account makes it, freezes it, makes its keys and moves money between
them. Its keys never withdraw. What is not published, this sandbox decides: a key that may not trade may only read, and
a freeze ends what a sub-account's streams were signed in for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count
from typing import Any

from tradewire.sandbox.venues.coinex.auth import Keyring, Trader
from tradewire.sandbox.venues.coinex.codes import Code, Refusal, invalid
from tradewire.sandbox.venues.coinex.treasury.books import Books
from tradewire.sandbox.venues.coinex.wallets import futures_wallet

__all__ = ["PERMISSIONS", "Sub", "SubAccounts", "SubTransfer"]

PERMISSIONS = ("FUTURES", "MARGIN", "AMM", "API")
NAME = re.compile(r"[0-9A-Za-z-]{3,26}", re.ASCII)
MAX_SUBS = 20
MAX_KEYS = 50
MAX_ADDRESSES = 50
MAX_REMARK = 50
UNBOUND_KEY_MS = 90 * 24 * 3_600_000
"""A key without addresses lives three months."""
MAIN_ONLY = ("/v2/account/subs", "/v2/refer/", "/v2/assets/withdraw", "/v2/assets/cancel-withdraw")
KIND_FIELDS = ("market_type", "from_account_type", "to_account_type")
FOR_ANYONE = "/v2/account/subs/info"


@dataclass(slots=True)
class Sub:
    """One sub-account."""

    name: str
    parent: str
    permissions: frozenset[str]
    remark: str
    created_ms: int
    is_frozen: bool = False
    keys: dict[int, str] = field(default_factory=dict)
    """Access ids by number, oldest first."""


@dataclass(frozen=True, slots=True)
class SubTransfer:
    """Money moved between a main account and its sub-accounts, or between those."""

    transfer_id: int
    at_ms: int
    source: str
    target: str
    source_type: str
    target_type: str
    asset: str
    amount: Decimal


class SubAccounts:
    """All sub-accounts of the venue.

    Args:
        keyring: Every trader and key.
        books: Where the money is.
        on_frozen: Hears of every account that was frozen.
    """

    def __init__(self, keyring: Keyring, books: Books, on_frozen: Callable[[str], None]) -> None:
        self._keyring = keyring
        self._books = books
        self._on_frozen = on_frozen
        self._subs: dict[str, Sub] = {}
        self._key_ids = count(1)
        self._transfer_ids = count(1)
        self._transfers: defaultdict[str, list[SubTransfer]] = defaultdict(list)
        keyring.is_barred = self.is_frozen

    def create(self, parent: str, name: str, permissions: Collection[str], remark: str, now_ms: int) -> Sub:
        """Make a sub-account.

        Raises:
            Refusal: The name or the remark is not allowed or taken, a permission is unknown, or there are too many.
        """
        if not NAME.fullmatch(name):
            raise invalid("sub_user_name takes 3 to 26 letters, digits and -")
        if unknown := set(permissions) - set(PERMISSIONS):
            raise invalid(f"permissions must be of {', '.join(PERMISSIONS)}, got {min(unknown)[:32]}")
        if len(self.of(parent)) >= MAX_SUBS:
            raise invalid(f"there are {MAX_SUBS} sub-accounts already")
        self._require_remark(remark)
        try:
            self._keyring.reserve(name)
        except ValueError:
            raise invalid(f"sub_user_name {name} is taken") from None
        self._subs[name] = sub = Sub(name, parent, frozenset(permissions), remark, now_ms)
        return sub

    def of(self, parent: str) -> Sequence[Sub]:
        """Return a main account's sub-accounts, oldest first."""
        return [sub for sub in self._subs.values() if sub.parent == parent]

    def find(self, parent: str, name: str) -> Sub:
        """Return one of a main account's sub-accounts.

        Raises:
            Refusal: It has none of this name.
        """
        sub = self._subs.get(name)
        if sub is None or sub.parent != parent:
            raise invalid(f"sub_user_name {name[:32]} not found")
        return sub

    def parent_of(self, name: str) -> str:
        """Return whose sub-account ``name`` is; an empty text for a main account."""
        return self._subs[name].parent if name in self._subs else ""

    def is_frozen(self, name: str) -> bool:
        """Say whether an account is a frozen sub-account."""
        return name in self._subs and self._subs[name].is_frozen

    def freeze(self, parent: str, name: str, *, frozen: bool) -> None:
        """Freeze a sub-account or end that; doing it twice does no harm.

        Raises:
            Refusal: There is no such sub-account.
        """
        sub = self.find(parent, name)
        sub.is_frozen = frozen
        if frozen:
            self._on_frozen(name)

    def make_key(
        self, parent: str, name: str, addresses: Sequence[str], trades: bool, remark: str, now_ms: int
    ) -> Trader:
        """Make a key of a sub-account; only this reply and later ones to its main account show its secret.

        Raises:
            Refusal: There is no such sub-account, it may not have keys or has too many, or an argument is not allowed.
        """
        sub = self.find(parent, name)
        if "API" not in sub.permissions:
            raise Refusal(Code.NO_PERMISSION, f"{name} lacks the permission API")
        if len(sub.keys) >= MAX_KEYS:
            raise invalid(f"{name} has {MAX_KEYS} keys already")
        self._require_remark(remark)
        key_id = next(self._key_ids)
        key = replace(
            self._keyring.make(name, f"{name} {key_id}"),
            key_id=key_id,
            addresses=_addresses(addresses),
            trades=trades,
            withdraws=False,
            created_ms=now_ms,
            expires_ms=0 if addresses else now_ms + UNBOUND_KEY_MS,
            remark=remark,
        )
        self._keyring.put(key)
        sub.keys[key_id] = key.access_id
        return key

    def keys(self, parent: str, name: str) -> Sequence[Trader]:
        """Return a sub-account's keys, oldest first.

        Raises:
            Refusal: There is no such sub-account.
        """
        found = (self._keyring.find(access_id) for access_id in self.find(parent, name).keys.values())
        return [key for key in found if key is not None]

    def key(self, parent: str, key_id: int, name: str = "") -> Trader:
        """Return one key, of whichever sub-account if none is named.

        Raises:
            Refusal: There is no such key.
        """
        subs = [self.find(parent, name)] if name else self.of(parent)
        for sub in subs:
            found = self._keyring.find(sub.keys[key_id]) if key_id in sub.keys else None
            if found is not None:
                return found
        raise invalid(f"api_id {key_id} not found")

    def edit_key(
        self,
        parent: str,
        name: str,
        key_id: int,
        *,
        addresses: Sequence[str] | None,
        trades: bool | None,
        remark: str | None,
    ) -> Trader:
        """Change a key; ``None`` leaves a thing as it is.

        Raises:
            Refusal: There is no such key, or an argument is not allowed.
        """
        key = self.key(parent, key_id, name)
        changes: dict[str, Any] = {}
        if addresses is not None:
            lives_until_ms = 0 if addresses else key.created_ms + UNBOUND_KEY_MS
            changes |= {"addresses": _addresses(addresses), "expires_ms": lives_until_ms}
        if trades is not None:
            changes["trades"] = trades
        if remark is not None:
            self._require_remark(remark)
            changes["remark"] = remark
        changed = replace(key, **changes)
        self._keyring.put(changed)
        return changed

    def delete_key(self, parent: str, name: str, key_id: int) -> None:
        """Forget a key.

        Raises:
            Refusal: There is no such key.
        """
        self._keyring.revoke(self.key(parent, key_id, name).access_id)
        del self.find(parent, name).keys[key_id]

    def transfer(
        self,
        parent: str,
        ends: tuple[str, str],
        kinds: tuple[str, str],
        asset: str,
        amount: Decimal,
        now_ms: int,
    ) -> None:
        """Move money; an end without a name is the main account, a kind is ``SPOT`` or ``FUTURES``.

        Raises:
            Refusal: Both ends are the main account, or one is unknown; a kind does not go; or there is less.
        """
        if not any(ends):
            raise invalid("from_user_name or to_user_name is required")
        if "MARGIN" in kinds:
            raise invalid("money moves between SPOT and FUTURES here")
        if all(ends) and kinds != ("SPOT", "SPOT"):
            raise invalid("between sub-accounts money moves from SPOT to SPOT")
        for name, kind in zip(ends, kinds, strict=True):
            if name and kind == "FUTURES" and "FUTURES" not in self.find(parent, name).permissions:
                raise Refusal(Code.NO_PERMISSION, f"{name} lacks the permission FUTURES")
        source, target = (self.find(parent, name).name if name else parent for name in ends)
        payer, payee = (
            owner if kind == "SPOT" else futures_wallet(owner)
            for owner, kind in zip((source, target), kinds, strict=True)
        )
        if payer == payee:
            raise invalid("the two ends must differ")
        self._books.move(payer, payee, asset, amount, now_ms)
        self._transfers[parent].append(
            SubTransfer(next(self._transfer_ids), now_ms, *ends, *kinds, asset, amount)
        )

    def transfers(self, parent: str) -> Sequence[SubTransfer]:
        """Return what was moved between a main account and its sub-accounts, oldest first."""
        return self._transfers[parent]

    def is_restricted(self, key: Trader) -> bool:
        """Say whether there is anything that a key may not do."""
        return not key.trades or key.name in self._subs

    def require(self, key: Trader, method: str, path: str, values: Mapping[str, Any]) -> None:
        """Refuse what a key or its sub-account may not do."""
        if not key.trades and method == "POST":
            raise Refusal(Code.NO_PERMISSION, "the API key may not trade")
        sub = self._subs.get(key.name)
        if sub is None:
            return
        if (
            path.startswith(MAIN_ONLY)
            and path != FOR_ANYONE
            and (method, path) != ("GET", "/v2/assets/withdraw")
        ):
            raise Refusal(Code.NO_PERMISSION, "only the main account may do this")
        for permission in sorted(_needed(path, values) - sub.permissions):
            raise Refusal(Code.NO_PERMISSION, f"the sub-account lacks the permission {permission}")

    def _require_remark(self, remark: str) -> None:
        if len(remark) > MAX_REMARK:
            raise invalid(f"remark must have at most {MAX_REMARK} characters")


def _needed(path: str, values: Mapping[str, Any]) -> set[str]:
    """Return the permissions that a sub-account needs for a request."""
    needed = set()
    listed = values.get("orders")
    parts = [values, *(one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict))]
    kinds = {str(part.get(name)) for name in KIND_FIELDS for part in parts}
    if path.startswith("/v2/futures/") or "FUTURES" in kinds:
        needed.add("FUTURES")
    if path.startswith("/v2/assets/margin/") or "MARGIN" in kinds:
        needed.add("MARGIN")
    if path.startswith("/v2/assets/amm/"):
        needed.add("AMM")
    return needed


def _addresses(addresses: Sequence[str]) -> tuple[str, ...]:
    if len(addresses) > MAX_ADDRESSES:
        raise invalid(f"ip_whitelist takes at most {MAX_ADDRESSES} addresses")
    return tuple(addresses)
