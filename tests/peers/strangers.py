"""Which strangers there are, and what about them is changed: their URLs, and nothing else."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from peers.oracle import Oracle

__all__ = ["STRANGERS", "Session", "Stranger"]


class Stranger(NamedTuple):
    """A client of other people."""

    module: str
    """Where its class is. ``coinex-api`` puts itself in the place of ccxt when it is imported."""
    name: str = "coinex"
    watches: bool = False
    """It is asynchronous and has ``watch_*``."""
    kind: str = "ccxt"
    """Which checks are for it."""
    sandbox: str = "--like ccxt"
    """What the sandbox is to be like."""


STRANGERS = {
    "ccxt": Stranger("ccxt"),
    "ccxt.pro": Stranger("ccxt.pro.coinex", watches=True),
    "coinex-api": Stranger("coinex.ccxt"),
    "coinex-api ws": Stranger("coinex.ccxt.pro.coinex", watches=True),
    "coinexlib": Stranger("coinexlib.coinexLib", "CoinexAPI", kind="coinexlib", sandbox="--like docs"),
    "coinex-mcp-server": Stranger("coinex_mcp_server", "CoinExClient", kind="mcp", sandbox="--like live"),
}


class Session:
    """One stranger at work.

    Args:
        stranger: Which.
        keys: Addresses and keys of the sandbox.
    """

    def __init__(self, stranger: Stranger, keys: dict[str, Any]) -> None:
        self.oracle = Oracle(keys)
        self.watches, self.kind = stranger.watches, stranger.kind
        make: Callable[..., Any] = getattr(importlib.import_module(stranger.module), stranger.name)
        host = keys["rest_url"].removesuffix("/v2")
        if stranger.kind != "ccxt":
            self.client = make(keys["access_id"], keys["secret"])
            self.client.BASE_URL = self.client.base_url = host
            return
        self.client = make({"apiKey": keys["access_id"], "secret": keys["secret"]})
        urls = self.client.urls["api"]
        urls |= {"public": host, "private": host}
        if stranger.watches:
            streams = host.replace("http", "ws", 1) + "/v2/"
            urls["ws"] = {"spot": streams + "spot/", "swap": streams + "futures/"}

    async def do(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Return what a method of the stranger returns, whether it is asynchronous or not."""
        result = getattr(self.client, method)(*arguments, **options)
        return await result if inspect.isawaitable(result) else result

    async def refused(self, error: str, method: str, *arguments: Any, **options: Any) -> None:
        """Require a call to raise the stranger's error of that name.

        Raises:
            AssertionError: It does not.
        """
        try:
            result = await self.do(method, *arguments, **options)
        except Exception as raised:
            names = [kind.__name__ for kind in type(raised).__mro__]
            if error not in names:
                raise AssertionError(f"{method} raised {type(raised).__name__}: {raised}") from raised
        else:
            raise AssertionError(f"{method} returned {result!r} where {error} was due")

    async def close(self) -> None:
        """Let go of the stranger's connections."""
        if inspect.iscoroutinefunction(getattr(self.client, "close", None)):
            await self.client.close()
