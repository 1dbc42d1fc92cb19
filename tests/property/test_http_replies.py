"""Replies through our transport: any split of the bytes gives the same reply, and it is what was meant."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire._native import HttpReplyReader

TOKENS = st.text(alphabet="abcXYZ019-_", min_size=1, max_size=8).map(lambda text: f"x-{text}")
VALUES = st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)
HEADERS = st.dictionaries(TOKENS.map(str.lower), VALUES, max_size=6)
CUTS = st.lists(st.integers(0, 1 << 12), max_size=12)


def read(pieces: list[bytes]) -> object:
    reader = HttpReplyReader(1 << 12, 1 << 12)
    reader.begin(False)
    for piece in pieces:
        progress = reader.feed(piece)
        if progress is not None:
            return progress
    return reader.finish()


def split(reply: bytes, cuts: list[int]) -> list[bytes]:
    marks = sorted({0, len(reply), *(cut % (len(reply) + 1) for cut in cuts)})
    return [reply[first:last] for first, last in itertools.pairwise(marks)]


def chunked(body: bytes, sizes: list[int]) -> bytes:
    out, at = b"", 0
    for size in [*sizes, len(body) or 1]:
        piece = body[at : at + size]
        if piece:
            out += b"%x;q=1\r\n%b\r\n" % (len(piece), piece)
        at += size
    return out + b"0\r\n\r\n"


@given(
    st.integers(200, 999), HEADERS, st.binary(max_size=300), st.lists(st.integers(1, 50), max_size=8), CUTS
)
def test_any_split_of_a_right_reply_is_that_reply(
    status: int, headers: dict[str, str], body: bytes, sizes: list[int], cuts: list[int]
) -> None:
    fields = "".join(f"{name.title()}: {value}\r\n" for name, value in headers.items()).encode()
    plain = b"HTTP/1.1 %d X\r\n%bContent-Length: %d\r\n\r\n" % (status, fields, len(body)) + body
    chunks = b"HTTP/1.1 %d X\r\n%bTransfer-Encoding: chunked\r\n\r\n" % (status, fields) + chunked(
        body, sizes
    )
    meant = b"" if status in {204, 304} else body
    for reply, framing in (
        (plain, {"content-length": str(len(body))}),
        (chunks, {"transfer-encoding": "chunked"}),
    ):
        is_kept = True
        if status in {204, 304}:
            reply = reply[: reply.index(b"\r\n\r\n") + 4]
            # A body that the head announces may come all the same: no other request may meet it.
            is_kept = framing == {"content-length": "0"}
        assert read(split(reply, cuts)) == (status, headers | framing, meant, is_kept)


@given(st.binary(max_size=200), st.integers(0, 100), CUTS)
def test_no_bytes_are_read_otherwise_when_they_come_in_pieces(
    noise: bytes, keep: int, cuts: list[int]
) -> None:
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n"
    reply = start[:keep] + noise
    whole, pieces = read([reply]), read(split(reply, cuts))
    if isinstance(whole, tuple) and isinstance(pieces, tuple):
        # What follows a reply is seen only if it is there when the reply ends.
        assert whole[:3] == pieces[:3]
    else:
        assert whole == pieces


@pytest.mark.parametrize("data", ["text", None, 1])
def test_only_bytes_are_read(data: Any) -> None:
    with pytest.raises(TypeError):
        HttpReplyReader(10, 10).feed(data)
