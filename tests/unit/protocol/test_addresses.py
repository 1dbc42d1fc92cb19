"""A plain address is taken apart as ``urllib`` does it, and everything else is left to that."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire.protocol.addresses import path_of, plain_address

PLAIN = [
    "https://api.coinex.com",
    "wss://socket.coinex.com/v2/spot",
    "http://127.0.0.1:8080",
    "http://LocalHost:1/",
    "https://api.example.com./a//b",
    "ws://h:00080/x-y_z.~",
]
NOT_PLAIN = [
    "", "api.coinex.com", "https://", "https:///x", "https://user@host", "https://host@127.0.0.1", "https://[::1]:8080",
    "https://host:65536", "https://host:", "https://host:8x", "https://ho_st", "https://a..b", "https://host\\@evil",
    "https://host?x", "https://host#x", "https://host/ x", " https://host", "https://host\n", "HTTPS://host",
    "https://hö.example", f"https://{64 * 'a'}.example", "https://host%2eevil", "https://host/%2e", "https://.host",
]  # fmt: skip


@pytest.mark.parametrize("url", PLAIN)
def test_a_plain_address_has_the_parts_that_urllib_finds(url: str) -> None:
    found, theirs = plain_address(url), urlsplit(url)
    assert found is not None
    assert (found.scheme, found.host, found.port, found.path) == (
        theirs.scheme, theirs.hostname, theirs.port, theirs.path
    )  # fmt: skip
    assert path_of(url) == theirs.path


@pytest.mark.parametrize("url", NOT_PLAIN)
def test_what_is_not_plain_is_left_to_urllib(url: str) -> None:
    assert plain_address(url) is None


@given(st.text("htpsw:/@.-[]?#\\%1a Aä\n\t", max_size=20).map(lambda rest: f"https://{rest}"))
def test_whatever_counts_as_plain_is_read_as_urllib_reads_it(url: str) -> None:
    found = plain_address(url)
    if found is not None:
        theirs = urlsplit(url)
        assert (found.host, found.port, found.path) == (theirs.hostname, theirs.port, theirs.path)
        assert {theirs.query, theirs.fragment, theirs.username, theirs.password} == {"", None}
