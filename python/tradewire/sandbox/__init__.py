"""A local venue over real HTTP and WebSocket, to try a client on without an account.

``async with tradewire.Sandbox() as box:`` runs one; ``tradewire sandbox`` does so from the shell. It verifies
with the standard library alone: nothing of the signing, decoding or books of the clients it is there to test.
"""

from __future__ import annotations

from tradewire.sandbox.box import Sandbox
from tradewire.sandbox.faults import Faults

__all__ = ["Faults", "Sandbox"]
