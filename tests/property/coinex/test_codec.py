"""What is JSON and what is not: the same verdict as the standard library, from both of our decoders."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support import oracle
from tradewire._native import CoinexFeed
from tradewire.codec import decode, decode_as
from tradewire.errors import FrameError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
documents = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode(),
    values,
    st.sampled_from([None, 0, 2, "\t"]),
    st.booleans(),
)
UGLY = [
    b"", b" ", b"nul", b"truex", b"01", b"-", b"-0", b"1.", b".1", b"1e", b"1e+", b"1E5", b"[1,]", b"[,1]",
    b"{}x", b'{"a":1,}', b'{"a"}', b"{a:1}", b"{'a':1}", b"[1 2]",
    b'"\\x"', b'"\\u12"', b'"\\u12G4"', b'"a\nb"', b'"\x00"',
    b'"\x7f"', b"NaN", b"[Infinity]", b"-Infinity", b"\xef\xbb\xbf{}",
    b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"',
    b"[]]", b"[[]", b'{"a":{}', b"/*c*/1", b'"\xf4\x90\x80\x80"', b"\x0b1", b"\xc2\xa01", b'{"a":1,"a":2}',
    b"<html>502</html>", b"+1", b"0x1", b"1_0", b"tru", b'"', b'"\\', b'"\\"', b"[1", b"[", b"{", b'{"a":',
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    document = draw(documents)
    at = draw(st.integers(0, len(document)))
    inserted = draw(
        st.binary(max_size=3) | st.sampled_from([b'"', b"\\", b",", b"{", b"]", b"0", b"\x00", b"-"])
    )
    return document[:at] + inserted + document[at + draw(st.integers(0, 3)) :]


def is_placed(error: FrameError, data: bytes) -> bool:
    """Say whether a refusal has a kind and a place in the data; one without counts as no refusal."""
    return bool(error.kind) and 0 <= error.offset <= len(data)


def reads_native(data: bytes) -> bool:
    try:
        event = CoinexFeed().on_frame(oracle.packed(data), 0)
    except FrameError as error:
        return not is_placed(error, data)
    return event.payload == data


def reads_codec(data: bytes) -> bool:
    try:
        decode(data)
    except FrameError as error:
        return not is_placed(error, data)
    return True


@settings(max_examples=300)
@given(documents | damaged())
def test_the_frame_scanner_and_json_agree_on_what_is_json(data: bytes) -> None:
    assert reads_native(data) is oracle.is_json(data)


@pytest.mark.parametrize("data", UGLY)
def test_the_frame_scanner_and_json_agree_on_ugly_frames(data: bytes) -> None:
    assert reads_native(data) is oracle.is_json(data)


@pytest.mark.parametrize("data", UGLY)
def test_the_codec_and_json_agree_on_ugly_bodies(data: bytes) -> None:
    assert reads_codec(data) is oracle.is_json(data)


def test_a_surrogate_without_its_partner_is_json_but_no_text() -> None:
    """The one verdict in which the codec differs: such a string has no UTF-8 form."""
    data = b'"\\ud800"'
    assert oracle.is_json(data)
    assert reads_native(data)
    assert not reads_codec(data)


@settings(max_examples=200)
@given(documents)
@example(b'{"a":1,"a":2}')
def test_the_codec_reads_the_same_value(data: bytes) -> None:
    assert decode(data) == oracle.read_json(data)


@given(documents, st.permutations(["method", "data", "id", "more"]))
def test_pushes_are_read_with_members_in_any_order(data: bytes, order: list[str]) -> None:
    members: dict[str, Any] = {
        "method": b'"state.update"', "data": b'{"market":"BTC\\u0055SDT"}', "id": b"null", "more": data,
    }  # fmt: skip
    body = b" , ".join(b'"%s" : %s' % (name.encode(), members[name]) for name in order)
    event = CoinexFeed().on_frame(oracle.packed(b"{ %s }" % body), 0)
    assert (event.kind, event.topic, event.market) == ("push", "state.update", "BTCUSDT")


@pytest.mark.parametrize("depth", [128, 129])
@pytest.mark.parametrize(("head", "tail"), [(b"[", b"]"), (b'{"a":', b"}"), (b'["[[",', b"]")])
def test_depth_is_limited_alike_everywhere(head: bytes, tail: bytes, depth: int) -> None:
    data = head * depth + b"1" + tail * depth
    assert oracle.is_json(data)
    assert reads_native(data) is (depth == 128)
    assert reads_codec(data) is (depth == 128)


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    text = '[{\\"' * 500
    assert decode(json.dumps([text, [text]]).encode()) == [text, [text]]


@pytest.mark.parametrize(
    ("data", "kind", "offset"),
    [
        (b"[1,}", "invalid_json", 3),
        (b'["\xc3\xa9",}', "invalid_json", 6),
        (b'["\xff"]', "invalid_utf8", 2),
        (b"[" * 200, "too_deep", 0),
        (b" " * 101, "body_too_big", 100),
    ],
)
def test_a_refusal_has_kind_and_place(data: bytes, kind: str, offset: int) -> None:
    with pytest.raises(FrameError) as caught:
        decode(data, max_bytes=100 if kind == "body_too_big" else 1000)
    assert (caught.value.kind, caught.value.offset) == (kind, offset)
    assert len(caught.value.excerpt) <= 200


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b'{"a":"1"}', "wrong_shape"), (b"[]", "wrong_shape"), (b'{"a":1', "invalid_json"),
     (b'{"a\xff', "invalid_utf8")],
)  # fmt: skip
def test_another_shape_is_refused(data: bytes, kind: str) -> None:
    decoder = msgspec.json.Decoder(dict[str, int])
    assert decode_as(b'{"a":1}', decoder) == {"a": 1}
    with pytest.raises(FrameError) as caught:
        decode_as(data, decoder)
    assert caught.value.kind == kind
