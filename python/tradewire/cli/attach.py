"""Where a command finds the venue it works on: a sandbox that runs in another process, or the live one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tradewire.cli import console
from tradewire.errors import ConfigError
from tradewire.interface import VenueClient
from tradewire.registry import find_product
from tradewire.sandbox import Sandbox

__all__ = ["TIMEOUT_S", "RunningBox", "client_of", "open_client", "origin_of"]

TIMEOUT_S = 5.0


class RunningBox:
    """A sandbox of another process, by what its venue says of itself. Give it to a client's ``for_sandbox``.

    Args:
        venue: The venue that is there.
        url: Its address, as ``tradewire sandbox`` prints it; what follows the port does not matter.

    Raises:
        ConfigError: Nothing answers there, or it is another venue.
    """

    def __init__(self, venue: str, url: str) -> None:
        origin = origin_of(url)
        try:
            with urlopen(f"{origin}/sandbox/{venue}/keys", timeout=TIMEOUT_S) as reply:  # noqa: S310 - http only
                keys: dict[str, Any] = json.load(reply)
        except (URLError, ValueError, OSError) as error:
            raise ConfigError(f"no sandbox of {venue} answers at {origin}: {error}; is it running?") from None
        self._venue = venue
        self._keys = SimpleNamespace(**keys)

    def venue(self, name: str, /) -> Any:
        """Return addresses and keys of the venue."""
        if name != self._venue:
            raise ConfigError(f"the sandbox there is of {self._venue}, not of {name}")
        return self._keys


def origin_of(url: str) -> str:
    """Return scheme, host and port of a sandbox's address.

    Raises:
        ConfigError: It is no such address.
    """
    origin = "/".join(url.split("/")[:3])
    if not origin.startswith("http://"):
        raise ConfigError(
            f"the address of a sandbox begins with http://, got {url!r}; `tradewire sandbox` prints it"
        )
    return origin


def client_of(name: str, url: str, **options: Any) -> VenueClient:
    """Return a client of a running sandbox, or of the live venue, with the keys of the environment, without ``url``."""
    product = find_product(name)
    client_class = product.client_class
    return (
        client_class.for_sandbox(RunningBox(product.venue, url), **options)
        if url
        else client_class.from_env(**options)
    )


@asynccontextmanager
async def open_client(
    name: str, market: str, *, url: str = "", live: bool = False, is_private: bool = False
) -> AsyncIterator[tuple[VenueClient, str]]:
    """Open a client for watching ``market`` and say where it is: live, on a running sandbox, or on one of its own.

    Args:
        name: The product.
        market: The market in the venue's spelling.
        url: Address of a running sandbox.
        live: The live venue, which is said beforehand what there is to know of.
        is_private: Our account is watched too: the live venue needs the keys of the environment then.

    Raises:
        ConfigError: Nothing answers at ``url``, the sandbox has no such market, or both places were named.
    """
    if url and live:
        raise ConfigError("choose --url for a running sandbox or --live for the venue, not both")
    product = find_product(name)
    client_class = product.client_class
    async with AsyncExitStack() as stack:
        if live:
            if product.notice:
                console.talk(product.notice)
            client, place = client_class.from_env() if is_private else client_class(), f"{name} live"
        elif url:
            client, place = client_of(name, url), f"{name} at {origin_of(url)}"
        else:
            box = await stack.enter_async_context(Sandbox(product.venue))
            markets = box.venue(product.venue).keys()["markets"]
            if market not in markets:
                raise ConfigError(f"the sandbox has no market {market}; it has {', '.join(markets)}")
            client, place = client_class.for_sandbox(box), f"{name} sandbox"
        yield await stack.enter_async_context(client), place
