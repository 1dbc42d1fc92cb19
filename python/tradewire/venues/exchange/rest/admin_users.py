"""The operator's traders."""

from __future__ import annotations

from types import NoneType

import msgspec

from tradewire.model import Rows
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.request import Request
from tradewire.venues.exchange.api import LimitQuery, OperatorPart, Words, api, one, rows, secret
from tradewire.venues.exchange.model import LeaderboardRow, Profile, Reset

__all__ = ["Users"]


class NewUser(Request, frozen=True):
    """A trader to provision."""

    username: Words


class Added(msgspec.Struct, frozen=True):
    """Answer to a new trader."""

    profile: Profile


CREATE_USER = api(
    "POST", "/api/v1/admin/users", NewUser, secret(one(Added).then(lambda reply: reply.profile)),
    group="admin", source="admin-overview", effect=Effect.REPEATABLE, lookup="ExchangeAdmin.leaderboard()",
)  # fmt: skip
RESET_USERS = api(
    "POST", "/api/v1/admin/users/reset", NoneType, one(Reset),
    group="admin", source="admin-overview", lookup="ExchangeAdmin.leaderboard()",
)  # fmt: skip
LEADERBOARD = api(
    "GET",
    "/api/v1/admin/leaderboard",
    LimitQuery,
    rows(LeaderboardRow),
    group="admin",
    source="admin-overview",
)


class Users(OperatorPart):
    """Traders."""

    @CREATE_USER.client_method
    async def create_user(self, username: str) -> Profile:
        """Provision a trader and return its profile with the key, which never changes.

        Args:
            username: Any text that is not blank and not taken; blanks around it are cut.

        Raises:
            Rejected: The name is taken; after a lost answer that is how you know it was done.
        """
        return await self._rest.call(CREATE_USER, NewUser(username))

    @RESET_USERS.client_method
    async def reset_users(self) -> Reset:
        """Erase every order, position and fill. Traders, markets and messages stay."""
        return await self._rest.call(RESET_USERS, None)

    @LEADERBOARD.client_method
    async def leaderboard(self, *, limit: int | None = None) -> Rows[LeaderboardRow]:
        """Return every trader by net profit and loss, best first.

        Args:
            limit: How many; all if left out.
        """
        return await self._rest.call(LEADERBOARD, LimitQuery(limit))
