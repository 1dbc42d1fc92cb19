"""Every kind of error of the core has a way to be met from Python, and arrives there as the promised class."""

import gzip
from collections.abc import Callable
from decimal import Decimal

import pytest

from tradewire._native import (
    ERROR_KINDS,
    CoinexFeed,
    CoinexSigner,
    ExchangeFeed,
    HmacKey,
    Level2Book,
    inflate_gzip,
)
from tradewire.errors import ConfigError, FrameError, TradewireError

Trigger = Callable[[], object]

MEMBER = gzip.compress(b"{}", mtime=0)
BOMB = gzip.compress(bytes(1 << 20), mtime=0)


def feed(text: bytes) -> Trigger:
    return lambda: CoinexFeed().on_frame(text, 1)


def book() -> Level2Book:
    made = Level2Book("BTCUSDT")
    made.snapshot([("1.5", "1")], [("2.5", "1")])
    return made


DEPTH = b'{"method":"depth.update","data":{"market":"BTCUSDT","is_full":true,"depth":%s},"id":null}'

TRIGGERS: dict[str, tuple[Trigger, type[TradewireError]]] = {
    "empty_text": (lambda: CoinexSigner("", "secret"), ConfigError),
    "unprintable_text": (lambda: CoinexSigner("a\n", "secret"), ConfigError),
    "not_a_decimal": (lambda: book().update("buy", "1e", "1"), ConfigError),
    "too_many_decimals": (lambda: book().update("buy", "0." + "0" * 30 + "1", "1"), ConfigError),
    "number_too_large": (lambda: book().update("buy", "9" * 39, "1"), ConfigError),
    "not_compressed": (lambda: inflate_gzip(b"\xff\xff\xff"), FrameError),
    "compressed_truncated": (lambda: inflate_gzip(MEMBER[:-1]), FrameError),
    "compressed_corrupted": (lambda: inflate_gzip(MEMBER[:-8] + bytes(4) + MEMBER[-4:]), FrameError),
    "output_too_big": (lambda: inflate_gzip(MEMBER, max_output_bytes=1), FrameError),
    "ratio_exceeded": (lambda: inflate_gzip(BOMB, max_ratio=2), FrameError),
    "trailing_bytes": (lambda: inflate_gzip(MEMBER + MEMBER), FrameError),
    "invalid_utf8": (feed(gzip.compress(b'{"method":"\xff"}')), FrameError),
    "unexpected_end": (feed(b'{"id":1'), FrameError),
    "unexpected_byte": (feed(b'{"id":1]'), FrameError),
    "invalid_string": (feed(rb'{"method":"\x"}'), FrameError),
    "invalid_number": (feed(b'{"id":01}'), FrameError),
    "too_deep": (feed(b'{"params":' + b"[" * 2000 + b"]" * 2000 + b"}"), FrameError),
    "trailing_data": (feed(b"{} {}"), FrameError),
    "wrong_type": (feed(DEPTH % b'{"asks":1}'), FrameError),
    "too_long": (lambda: ExchangeFeed(max_frame_bytes=3).on_frame(b"[1, 2]", 0), FrameError),
    "missing_member": (feed(b'{"method":"depth.update","data":{},"id":null}'), FrameError),
}

RUST_ONLY = {
    "digits_lost",  # a book widens its scale before it rescales, so no price of Python's can lose digits
}


def test_every_kind_has_a_trigger() -> None:
    assert sorted([*TRIGGERS, *RUST_ONLY]) == sorted(ERROR_KINDS)
    assert len(set(ERROR_KINDS)) == len(ERROR_KINDS)


@pytest.mark.parametrize("kind", sorted(TRIGGERS))
def test_kind_arrives_as_its_class(kind: str) -> None:
    trigger, expected = TRIGGERS[kind]
    with pytest.raises(expected) as caught:
        trigger()
    assert type(caught.value) is expected
    assert caught.value.kind == kind  # type: ignore[attr-defined]
    assert str(caught.value)
    if isinstance(caught.value, FrameError):
        assert len(caught.value.excerpt) <= 200


@pytest.mark.parametrize(
    "made", [HmacKey(b"k"), CoinexSigner("a", "b")], ids=lambda made: type(made).__name__
)
def test_keys_are_final(made: object) -> None:
    with pytest.raises(TypeError):
        type("Sub", (type(made),), {})


def test_messages_start_small_and_end_without_a_stop() -> None:
    for trigger, expected in TRIGGERS.values():
        with pytest.raises(expected) as caught:
            trigger()
        message = str(caught.value)
        assert not message[0].isupper()
        assert not message.endswith(".")


def test_a_float_is_no_exact_number() -> None:
    with pytest.raises(ConfigError, match="float"):
        book().vwap("buy", 1.5)  # type: ignore[arg-type]
    assert book().vwap("buy", Decimal(1))
