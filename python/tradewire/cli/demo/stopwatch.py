"""How long after the push that caused it an order was on the socket, whichever way it was sent."""

from __future__ import annotations

import time
from collections import deque

__all__ = ["Stopwatch"]

NS_PER_US = 1_000
REMEMBERED = 64
"""Payloads sent before it was known which order they carried, on lanes that send at once."""


class Stopwatch:
    """Finds the client order ids of orders in what is sent. Transports call it once the bytes are on the socket."""

    def __init__(self) -> None:
        self.latencies_us: list[float] = []
        self._caused_at_ns: dict[bytes, int] = {}
        self._sent: deque[tuple[bytes, int]] = deque(maxlen=REMEMBERED)

    def caused(self, client_order_id: str, time_ns: int) -> None:
        """Note which push caused an order; on a fast lane it is on the socket by now."""
        name = client_order_id.encode()
        for payload, sent_at_ns in self._sent:
            if name in payload:
                self.latencies_us.append((sent_at_ns - time_ns) / NS_PER_US)
                return
        self._caused_at_ns[name] = time_ns

    def on_sent(self, payload: bytes) -> None:
        """Note what was sent, over HTTP or a WebSocket."""
        now_ns = time.time_ns()
        for name, caused_at_ns in self._caused_at_ns.items():
            if name in payload:
                self.latencies_us.append((now_ns - caused_at_ns) / NS_PER_US)
                del self._caused_at_ns[name]
                return
        self._sent.append((payload, now_ns))
