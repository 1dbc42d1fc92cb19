from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tradewire.sandbox.routing import Request
from tradewire.sandbox.venues.coinex.auth import Keyring, Trader
from tradewire.sandbox.venues.coinex.codes import Refusal, WsRefusal
from tradewire.sandbox.verifier import hmac_sha256, same, sha256_with_secret_appended, within_window

# Vectors of docs.coinex.com's rule, computed apart from this project (fact sheet, 2026-11-20).
SECRET = "SANDBOX_SECRET_0123456789ABCDEF0123456789ABCDEF"
BODY = (
    '{"market":"BTCUSDT","market_type":"SPOT","side":"buy","type":"limit",'
    '"amount":"0.001","price":"30000","client_id":"sdk-0001"}'
)
ORDER_SIGNATURE = "5395c1cf040c372e2957a4e06de543012269d07c3fb4f38c2118c44b0cab94c5"
LEGACY_SIGNATURE = "55c4e5a03537072551ff885d6a7596040ddfb4118eab889859b068ff1ffa7f23"
BALANCE_SIGNATURE = "d2c672d5c0452c22064fa2760b48d0e7c297491786507a0f416e58f0afbed5ad"
SIGN_IN_SIGNATURE = "1ef5a6e612a7600f756be6148a617fe701384bb11584fc9c3d4b7262b2c6a65a"
NOW_MS = 1763640000123


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    keyring = Keyring(7)
    monkeypatch.setattr(keyring, "find", {"KEY": Trader("ann", "KEY", SECRET)}.get)
    return keyring


def headers(**changed: str | None) -> dict[str, str]:
    sent = {"KEY": "KEY", "SIGN": ORDER_SIGNATURE, "TIMESTAMP": str(NOW_MS)} | changed
    return {f"X-COINEX-{name}": value for name, value in sent.items() if value is not None}


def verify(keyring: Keyring, sent: dict[str, str], now_ms: int = NOW_MS) -> str:
    return keyring.verify(Request("POST", "/v2/spot/order", sent, BODY.encode(), "127.0.0.1", now_ms)).name


def test_digests_equal_the_vectors() -> None:
    assert hmac_sha256(SECRET, b"GET/v2/assets/spot/balance1763640000000").hex() == BALANCE_SIGNATURE
    text = f"POST/v2/spot/order{BODY}{NOW_MS}".encode()
    assert sha256_with_secret_appended(SECRET, text).hex() == LEGACY_SIGNATURE
    assert same(b"ab", b"ab")
    assert not same(b"ab", b"ac")


@pytest.mark.parametrize(
    ("stamp_ms", "within"), [(94, False), (95, True), (100, True), (101, True), (102, False)]
)
def test_window_has_both_ends(stamp_ms: int, within: bool) -> None:
    assert within_window(100, stamp_ms, older_ms=5, newer_ms=1) is within


def test_accepts_the_signed_order(keyring: Keyring) -> None:
    assert verify(keyring, headers()) == "ann"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"KEY": None}, 4005),
        ({"KEY": "NOBODY"}, 4005),
        ({"SIGN": None}, 4008),
        ({"SIGN": ORDER_SIGNATURE.upper()}, 4008),
        ({"SIGN": ORDER_SIGNATURE[:-1]}, 4008),
        ({"SIGN": "\u0661" * 64}, 4008),
        ({"SIGN": BALANCE_SIGNATURE}, 4006),
        ({"SIGN": LEGACY_SIGNATURE}, 4006),
        ({"TIMESTAMP": None}, 4004),
        ({"TIMESTAMP": "now"}, 4004),
        ({"TIMESTAMP": "-1"}, 4004),
        ({"TIMESTAMP": str(NOW_MS + 1)}, 4006),
        ({"TIMESTAMP": str(NOW_MS - 5001)}, 4010),
        ({"TIMESTAMP": str(NOW_MS + 5001)}, 4017),
        ({"WINDOWTIME": "soon"}, 4004),
    ],
)
def test_refuses_with_the_venues_code(keyring: Keyring, changed: dict[str, str | None], code: int) -> None:
    with pytest.raises(Refusal) as refused:
        verify(keyring, headers(**changed))
    assert refused.value.code == code
    assert SECRET not in str(refused.value)


def test_the_window_header_widens_and_narrows(keyring: Keyring) -> None:
    assert verify(keyring, headers(WINDOWTIME="60000"), NOW_MS + 60_000) == "ann"
    with pytest.raises(Refusal):
        verify(keyring, headers(WINDOWTIME="10"), NOW_MS + 11)


def test_the_legacy_hash_is_behind_a_switch(keyring: Keyring) -> None:
    keyring.accept_legacy_hash = True
    assert verify(keyring, headers(SIGN=LEGACY_SIGNATURE)) == "ann"
    assert verify(keyring, headers()) == "ann"


def test_signs_in_over_websocket(keyring: Keyring) -> None:
    params = {"access_id": "KEY", "signed_str": SIGN_IN_SIGNATURE, "timestamp": 1763640000789}
    assert keyring.verify_sign_in(params, 1763640000789).name == "ann"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"timestamp": "1763640000789"}, 20001),
        ({"timestamp": True}, 20001),
        ({"access_id": 7}, 20001),
        ({"signed_str": None}, 20001),
        ({"access_id": "NOBODY"}, 21002),
        ({"signed_str": "0" * 64}, 21002),
        ({"signed_str": "zz"}, 21002),
        ({"timestamp": 1763640000789 - 5001}, 21002),
    ],
)
def test_refuses_a_bad_sign_in(keyring: Keyring, changed: dict[str, Any], code: int) -> None:
    params = {"access_id": "KEY", "signed_str": SIGN_IN_SIGNATURE, "timestamp": 1763640000789} | changed
    with pytest.raises(WsRefusal) as refused:
        keyring.verify_sign_in(params, 1763640000789)
    assert refused.value.code == code


def test_keys_come_from_the_seed_and_stay_out_of_repr() -> None:
    one, again, other = Keyring(7).issue("ann"), Keyring(7).issue("ann"), Keyring(8).issue("ann")
    assert (one.access_id, one.secret) == (again.access_id, again.secret)
    assert {one.access_id, one.secret}.isdisjoint({other.access_id, other.secret})
    assert one.secret not in repr(one)
    assert hashlib.sha256(one.access_id.encode()).hexdigest()[:48].upper() != one.secret


def test_a_name_is_taken_once() -> None:
    keyring = Keyring(7)
    keyring.issue("ann")
    with pytest.raises(ValueError, match="ann"):
        keyring.issue("ann")


@pytest.mark.parametrize("name", ["", "ann/futures", "/"])
def test_trader_cannot_have_the_name_of_anothers_account(name: str) -> None:
    with pytest.raises(ValueError, match="'/'"):
        Keyring(1).issue(name)
