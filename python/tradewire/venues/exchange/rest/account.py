"""Who we are and what we hold."""

from __future__ import annotations

from decimal import Decimal
from types import NoneType

import msgspec

from tradewire.errors import ConfigError, NotSupported
from tradewire.model import Balance, Position, Rows, Side
from tradewire.protocol.arguments import Exact, member
from tradewire.venues.exchange.api import LimitQuery, Part, api, every, one, rows, secret, whole
from tradewire.venues.exchange.errors import VENUE
from tradewire.venues.exchange.model import LeaderboardRow, Portfolio, Profile
from tradewire.venues.exchange.shapes import TimeNs
from tradewire.wire import Id, Integer, Reader

__all__ = ["Account"]


class PositionRow(msgspec.Struct, frozen=True):
    """One position."""

    market: Id
    net_quantity: Integer
    average_entry_price: int | None
    realized_pnl: Integer
    updated_at: TimeNs


class PortfolioReply(msgspec.Struct, frozen=True):
    """Every position and the limit."""

    trader_id: Id
    position_limit: int | None
    positions: list[msgspec.Raw]


def _position(row: PositionRow) -> Position:
    average = row.average_entry_price
    return Position(
        market=row.market,
        size=Decimal(row.net_quantity),
        average_price=None if average is None else Decimal(average),
        realized_pnl=Decimal(row.realized_pnl),
        updated_at_ns=row.updated_at,
    )


def _portfolio(reply: PortfolioReply) -> Portfolio:
    return Portfolio(
        trader_id=reply.trader_id,
        position_limit=reply.position_limit,
        positions=_positions.all(reply.positions, _position),
    )


_positions = Reader(PositionRow)

USER = api("GET", "/api/v1/user", NoneType, secret(one(Profile)), group="trader", source="rest-api")
POSITIONS = api(
    "GET", "/api/v1/positions", NoneType, every(PositionRow, _position), group="trader", source="rest-api"
)
BALANCE = api(
    "GET", "/api/v1/balance", NoneType, every(PositionRow, _position), group="trader", source="rest-api"
)
PORTFOLIO = api(
    "GET", "/api/v1/portfolio", NoneType, one(PortfolioReply).then(_portfolio),
    group="trader", source="rest-api",
)  # fmt: skip
LEADERBOARD = api(
    "GET", "/api/v1/leaderboard", LimitQuery, rows(LeaderboardRow), group="trader", source="rest-api"
)


class Account(Part):
    """The trader. All of it needs a key."""

    @USER.client_method
    async def user(self) -> Profile:
        """Return who we are. The profile holds the key itself."""
        return await self._rest.call(USER, None)

    @POSITIONS.client_method
    async def positions(self) -> Rows[Position]:
        """Return our positions by market. One that is flat and never won or lost anything is not listed."""
        return await self._rest.call(POSITIONS, None)

    @BALANCE.client_method
    async def positions_legacy(self) -> Rows[Position]:
        """Return our positions by the path they once had. The venue holds no balances, whatever it is called."""
        return await self._rest.call(BALANCE, None)

    @PORTFOLIO.client_method
    async def portfolio(self) -> Portfolio:
        """Return our positions and their limit. The venue adds no marks and no unrealized profit."""
        return await self._rest.call(PORTFOLIO, None)

    @LEADERBOARD.client_method
    async def leaderboard(self, *, limit: int | None = None) -> Rows[LeaderboardRow]:
        """Return every trader by net profit and loss, best first.

        Args:
            limit: How many; all if left out.
        """
        return await self._rest.call(LEADERBOARD, LimitQuery(limit))

    async def balances(self) -> tuple[Balance, ...]:
        """Refuse: the venue holds positions, no assets.

        Raises:
            NotSupported: Always.
        """
        raise NotSupported("Exchange holds no assets", venue=VENUE, instead="positions(), position(market)")

    def position(self, market: str) -> Position:
        """Return our position as kept from fills by the venue's own rules, without asking.

        As new as the last event while the user's stream is open (any of ``watch_orders``, ``watch_fills``,
        ``watch_positions`` or trading over WebSocket opens it).

        Raises:
            ConfigError: The account has not been read yet, or is being read again after a loss.
        """
        self._check_known()
        return self._streams.state.account.positions.of(market)

    def unrealized_pnl(self, market: str, mark: Exact) -> Decimal:
        """Return what closing our position at ``mark`` would add to what is realized.

        Raises:
            ConfigError: As ``position``.
        """
        return self.position(market).unrealized_pnl(whole("mark", mark))

    def exposure(self, market: str, side: Side | str, size: Exact) -> int | None:
        """Return the worst position for which the venue would refuse an order, ``None`` if it would take it.

        The venue's own rule: the position plus every open order of the side, this one's whole size included,
        may not pass 1000 either way. Orders still under way are not counted: the venue may refuse them.

        Raises:
            ConfigError: As ``position``, or a malformed argument.
        """
        self._check_known()
        return self._streams.state.account.exposure(market, member("side", Side, side), whole("size", size))

    def _check_known(self) -> None:
        if not self._streams.state.account.is_known:
            raise ConfigError("the account is not read yet: await client.account_ready() first")
