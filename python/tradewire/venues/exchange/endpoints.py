"""One row per REST endpoint of Exchange, generation P.

Source: https://www.mintlify.com/jamxu88/exchange/guides/rest-api and the project's ``rest.rs`` and ``admin.rs`` at
6a38735, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from tradewire import codec
from tradewire.errors import FrameError, RemoteProtocolError
from tradewire.model import Market, Position, Rows
from tradewire.protocol.endpoint import Access, Effect, Endpoint, Params
from tradewire.protocol.mismatch import first_mismatch, mismatch
from tradewire.venues.exchange import model, parse, requests, shapes
from tradewire.wire import Reader, decoder

__all__ = [
    "ADMIN_LEADERBOARD",
    "ADMIN_MARKETS",
    "ADMIN_MESSAGES",
    "ADMIN_STATE",
    "AMEND_ORDER",
    "BALANCE",
    "CANCEL_ORDER",
    "CREATE_USER",
    "DELETE_MARKET",
    "DOCS",
    "FILLS",
    "HEALTH",
    "LEADERBOARD",
    "LOAD_CONFIG",
    "MARKETS",
    "OPENAPI",
    "OPEN_ORDERS",
    "PATCH_MARKET",
    "PLACE_ORDER",
    "PORTFOLIO",
    "POSITIONS",
    "PUT_MARKET",
    "RESET_USERS",
    "SEND_MESSAGE",
    "SETTLE_MARKET",
    "START_TRADING",
    "STOP_TRADING",
    "USER",
]

GUIDES = "https://www.mintlify.com/jamxu88/exchange"
READ_ON = "2026-11-20"

ShapeT = TypeVar("ShapeT")
ModelT = TypeVar("ModelT")


def _one(shape: Any, build: Callable[[Any], ModelT]) -> Callable[[bytes], ModelT]:
    """Return a typed decoder whose failures are the venue's fault."""
    read: msgspec.json.Decoder[Any] = decoder(shape)

    def decode(body: bytes) -> ModelT:
        return build(codec.decode_as(body, read))

    return decode


def _secret(shape: Any, build: Callable[[Any], ModelT]) -> Callable[[bytes], ModelT]:
    """Return a decoder whose failures do not show what they failed on: it holds a key."""
    decode = _one(shape, build)

    def decode_unseen(body: bytes) -> ModelT:
        try:
            return decode(body)
        except FrameError as error:
            message, kind, offset = str(error), error.kind, error.offset
        # Tracebacks show local variables.
        del body
        raise FrameError(message, kind=kind, offset=offset)

    return decode_unseen


def _all(shape: Any, build: Callable[[Any], ModelT]) -> Callable[[bytes], Rows[ModelT]]:
    """Return a decoder of a list whose rows are each read on their own."""
    reader = Reader(shape)
    return _one(list[msgspec.Raw], lambda raws: reader.all(raws, build))


def _order(row: shapes.OrderRow) -> shapes.OrderRow:
    """Return an order whose side and time can be read."""
    parse.side(row.side)
    parse.nanoseconds(row.created_at)
    return row


def _submitted(reply: shapes.Submitted) -> shapes.Submitted:
    _order(reply.order)
    return reply


def _same(value: ModelT) -> ModelT:
    return value


def _text(body: bytes) -> str:
    """Read a page.

    Raises:
        RemoteProtocolError: It is not UTF-8.
    """
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise RemoteProtocolError(f"a page that is not UTF-8: {error}") from None


def _nothing(_request: None) -> Params:
    return Params()


def _placed(request: requests.PlaceOrder, reply: shapes.Submitted) -> str:
    order = reply.order
    return mismatch(
        market=(request.market, order.market),
        side=(requests.SIDES[request.side], order.side.upper()),
        price=(request.price, order.price),
        size=(request.size, order.quantity),
    )


def _amended(request: requests.AmendOrder, order: shapes.OrderRow) -> str:
    return mismatch(order_id=(request.order_id, order.id), remaining=(request.remaining, order.remaining))


def _same_order(request: requests.OrderRef, order: shapes.OrderRow) -> str:
    return mismatch(order_id=(request.order_id, order.id))


def _same_market(request: requests.MarketQuery, found: Sequence[shapes.OrderRow | model.Execution]) -> str:
    return first_mismatch(mismatch(market=(request.market, item.market)) for item in found)


def _row(
    method: str,
    path: str,
    page: str,
    rate_group: str,
    effect: Effect,
    encode: Callable[[Any], Params],
    decode: Callable[[bytes], Any],
    **more: Any,
) -> Endpoint[Any, Any]:
    access = Access.PUBLIC if rate_group == "public" else Access.KEYED
    return Endpoint(
        method, path, access, effect, rate_group, encode, decode, f"{GUIDES}/{page}", READ_ON, **more
    )


_REST, _ADMIN, _LIFE = "guides/rest-api", "guides/admin-overview", "guides/market-lifecycle"
_ORDERS = "/api/v1/orders/{order_id}"
_MARKET = "/api/v1/admin/markets/{market_id}"

HEALTH: Endpoint[None, model.Health] = _row(
    "GET", "/health", _REST, "public", Effect.READ, _nothing, _one(shapes.Health, parse.health)
)
MARKETS: Endpoint[None, Rows[Market]] = _row(
    "GET", "/api/v1/markets", _LIFE, "public", Effect.READ, _nothing, _all(shapes.MarketRow, parse.market)
)
OPENAPI: Endpoint[None, dict[str, Any]] = _row(
    "GET", "/api-doc/openapi.json", _REST, "public", Effect.READ, _nothing, _one(dict[str, Any], _same)
)
DOCS: Endpoint[None, str] = _row("GET", "/docs", _REST, "public", Effect.READ, _nothing, _text)
USER: Endpoint[None, model.Profile] = _row(
    "GET", "/api/v1/user", _REST, "trader", Effect.READ, _nothing, _secret(shapes.UserRow, parse.profile)
)
POSITIONS: Endpoint[None, Rows[Position]] = _row(
    "GET", "/api/v1/positions", _REST, "trader", Effect.READ, _nothing,
    _all(shapes.PositionRow, parse.position),
)  # fmt: skip
BALANCE: Endpoint[None, Rows[Position]] = _row(
    "GET", "/api/v1/balance", _REST, "trader", Effect.READ, _nothing,
    _all(shapes.PositionRow, parse.position),
)  # fmt: skip
PORTFOLIO: Endpoint[None, model.Portfolio] = _row(
    "GET", "/api/v1/portfolio", _REST, "trader", Effect.READ, _nothing,
    _one(shapes.Portfolio, parse.portfolio),
)  # fmt: skip
LEADERBOARD: Endpoint[requests.LimitQuery, Rows[model.LeaderboardRow]] = _row(
    "GET", "/api/v1/leaderboard", _REST, "trader", Effect.READ, requests.LimitQuery.params,
    _all(shapes.LeaderboardRow, parse.leaderboard_row),
)  # fmt: skip
OPEN_ORDERS: Endpoint[requests.MarketQuery, Rows[shapes.OrderRow]] = _row(
    "GET", "/api/v1/open-orders", _REST, "trader", Effect.READ, requests.MarketQuery.params,
    _all(shapes.OrderRow, _order),
    mismatch=_same_market,
)  # fmt: skip
FILLS: Endpoint[requests.MarketQuery, Rows[model.Execution]] = _row(
    "GET", "/api/v1/fills", _REST, "trader", Effect.READ, requests.MarketQuery.params,
    _all(shapes.FillRow, parse.execution),
    mismatch=_same_market,
)  # fmt: skip
PLACE_ORDER: Endpoint[requests.PlaceOrder, shapes.Submitted] = _row(
    "POST", "/api/v1/orders", _REST, "trader", Effect.ONCE, requests.PlaceOrder.params,
    _one(shapes.Submitted, _submitted),
    lookup="Exchange.open_orders({request.market!r}), then Exchange.executions({request.market!r})",
    mismatch=_placed, is_placing=True,
)  # fmt: skip
AMEND_ORDER: Endpoint[requests.AmendOrder, shapes.OrderRow] = _row(
    "PATCH", _ORDERS, _REST, "trader", Effect.REPEATABLE, requests.AmendOrder.params,
    _one(shapes.Amended, lambda reply: _order(reply.order)), lookup="Exchange.open_orders()",
    mismatch=_amended,
)  # fmt: skip
CANCEL_ORDER: Endpoint[requests.OrderRef, shapes.OrderRow] = _row(
    "DELETE", _ORDERS, _REST, "trader", Effect.REPEATABLE, requests.OrderRef.params,
    _one(shapes.Amended, lambda reply: _order(reply.order)), lookup="Exchange.open_orders()", is_cancel=True,
    mismatch=_same_order,
)  # fmt: skip
CREATE_USER: Endpoint[requests.NewUser, model.Profile] = _row(
    "POST", "/api/v1/admin/users", _ADMIN, "admin", Effect.REPEATABLE, requests.NewUser.params,
    _secret(shapes.Added, lambda reply: parse.profile(reply.profile)), lookup="ExchangeAdmin.leaderboard()",
)  # fmt: skip
RESET_USERS: Endpoint[None, model.Reset] = _row(
    "POST", "/api/v1/admin/users/reset", _ADMIN, "admin", Effect.ONCE, _nothing,
    _one(shapes.Reset, parse.reset), lookup="ExchangeAdmin.leaderboard()",
)  # fmt: skip
ADMIN_STATE: Endpoint[None, model.AdminState] = _row(
    "GET", "/api/v1/admin/state", _ADMIN, "admin", Effect.READ, _nothing,
    _one(shapes.State, parse.admin_state),
)  # fmt: skip
START_TRADING: Endpoint[None, model.Controls] = _row(
    "POST", "/api/v1/admin/trading/start", _ADMIN, "admin", Effect.REPEATABLE, _nothing,
    _one(shapes.Switched, lambda reply: parse.controls(reply.controls)), lookup="ExchangeAdmin.state()",
)  # fmt: skip
STOP_TRADING: Endpoint[None, model.Controls] = _row(
    "POST", "/api/v1/admin/trading/stop", _ADMIN, "admin", Effect.REPEATABLE, _nothing,
    _one(shapes.Switched, lambda reply: parse.controls(reply.controls)), lookup="ExchangeAdmin.state()",
)  # fmt: skip
ADMIN_MARKETS: Endpoint[None, Rows[model.VenueMarket]] = _row(
    "GET", "/api/v1/admin/markets", _ADMIN, "admin", Effect.READ, _nothing,
    _all(shapes.MarketRow, parse.venue_market),
)  # fmt: skip
PUT_MARKET: Endpoint[requests.MarketDefinition, model.VenueMarket] = _row(
    "POST", "/api/v1/admin/markets", _LIFE, "admin", Effect.REPEATABLE, requests.MarketDefinition.params,
    _one(shapes.MarketRow, parse.venue_market), lookup="ExchangeAdmin.markets()",
)  # fmt: skip
PATCH_MARKET: Endpoint[requests.MarketPatch, model.VenueMarket] = _row(
    "PATCH", _MARKET, _LIFE, "admin", Effect.REPEATABLE, requests.MarketPatch.params,
    _one(shapes.MarketRow, parse.venue_market), lookup="ExchangeAdmin.markets()",
)  # fmt: skip
DELETE_MARKET: Endpoint[requests.MarketRef, str] = _row(
    "DELETE", _MARKET, _LIFE, "admin", Effect.REPEATABLE, requests.MarketRef.params,
    _one(shapes.Deleted, lambda reply: reply.market_id), lookup="ExchangeAdmin.markets()",
)  # fmt: skip
SETTLE_MARKET: Endpoint[requests.SettleMarket, model.Settlement] = _row(
    "POST", f"{_MARKET}/settle", _LIFE, "admin", Effect.REPEATABLE, requests.SettleMarket.params,
    _one(shapes.Settled, parse.settlement), lookup="ExchangeAdmin.markets()",
)  # fmt: skip
LOAD_CONFIG: Endpoint[requests.LoadConfig, model.LoadedConfig] = _row(
    "POST", "/api/v1/admin/config/load", _ADMIN, "admin", Effect.REPEATABLE, requests.LoadConfig.params,
    _one(shapes.Loaded, parse.loaded), lookup="ExchangeAdmin.state()",
)  # fmt: skip
ADMIN_MESSAGES: Endpoint[requests.LimitQuery, Rows[model.Message]] = _row(
    "GET", "/api/v1/admin/messages", _ADMIN, "admin", Effect.READ, requests.LimitQuery.params,
    _all(shapes.MessageRow, parse.message),
)  # fmt: skip
SEND_MESSAGE: Endpoint[requests.NewMessage, model.Message] = _row(
    "POST", "/api/v1/admin/messages", _ADMIN, "admin", Effect.ONCE, requests.NewMessage.params,
    _one(shapes.MessageRow, parse.message), lookup="ExchangeAdmin.messages()",
)  # fmt: skip
ADMIN_LEADERBOARD: Endpoint[requests.LimitQuery, Rows[model.LeaderboardRow]] = _row(
    "GET", "/api/v1/admin/leaderboard", _ADMIN, "admin", Effect.READ, requests.LimitQuery.params,
    _all(shapes.LeaderboardRow, parse.leaderboard_row),
)  # fmt: skip
