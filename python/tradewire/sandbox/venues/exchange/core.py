"""Everything the venue knows, in memory, and how it comes back from a file.

Knows records, ids and the clock; the commands that change them are in ``trading`` and ``operating``.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from copy import copy
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from tradewire.sandbox.ledger import DoesNotAddUp
from tradewire.sandbox.venue import SANDBOX_MARK
from tradewire.sandbox.venues.exchange.book import Book
from tradewire.sandbox.venues.exchange.events import Events
from tradewire.sandbox.venues.exchange.positions import POSITION_LIMIT, Position
from tradewire.sandbox.venues.exchange.records import Fill, Market, Message, Order, User, utc
from tradewire.sandbox.venues.exchange.refusals import Refusal
from tradewire.sandbox.venues.exchange.storage import Storage

__all__ = ["ExchangeCore", "OwnRecords"]

US_PER_MS = 1000
KEY_TRIES = 8
STEP_US = 500_000
"""A clock that goes back by more than this was set back."""


R = TypeVar("R", Order, Fill)


class _Own(Protocol[R]):
    def __call__(self, trader_id: str, market: str | None = None, /) -> list[R]: ...


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """A trader's resting orders and fills, of one market or of all."""

    open_orders: _Own[Order]
    fills: _Own[Fill]


class ExchangeCore:
    """The venue's state.

    Args:
        seed: Makes ids and keys.
        now_ms: The clock.
        storage: Keeps it all, if asked to.
        events: Receives what happens.
    """

    def __init__(self, seed: int, now_ms: Callable[[], int], storage: Storage, events: Events) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - ids to be repeated, not secrets
        self._now_ms = now_ms
        self._last_us = 0
        self.storage = storage
        self.events = events
        self.users: dict[str, User] = {}
        self.by_key: dict[str, User] = {}
        self.by_name: dict[str, User] = {}
        self.markets: dict[str, Market] = {}
        self.books: dict[str, Book] = {}
        self.positions: dict[tuple[str, str], Position] = {}
        self.fills: dict[str, list[Fill]] = {}
        self.messages: list[Message] = []
        self.trading_enabled = True
        self.controls_updated_us = self.now_us()
        # Orders that ended, by trader, for the control surface; the venue itself forgets them.
        self.finished: dict[str, dict[str, tuple[Order, str]]] = {}

    def now_us(self) -> int:
        """Return the time in microseconds, never the same twice, so that times order what happened."""
        clock_us = self._now_ms() * US_PER_MS
        # A clock that was moved back is followed; the slack is what ids in one millisecond used up.
        is_step = clock_us < self._last_us - STEP_US
        self._last_us = clock_us if is_step else max(clock_us, self._last_us + 1)
        return self._last_us

    def new_id(self) -> str:
        """Return a fresh id."""
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))

    def new_key(self) -> str:
        """Return a fresh API key, marked as a sandbox's."""
        return f"exch_{SANDBOX_MARK}{uuid.UUID(self.new_id()).hex[len(SANDBOX_MARK) :]}"

    def new_user(self, username: str, position_limit: int | None = POSITION_LIMIT) -> User:
        """Add a trader.

        Raises:
            Refusal: Every key tried is taken.
        """
        key = next((key for _ in range(KEY_TRIES) if (key := self.new_key()) not in self.by_key), None)
        if key is None:
            raise Refusal(500, "failed to generate unique api key")
        user = User(self.new_id(), username, key, self.now_us(), position_limit)
        self._know(user)
        self.storage.put("user", user.trader_id, partial(asdict, user))
        return user

    def open_orders(self, trader_id: str, market: str | None = None) -> list[Order]:
        """Return a trader's resting orders, oldest first."""
        books = (
            self.books.values() if market is None else [self.books[market]] if market in self.books else []
        )
        own = [order for book in books for order in book.orders.values() if order.trader_id == trader_id]
        return sorted(own, key=lambda order: (order.created_at_us, order.order_id))

    def own_records(self) -> OwnRecords:
        """Return what traders ask about themselves, as it is."""
        return OwnRecords(self.open_orders, self.fills_of)

    def copied_records(self) -> OwnRecords:
        """Return a copy of the traders' own orders and fills.

        Cost: one pass over all resting orders.
        """
        traders = {user.trader_id for user in self.users.values() if user.position_limit is not None}
        orders = {trader_id: [copy(order) for order in self.open_orders(trader_id)] for trader_id in traders}
        fills = {trader_id: self.fills_of(trader_id) for trader_id in traders}

        def of(records: dict[str, list[R]], trader_id: str, market: str | None) -> list[R]:
            return [one for one in records.get(trader_id, ()) if market is None or one.market == market]

        return OwnRecords(
            lambda trader_id, market=None: of(orders, trader_id, market),
            lambda trader_id, market=None: of(fills, trader_id, market),
        )

    def own_order(self, trader_id: str, order_id: str) -> Order:
        """Return a resting order of this trader; anybody else's is as good as none.

        Raises:
            Refusal: There is none.
        """
        for book in self.books.values():
            order = book.orders.get(order_id)
            if order is not None and order.trader_id == trader_id:
                return order
        raise Refusal(404, "order not found", "order_not_found")

    def position(self, trader_id: str, market: str) -> Position:
        """Return a trader's position, a flat one if there is none."""
        return self.positions.get((trader_id, market)) or Position(market)

    def positions_of(self, trader_id: str) -> list[Position]:
        """Return a trader's listed positions by market."""
        own = [one for (owner, _), one in self.positions.items() if owner == trader_id and one.is_listed]
        return sorted(own, key=lambda position: position.market)

    def fills_of(self, trader_id: str, market: str | None = None) -> list[Fill]:
        """Return a trader's fills, oldest first; one with itself is listed once."""
        own = [fill for fill in self.fills.get(trader_id, ()) if market is None or fill.market == market]
        return sorted(own, key=lambda fill: (fill.occurred_at_us, fill.fill_id))

    def add_fill(self, fill: Fill) -> None:
        """Keep a fill for those who took part; the core itself never asks for its own."""
        if self._know_fill(fill):
            self.storage.put("fill", fill.fill_id, partial(asdict, fill))

    def keep_order(self, order: Order) -> None:
        """Write a resting order."""
        self.storage.put("order", order.order_id, partial(asdict, order))

    def end_order(self, order: Order, status: str) -> None:
        """Note how an order ended."""
        self.storage.drop("order", order.order_id)
        user = self.users.get(order.trader_id)
        if user is not None and user.position_limit is not None:
            self.finished.setdefault(order.trader_id, {})[order.order_id] = (order, status)

    def put_position(self, trader_id: str, position: Position) -> None:
        """Take a trader's new position in a market."""
        self.positions[trader_id, position.market] = position
        self.storage.put(
            "position",
            f"{trader_id} {position.market}",
            lambda: {"trader_id": trader_id, **asdict(position)},
        )

    def keep_market(self, market: Market) -> None:
        """Write a market."""
        self.storage.put("market", market.market_id, partial(asdict, market))

    def keep_controls(self) -> None:
        """Write the switches."""
        self.storage.put(
            "controls",
            "controls",
            lambda: {"trading_enabled": self.trading_enabled, "updated_us": self.controls_updated_us},
        )

    def controls(self) -> dict[str, Any]:
        """Return the switches as the operator sees them."""
        return {"trading_enabled": self.trading_enabled, "updated_at": utc(self.controls_updated_us)}

    def load(self) -> bool:
        """Take the state from the file; say whether there was any. Sequences start again."""
        for row in self.storage.rows("user"):
            self._know(User(**row))
        for row in self.storage.rows("market"):
            self.markets[row["market_id"]] = Market(**row)
            self.books[row["market_id"]] = Book()
        # Priority comes back with the order of arrival.
        for row in sorted(
            self.storage.rows("order"), key=lambda row: (row["created_at_us"], row["order_id"])
        ):
            order = Order(**row)
            self.books[order.market].add(order)
            self.events.journal.restore(order)
            self._last_us = max(self._last_us, order.created_at_us)
        for row in sorted(self.storage.rows("fill"), key=lambda row: row["occurred_at_us"]):
            self._know_fill(Fill(**row))
        for row in self.storage.rows("position"):
            trader_id = row.pop("trader_id")
            self.positions[trader_id, row["market"]] = Position(**row)
        messages = [Message(**row) for row in self.storage.rows("message")]
        self.messages = sorted(messages, key=lambda message: message.created_at_us)
        for row in self.storage.rows("controls"):
            self.trading_enabled, self.controls_updated_us = row["trading_enabled"], row["updated_us"]
        # Ids must not repeat those of the run before.
        self._dice.seed(f"{self._dice.random()} {len(self.users)} {len(self.fills)} {self._now_ms()}")
        return bool(self.users or self.markets)

    def assert_adds_up(self) -> None:
        """Prove that every contract bought was sold.

        Raises:
            DoesNotAddUp: The positions of a market that is not settled do not sum to zero.
        """
        for market in self.markets:
            net = sum(one.net_quantity for (_, name), one in self.positions.items() if name == market)
            if net:
                raise DoesNotAddUp(f"positions in {market} sum to {net}")

    def _know_fill(self, fill: Fill) -> bool:
        """Note a fill for each trader who took part; say whether there was one."""
        traders = {fill.taker_trader_id, fill.maker_trader_id}
        own = [trader for trader in traders if self.users[trader].position_limit is not None]
        for trader_id in own:
            self.fills.setdefault(trader_id, []).append(fill)
        return bool(own)

    def _know(self, user: User) -> None:
        self.users[user.trader_id] = user
        self.by_key[user.api_key] = user
        self.by_name[user.username] = user
