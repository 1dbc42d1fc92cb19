"""No secret in what is recorded, however it is spelled, and nothing else changed."""

from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote

import pytest

from tradewire.recording.redaction import Redactor

SECRET = 's3cr3t/+"marked"~%0123456789'
CODINGS = {
    "plain": SECRET,
    "escaped": json.dumps(SECRET)[1:-1],
    "percent": quote(SECRET, safe=""),
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64url": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "base64 behind a user": base64.b64encode(b"user:" + SECRET.encode()).decode(),
    "base64 behind two letters": base64.b64encode(b"ab" + SECRET.encode() + b"cd").decode(),
}


@pytest.fixture
def redactor() -> Redactor:
    """One that has seen the secret in a header."""
    redactor = Redactor()
    assert redactor.headers({"X-Api-Key": SECRET}) == {"x-api-key": "[withheld]"}
    return redactor


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("is_packed", [False, True])
def test_what_was_withheld_once_is_withheld_everywhere(
    redactor: Redactor, coding: str, is_packed: bool
) -> None:
    text = f'{{"message":"no such user: {CODINGS[coding]}","price":"1.5"}}'.encode()
    shown = redactor.text(gzip.compress(text) if is_packed else text)
    shown = gzip.decompress(shown) if is_packed else shown
    assert b"[withheld]" in shown
    # Of base64 a letter at either end belongs to its neighbours.
    assert CODINGS[coding][3:-3].encode() not in shown
    assert shown.endswith(b'","price":"1.5"}')


@pytest.mark.parametrize(
    "member",
    [
        "api_key", "apiKey", "access_id", "secret", "secret_key", "secretKey", "token", "access_token", "listenKey",
        "signature", "signed_str", "passphrase", "password", "jwt", "client_secret", "Authorization",
    ],
)  # fmt: skip
def test_members_whose_names_say_so_are_withheld(member: str) -> None:
    redactor = Redactor()
    shown = redactor.text(json.dumps({"id": 1, member: SECRET, "market": "A"}).encode())
    assert json.loads(shown) == {"id": 1, member: "[withheld]", "market": "A"}
    nested = json.loads(redactor.text(json.dumps({"data": {member: [SECRET, {"x": SECRET}]}}).encode()))
    assert nested == {"data": {member: ["[withheld]", {"x": "[withheld]"}]}}
    url = redactor.url(f"https://user:{quote(SECRET, safe='')}@host/path?a=1&{member}={quote(SECRET)}")
    assert url == f"https://[withheld]@host/path?a=1&{member}=[withheld]"
    assert redactor.text(f"a=1&{member}={quote(SECRET)}".encode()) == f"a=1&{member}=[withheld]".encode()


def test_a_listen_key_learned_from_a_reply_is_taken_out_of_the_path() -> None:
    redactor = Redactor()
    redactor.text(b'{"listenKey":"pqia91ma19a5s61cv6a81va65sd"}')
    assert redactor.url("wss://host/ws/pqia91ma19a5s61cv6a81va65sd") == "wss://host/ws/[withheld]"


def test_headers_are_shown_by_name_only() -> None:
    shown = Redactor().headers(
        {"Content-Type": "application/json", "Set-Cookie": "sid=abcdefgh", "X-New": "12345678"}
    )
    assert shown == {"content-type": "application/json", "set-cookie": "[withheld]", "x-new": "[withheld]"}


@pytest.mark.parametrize(
    "frame",
    [
        b'{"method":"depth.update","data":{"market":"BTCUSDT","is_full":true,"key_figures":"12345678"}}',
        b'{"keyword":"12345678","monkey":"12345678","assets":[1,2],"token":null,"auth":true}',
        gzip.compress(b'{"method":"deals.update"}', mtime=7),
        b"\x1f\x8b\x08\x00 broken",
        b"\xff\xfe",
        b"",
    ],
)
def test_everything_else_stays_byte_for_byte(redactor: Redactor, frame: bytes) -> None:
    assert redactor.text(frame) is frame


def test_numbers_are_withheld_by_name_only() -> None:
    redactor = Redactor()
    redactor.headers({"X-Timestamp": "1795885273"})
    frame = b'{"time":"1795885273"}'
    assert redactor.text(frame) is frame
    assert redactor.text(b'{"token":1795885273}') == b'{"token":"[withheld]"}'


def test_messages_together_are_what_they_are_alone(redactor: Redactor) -> None:
    public = [
        b'{"method":"depth.update"}',
        gzip.compress(b'{"method":"deals.update"}', mtime=0),
        b"\x1f\x8b broken",
    ]
    assert all(a is b for a, b in zip(redactor.texts(public), public, strict=True))
    told = [
        *public,
        json.dumps({"note": SECRET}).encode(),
        b'{"token":"abcdefghijkl"}',
        b'{"note":"abcdefghijkl"}',
    ]
    shown = redactor.texts(told)
    assert shown[:3] == public
    assert shown[3:] == [b'{"note": "[withheld]"}', b'{"token":"[withheld]"}', b'{"note":"[withheld]"}']
