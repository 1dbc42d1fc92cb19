"""Signatures equal those of the standard library for any key and any way of cutting a message."""

from hypothesis import given
from hypothesis import strategies as st

from support import oracle
from tradewire._native import CoinexSigner
from tradewire.signing import HmacKey

KEYS = st.binary(max_size=200)  # shorter and longer than a block of SHA-256, and empty
PIECES = st.lists(st.binary(max_size=150), max_size=6)
VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=90)


@given(KEYS, PIECES)
def test_any_key_and_pieces(key: bytes, pieces: list[bytes]) -> None:
    message = b"".join(pieces)
    assert HmacKey(key).sign_hex(*pieces) == oracle.hmac_hex(key, message)
    assert HmacKey(key).sign_base64(*pieces) == oracle.hmac_base64(key, message)


@given(st.binary(max_size=300), st.data())
def test_where_a_message_is_cut_changes_nothing(message: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(message)))
    key = HmacKey(b"secret")
    assert key.sign_hex(message[:cut], message[cut:]) == key.sign_hex(message)


@given(st.text(max_size=80), st.text(max_size=200))
def test_texts_are_signed_as_utf8(key: str, text: str) -> None:
    assert HmacKey(key).sign_hex(text) == oracle.hmac_hex(key.encode(), text.encode())


@given(VISIBLE, VISIBLE, VISIBLE, st.text(max_size=300), st.integers(0, 2**63 - 1))
def test_coinex_requests(secret: str, method: str, path: str, body: str, timestamp_ms: int) -> None:
    wanted = oracle.coinex_signature(secret, method, path, body, timestamp_ms)
    signer = CoinexSigner("access", secret)
    assert signer.sign(method, path, body, timestamp_ms) == wanted
    assert signer.headers(method, path, body, timestamp_ms)["X-COINEX-SIGN"] == wanted
