"""Compressed frames: the standard library's verdict on what is whole, and a name for everything refused."""

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire._native import inflate_gzip
from tradewire.errors import FrameError

FRAME = b'{"method":"depth.update","data":{"market":"BTCUSDT","is_full":true,"depth":{}},"id":null}'
MEMBER = gzip.compress(FRAME, mtime=0)
MIB = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def gunzip(frame: bytes) -> bytes | None:
    """Return the content of exactly one gzip member, by the standard library."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(frame)
    except zlib.error:
        return None
    return content if unpacker.eof and not unpacker.unused_data else None


def kind_of(frame: bytes, **caps: int) -> str:
    with pytest.raises(FrameError) as caught:
        inflate_gzip(frame, **caps)
    return caught.value.kind


@given(st.binary(max_size=3000), st.integers(0, 9))
def test_any_content_comes_back(content: bytes, level: int) -> None:
    assert inflate_gzip(gzip.compress(content, level)) == content


@pytest.mark.parametrize("pack", [zlib.compress, raw_deflate])
def test_other_wrappings_are_understood(pack: Callable[[bytes], bytes]) -> None:
    assert inflate_gzip(pack(FRAME)) == FRAME


@given(st.binary(max_size=300))
def test_any_bytes_after_the_magic_have_the_verdict_of_zlib(data: bytes) -> None:
    frame = b"\x1f\x8b" + data
    if (content := gunzip(frame)) is not None:
        assert inflate_gzip(frame) == content
    else:
        kind_of(frame)


@given(st.integers(0, len(MEMBER) * 8 - 1))
def test_a_flipped_bit_has_the_verdict_of_zlib(bit: int) -> None:
    damaged = bytearray(MEMBER)
    damaged[bit // 8] ^= 1 << bit % 8
    frame = bytes(damaged)
    if not frame.startswith(b"\x1f\x8b"):
        kind_of(frame)
    elif (content := gunzip(frame)) is not None:
        assert inflate_gzip(frame) == content
    else:
        assert kind_of(frame) in {"compressed_corrupted", "compressed_truncated", "trailing_bytes"}


def test_every_truncation_is_refused() -> None:
    for length in range(2, len(MEMBER)):
        assert kind_of(MEMBER[:length]) == "compressed_truncated", length


@pytest.mark.parametrize(
    "more", [b"\0", b"{}", MEMBER, gzip.compress(FRAME.swapcase(), mtime=0), MEMBER[-4:]]
)
def test_what_follows_a_member_is_refused(more: bytes) -> None:
    assert kind_of(MEMBER + more) == "trailing_bytes"


@pytest.mark.parametrize("frame", [b"", b"\xff" * 40, b"\x00\x01\x02\x03"])
def test_what_is_not_compressed_is_refused(frame: bytes) -> None:
    assert kind_of(frame) == "not_compressed"


@pytest.mark.parametrize(
    ("caps", "kind"), [({}, "ratio_exceeded"), ({"max_ratio": 2000}, "output_too_big")], ids=["ratio", "size"]
)
def test_a_bomb_is_refused(caps: dict[str, int], kind: str) -> None:
    assert kind_of(gzip.compress(bytes(32 * MIB), 9), **caps) == kind


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    bomb = gzip.compress(bytes(4 * MIB), 9)
    assert kind_of(bomb[:-4] + (100).to_bytes(4, "little")) == "ratio_exceeded"


def test_caps_are_exact() -> None:
    content = bytes(range(256)) * 40
    member = gzip.compress(content)
    assert inflate_gzip(member, max_output_bytes=len(content)) == content
    assert kind_of(member, max_output_bytes=len(content) - 1) == "output_too_big"


def test_an_error_says_what_and_shows_little() -> None:
    with pytest.raises(FrameError, match=r"length was \d+") as caught:
        inflate_gzip(MEMBER[:-9])
    assert caught.value.kind == "compressed_truncated"
    assert len(caught.value.excerpt) <= 200
