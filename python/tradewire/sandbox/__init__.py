"""A local venue over real HTTP and WebSocket, to try a client on without an account.

``async with tradewire.sandbox() as box:`` runs one; ``tradewire sandbox`` does so from the shell. It verifies
with the standard library alone: nothing of the signing, decoding or books of the clients it is there to test.

The package can be called like its function, so that ``tradewire.sandbox(...)`` works whether the name holds
the function or, after this package was imported, the package.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import ModuleType
from typing import Any

from tradewire.sandbox.box import Box, sandbox
from tradewire.sandbox.faults import Faults
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.exchange.options import ExchangeOptions
from tradewire.sandbox.venues.truex.options import TrueXOptions

__all__ = ["Box", "CoinExOptions", "ExchangeOptions", "Faults", "TrueXOptions", "sandbox"]


class _CallableModule(ModuleType):
    sandbox: Callable[..., AbstractAsyncContextManager[Box]]

    def __call__(self, *args: Any, **kwargs: Any) -> AbstractAsyncContextManager[Box]:
        return self.sandbox(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableModule
