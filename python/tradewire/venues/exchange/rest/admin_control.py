"""The operator's view, switches and messages."""

from __future__ import annotations

from types import NoneType
from typing import Annotated

import msgspec
from msgspec import field

from tradewire.model import Rows
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.request import Argument, Request, one_of
from tradewire.venues.exchange.api import LimitQuery, OperatorPart, Words, api, one, rows, text
from tradewire.venues.exchange.model import AdminState, Controls, Message, MessageLevel

__all__ = ["Control"]


Body = Annotated[str, Argument(lambda _, value: text("body", value))]


class NewMessage(Request, frozen=True):
    """A message to one trader or to all."""

    level: Annotated[MessageLevel | str, one_of(MessageLevel)]
    text: Body = field(name="body")
    target_username: Words | None
    market: Words | None
    title: Words | None


class Switched(msgspec.Struct, frozen=True):
    """Answer to a switch."""

    controls: Controls


STATE = api("GET", "/api/v1/admin/state", NoneType, one(AdminState), group="admin", source="admin-overview")
START_TRADING = api(
    "POST", "/api/v1/admin/trading/start", NoneType, one(Switched).then(lambda reply: reply.controls),
    group="admin", source="admin-overview", effect=Effect.REPEATABLE, lookup="ExchangeAdmin.state()",
)  # fmt: skip
STOP_TRADING = api(
    "POST", "/api/v1/admin/trading/stop", NoneType, one(Switched).then(lambda reply: reply.controls),
    group="admin", source="admin-overview", effect=Effect.REPEATABLE, lookup="ExchangeAdmin.state()",
)  # fmt: skip
MESSAGES = api(
    "GET", "/api/v1/admin/messages", LimitQuery, rows(Message), group="admin", source="admin-overview"
)
SEND_MESSAGE = api(
    "POST", "/api/v1/admin/messages", NewMessage, one(Message),
    group="admin", source="admin-overview", lookup="ExchangeAdmin.messages()",
)  # fmt: skip


class Control(OperatorPart):
    """Trading on and off, and what the operator says."""

    @STATE.client_method
    async def state(self) -> AdminState:
        """Return switches, markets, recent messages and how the venue keeps its state."""
        return await self._rest.call(STATE, None)

    @START_TRADING.client_method
    async def start_trading(self) -> Controls:
        """Let orders in everywhere."""
        return await self._rest.call(START_TRADING, None)

    @STOP_TRADING.client_method
    async def stop_trading(self) -> Controls:
        """Refuse new orders and amends everywhere; what rests stays and may be cancelled."""
        return await self._rest.call(STOP_TRADING, None)

    @MESSAGES.client_method
    async def messages(self, *, limit: int | None = None) -> Rows[Message]:
        """Return messages, newest first.

        Args:
            limit: How many; 50 if left out.
        """
        return await self._rest.call(MESSAGES, LimitQuery(limit))

    @SEND_MESSAGE.client_method
    async def send_message(
        self,
        body: str,
        *,
        level: MessageLevel | str = MessageLevel.INFO,
        target_username: str | None = None,
        market: str | None = None,
        title: str | None = None,
    ) -> Message:
        """Send a message to one trader, or to everybody.

        Args:
            body: Any text that is not blank.
            level: ``info``, ``warning`` or ``critical``.
            target_username: One trader; everybody if left out.
            market: What it is about; not checked by the venue.
            title: A headline.

        Raises:
            BadRequest: There is no such trader.
        """
        return await self._rest.call(SEND_MESSAGE, NewMessage(level, body, target_username, market, title))
