"""Take-profit and stop-loss of a position, for all of it or for parts."""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from tradewire.errors import ConfigError
from tradewire.protocol.arguments import Exact
from tradewire.protocol.endpoint import Effect
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import Amount, Name, one_of
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import OrderId, Part, api
from tradewire.venues.coinex.futures import words
from tradewire.venues.coinex.futures.model import FuturesPosition
from tradewire.venues.coinex.futures.streams import FuturesStreams
from tradewire.venues.coinex.model import TriggerPrice
from tradewire.venues.coinex.rest.positions import ASKS_POSITIONS, FuturesRequest

__all__ = ["PositionExits"]

TriggerWord = Annotated[TriggerPrice | str, one_of(TriggerPrice)]


class SetTakeProfit(FuturesRequest, frozen=True):
    """A new take-profit."""

    market: Name
    price: Amount = field(name="take_profit_price")
    price_type: TriggerWord = field(name="take_profit_type")
    size: Amount | None = field(name="take_profit_amount")


class SetStopLoss(FuturesRequest, frozen=True):
    """A new stop-loss."""

    market: Name
    price: Amount = field(name="stop_loss_price")
    price_type: TriggerWord = field(name="stop_loss_type")
    size: Amount | None = field(name="stop_loss_amount")


class AmendTakeProfit(FuturesRequest, frozen=True):
    """Another price or size of a take-profit."""

    market: Name
    exit_id: OrderId = field(name="take_profit_id")
    price: Amount | None = field(name="take_profit_price")
    price_type: TriggerWord | None = field(name="take_profit_type")
    size: Amount | None = field(name="take_profit_amount")

    def __post_init__(self) -> None:
        """Refuse to change nothing."""
        _check_change(self.price, self.price_type, self.size)


class AmendStopLoss(FuturesRequest, frozen=True):
    """Another price or size of a stop-loss."""

    market: Name
    exit_id: OrderId = field(name="stop_loss_id")
    price: Amount | None = field(name="stop_loss_price")
    price_type: TriggerWord | None = field(name="stop_loss_type")
    size: Amount | None = field(name="stop_loss_amount")

    def __post_init__(self) -> None:
        """Refuse to change nothing."""
        _check_change(self.price, self.price_type, self.size)


class CancelTakeProfit(FuturesRequest, frozen=True):
    """One take-profit, or all of them."""

    market: Name
    exit_id: OrderId | None = field(name="take_profit_id")


class CancelStopLoss(FuturesRequest, frozen=True):
    """One stop-loss, or all of them."""

    market: Name
    exit_id: OrderId | None = field(name="stop_loss_id")


def _check_change(*changes: object) -> None:
    if all(change is None for change in changes):
        raise ConfigError("an exit is amended with a new price, price_type or size")


POSITION = replies.one(words.PositionRow, words.position)
SET_TAKE_PROFIT = api(
    "POST", "/v2/futures/set-position-take-profit", SetTakeProfit, POSITION,
    group="futures-put", source="futures/position/http/set-position-take-profit",
    mismatch=same("market"), lookup=ASKS_POSITIONS,
)  # fmt: skip
SET_STOP_LOSS = api(
    "POST", "/v2/futures/set-position-stop-loss", SetStopLoss, POSITION,
    group="futures-put", source="futures/position/http/set-position-stop-loss",
    mismatch=same("market"), lookup=ASKS_POSITIONS,
)  # fmt: skip
AMEND_TAKE_PROFIT = api(
    "POST", "/v2/futures/modify-position-take-profit", AmendTakeProfit, POSITION,
    group="futures-put", source="futures/position/http/modify-position-take-profit",
    mismatch=same("market"), lookup=ASKS_POSITIONS,
)  # fmt: skip
AMEND_STOP_LOSS = api(
    "POST", "/v2/futures/modify-position-stop-loss", AmendStopLoss, POSITION,
    group="futures-put", source="futures/position/http/modify-position-stop-loss",
    mismatch=same("market"), lookup=ASKS_POSITIONS,
)  # fmt: skip
CANCEL_TAKE_PROFIT = api(
    "POST", "/v2/futures/cancel-position-take-profit", CancelTakeProfit, POSITION,
    group="futures-put", source="futures/position/http/cancel-position-take-profit",
    mismatch=same("market"), effect=Effect.REPEATABLE, is_cancel=True, lookup=ASKS_POSITIONS,
)  # fmt: skip
CANCEL_STOP_LOSS = api(
    "POST", "/v2/futures/cancel-position-stop-loss", CancelStopLoss, POSITION,
    group="futures-put", source="futures/position/http/cancel-position-stop-loss",
    mismatch=same("market"), effect=Effect.REPEATABLE, is_cancel=True, lookup=ASKS_POSITIONS,
)  # fmt: skip


class PositionExits(Part):
    """Exits of our positions. All of it needs credentials.

    Each returns the position with all its exits: ``FuturesPosition.take_profits``, ``stop_losses``.
    """

    _streams: FuturesStreams

    @SET_TAKE_PROFIT.client_method
    async def set_take_profit(
        self,
        market: str,
        price: Exact,
        *,
        price_type: TriggerPrice | str = TriggerPrice.LATEST,
        size: Exact | None = None,
    ) -> FuturesPosition:
        """Add a take-profit to our position, and return the position.

        Args:
            market: The position's market.
            price: Where it triggers.
            price_type: Which price triggers it: ``latest_price`` or ``mark_price``.
            size: Base units that it closes; the whole position if left out.

        Raises:
            OrderRejected: There is no such position, or the price is on the wrong side; the message says which.
            OutcomeUnknown: No proof either way. Ask ``positions(market)`` before setting it again.
        """
        return self._streams.heard(
            await self._rest.call(SET_TAKE_PROFIT, SetTakeProfit(market, price, price_type, size))
        )

    @SET_STOP_LOSS.client_method
    async def set_stop_loss(
        self,
        market: str,
        price: Exact,
        *,
        price_type: TriggerPrice | str = TriggerPrice.LATEST,
        size: Exact | None = None,
    ) -> FuturesPosition:
        """Add a stop-loss to our position, and return the position.

        Args:
            market: The position's market.
            price: Where it triggers.
            price_type: Which price triggers it: ``latest_price`` or ``mark_price``.
            size: Base units that it closes; the whole position if left out.

        Raises:
            OrderRejected: There is no such position, or the price is on the wrong side; the message says which.
            OutcomeUnknown: No proof either way. Ask ``positions(market)`` before setting it again.
        """
        return self._streams.heard(
            await self._rest.call(SET_STOP_LOSS, SetStopLoss(market, price, price_type, size))
        )

    @AMEND_TAKE_PROFIT.client_method
    async def amend_take_profit(
        self,
        market: str,
        exit_id: str,
        *,
        price: Exact | None = None,
        price_type: TriggerPrice | str | None = None,
        size: Exact | None = None,
    ) -> FuturesPosition:
        """Change one take-profit, and return the position.

        Args:
            market: The position's market.
            exit_id: ``PositionExit.exit_id``.
            price: Where it triggers from now on.
            price_type: Which price triggers it: ``latest_price``, ``mark_price`` or ``index_price``.
            size: Base units that it closes.

        Raises:
            OrderRejected: There is no such exit any more, or it cannot be so.
            OutcomeUnknown: No proof either way. Ask ``positions(market)``.
        """
        return self._streams.heard(
            await self._rest.call(
                AMEND_TAKE_PROFIT, AmendTakeProfit(market, exit_id, price, price_type, size)
            )
        )

    @AMEND_STOP_LOSS.client_method
    async def amend_stop_loss(
        self,
        market: str,
        exit_id: str,
        *,
        price: Exact | None = None,
        price_type: TriggerPrice | str | None = None,
        size: Exact | None = None,
    ) -> FuturesPosition:
        """Change one stop-loss, and return the position.

        Args:
            market: The position's market.
            exit_id: ``PositionExit.exit_id``.
            price: Where it triggers from now on.
            price_type: Which price triggers it: ``latest_price``, ``mark_price`` or ``index_price``.
            size: Base units that it closes.

        Raises:
            OrderRejected: There is no such exit any more, or it cannot be so.
            OutcomeUnknown: No proof either way. Ask ``positions(market)``.
        """
        return self._streams.heard(
            await self._rest.call(AMEND_STOP_LOSS, AmendStopLoss(market, exit_id, price, price_type, size))
        )

    @CANCEL_TAKE_PROFIT.client_method
    async def cancel_take_profit(self, market: str, exit_id: str | None = None) -> FuturesPosition:
        """Take back one take-profit, or all of them, and return the position.

        Args:
            market: The position's market.
            exit_id: ``PositionExit.exit_id``; all of the position's if left out.

        Raises:
            OutcomeUnknown: No proof either way. Ask ``positions(market)``, or cancel again.
        """
        return self._streams.heard(
            await self._rest.call(CANCEL_TAKE_PROFIT, CancelTakeProfit(market, exit_id))
        )

    @CANCEL_STOP_LOSS.client_method
    async def cancel_stop_loss(self, market: str, exit_id: str | None = None) -> FuturesPosition:
        """Take back one stop-loss, or all of them, and return the position.

        Args:
            market: The position's market.
            exit_id: ``PositionExit.exit_id``; all of the position's if left out.

        Raises:
            OutcomeUnknown: No proof either way. Ask ``positions(market)``, or cancel again.
        """
        return self._streams.heard(await self._rest.call(CANCEL_STOP_LOSS, CancelStopLoss(market, exit_id)))
