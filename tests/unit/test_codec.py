"""What decodes bodies and JSONTestSuite: what must be read is, and what must be refused raises ``FrameError``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tradewire import codec
from tradewire.errors import FrameError
from tradewire.wire import decoder

CASES = json.loads((Path(__file__).parents[1] / "vectors" / "json_verdicts.json").read_text())["cases"]
ROWS: msgspec.json.Decoder[Any] = decoder(Any)
WAYS: dict[str, Callable[[bytes], object]] = {
    "decode": codec.decode,
    "decode_as": lambda body: codec.decode_as(body, ROWS),
}


def cases(verdict: str) -> dict[str, bytes]:
    return {one["case"]: one["text"].encode("latin-1") for one in CASES if one["case"].startswith(verdict)}


def is_read(read: Callable[[bytes], object], body: bytes) -> bool:
    try:
        read(body)
    except FrameError:
        return False
    return True


@pytest.mark.parametrize("way", WAYS)
def test_what_must_be_accepted_is_and_what_must_be_refused_is(way: str) -> None:
    assert [name for name, body in cases("y").items() if not is_read(WAYS[way], body)] == []
    assert [name for name, body in cases("n").items() if is_read(WAYS[way], body)] == []


@pytest.mark.parametrize("way", WAYS)
def test_what_may_be_either_is_read_if_it_is_a_number_beyond_a_float_and_refused_else(way: str) -> None:
    """Lone surrogates, byte order marks, what is no UTF-8, and more nesting than ``MAX_DEPTH``."""
    read = {name for name, body in cases("i").items() if is_read(WAYS[way], body)}
    assert {name for name in read if not name.startswith("i_number")} == set()
    assert "i_number_too_big_pos_int" in read
