"""Where a command finds the venue it works on: a sandbox that runs in another process, or the live one."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tradewire.errors import ConfigError
from tradewire.interface import VenueClient
from tradewire.registry import find_product

__all__ = ["TIMEOUT_S", "RunningBox", "client_of", "origin_of"]

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
