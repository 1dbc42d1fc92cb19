"""Keys and signatures: published vectors, what is refused, and that no secret ever shows."""

import copy
import gc
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import oracle
from support.crash_report import CANARY, leaks, shown
from tradewire.errors import ConfigError
from tradewire.signing import Credentials, HmacKey, Token

VECTORS = Path(__file__).parents[1] / "vectors"
WYCHEPROOF = json.loads((VECTORS / "wycheproof_hmac_sha256.json").read_text())["cases"]
RFC_4231 = json.loads((VECTORS / "rfc4231_hmac_sha256.json").read_text())["cases"]


def named(vectors: list[dict[str, Any]], key: str) -> Any:
    return [pytest.param(vector, id=vector[key]) for vector in vectors]


@pytest.mark.parametrize("vector", named(RFC_4231, "case"))
def test_hmac_key_rfc_4231(vector: dict[str, str]) -> None:
    key, data = bytes.fromhex(vector["key"]), bytes.fromhex(vector["data"])
    assert HmacKey(key).sign_hex(data).startswith(vector["mac"])
    assert HmacKey(key).sign_base64(data) == oracle.hmac_base64(key, data)


def test_hmac_key_wycheproof() -> None:
    """Every good tag is ours, whole or truncated, and no modified one is."""
    assert len(WYCHEPROOF) == 174
    for case in WYCHEPROOF:
        mac = HmacKey(bytes.fromhex(case["key"])).sign_hex(bytes.fromhex(case["message"]))
        assert mac.startswith(case["tag"]) is case["valid"], case["id"]


def test_pieces_are_text_or_bytes() -> None:
    with pytest.raises(ConfigError, match="bytearray"):
        HmacKey(b"secret").sign_hex(bytearray(b"GET"))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="NoneType"):
        HmacKey(b"secret").sign_hex(None)  # type: ignore[arg-type]


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        HmacKey("secret").sign_hex("\ud800")


@pytest.mark.parametrize(
    "holder",
    [HmacKey(CANARY), Credentials("access", CANARY)],
    ids=lambda holder: type(holder).__name__,
)
class TestSecrecy:
    def test_is_redacted(self, holder: object) -> None:
        for text in (repr(holder), str(holder), f"{holder}", repr([holder]), f"{holder!r:>80}"):
            assert CANARY not in text
            assert "redacted" in text

    def test_is_not_pickled(self, holder: object) -> None:
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(ConfigError, match="pickled"):
                pickle.dumps(holder, protocol)

    def test_is_not_copied(self, holder: object) -> None:
        for make in (copy.copy, copy.deepcopy):
            with pytest.raises(ConfigError, match="copied"):
                make(holder)

    def test_has_no_dict(self, holder: object) -> None:
        assert not hasattr(holder, "__dict__")


class TestCredentials:
    def test_halves(self) -> None:
        credentials = Credentials("access", CANARY)
        assert (credentials.key, credentials.reveal()) == ("access", CANARY)
        assert "access" in repr(credentials)

    def test_halves_are_fixed(self) -> None:
        with pytest.raises(AttributeError):
            Credentials("access", CANARY).key = "other"  # type: ignore[misc]

    @pytest.mark.parametrize("text", ["", f"{CANARY}\n", f" {CANARY}", f"{CANARY}é", f"{CANARY}\x00"])
    def test_malformed_halves_are_refused_unshown(self, text: str) -> None:
        for halves in ((text, "secret"), ("access", text)):
            with pytest.raises(ConfigError) as caught:
                Credentials(*halves)
            assert CANARY not in str(caught.value)

    def test_halves_are_texts(self) -> None:
        with pytest.raises(ConfigError, match="secret must be str, got bytes"):
            Credentials("access", CANARY.encode())  # type: ignore[arg-type]

    def test_from_env(self) -> None:
        environ = {"TRADEWIRE_TOY_KEY": "access", "TRADEWIRE_TOY_SECRET": CANARY}
        credentials = Credentials.from_env("toy", environ)
        assert (credentials.key, credentials.reveal()) == ("access", CANARY)

    def test_from_the_process_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRADEWIRE_SPARE_KEY", "access")
        monkeypatch.setenv("TRADEWIRE_SPARE_SECRET", CANARY)
        assert Credentials.from_env("Spare").reveal() == CANARY

    @pytest.mark.parametrize("half", ["KEY", "SECRET"])
    @pytest.mark.parametrize("value", [None, "", f"{CANARY}\n"])
    def test_from_env_names_the_variable_at_fault(self, half: str, value: str | None) -> None:
        environ = {"TRADEWIRE_TOY_KEY": "access", "TRADEWIRE_TOY_SECRET": "secret"}
        name = f"TRADEWIRE_TOY_{half}"
        del environ[name]
        if value is not None:
            environ[name] = value
        with pytest.raises(ConfigError, match=name) as caught:
            Credentials.from_env("toy", environ)
        assert CANARY not in str(caught.value)

    MALFORMED = (f"{CANARY}\n", f"{CANARY} x", CANARY.encode(), {CANARY: 1})

    @pytest.mark.parametrize("secret", MALFORMED, ids=repr)
    def test_malformed_secret_is_in_no_frame_of_its_own_error(self, secret: Any) -> None:
        attempts: list[Callable[[], object]] = [
            lambda: Credentials("access", secret),
            lambda: Credentials(secret, "secret"),
            lambda: Token(secret),
            lambda: Credentials.from_env("toy", environ("TOY_KEY", secret)),
            lambda: Credentials.from_env("toy", environ("TOY_SECRET", secret)),
            lambda: Credentials.from_env("toy", {"TRADEWIRE_TOY_KEY": CANARY}),
            lambda: Token.from_env("TRADEWIRE_TOY_KEY", environ("TOY_KEY", secret)),
            lambda: Token.from_env("TRADEWIRE_SPARE_KEY", environ("TOY_KEY", secret)),
        ]
        for attempt in attempts:
            with pytest.raises(ConfigError) as caught:
                attempt()
            assert not leaks(shown(caught.value))


def environ(name: str, value: Any) -> dict[str, Any]:
    names = ("TOY_KEY", "TOY_SECRET")
    return {f"TRADEWIRE_{other}": "good" for other in names} | {f"TRADEWIRE_{name}": value}


def test_a_secret_given_as_bytearray_is_overwritten_and_works() -> None:
    for secret in (b"one", b"another-secret"):
        given = bytearray(secret)
        credentials = Credentials("access", given)
        assert given == bytes(len(secret))
        assert credentials.reveal() == secret.decode()
    given = bytearray(b"with a blank")
    with pytest.raises(ConfigError, match="visible ASCII"):
        Token(given)
    assert given == bytes(12)


def test_a_dropped_secret_is_overwritten_unless_somebody_else_has_it() -> None:
    theirs = "a secret of the user's".replace(" ", "-")
    holder = Token(theirs)
    del holder
    assert theirs == "a-secret-of-the-user's"
    ours = Token(bytearray(b"a-secret-of-ours"))
    shown = ours.reveal()
    del ours
    gc.collect()
    # Whatever still refers to it sees zeros.
    assert shown == "\0" * 16
