"""What spot and futures both have is written once, and each client says and sends its own."""

from __future__ import annotations

import inspect

import pytest
from msgspec import field

from tradewire.model import AccountKind
from tradewire.protocol.endpoint import endpoint_of
from tradewire.protocol.request import Name, Request
from tradewire.venues.coinex import replies
from tradewire.venues.coinex.api import FUTURES, SPOT, AccountWord, Part, Product, api, both


class Query(Request, frozen=True):
    market: Name
    account: AccountWord = field(name="market_type")


class SpotQuery(Query, frozen=True):
    asset: Name | None = field(name="ccy", default=None)


ROW = both(
    "GET", "thing", {SPOT: SpotQuery, FUTURES: Query}, lambda product: replies.nothing(f'"{product.name}"'),
    group="query", source="thing/http/get-thing", lookup="{client}.thing({request.market!r})",
)  # fmt: skip
PUBLIC = both("GET", "other", Query, replies.nothing("{}"), group="ip", source="other")


class Things(Part):
    @ROW.client_method
    async def thing(self, market: str) -> None:
        """Return the thing.

        Args:
            market: Its market.
        """
        return await self._rest.call(ROW[self.product], Query(market, self.product.account))

    @PUBLIC.documents
    async def other(self) -> str:
        """Return the product's name."""
        return self.product.name


class Spot(Things, product=SPOT):
    pass


class Futures(Things, product=FUTURES):
    pass


class MoreFutures(Futures):
    pass


for row in [ROW, PUBLIC]:
    for each in [SPOT, FUTURES]:
        api.rows.remove(row[each])  # An exercise: the venue's own list of rows stays as it is.


@pytest.mark.parametrize(("client", "product"), [(Spot, SPOT), (Futures, FUTURES), (MoreFutures, FUTURES)])
async def test_method_of_both_products_has_its_own_row_in_each_client(
    client: type[Things], product: Product
) -> None:
    row = endpoint_of(client.thing)
    assert row is ROW[product]
    assert row.name == f"GET /v2/{product.name}/thing"
    assert row.rate_group == f"{product.name}-query"
    assert row.source == f"https://docs.coinex.com/api/v2/{product.name}/thing/http/get-thing"
    assert row.lookup_of(Query("BTCUSDT", product.account)) == f"{product.client}.thing('BTCUSDT')"
    doc = inspect.getdoc(client.thing) or ""
    assert f"``GET /v2/{product.name}/thing``, rate group {product.name}-query, signed, read." in doc
    assert f'{{"data": "{product.name}"}}' in doc
    assert "market: Its market." in doc
    assert inspect.signature(client.thing) == inspect.signature(Things.thing)
    assert await client().other() == product.name


def test_rows_of_products_differ_in_what_they_may_carry() -> None:
    assert ROW[SPOT].parameters == ("market", "market_type", "ccy")
    assert ROW[FUTURES].parameters == ("market", "market_type")


def test_public_group_is_no_products_own() -> None:
    assert PUBLIC[FUTURES].rate_group == "ip"
    assert PUBLIC[FUTURES].access == "public"


def test_part_of_no_product_documents_no_row() -> None:
    assert endpoint_of(Things.thing) is None
    assert "rate group" not in (Things.thing.__doc__ or "")


@pytest.mark.parametrize(
    ("account", "word"),
    [(AccountKind.SPOT, "SPOT"), (AccountKind.MARGIN, "MARGIN"), (AccountKind.FUTURES, "FUTURES")],
)
def test_account_travels_as_market_type(account: AccountKind, word: str) -> None:
    assert ROW[SPOT].encode(Query("BTCUSDT", account)).query == [("market", "BTCUSDT"), ("market_type", word)]
