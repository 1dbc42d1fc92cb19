"""The account itself: what it pays, what it has set; and when the venue is not there."""

from __future__ import annotations

from types import NoneType
from typing import Annotated

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.model import AccountKind, Rows
from tradewire.protocol.arguments import member
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Argument, Flag, Name, Request, within
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import AccountWord, Part, api
from tradewire.venues.coinex.model_account import FeeRate
from tradewire.venues.coinex.notices import Maintenance
from tradewire.venues.coinex.replies import Unconfirmed

__all__ = ["Account"]

MODES = ("cross", "isolated")


def _mode(name: str, mode: object) -> str:
    if mode not in MODES:
        raise ConfigError(f"{name} must be one of {', '.join(MODES)}, got {str(mode)[:40]!r}")
    return str(mode)


class FeeRateQuery(Request, frozen=True):
    """A market, and as what it is traded."""

    market: Name
    account: AccountWord = field(name="market_type")


class AccountSettings(Request, frozen=True):
    """Settings to change."""

    pay_fees_in_cet: Flag = field(name="cet_discount_enabled")


class FuturesSettingsQuery(Request, frozen=True):
    """A futures market."""

    market: Name


class FuturesSettings(Request, frozen=True):
    """How positions in a market are margined from now on."""

    market: Name
    margin_mode: Annotated[str, Argument(_mode)] | None
    leverage: Annotated[int, within(1, 100)] | None

    def __post_init__(self) -> None:
        """Refuse to change nothing."""
        if self.margin_mode is None and self.leverage is None:
            raise ConfigError("set_futures_settings needs margin_mode, leverage or both")


MAINTENANCE = api(
    "GET",
    "/v2/maintain/info",
    NoneType,
    replies.models(Maintenance),
    group="ip",
    source="common/http/maintain",
)
ACCOUNT_INFO = api(
    "GET", "/v2/account/info", NoneType, replies.unconfirmed,
    group="account-query", source="account",
)  # fmt: skip
FEE_RATE = api(
    "GET", "/v2/account/trade-fee-rate", FeeRateQuery, replies.model(FeeRate),
    group="account-query", source="account/fees/http/get-account-trade-fees", mismatch=same("market"),
)  # fmt: skip
SETTINGS = api(
    "POST", "/v2/account/settings", AccountSettings, replies.nothing("{}"),
    group="account-modify", source="account/settings/http/modify-account-settings", effect=Effect.REPEATABLE,
    lookup="CoinEx.account_info()",
)  # fmt: skip
FUTURES_SETTINGS = api(
    "GET", "/v2/account/futures-market-settings", FuturesSettingsQuery, replies.unconfirmed,
    group="account-query", source="account",
)  # fmt: skip
SET_FUTURES_SETTINGS = api(
    "POST", "/v2/account/futures-market-settings", FuturesSettings, replies.unconfirmed,
    group="account-modify", source="account",
    effect=Effect.REPEATABLE, lookup="CoinEx.futures_settings({request.market!r})",
)  # fmt: skip


class Account(Part):
    """The account. All but ``maintenance`` needs credentials."""

    @MAINTENANCE.client_method
    async def maintenance(self) -> Rows[Maintenance]:
        """Return when the venue, or a part of it, will not be there."""
        return await self._rest.call(MAINTENANCE, None)

    @ACCOUNT_INFO.client_method
    async def account_info(self) -> Unconfirmed:
        """Return what the venue says of the account, as it is: the reply is not published."""
        return await self._rest.call(ACCOUNT_INFO, None)

    @FEE_RATE.client_method
    async def fee_rate(self, market: str, account: AccountKind | str = AccountKind.SPOT) -> FeeRate:
        """Return what trading in a market costs the account.

        Args:
            market: For instance ``BTCUSDT``.
            account: ``spot``, ``margin`` or ``futures``: markets of all three share names.

        Raises:
            MarketUnavailable: The venue knows no such market.
        """
        kind = member("account", AccountKind, account)
        return await self._rest.call(FEE_RATE, FeeRateQuery(market, kind))

    @SETTINGS.client_method
    async def set_fee_discount(self, pay_fees_in_cet: bool) -> None:
        """Switch paying fees in CET, at a discount, on or off.

        Args:
            pay_fees_in_cet: Whether to.

        Raises:
            OutcomeUnknown: No proof either way. Set it again: twice does no harm.
        """
        return await self._rest.call(SETTINGS, AccountSettings(pay_fees_in_cet))

    @FUTURES_SETTINGS.client_method
    async def futures_settings(self, market: str) -> Unconfirmed:
        """Return how positions in a futures market are margined, as the venue says it: the reply is not published.

        Args:
            market: For instance ``BTCUSDT``.
        """
        return await self._rest.call(FUTURES_SETTINGS, FuturesSettingsQuery(market))

    @SET_FUTURES_SETTINGS.client_method
    async def set_futures_settings(
        self, market: str, *, margin_mode: str | None = None, leverage: int | None = None
    ) -> Unconfirmed:
        """Set how positions in a futures market are margined, and return the reply as it is: it is not published.

        ``CoinExFutures.adjust_position_leverage`` does the same by a page that is; use that one.

        Args:
            market: For instance ``BTCUSDT``.
            margin_mode: ``cross`` or ``isolated``.
            leverage: 1 to 100, as far as the market allows it.

        Raises:
            OutcomeUnknown: No proof either way. Ask ``futures_settings(market)``.
        """
        return await self._rest.call(SET_FUTURES_SETTINGS, FuturesSettings(market, margin_mode, leverage))
