"""Sub-accounts: make, freeze, give keys, move money. All of it needs credentials of the main account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import AccountKind, Balance, Page, Rows
from tradewire.protocol.arguments import Exact, check_plain, member, shown
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Amount, Argument, Flag, Name, Request, TimeMs
from tradewire.session.paging import every
from tradewire.venues.coinex import parse, replies, shapes
from tradewire.venues.coinex.api import AccountWord, Limit, PageNumber, Part, api
from tradewire.venues.coinex.model_account import Permission, SubAccount, SubTransferRecord
from tradewire.venues.coinex.replies import Unconfirmed

__all__ = ["Note", "SubAccounts", "SubName"]

NAME_CHARACTERS = (3, 26)
MAX_REMARK = 50


def _sub_name(name: str, value: object) -> str:
    text = check_plain(name, value)
    low, high = NAME_CHARACTERS
    if not (low <= len(text) <= high and text.isascii() and text.replace("-", "").isalnum()):
        raise ConfigError(f"{name} must be {low} to {high} letters, digits and -, got {shown(text)}")
    return text


def _note(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_REMARK:
        raise ConfigError(f"{name} must be a text of at most {MAX_REMARK} characters, got {shown(value)}")
    return value


def _permissions(name: str, value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ConfigError(f"{name} must be a list of permissions, got {shown(value)}")
    return [member(name, Permission, one).value.upper() for one in value]


SubName = Annotated[str, Argument(_sub_name)]
Note = Annotated[str, Argument(_note)]


class CreateSub(Request, frozen=True):
    """A sub-account to make."""

    name: SubName = field(name="sub_user_name")
    permissions: Annotated[Sequence[Permission | str], Argument(_permissions)] | None
    remark: Note | None


class SubRef(Request, frozen=True):
    """One sub-account."""

    name: SubName = field(name="sub_user_name")


class SubsQuery(Request, frozen=True):
    """A page of sub-accounts."""

    name: SubName | None = field(name="sub_user_name")
    is_frozen: Flag
    page: PageNumber = 1
    limit: Limit = 100


class MaybeSubRef(Request, frozen=True):
    """One sub-account, or who asks."""

    name: SubName | None = field(name="sub_user_name")


class SubSpotBalanceQuery(Request, frozen=True):
    """What a sub-account has."""

    name: SubName = field(name="sub_user_name")
    asset: Name | None = field(name="ccy")


class SubBalanceQuery(Request, frozen=True):
    """What sub-accounts have in one kind of account."""

    name: SubName | None = field(name="sub_user_name")
    asset: Name | None = field(name="ccy")
    account: AccountWord | None = field(name="account_type")


class SubTransfer(Request, frozen=True):
    """Money between the main account and a sub-account, or between two of those."""

    source: AccountWord = field(name="from_account_type")
    target: AccountWord = field(name="to_account_type")
    source_name: SubName | None = field(name="from_user_name")
    target_name: SubName | None = field(name="to_user_name")
    asset: Name = field(name="ccy")
    amount: Amount

    def __post_init__(self) -> None:
        """Refuse what the venue does not do."""
        if self.source_name is None and self.target_name is None:
            raise ConfigError("source_name or target_name must be given; one left out is the main account")
        both = self.source_name is not None and self.target_name is not None
        if both and not self.source == self.target == AccountKind.SPOT:
            raise ConfigError("between sub-accounts money moves from spot to spot")


class SubTransfersQuery(Request, frozen=True):
    """A page of such transfers."""

    name: SubName | None = field(name="sub_user_name")
    asset: Name | None = field(name="ccy")
    start_ns: TimeMs | None = field(name="start_time", default=None)
    end_ns: TimeMs | None = field(name="end_time", default=None)
    page: PageNumber = 1
    limit: Limit = 100


PAGES = "account/subs/http"
CREATE_SUB = api(
    "POST", "/v2/account/subs", CreateSub, replies.nothing("{}"),
    group="account-modify", source=f"{PAGES}/create-sub", lookup="CoinEx.subs(name={request.name!r})",
)  # fmt: skip
SUBS = api(
    "GET", "/v2/account/subs", SubsQuery, replies.models_page(SubAccount),
    group="account-query", source=f"{PAGES}/list-sub", mismatch=same("name"),
)  # fmt: skip
SUB_INFO = api(
    "GET", "/v2/account/subs/info", MaybeSubRef, replies.unconfirmed,
    group="account-query", source=f"{PAGES}/get-sub-info",
)  # fmt: skip
FREEZE_SUB = api(
    "POST", "/v2/account/subs/frozen", SubRef, replies.nothing("{}"),
    group="account-modify", source=f"{PAGES}/frozen-sub", effect=Effect.REPEATABLE,
    lookup="CoinEx.subs(name={request.name!r}, is_frozen=True)",
)  # fmt: skip
UNFREEZE_SUB = api(
    "POST", "/v2/account/subs/unfrozen", SubRef, replies.nothing("{}"),
    group="account-modify", source=f"{PAGES}/cancel-frozen-sub", effect=Effect.REPEATABLE,
    lookup="CoinEx.subs(name={request.name!r})",
)  # fmt: skip
SUB_BALANCE = api(
    "GET", "/v2/account/subs/balance", SubBalanceQuery, replies.unconfirmed,
    group="account-query", source="account/subs",
)  # fmt: skip
SUB_SPOT_BALANCE = api(
    "GET", "/v2/account/subs/spot-balance", SubSpotBalanceQuery, replies.every(shapes.BalanceRow, parse.balance),
    group="account-query", source=f"{PAGES}/get-sub-spot-balance", mismatch=same("asset"),
)  # fmt: skip
SUB_TRANSFER = api(
    "POST", "/v2/account/subs/transfer", SubTransfer, replies.nothing("{}"),
    group="account-modify", source=f"{PAGES}/sub-transfer",
    lookup="CoinEx.sub_transfers(asset={request.asset!r})",
)  # fmt: skip
SUB_TRANSFERS = api(
    "GET", "/v2/account/subs/transfer-history", SubTransfersQuery, replies.models_page(SubTransferRecord),
    group="account-history", source=f"{PAGES}/list-sub-transfer-history", mismatch=same("asset"),
)  # fmt: skip


class SubAccounts(Part):
    """Sub-accounts. All of it needs credentials of the main account."""

    @CREATE_SUB.client_method
    async def create_sub(
        self, name: str, *, permissions: Sequence[Permission | str] | None = None, remark: str | None = None
    ) -> None:
        """Make a sub-account.

        Args:
            name: 3 to 26 letters, digits and ``-``, not taken by anybody.
            permissions: What it may do besides trading spot, see ``Permission``; everything if left out.
            remark: Your own note, at most 50 characters.

        Raises:
            BadRequest: The name is taken, or there are 20 already.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``subs(name=...)``.
        """
        return await self._rest.call(CREATE_SUB, CreateSub(name, permissions, remark))

    @SUBS.client_method
    async def subs(
        self, *, name: str | None = None, is_frozen: bool = False, page: int = 1, limit: int = 100
    ) -> Page[SubAccount]:
        """Return a page of our sub-accounts.

        Args:
            name: Only this one.
            is_frozen: Those that are frozen, or those that are not: never both in one list.
            page: From 1.
            limit: 1 to 100.
        """
        return await self._rest.call(SUBS, SubsQuery(name, is_frozen, page, limit))

    async def all_subs(self, *, is_frozen: bool = False) -> AsyncIterator[SubAccount]:
        """Yield our sub-accounts; one request per hundred, as ``subs``."""
        async for one in every(lambda page, _: self.subs(is_frozen=is_frozen, page=page)):
            yield one

    @SUB_INFO.client_method
    async def sub_info(self, name: str | None = None) -> Unconfirmed:
        """Return what the venue says of a sub-account, or of who asks, as it is: the reply is not confirmed.

        Args:
            name: Of which; of the one who asks if left out.
        """
        return await self._rest.call(SUB_INFO, MaybeSubRef(name))

    @FREEZE_SUB.client_method
    async def freeze_sub(self, name: str) -> None:
        """Let a sub-account do nothing until it is unfrozen.

        Args:
            name: Its name.

        Raises:
            BadRequest: There is none of this name.
            OutcomeUnknown: No proof either way. Ask ``subs(name=..., is_frozen=True)``, or freeze it again.
        """
        return await self._rest.call(FREEZE_SUB, SubRef(name))

    @UNFREEZE_SUB.client_method
    async def unfreeze_sub(self, name: str) -> None:
        """Let a frozen sub-account go on.

        Args:
            name: Its name.

        Raises:
            BadRequest: There is none of this name.
            OutcomeUnknown: No proof either way. Ask ``subs(name=...)``, or unfreeze it again.
        """
        return await self._rest.call(UNFREEZE_SUB, SubRef(name))

    @SUB_BALANCE.client_method
    async def sub_balances(
        self, name: str | None = None, *, asset: str | None = None, account: AccountKind | str | None = None
    ) -> Unconfirmed:
        """Return what sub-accounts have, as the venue says it: neither parameters nor reply are confirmed.

        Args:
            name: Of this one only.
            asset: Of this asset only.
            account: In this kind of account: ``spot``, ``margin`` or ``futures``.
        """
        kind = None if account is None else member("account", AccountKind, account)
        return await self._rest.call(SUB_BALANCE, SubBalanceQuery(name, asset, kind))

    @SUB_SPOT_BALANCE.client_method
    async def sub_spot_balances(self, name: str, *, asset: str | None = None) -> Rows[Balance]:
        """Return what a sub-account has in its spot account.

        Args:
            name: Its name.
            asset: Of this asset only.

        Raises:
            BadRequest: There is none of this name.
        """
        return await self._rest.call(SUB_SPOT_BALANCE, SubSpotBalanceQuery(name, asset))

    @SUB_TRANSFER.client_method
    async def sub_transfer(
        self,
        asset: str,
        amount: Exact,
        *,
        source_name: str | None = None,
        target_name: str | None = None,
        source: AccountKind | str = AccountKind.SPOT,
        target: AccountKind | str = AccountKind.SPOT,
    ) -> None:
        """Move money between the main account and a sub-account, or between two of those.

        Args:
            asset: For instance ``USDT``.
            amount: Units of it.
            source_name: Sub-account that pays; the main account if left out.
            target_name: Sub-account that gets it; the main account if left out.
            source: The account of the payer. Between sub-accounts both are ``spot``.
            target: The account of the payee.

        Raises:
            InsufficientFunds: There is less.
            BadRequest: There is none of this name.
            OutcomeUnknown: No proof either way, and never sent twice. Ask ``sub_transfers(asset=...)``.
        """
        kinds = (member("source", AccountKind, source), member("target", AccountKind, target))
        return await self._rest.call(
            SUB_TRANSFER, SubTransfer(*kinds, source_name, target_name, asset, amount)
        )

    @SUB_TRANSFERS.client_method
    async def sub_transfers(
        self,
        name: str | None = None,
        *,
        asset: str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> Page[SubTransferRecord]:
        """Return a page of transfers from, to and between sub-accounts, newest first.

        Args:
            name: Of this sub-account only.
            asset: Of this asset only.
            start_ns: Not before this time, nanoseconds UTC; the venue counts milliseconds.
            end_ns: Not after this time.
            page: From 1.
            limit: 1 to 100.
        """
        query = SubTransfersQuery(name, asset, start_ns, end_ns, page, limit)
        return await self._rest.call(SUB_TRANSFERS, query)

    async def all_sub_transfers(
        self, name: str | None = None, *, start_ns: int | None = None
    ) -> AsyncIterator[SubTransferRecord]:
        """Yield all transfers of sub-accounts, newest first; one request per hundred, as ``sub_transfers``."""
        async for one in every(lambda page, _: self.sub_transfers(name, start_ns=start_ns, page=page)):
            yield one
