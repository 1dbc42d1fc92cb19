"""What a client was made with goes to another process and makes the same client there."""

from __future__ import annotations

import json
import ssl
from typing import Any

import pytest

import tradewire
from support.kits import PRODUCTS
from tradewire.errors import ConfigError
from tradewire.registry import find_product
from tradewire.session.made_with import from_words, in_words


@pytest.mark.parametrize("product", PRODUCTS)
async def test_every_client_is_made_again(product: str) -> None:
    venue = find_product(product).venue
    client_class: Any = find_product(product).client_class
    made: list[dict[str, Any]] = []

    class Seen(client_class):  # type: ignore[misc]  # whichever it is
        def _take(self, options: Any, **others: Any) -> None:
            made.append({**options, **others})
            super()._take(options, **others)

    async with tradewire.Sandbox([venue], rate=0) as box:
        network = tradewire.NetworkOptions(trust_env=True)
        async with Seen.for_sandbox(box, timeout_s=3.0, network=network) as first:
            words = json.loads(json.dumps(in_words(made[0])))
            async with Seen(**from_words(words)) as second:
                assert second.for_sandbox is not None
                assert await second.open_orders() == await first.open_orders() == ()
    assert made[1].keys() <= made[0].keys()
    assert made[1]["environment"] == made[0]["environment"]
    assert made[1]["timeout_s"] == 3.0


def test_a_proxy_goes_with_its_password() -> None:
    network = tradewire.NetworkOptions(proxy="socks5://me:a%2Fb@proxy.example:99")
    again = from_words(in_words({"network": network}))["network"]
    assert isinstance(again, tradewire.NetworkOptions)
    proxy = again.proxy_to("venue.example", is_tls=True)
    assert proxy is not None
    assert (str(proxy), proxy.user, proxy.password) == ("socks5://proxy.example:99", "me", "a/b")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"http": object()}, "cannot have http= of its own"),
        ({"jwt": object()}, "cannot be made with jwt= of type object"),
        (
            {"network": tradewire.NetworkOptions(tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))},
            "cannot have tls=",
        ),
    ],
)
def test_what_no_words_can_say_is_refused(arguments: dict[str, object], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        in_words(arguments)


def test_what_a_guard_has_in_its_own_way_is_left_out() -> None:
    assert in_words({"journal": object(), "on_error": print, "http": None, "timeout_s": 2.0}) == {
        "timeout_s": 2.0
    }
