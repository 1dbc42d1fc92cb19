"""TrueX signatures against the venue's worked vectors and the standard library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewire._native import TruexSigner
from tradewire.errors import ConfigError

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "vectors" / "truex_signatures.json").read_text(encoding="utf-8")
)
SECRET, KEY_ID, AT_S = VECTORS["secret"], VECTORS["key_id"], VECTORS["timestamp_s"]
VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)


def signer() -> TruexSigner:
    return TruexSigner(KEY_ID, SECRET, "78932725357888855")


def by_stdlib(text: str) -> str:
    return base64.b64encode(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()).decode()


@pytest.mark.parametrize("vector", VECTORS["requests"], ids=lambda vector: vector["path"])
def test_requests_are_signed_as_the_venue_signs_them(vector: dict[str, str]) -> None:
    asked = (vector["method"], vector["path"], vector["body"])
    assert signer().sign(*asked, AT_S) == vector["signature"]
    signed = TruexSigner.string_to_sign(*asked, AT_S)
    assert by_stdlib(signed) == vector["signature"]
    if vector["signed"]:
        assert signed == vector["signed"]


def test_the_query_is_never_signed() -> None:
    refused = VECTORS["refused"]
    assert by_stdlib(refused["signed"]) == refused["signature"]
    first = VECTORS["requests"][0]
    assert signer().sign(first["method"], first["path"], "", AT_S) != refused["signature"]


@pytest.mark.parametrize("vector", VECTORS["streams"], ids=lambda vector: vector["path"] or "without path")
def test_streams_are_signed_with_and_without_their_path(vector: dict[str, str]) -> None:
    assert signer().sign_stream(AT_S, vector["path"]) == vector["signature"]


def test_headers_are_complete_and_leave_the_user_out_when_there_is_none() -> None:
    headers = signer().headers("GET", "/v1/cefi/clients", b"", AT_S)
    assert headers == {
        "x-truex-auth-userid": "78932725357888855",
        "x-truex-auth-token": KEY_ID,
        "x-truex-auth-timestamp": "1770000000",
        "x-truex-auth-signature": by_stdlib("1770000000GET/v1/cefi/clients"),
    }
    assert "x-truex-auth-userid" not in TruexSigner(KEY_ID, SECRET).headers("GET", "/", "", AT_S)


@given(VISIBLE, st.binary(), st.integers(0, 2**63 - 1))
def test_any_request_is_signed_as_the_standard_library_does(path: str, body: bytes, at_s: int) -> None:
    text = f"{at_s}PATCH{path.partition('?')[0]}".encode() + body
    wanted = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
    assert signer().sign("PATCH", path, body, at_s) == wanted


@pytest.mark.parametrize(
    "arguments", [("", SECRET), (KEY_ID, ""), ("a b", SECRET), (KEY_ID, SECRET, "line\n")], ids=repr
)
def test_what_cannot_stand_in_a_header_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        TruexSigner(*arguments)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("at_s", [-1, 2**63, 1.5])
def test_a_time_that_is_no_whole_second_is_refused(at_s: Any) -> None:
    with pytest.raises((ConfigError, TypeError)):
        signer().sign("GET", "/", "", at_s)


def test_the_secret_is_nowhere_to_be_seen() -> None:
    made = signer()
    assert SECRET not in repr(made)
    with pytest.raises(ConfigError):
        pickle.dumps(made)
