from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from tradewire.errors import ConfigError
from tradewire.protocol.endpoint import Access, Effect, Endpoint, Params
from tradewire.protocol.rest import prepare


def row(path: str, params: Params) -> Endpoint[None, bytes]:
    return Endpoint(
        method="GET",
        path=path,
        access=Access.PUBLIC,
        effect=Effect.READ,
        rate_group="ip",
        encode=lambda _: params,
        decode=bytes,
        source="",
        read_on="",
    )


def test_target_without_parameters_has_no_question_mark() -> None:
    assert prepare(row("/v2/time", Params()), None) == ("/v2/time", b"")


@pytest.mark.parametrize("value", ["BTCUSDT,ETHUSDT", "a b&c=d", "100%", "+", "/?#", "ä"])
def test_query_reads_back_as_it_was_given(value: str) -> None:
    target = prepare(row("/v2/spot/ticker", Params(query=[("market", value), ("page", "2")])), None)
    split = urlsplit(target.path)
    assert split.path == "/v2/spot/ticker"
    assert parse_qsl(split.query, strict_parsing=True) == [("market", value), ("page", "2")]
    assert target.path.isascii()


def test_path_parameter_cannot_leave_its_segment() -> None:
    target = prepare(row("/v1/order/{id}", Params(path=[("id", "../x?y")])), None)
    assert target.path == "/v1/order/..%2Fx%3Fy"
    for value in ("", ".", ".."):
        with pytest.raises(ConfigError, match=r"id must not be empty, \. or \.\."):
            prepare(row("/v1/order/{id}", Params(path=[("id", value)])), None)


@pytest.mark.parametrize("params", [Params(path=[("id", "\ud800")]), Params(query=[("a", "b\ud800")])])
def test_lone_surrogate_is_refused_in_words(params: Params) -> None:
    with pytest.raises(ConfigError, match="must be valid Unicode: surrogates not allowed"):
        prepare(row("/v1/order/{id}", params), None)


def test_body_travels_untouched() -> None:
    assert prepare(row("/v2/spot/order", Params(body=b'{"a": 1}')), None).body == b'{"a": 1}'
