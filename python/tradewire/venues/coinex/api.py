"""What all REST endpoints of CoinEx share: the rows' makers, arguments in the venue's spelling, and the client's parts.

What spot and futures both have is written once: a row with ``both``, its method in a ``Part``. The client of a product
names it, and gets every such method with the facts of its own row::

    STOP_ORDERS = both(
        "GET", "pending-stop-order", StopOrdersQuery,
        lambda product: replies.page(STOP_ROW[product], parse.stop_order),
        group="query", source="order/http/list-pending-stop-order",
    )

    class StopOrders(Part):
        @STOP_ORDERS.client_method
        async def stop_orders_page(self, market: str, *, page: int = 1) -> Page[StopOrder]:
            \"\"\"Return a page of stop orders that wait.\"\"\"
            query = StopOrdersQuery(market, page, account=self.product.account)
            return await self._rest.call(STOP_ORDERS[self.product], query)

    class CoinExFutures(StopOrders, ..., product=FUTURES): ...

``STOP_ORDERS[FUTURES]`` is ``GET /v2/futures/pending-stop-order`` of group ``futures-query``, and the row of
``CoinExFutures.stop_orders_page``. What only one product has is made with ``api``, as everything else is.

Source: https://docs.coinex.com/api/v2, read 2026-11-20; the page of each endpoint stands in its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from types import CoroutineType, FunctionType, MappingProxyType
from typing import Annotated, Any, ClassVar, Generic, ParamSpec, TypeVar, cast

from tradewire.errors import ConfigError
from tradewire.model import AccountKind, Market, Side, StpMode
from tradewire.protocol.arguments import check_plain, id_text, member, shown
from tradewire.protocol.endpoint import Api, Effect, Endpoint, Reply
from tradewire.protocol.request import Argument, Hole, Request, one_of, within
from tradewire.protocol.rules import check_price, check_size
from tradewire.session.later import Later
from tradewire.session.rest import RestSession
from tradewire.venues.coinex.connection import Streams
from tradewire.venues.coinex.products import FUTURES, SPOT, Product

__all__ = [
    "FUTURES",
    "SPOT",
    "AccountWord",
    "ClientOrderId",
    "Limit",
    "OrderId",
    "PageNumber",
    "Part",
    "Product",
    "ProductRow",
    "SideWord",
    "StpWord",
    "VenueId",
    "api",
    "both",
    "check_client_order_id",
    "venue_number",
]

AskedT = TypeVar("AskedT", bound=Request | None)
ResponseT = TypeVar("ResponseT")
MethodT = TypeVar("MethodT", bound=Callable[..., Any])
ArgumentsP = ParamSpec("ArgumentsP")

PUBLIC_GROUP = "ip"
api = Api("https://docs.coinex.com/api/v2", "2026-11-20", public_group=PUBLIC_GROUP)

MAX_CLIENT_ID = 32
"""The page says "less than 32 bytes"; a widely used client sends 32, and the venue takes them."""
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")


class ProductRow(Generic[AskedT, ResponseT]):
    """The rows of an endpoint that every product has, each made when a client of its product is; see ``both``."""

    def __init__(self, make: Callable[[Product], Endpoint[AskedT, ResponseT]]) -> None:
        self._make = make
        self._rows: dict[Product, Endpoint[AskedT, ResponseT]] = {}

    def __getitem__(self, product: Product) -> Endpoint[AskedT, ResponseT]:
        row = self._rows.get(product)
        if row is None:
            row = self._rows[product] = self._make(product)
        return row

    def client_method(
        self, function: Callable[ArgumentsP, Coroutine[Any, Any, ResponseT]]
    ) -> Callable[ArgumentsP, CoroutineType[Any, Any, ResponseT]]:
        """Mark the method of a ``Part`` that calls the row of its client's product, as ``Endpoint.client_method``."""
        return cast("Callable[ArgumentsP, CoroutineType[Any, Any, ResponseT]]", self.documents(function))

    def documents(self, function: MethodT) -> MethodT:
        """Mark, as ``client_method`` does, one that returns something else, for instance all pages of a list."""
        function.__product_row__ = self  # type: ignore[attr-defined]  # read back by Part.__init_subclass__
        return function


def both(
    verb: str,
    path: str,
    request: type[AskedT] | Mapping[Product, type[AskedT]],
    reply: Reply[ResponseT] | Callable[[Product], Reply[ResponseT]],
    *,
    group: str,
    source: str,
    effect: Effect | None = None,
    lookup: str = "",
    mismatch: Callable[[AskedT, ResponseT], str] | None = None,
    is_cancel: bool = False,
    is_placing: bool = False,
    varying: Mapping[str, Hole] = MappingProxyType({}),
) -> ProductRow[AskedT, ResponseT]:
    """Return the rows of an endpoint that spot and futures both have; arguments as those of ``api``, but these.

    Args:
        verb: As for ``api``.
        path: What follows ``/v2/<product>/``.
        request: Its class; one for each product where they differ.
        reply: How it is read; a function of the product where they differ.
        group: What follows ``<product>-``, or the public group.
        source: What follows ``<product>/``.
        effect: As for ``api``.
        lookup: As for ``api``; ``{client}`` is the product's class.
        mismatch: As for ``api``.
        is_cancel: As for ``api``.
        is_placing: As for ``api``.
        varying: As for ``api``.
    """

    def make(product: Product) -> Endpoint[AskedT, ResponseT]:
        return api(
            verb,
            f"/v2/{product.name}/{path}",
            request[product] if isinstance(request, Mapping) else request,
            reply if isinstance(reply, Reply) else reply(product),
            group=group if group == PUBLIC_GROUP else f"{product.name}-{group}",
            source=f"{product.name}/{source}",
            effect=effect,
            lookup=lookup.replace("{client}", product.client),
            mismatch=mismatch,
            is_cancel=is_cancel,
            is_placing=is_placing,
            varying=varying,
        )

    return ProductRow(make)


def check_client_order_id(client_order_id: object) -> str:
    """Return ``client_order_id`` if the venue accepts it.

    Raises:
        ConfigError: It is longer than 32 characters or has others than letters, digits, ``-`` and ``_``.
    """
    text = id_text("client_order_id", client_order_id)
    if not _CLIENT_ID.match(text):
        allowed = f"1 to {MAX_CLIENT_ID} of A-Z a-z 0-9 - _"
        raise ConfigError(f"client_order_id must be {allowed}, got {shown(text)}")
    return text


def venue_number(name: str, order_id: object) -> int:
    """Return the venue's number of an order, or of anything else.

    Raises:
        ConfigError: It is not a number: a client id goes into ``client_order_id``.
    """
    text = id_text(name, order_id)
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        hint = "; see Order.order_id" if name == "order_id" else ""
        raise ConfigError(f"{name} must be one of the venue's numbers, got {shown(text)}{hint}")
    return int(text)


OrderId = Annotated[str, Argument(venue_number)]
VenueId = Annotated[str | int, Argument(venue_number)]
ClientOrderId = Annotated[str, Argument(lambda _, value: check_client_order_id(value))]
AccountWord = Annotated[AccountKind, one_of(AccountKind, str.upper)]
"""Which of a market's namesakes is meant; travels as ``SPOT``, ``MARGIN`` or ``FUTURES``."""
SideWord = Annotated[Side | str, one_of(Side)]
StpWord = Annotated[
    StpMode | str,
    one_of(StpMode, {StpMode.CANCEL_TAKER: "ct", StpMode.CANCEL_MAKER: "cm", StpMode.CANCEL_BOTH: "both"}),
]
PageNumber = Annotated[int, within(1)]
Limit = Annotated[int, within(1, 100)]


class Part:
    """A subject of the venue's documentation, as a part of the clients."""

    product: ClassVar[Product]
    """What the client trades."""
    _rest: RestSession
    _streams: Streams
    _rules: dict[str, Market]

    def _account(self, account: AccountKind | str | None) -> AccountKind:
        """Return whose orders are meant, those of the product where nothing is said.

        Raises:
            ConfigError: The account is none of this product's.
        """
        own = self.product.account
        kind = own if account is None else member("account", AccountKind, account)
        if (kind is AccountKind.FUTURES) is not (own is AccountKind.FUTURES):
            raise ConfigError(f"account must be one of {self.product.client}'s, got {kind.value!r}")
        return kind

    def __init_subclass__(cls, product: Product | None = None) -> None:
        """Make a class the client of a product: methods of both products are copied, each with its own row."""
        super().__init_subclass__()
        if product is None:
            return
        cls.product = product
        inherited = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
        for name, value in inherited.items():
            if isinstance(value, Later):
                value.stand_in(cls)
            elif hasattr(value, "__product_row__"):
                setattr(cls, name, cls.__own_method__(value))

    @classmethod
    def __own_method__(cls, method: object) -> object:
        """Return ``method`` as this product's client has it: with the row of the product."""
        row = getattr(method, "__product_row__", None)
        return row[cls.product].documents(_copy(method)) if isinstance(row, ProductRow) else method

    def _check_rules(self, market: str, size: Decimal | None, price: Decimal | None) -> None:
        """Refuse numbers that break the rules of a market, as far as ``load_markets`` read them."""
        rules = self._rules.get(check_plain("market", market))
        if rules is None:
            return
        if size is not None:
            check_size(rules, size)
        if price is not None:
            check_price(rules, price)


def _copy(method: Any) -> FunctionType:
    copy = FunctionType(
        method.__code__, method.__globals__, method.__name__, method.__defaults__, method.__closure__
    )
    copy.__kwdefaults__, copy.__annotations__ = method.__kwdefaults__, method.__annotations__
    copy.__doc__, copy.__qualname__, copy.__module__ = method.__doc__, method.__qualname__, method.__module__
    return copy
