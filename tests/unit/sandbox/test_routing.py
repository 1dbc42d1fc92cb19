"""Routes from methods: paths, verbs, parameters from the signature, batches; tried with a venue of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias
from urllib.parse import parse_qsl

import pytest

from tradewire.sandbox.documents import from_json, to_json
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.routing import (
    Api,
    Handlers,
    Matched,
    Reader,
    Request,
    Route,
    Source,
    invoke,
    method,
    methods_of,
    nested,
    route,
)


class Refused(Exception):
    """What the toy venue says no with."""


class ToyFields:
    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def has(self, name: str) -> bool:
        return name in self.values

    def number(self, name: str) -> int:
        if not self.has(name):
            raise Refused(f"{name} is required")
        if not str(self.values[name]).isdigit():
            raise Refused(f"{name} must be a number, got {self.values[name]}")
        return int(self.values[name])

    def inner(self, name: str) -> ToyFields:
        return ToyFields(self.values[name])

    def page(self, _: str) -> tuple[int, int]:
        return tuple(self.number(name) if self.has(name) else 1 for name in ("page", "limit"))  # type: ignore[return-value]  # two names


Number: TypeAlias = Annotated[int, Reader(ToyFields.number)]
Page: TypeAlias = Annotated[tuple[int, int], Reader(ToyFields.page, ("page?", "limit?"))]


@dataclass(frozen=True)
class Call:
    account: str
    product: str


class Things(Handlers):
    topic = "orders"

    @route("GET", "/things/{id}")
    def one(self, id_: Number, extra: Number | None = None) -> Any:
        return {"id": id_, "extra": extra}

    @route("GET", "/{product}/{id}/status", group="{product}-query", products=("spot", "futures"))
    def status(self, call: Call, id_: Number) -> Any:
        return [call.product, id_]

    @route("GET", "/things/best")
    def best(self) -> Any:
        return "best"

    @route("GET", "/things", group="reads", topic="markets")
    @route("GET", "/v0/things", group="reads")
    def listed(self, call: Call, page: Page) -> Any:
        return [call.account, *page]

    @route("POST", "/things/{id}", group="writes", action="place")
    def change(self, call: Call, id_: Number, size: Number) -> Any:
        return [call.account, id_, size]

    @route("POST", "/batch", group="writes", action="place", cost="all")
    def batch(
        self, call: Call, all_: Annotated[list[Any], Reader(lambda fields, name: fields.values[name])]
    ) -> Any:
        return [invoke(self.change, call, ToyFields(item)) for item in all_]


class ToyApi(Api[Call]):
    def __init__(self) -> None:
        super().__init__([Things()])
        self.seen: list[str] = []

    def answer(self, request: Request) -> Reply:
        return self.serve(request)

    def oversized(self) -> Reply:
        return Reply(b"", 413)

    def unknown_path(self, request: Request) -> Reply:
        return Reply(b"", 404)

    def wrong_method(self, request: Request, routes: Mapping[str, Route]) -> Reply:
        return Reply(b"", 405, headers={"Allow": ",".join(routes)})

    def admit(self, matched: Matched) -> Call:
        return Call("ann" if matched.route.is_signed else "", matched.route.product)

    def fields(self, matched: Matched, source: Source) -> ToyFields:
        self.seen.append(source)
        if source == "path":
            return ToyFields(matched.values)
        request = matched.request
        return ToyFields(dict(parse_qsl(request.query)) if source == "query" else from_json(request.body))

    def envelope(self, matched: Matched, result: Any) -> Reply:
        return Reply(to_json(result))


def ask(method: str, raw_path: str, body: bytes = b"", api: ToyApi | None = None) -> Reply:
    return (api or ToyApi()).serve(Request(method, raw_path, {}, body, "", 0))


@pytest.mark.parametrize(
    ("raw_path", "body"),
    [
        ("/things/7", b'{"id":7,"extra":null}'),
        ("/things/7?extra=3", b'{"id":7,"extra":3}'),
        ("/things/best", b'"best"'),
        ("/things", b'["ann",1,1]'),
        ("/things?limit=5", b'["ann",1,5]'),
        ("/v0/things?page=2", b'["ann",2,1]'),
        ("/spot/7/status", b'["spot",7]'),
        ("/futures/7/status", b'["futures",7]'),
    ],
)
def test_arguments_come_from_path_and_query(raw_path: str, body: bytes) -> None:
    assert ask("GET", raw_path).body == body


def test_arguments_of_a_write_come_from_path_and_body_in_this_order() -> None:
    api = ToyApi()
    assert ask("POST", "/things/7?size=9", b'{"size":3}', api).body == b'["ann",7,3]'
    assert api.seen == ["path", "body"]
    api.seen.clear()
    with pytest.raises(Refused, match="id must be a number, got x"):
        ask("POST", "/things/x", b"no JSON", api)
    assert api.seen == ["path"]


def test_what_is_required_and_absent_is_refused_by_the_venue() -> None:
    with pytest.raises(Refused, match="size is required"):
        ask("POST", "/things/7", b"{}")


def test_elements_of_a_batch_are_read_like_requests() -> None:
    body = b'{"all":[{"id":1,"size":2},{"id":3,"size":4}]}'
    assert ask("POST", "/batch", body).body == b'[["ann",1,2],["ann",3,4]]'


@pytest.mark.parametrize("path", ["/", "/thing", "/things/", "/things/7/8", "/batch/1"])
def test_a_path_that_is_not_there(path: str) -> None:
    assert ask("GET", path).status == 404


def test_a_verb_that_is_not_there_names_those_that_are() -> None:
    reply = ask("DELETE", "/things/7")
    assert (reply.status, sorted(reply.headers["Allow"].split(","))) == (405, ["GET", "POST"])
    assert ask("POST", "/things/best").status == 405


@pytest.mark.parametrize(
    ("method", "path", "action", "topic"),
    [
        ("GET", "/things/7", "public", "orders"),
        ("GET", "/things", "query", "markets"),
        ("GET", "/v0/things", "query", "orders"),
        ("POST", "/things/7", "place", "orders"),
    ],
)
def test_a_route_says_what_faults_concern_it(method: str, path: str, action: str, topic: str) -> None:
    kind = ToyApi().classify(Request(method, path, {}, b"", "", 0))
    assert (kind.action, kind.topic) == (action, topic)
    assert ToyApi().classify(Request("PUT", path, {}, b"", "", 0)).action == "public"


@pytest.mark.parametrize(
    ("method", "path", "body", "market"),
    [
        ("GET", "/things?market=ABC", b"", "ABC"),
        ("GET", "/things", b'{"market":"ABC"}', None),
        ("POST", "/things/7?market=XYZ", b'{"market":"ABC"}', "ABC"),
        ("POST", "/batch", b'{"all":[{"market":"ABC"},{"market":"XYZ"}]}', "ABC"),
        ("POST", "/batch", b'{"all":[]}', None),
        ("POST", "/batch", b'{"all":{}}', None),
        ("POST", "/things/7", b'{"market":7}', None),
        ("POST", "/things/7", b"[]", None),
        ("POST", "/things/7", b"{}", None),
        ("POST", "/things/7", b"no JSON", None),
    ],
)
def test_a_request_says_which_market_faults_concern(
    method: str, path: str, body: bytes, market: str | None
) -> None:
    assert ToyApi().classify(Request(method, path, {}, body, "", 0)).market == market


def test_each_product_of_a_handler_is_an_endpoint_with_its_own_rate_group() -> None:
    routes = {one.path: one.group for one in Things.declared() if one.product}
    assert routes == {"/spot/{id}/status": "spot-query", "/futures/{id}/status": "futures-query"}
    assert ask("GET", "/margin/7/status").status == 404


def test_names_on_the_wire_are_those_of_the_signature() -> None:
    names = {
        f"{one.method} {one.path}": [name for part in one.parameters for name in part.names]
        for one in Things.declared()
    }
    assert names["GET /things/{id}"] == ["id", "extra?"]
    assert names["POST /things/{id}"] == ["id", "size"]
    assert names["GET /things"] == ["page?", "limit?"]
    assert names["POST /batch"] == ["all"]


class Talk:
    @method("add")
    @method("sum")
    def add(self, first: Number, second: Number = 1) -> int:
        return first + second


def test_messages_are_read_like_requests() -> None:
    handlers = methods_of(Talk())
    assert set(handlers) == {"add", "sum"}
    assert invoke(handlers["add"], None, ToyFields({"first": "2"})) == 3
    assert invoke(handlers["sum"], None, ToyFields({"first": "2", "second": "5"})) == 7
    with pytest.raises(Refused, match="first is required"):
        invoke(handlers["add"], None, ToyFields({}))


@dataclass(frozen=True)
class Size:
    amount: Number
    places: Number = 8


def test_an_object_of_a_body_is_read_into_a_class() -> None:
    reader = nested("size", Size)
    assert reader.names == ("size", "size.amount", "size.places?")
    assert reader.read(ToyFields({"size": {"amount": 3}}), "size") == Size(3, 8)
    with pytest.raises(Refused, match="amount must be a number, got x"):
        reader.read(ToyFields({"size": {"amount": "x"}}), "size")


@pytest.mark.parametrize("text", [b"\xff", b"{", b"NaN", b"[" * 100_000, b"1" * 5000, ""])
def test_documents_that_are_not_json(text: bytes | str) -> None:
    with pytest.raises(ValueError):
        from_json(text)
