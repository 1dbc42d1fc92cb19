"""Every route of generation P: who may ask, what is read, what is called.

Source: the project's ``rest.rs`` and ``admin.rs`` at 6a38735 and its REST guide, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.venues.exchange import leaderboard, openapi
from tradewire.sandbox.venues.exchange.bodies import Fields
from tradewire.sandbox.venues.exchange.core import ExchangeCore, OwnRecords
from tradewire.sandbox.venues.exchange.operating import MarketSpec, Operating
from tradewire.sandbox.venues.exchange.options import ExchangeOptions
from tradewire.sandbox.venues.exchange.positions import POSITION_LIMIT
from tradewire.sandbox.venues.exchange.records import BUY, SELL, Order, User, utc
from tradewire.sandbox.venues.exchange.refusals import Refusal
from tradewire.sandbox.venues.exchange.rest import Call, Role, Row
from tradewire.sandbox.venues.exchange.trading import Trading

__all__ = ["read_new_order", "rows"]

CREATED = 201
RECENT_MESSAGES = 50
LEVELS = ("info", "warning", "critical")
ORDER = ("market", "side", "price", "quantity")
MARKET = (
    "market_id", "display_name", "base_asset", "quote_asset", "tick_size", "min_order_quantity",
    "reference_price", "enabled",
)  # fmt: skip
"""Members of a market in the order of its published definition; that of the server's type is not known."""
MARKET_CHANGES = ("display_name", "tick_size", "min_order_quantity", "reference_price", "enabled")
SETTLEMENT = ("settlement_price", "announcement")
MESSAGE = ("target_username", "market", "level", "title", "body")


def read_new_order(fields: Fields, options: ExchangeOptions) -> tuple[str, str, int, int]:
    """Return market, side, price and quantity of a new order."""
    if options.with_order_type and (kind := fields.optional_text("order_type")) not in (None, "limit"):
        raise Refusal(400, f"order type {kind} is not offered by this sandbox", "invalid_order_type")
    return (
        fields.text("market"),
        fields.choice("side", (BUY, SELL)),
        fields.u64("price"),
        fields.u64("quantity"),
    )


def rows(
    core: ExchangeCore,
    trading: Trading,
    operating: Operating,
    options: ExchangeOptions,
    reads: LaggingReads[OwnRecords],
) -> Iterator[Row]:
    """Return every route."""
    yield from _public(core)
    yield from _traders(core, trading, options, reads)
    yield from _operators(core, operating, options)


def _public(core: ExchangeCore) -> Iterator[Row]:
    def health(_: Call) -> Any:
        persistence = core.storage.health()
        is_well = persistence["mode"] not in {"retrying", "backpressured", "stopped"}
        return {
            "status": "ok" if is_well else "degraded",
            "service": "exchange",
            "now": utc(core.now_us(), "+00:00"),
            "persistence": persistence,
        }

    yield Row("GET", "/health", Role.PUBLIC, health)
    yield Row("GET", "/api/v1/markets", Role.PUBLIC, lambda _: _markets(core))
    yield Row("GET", "/api-doc/openapi.json", Role.PUBLIC, lambda _: openapi.document())
    yield Row("GET", "/docs", Role.PUBLIC, lambda _: Reply(openapi.PAGE.encode(), 200, "text/html"))
    yield Row("GET", "/ws", Role.PUBLIC, _not_an_upgrade)


def _traders(
    core: ExchangeCore, trading: Trading, options: ExchangeOptions, reads: LaggingReads[OwnRecords]
) -> Iterator[Row]:
    def positions(call: Call) -> Any:
        return [position.shape() for position in core.positions_of(call.user.trader_id)]

    def portfolio(call: Call) -> Any:
        return {
            "trader_id": call.user.trader_id,
            "position_limit": POSITION_LIMIT,
            "positions": positions(call),
        }

    def open_orders(call: Call) -> Any:
        own = reads.view().open_orders(call.user.trader_id, call.market())
        return [order.shape() for order in own]

    def fills(call: Call) -> Any:
        own = reads.view().fills(call.user.trader_id, call.market())
        return [fill.shape() for fill in own]

    def submit(call: Call) -> Any:
        done = trading.submit(call.user, *read_new_order(call.fields, options))
        return {
            "order": done.order.shape(),
            "fills": [fill.shape() for fill in done.fills],
            "resting": done.is_resting,
        }

    def amend(call: Call) -> Any:
        return _order(trading.amend(call.user, call.order_id(), call.fields.u64("remaining")))

    def cancel(call: Call) -> Any:
        return _order(trading.cancel(call.user, call.order_id()))

    trader = Role.TRADER
    yield Row("GET", "/api/v1/user", trader, lambda call: _profile(call.user, options))
    yield Row("GET", "/api/v1/positions", trader, positions)
    yield Row("GET", "/api/v1/balance", trader, positions)
    yield Row("GET", "/api/v1/portfolio", trader, portfolio)
    yield Row("GET", "/api/v1/leaderboard", trader, lambda call: leaderboard.rows(core, call.limit()))
    yield Row("GET", "/api/v1/open-orders", trader, open_orders)
    yield Row("GET", "/api/v1/fills", trader, fills)
    yield Row("POST", "/api/v1/orders", trader, submit, CREATED, ORDER)
    yield Row(
        "PATCH", "/api/v1/orders/{order_id}", trader, amend, members=("remaining",), check=Call.order_id
    )
    yield Row("DELETE", "/api/v1/orders/{order_id}", trader, cancel, check=Call.order_id)


def _operators(core: ExchangeCore, operating: Operating, options: ExchangeOptions) -> Iterator[Row]:
    def add_user(call: Call) -> Any:
        return {"profile": _profile(operating.add_user(call.fields.text("username")), options)}

    def state(_: Call) -> Any:
        return {
            "controls": core.controls(),
            "markets": _markets(core),
            "recent_messages": _messages(core, RECENT_MESSAGES),
            "persistence": core.storage.health(),
        }

    def switch(*, is_enabled: bool) -> Any:
        return {"controls": operating.set_trading(is_enabled=is_enabled)}

    def patch_market(call: Call) -> Any:
        fields = call.fields
        changes = {
            "display_name": fields.optional_text("display_name"),
            "tick_size": fields.optional_u64("tick_size"),
            "min_order_quantity": fields.optional_u64("min_order_quantity"),
            "reference_price": fields.optional_u64("reference_price"),
            "enabled": fields.optional_boolean("enabled"),
        }
        return operating.patch_market(call.path["market_id"], changes).shape()

    def delete_market(call: Call) -> Any:
        return {"market_id": operating.delete_market(call.path["market_id"])}

    def settle(call: Call) -> Any:
        price, announcement = call.fields.u64("settlement_price"), call.fields.optional_text("announcement")
        return operating.settle(call.path["market_id"], price, announcement)

    def load_config(call: Call) -> Any:
        is_enabled = call.fields.optional_boolean("trading_enabled")
        wanted = [_market_spec(Fields(item, MARKET)) for item in call.fields.items("markets")]
        if is_enabled is not None:
            operating.set_trading(is_enabled=is_enabled)
        loaded = [operating.put_market(one).shape() for one in wanted]
        return {"controls": core.controls(), "markets": loaded or _markets(core)}

    def send(call: Call) -> Any:
        fields = call.fields
        message = operating.send(
            level=fields.choice("level", LEVELS),
            body=fields.text("body"),
            target_username=fields.optional_text("target_username"),
            market=fields.optional_text("market"),
            title=fields.optional_text("title"),
        )
        return message.shape()

    def messages(call: Call) -> Any:
        limit = call.limit()
        return _messages(core, RECENT_MESSAGES if limit is None else limit)

    admin, root = Role.ADMIN, "/api/v1/admin"
    yield Row("POST", f"{root}/users", admin, add_user, CREATED, ("username",))
    yield Row("POST", f"{root}/users/reset", admin, lambda _: operating.reset())
    yield Row("GET", f"{root}/state", admin, state)
    yield Row("POST", f"{root}/trading/start", admin, lambda _: switch(is_enabled=True))
    yield Row("POST", f"{root}/trading/stop", admin, lambda _: switch(is_enabled=False))
    yield Row("GET", f"{root}/markets", admin, lambda _: _markets(core))
    yield Row(
        "POST", f"{root}/markets", admin,
        lambda call: operating.put_market(_market_spec(call.fields)).shape(), members=MARKET,
    )  # fmt: skip
    yield Row("PATCH", f"{root}/markets/{{market_id}}", admin, patch_market, members=MARKET_CHANGES)
    yield Row("DELETE", f"{root}/markets/{{market_id}}", admin, delete_market)
    yield Row(
        "POST",
        f"{root}/markets/{{market_id}}/settle",
        admin,
        settle,
        members=("settlement_price", "announcement"),
    )
    yield Row("POST", f"{root}/config/load", admin, load_config, members=("trading_enabled", "markets"))
    yield Row("GET", f"{root}/messages", admin, messages, check=Call.limit)
    yield Row("POST", f"{root}/messages", admin, send, members=MESSAGE)
    yield Row("GET", f"{root}/leaderboard", admin, lambda call: leaderboard.rows(core, call.limit()))


def _market_spec(fields: Fields) -> MarketSpec:
    return MarketSpec(
        market_id=fields.text("market_id"),
        base_asset=fields.text("base_asset"),
        quote_asset=fields.text("quote_asset"),
        tick_size=fields.u64("tick_size"),
        min_order_quantity=fields.u64("min_order_quantity"),
        enabled=fields.boolean("enabled"),
        display_name=fields.optional_text("display_name"),
        reference_price=fields.optional_u64("reference_price"),
    )


def _markets(core: ExchangeCore) -> list[dict[str, Any]]:
    return [core.markets[market_id].shape() for market_id in sorted(core.markets)]


def _messages(core: ExchangeCore, limit: int) -> list[dict[str, Any]]:
    newest_first = core.messages[::-1]
    return [message.shape() for message in newest_first[:limit]]


def _profile(user: User, options: ExchangeOptions) -> dict[str, Any]:
    return {**user.shape(), "role": "trader"} if options.with_role else user.shape()


def _order(order: Order) -> dict[str, Any]:
    return {"order": order.shape()}


def _not_an_upgrade(_: Call) -> Reply:
    return Reply(b"Connection header did not include 'upgrade'", 400, "text/plain")
