"""What requests about accounts carry and refuse, and that no secret of a sub-account's key shows anywhere."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from support.crash_report import CANARY, leaks, shown
from tradewire.errors import ConfigError, FrameError
from tradewire.model import AccountKind
from tradewire.venues.coinex.model_account import SubApiKey
from tradewire.venues.coinex.rest import account, refer, sub_keys, subs

SPOT, FUTURES = AccountKind.SPOT, AccountKind.FUTURES
KEY: dict[str, Any] = {
    "api_id": 7, "created_at": 1763640000000, "access_id": "A" * 32, "secret_key": CANARY, "ip_whitelist": ["10.0.0.1"],
    "trade_enabled": True, "withdraw_enabled": False, "is_expired": False, "expires_at": 0, "remark": "robot",
}  # fmt: skip


def reply(data: object) -> bytes:
    return json.dumps({"code": 0, "data": data, "message": "OK"}).encode()


def test_sub_account_is_the_documented_body() -> None:
    params = subs.CREATE_SUB.encode(subs.CreateSub("sub-2", ["futures", "api"], None))
    assert json.loads(params.body) == {"sub_user_name": "sub-2", "permissions": ["FUTURES", "API"]}


def test_key_is_the_documented_body() -> None:
    params = sub_keys.CREATE_SUB_KEY.encode(sub_keys.CreateSubKey("sub2", (), True, "robot"))
    assert json.loads(params.body) == {
        "sub_user_name": "sub2",
        "ip_whitelist": [],
        "trade_enabled": True,
        "remark": "robot",
    }


def test_flags_of_a_query_travel_as_words() -> None:
    assert dict(subs.SUBS.encode(subs.SubsQuery(None, False)).query)["is_frozen"] == "false"


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "name too short": (lambda: subs.FREEZE_SUB.encode(subs.SubRef("ab")), "3 to 26 letters"),
    "name with a dot": (lambda: subs.FREEZE_SUB.encode(subs.SubRef("a.b.c")), "3 to 26 letters"),
    "unknown permission": (
        lambda: subs.CREATE_SUB.encode(subs.CreateSub("sub2", ["root"], None)),
        "permissions must be one of",
    ),
    "permissions as a text": (lambda: subs.CREATE_SUB.encode(subs.CreateSub("sub2", "api", None)), "a list"),
    "remark too long": (lambda: subs.CREATE_SUB.encode(subs.CreateSub("sub2", None, "x" * 51)), "50"),
    "transfer without a name": (
        lambda: subs.SubTransfer(SPOT, SPOT, None, None, "USDT", 1),
        "source_name or target_name",
    ),
    "futures between sub-accounts": (
        lambda: subs.SubTransfer(SPOT, FUTURES, "sub1", "sub2", "USDT", 1),
        "spot to spot",
    ),
    "addresses as a text": (
        lambda: sub_keys.CREATE_SUB_KEY.encode(sub_keys.CreateSubKey("sub2", "10.0.0.1", True, None)),
        "list of at most 50",
    ),
    "too many addresses": (
        lambda: sub_keys.CREATE_SUB_KEY.encode(sub_keys.CreateSubKey("sub2", ["a"] * 51, True, None)),
        "list of at most 50",
    ),
    "edit of nothing": (lambda: sub_keys.EditSubKey("sub2", 1, None, None, None), "edit_sub_key needs"),
    "settings of nothing": (lambda: account.FuturesSettings("BTCUSDT", None, None), "margin_mode, leverage"),
    "unknown margin mode": (
        lambda: account.SET_FUTURES_SETTINGS.encode(account.FuturesSettings("BTCUSDT", "loose", None)),
        "cross, isolated",
    ),
    "more than a year": (lambda: refer.RebatesQuery(1, 1 + 367 * 86_400 * 10**9), "a year apart"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_before_anything_is_sent(what: str) -> None:
    attempt, words = REFUSED[what]
    with pytest.raises(ConfigError, match=words):
        attempt()


def test_key_makes_credentials_and_shows_no_secret() -> None:
    key = sub_keys.SUB_KEY.decode(reply(KEY))
    assert isinstance(key, SubApiKey)
    assert (key.key_id, key.access_id, key.addresses) == ("7", "A" * 32, ["10.0.0.1"])
    assert key.credentials().reveal() == CANARY
    assert not leaks(repr(key) + str(key))
    for carry_off in (pickle.dumps, copy.deepcopy):
        with pytest.raises((ConfigError, TypeError)) as caught:
            carry_off(key)
        assert not leaks(shown(caught.value))


@pytest.mark.parametrize("missing", [{}, {"secret_key": ""}, {"secret_key": None}])
def test_key_without_its_secret_says_so(missing: dict[str, object]) -> None:
    row = {name: value for name, value in KEY.items() if name != "secret_key"} | missing
    key = sub_keys.SUB_KEY.decode(reply(row))
    with pytest.raises(ConfigError, match="no secret of key 7"):
        key.credentials()


@pytest.mark.parametrize("change", [{"secret_key": f"{CANARY} "}, {"secret_key": [CANARY]}, {"api_id": None}])
def test_key_that_cannot_be_read_shows_no_secret(change: dict[str, object]) -> None:
    with pytest.raises(FrameError) as caught:
        sub_keys.SUB_KEY.decode(reply(KEY | change))
    assert not leaks(shown(caught.value))


def test_key_that_cannot_be_read_hides_neither_its_neighbours_nor_shows_a_secret() -> None:
    found = sub_keys.SUB_KEYS.decode(reply([KEY | {"access_id": None}, KEY]))
    [fault] = found.unreadable
    assert [key.key_id for key in found] == ["7"]
    assert not leaks(shown(fault) + str(fault.raw) + str(fault.excerpt))
