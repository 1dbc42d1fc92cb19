"""CoinEx's signer: published vectors, what is refused, and that no secret ever shows."""

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from support import oracle
from support.crash_report import CANARY
from tradewire._native import CoinexSigner
from tradewire.errors import ConfigError

VECTORS = Path(__file__).parents[3] / "vectors"
COINEX = json.loads((VECTORS / "coinex_signatures.json").read_text())


def named(vectors: list[dict[str, Any]], key: str) -> Any:
    return [pytest.param(vector, id=vector[key]) for vector in vectors]


@pytest.mark.parametrize("vector", named(COINEX["requests"], "name"))
def test_coinex_request_vector(vector: dict[str, Any]) -> None:
    signer = CoinexSigner("access", vector["secret"])
    pieces = (vector["method"], vector["path"], vector["body"])
    timestamp_ms = vector["timestamp_ms"]
    assert signer.sign(*pieces, timestamp_ms) == vector["signature"]
    method, path, body = (piece.encode() for piece in pieces)
    assert signer.sign(method, path, body, timestamp_ms) == vector["signature"]
    assert signer.headers(*pieces, timestamp_ms) == {
        "X-COINEX-KEY": "access",
        "X-COINEX-SIGN": vector["signature"],
        "X-COINEX-TIMESTAMP": str(timestamp_ms),
    }


@pytest.mark.parametrize("vector", named(COINEX["streams"], "name"))
def test_coinex_stream_vector(vector: dict[str, Any]) -> None:
    signer = CoinexSigner("access", vector["secret"])
    assert signer.ws_params(vector["timestamp_ms"]) == {
        "access_id": "access",
        "signed_str": vector["signature"],
        "timestamp": vector["timestamp_ms"],
    }


def test_window_is_a_header_of_its_own_and_not_signed() -> None:
    signer = CoinexSigner("access", "secret")
    plain = signer.headers("GET", "/v2/time", "", 1763640000000)
    assert signer.headers("GET", "/v2/time", b"", 1763640000000, 2500) == {
        **plain,
        "X-COINEX-WINDOWTIME": "2500",
    }


def test_body_may_hold_what_a_header_may_not() -> None:
    body = '{"remark": "a\\nb é"}'
    wanted = oracle.coinex_signature("secret", "POST", "/v2/x", body, 5)
    assert CoinexSigner("access", "secret").sign("POST", "/v2/x", body, 5) == wanted


@pytest.mark.parametrize("text", ["", "a b", "a\r\nX-Evil: 1", "a\n", "\ta", "é", "a\x00", "a\x7f"])
def test_text_of_a_header_or_request_line_is_visible_ascii(text: str) -> None:
    signer = CoinexSigner("access", "secret")
    for use in (
        lambda: CoinexSigner(text, "secret"),
        lambda: signer.sign(text, "/v2/time", "", 1),
        lambda: signer.sign("GET", text, "", 1),
        lambda: signer.headers("GET", text, "", 1),
    ):
        with pytest.raises(ConfigError) as caught:
            use()
        assert caught.value.kind == ("unprintable_text" if text else "empty_text")


def test_empty_secret_is_refused() -> None:
    with pytest.raises(ConfigError, match="secret"):
        CoinexSigner("access", "")


@pytest.mark.parametrize("timestamp_ms", [-1, 2**63, -(2**70)])
def test_timestamp_out_of_range_is_refused(timestamp_ms: int) -> None:
    signer = CoinexSigner("access", "secret")
    for use in (
        lambda: signer.sign("GET", "/v2/time", "", timestamp_ms),
        lambda: signer.headers("GET", "/v2/time", "", timestamp_ms),
        lambda: signer.headers("GET", "/v2/time", "", 1, timestamp_ms),
        lambda: signer.ws_params(timestamp_ms),
    ):
        with pytest.raises(ConfigError, match=r"_ms .*was -?\d+"):
            use()


def test_timestamp_is_whole() -> None:
    with pytest.raises(TypeError):
        CoinexSigner("access", "secret").sign("GET", "/v2/time", "", 1.5)  # type: ignore[arg-type]


def test_signer_shows_copies_and_pickles_no_secret() -> None:
    signer = CoinexSigner("access", CANARY)
    assert CANARY not in f"{signer!r} {signer}"
    for use in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(ConfigError):
            use(signer)
