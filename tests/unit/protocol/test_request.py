from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Annotated, TypeAlias

import msgspec
import pytest

from tradewire.errors import ConfigError, RemoteProtocolError
from tradewire.protocol.endpoint import Access, Api, Effect, Endpoint, Reply, endpoint_of
from tradewire.protocol.mismatch import same
from tradewire.protocol.request import (
    NOT_SENT,
    Checked,
    Flag,
    Name,
    Request,
    Switch,
    TimeMs,
    encoder,
    one_of,
    within,
)
from tradewire.protocol.request import Amount as Price
from tradewire.wire import Amount, Id, Text, decoder, shape_text, wire_type


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Everything(Request, frozen=True):
    market: Name
    limit: Annotated[int, within(1, 100)] = 100
    price: Price | None = None
    size: Checked | None = msgspec.field(name="amount", default=None)
    colour: Annotated[Colour | str, one_of(Colour, str.upper)] | None = None
    shade: Annotated[Colour | str, one_of(Colour, {Colour.RED: "r", Colour.BLUE: "b"})] | None = None
    is_open: Flag | None = None
    is_hidden: Switch = False
    start_ns: TimeMs | None = msgspec.field(name="start_time", default=None)
    note: Annotated[str, NOT_SENT] = "ours"
    raw: str | None = None


def members(**changes: object) -> dict[str, object]:
    return Everything(**({"market": "BTCUSDT"} | changes)).members()  # type: ignore[arg-type]


def test_only_what_was_given_travels_by_the_wires_names() -> None:
    assert members() == {"market": "BTCUSDT", "limit": 100}
    assert members(
        price="1E+2", size=Decimal("1E-8"), colour="red", shade=Colour.BLUE, is_open=False, is_hidden=True,
        start_ns=5_999_999, raw="x",
    ) == {
        "market": "BTCUSDT", "limit": 100, "price": "100", "amount": "0.00000001", "colour": "RED", "shade": "b",
        "is_open": False, "is_hidden": True, "start_time": 5, "raw": "x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("market", "BTC USDT"), ("market", ""), ("market", 5), ("market", None), ("limit", None), ("limit", 0),
        ("limit", 101), ("limit", True), ("limit", "5"), ("price", 0.5), ("price", "-1"), ("price", "NaN"),
        ("colour", "green"), ("shade", "r"), ("is_open", 1), ("is_hidden", "true"), ("start_ns", -1), ("start_ns", 1.5),
    ],
)  # fmt: skip
def test_value_the_field_does_not_allow_is_refused_by_the_fields_name(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=name):
        members(**{name: value})


def test_request_travels_where_the_row_says() -> None:
    class Ref(Request, frozen=True):
        order_id: Name
        is_soft: Flag = True

    in_query, names = encoder(Ref, "/orders/{order_id}", is_body=False)
    assert names == ("order_id", "is_soft")
    assert in_query(Ref("7")).path == [("order_id", "7")]
    assert in_query(Ref("7")).query == [("is_soft", "true")]
    in_body, _ = encoder(Ref, "/orders", is_body=True)
    assert json.loads(in_body(Ref("7")).body) == {"order_id": "7", "is_soft": True}

    class Named(Ref, frozen=True):
        computed = ("name",)

    assert encoder(Named, "/orders", is_body=True)[1] == ("name", "order_id", "is_soft")
    nothing, none = encoder(NoneType, "/time", is_body=False)
    assert (nothing(None).query, nothing(None).body, none) == ((), b"", ())


def test_body_without_a_json_form_is_refused() -> None:
    class Anything(Request, frozen=True):
        what: object

    encode, _ = encoder(Anything, "/things", is_body=True)
    with pytest.raises(ConfigError, match="must have a JSON form"):
        encode(Anything(object()))


class Item(msgspec.Struct, frozen=True):
    market: Id
    sizes: list[tuple[Amount, Amount]]
    word: Text = msgspec.field(name="w", default="")


class Outer(msgspec.Struct, frozen=True):
    item: Item | None


def test_shape_is_spelled_out_in_the_wires_words() -> None:
    assert shape_text(Outer) == '{"item": {"market": str, "sizes": [[decimal, decimal]], "w": str} | null}'


if TYPE_CHECKING:
    Code: TypeAlias = int
else:
    Code = wire_type("Code", [int], "A code in hexadecimal.", "hex", lambda value: int(value, 16))


class Coded(msgspec.Struct, frozen=True):
    code: Code


def test_venue_has_types_of_members_of_its_own() -> None:
    read: msgspec.json.Decoder[Coded] = decoder(Coded)
    assert read.decode(b'{"code": "1f"}') == Coded(31)
    assert shape_text(Coded) == '{"code": hex}'
    with pytest.raises(msgspec.ValidationError, match=r"invalid literal.*\$\.code"):
        read.decode(b'{"code": "x"}')


def test_reply_becomes_what_the_method_returns() -> None:
    reply = Reply(json.loads, '{"code": int}').then(lambda document: str(document["code"]))
    assert (reply.decode(b'{"code": 5}'), reply.shape) == ("5", '{"code": int}')


def row_of(api: Api) -> Endpoint[Everything, object]:
    return api(
        "GET", "/item", Everything, Reply[object](msgspec.json.decode, "str"), group="slow",
        source="items", mismatch=same("market"),
    )  # fmt: skip


def test_row_has_what_the_api_and_the_verb_imply() -> None:
    api = Api("https://docs.example.com", "2026-11-20", public_group="ip")
    row = row_of(api)
    assert (row.access, row.effect, row.source) == (
        Access.SIGNED,
        Effect.READ,
        "https://docs.example.com/items",
    )
    written = api("POST", "/item", NoneType, Reply(bytes, ""), group="ip", source="x")
    assert (written.access, written.effect) == (Access.PUBLIC, Effect.ONCE)
    assert api.rows == [row, written]


def test_row_can_be_read_for_something_of_its_reply() -> None:
    api = Api("https://docs.example.com", "2026-11-20", public_group="ip")
    row = row_of(api)
    length = row.reading(lambda found: len(str(found)))
    assert (length.name, length.encode, length.decode(b'"four"')) == (row.name, row.encode, 4)
    length.check(Everything("BTCUSDT"), 4)
    assert api.rows == [row]


def test_methods_docstring_gets_the_facts_of_its_row() -> None:
    row = row_of(Api("https://docs.example.com", "2026-11-20", public_group="ip"))

    @row.client_method
    async def item(market: str) -> object:
        """Return an item.

        Args:
            market: Its name.
        """
        return market

    assert endpoint_of(item) is row
    assert endpoint_of(len) is None
    text = item.__doc__
    assert text is not None
    for fact in (
        "``GET /item``, rate group slow, signed, read.",
        "Shape:",
        "https://docs.example.com/items, read 2026-11-20.",
    ):
        assert text.count(fact) == 1
    assert text.index("rate group") < text.index("Args:") < text.index("Shape:")


class Named(msgspec.Struct):
    market: str


@pytest.mark.parametrize("reply", [Named("ETHUSDT"), [Named("BTCUSDT"), Named("ETHUSDT")]])
def test_reply_of_another_market_is_no_reply(reply: object) -> None:
    row = row_of(Api("https://docs.example.com", "2026-11-20", public_group="ip"))
    with pytest.raises(RemoteProtocolError, match="market ETHUSDT for BTCUSDT"):
        row.check(Everything("BTCUSDT"), reply)
    row.check(Everything("BTCUSDT"), [Named("BTCUSDT"), object()])


BROKEN = """
from tradewire.venues.coinex.rest.deals import FILLS, FillsQuery
from tradewire.venues.coinex.rest.orders import OrderRef
from tradewire.session.rest import RestSession
from tradewire.model import AccountKind, Order, Page
from tradewire.venues.coinex.api import SPOT

async def wrong_request(rest: RestSession) -> None:
    await rest.call(FILLS[SPOT], OrderRef("BTCUSDT", "1"))

async def wrong_reply(rest: RestSession) -> Page[Order]:
    return await rest.call(FILLS[SPOT], FillsQuery("BTCUSDT", AccountKind.SPOT))

@FILLS.client_method
async def wrong_method(market: str) -> Page[Order]:
    raise NotImplementedError

FillsQuery(5, AccountKind.SPOT)
"""


def test_type_checker_refuses_what_does_not_fit_its_row(tmp_path: Path) -> None:
    program = tmp_path / "broken.py"
    program.write_text(BROKEN)
    root = Path(__file__).parents[3]
    mypy = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(root / "pyproject.toml"),
        "--cache-dir",
        str(tmp_path),
    ]
    done = subprocess.run(
        [*mypy, str(program)], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    for number in (9, 12, 14, 18):
        assert any(f"broken.py:{number}:" in line for line in lines), done.stdout
    assert len(lines) == 4, done.stdout
