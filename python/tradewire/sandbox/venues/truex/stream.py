"""One client over WebSocket: its credentials, its subscriptions, its sequence numbers.

Every frame of a client stands for itself: credentials and time are in it. Each accepted request is confirmed with
the whole list of subscriptions and then, for each new item, a snapshot where the channel has one and
``SNAPSHOT_COMPLETE``. A refused request is answered with the list as it was and a status that says why:
``ERROR`` (not understood), ``INVALID`` (no such type, channel or item), ``UNAUTHORIZED`` (credentials missing,
wrong, too old, from the future, or not for that client). Which status stands for what is not published.

Numbers count per channel and connection: a snapshot carries the number that the next update will have.

Source: docs.truemarkets.co/websocket/institutional and vendor code, read 2026-11-20.
"""

from __future__ import annotations

import json
from typing import Any

from tradewire.sandbox.documents import to_json
from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.venues.truex import shapes
from tradewire.sandbox.venues.truex.auth import Authenticator, require_fresh_frame
from tradewire.sandbox.venues.truex.clients import Key
from tradewire.sandbox.venues.truex.core import ExchangeCore
from tradewire.sandbox.venues.truex.feeds import Feeds
from tradewire.sandbox.venues.truex.fields import Fields, read_json
from tradewire.sandbox.venues.truex.problems import Problem
from tradewire.sandbox.venues.truex.rest.service import clock_text

__all__ = ["PROTOCOL_VERSION", "Stream"]

PROTOCOL_VERSION = "1.0.5"
TYPES = ("SUBSCRIBE", "UNSUBSCRIBE", "SUBSCRIBE_NO_AUTH", "UNSUBSCRIBE_NO_AUTH")
MARKET_CHANNELS = ("INSTRUMENT", "EBBO", "DEPTH", "TRADE")
CHANNELS = (*MARKET_CHANNELS, "DROPCOPY")
CREDENTIALS = ("organization_id", "key", "signature")


class _Refused(Exception):
    """A request that is refused; the message is the status."""


class Stream:
    """A conversation.

    Args:
        outbox: Where frames go.
        core: The venue's state.
        feeds: Publishes what happens.
        authenticator: Verifies credentials.
        connections: How many connections its address has, with this one.
    """

    def __init__(
        self, outbox: Outbox, core: ExchangeCore, feeds: Feeds, authenticator: Authenticator, connections: int
    ) -> None:
        self._outbox = outbox
        self._core = core
        self._feeds = feeds
        self._authenticator = authenticator
        self._items: dict[str, dict[str, None]] = {}
        # Subscribed as far as the client knows.
        self._silent: dict[str, dict[str, None]] = {}
        self._numbers = dict.fromkeys(CHANNELS, 0)
        self._status = "UNAUTHENTICATED"
        self._has_confirmed = False
        feeds.merged.followers.add(self)
        self._send(
            {
                "channel": "WEBSOCKET",
                "update": "WELCOME",
                "connections": str(connections),
                "message": "Welcome",
                "version": PROTOCOL_VERSION,
                "datetime": clock_text(core.now_ms()),
            }
        )

    def follows(self, market: str) -> bool:
        """Say whether the client gets anything about ``market``."""
        return any(market in items for items in self._items.values())

    def wants(self, channel: str, item: str) -> bool:
        """Say whether the client subscribed to ``item`` of ``channel``."""
        return item in self._items.get(channel, ())

    def receive(self, text: str, now_ms: int) -> None:
        """Answer one frame."""
        try:
            fields = Fields(read_json(text))
            new, gone = self._read(fields, now_ms)
        except Problem as problem:
            self._confirm(now_ms, "UNAUTHORIZED" if problem.status == 401 else "ERROR")
            return
        except _Refused as refusal:
            self._confirm(now_ms, str(refusal))
            return
        for channel, item in gone:
            self._items.get(channel, {}).pop(item, None)
            self._silent.get(channel, {}).pop(item, None)
        for channel, item in new:
            self._items.setdefault(channel, {})[item] = None
        self._confirm(now_ms, self._status)
        for channel, item in new:
            self._begin(channel, item)

    def answer_instead(self, text: str, fault: FaultKind) -> None:
        """Answer a frame as ``fault`` says, and do nothing of what it asks."""
        now_ms = self._core.now_ms()
        if fault is FaultKind.SILENT_SUBSCRIPTION:
            frame = json.loads(text)
            for channel in frame["channels"]:
                self._silent.setdefault(channel, {}).update(dict.fromkeys(frame["item_names"]))
            if "signature" in frame:
                self._status = "AUTHENTICATED"
            self._confirm(now_ms, self._status)
            return
        self._confirm(now_ms, "UNAUTHORIZED" if fault is FaultKind.LOGIN_REFUSED else "ERROR")

    def expire_login(self) -> bool:
        """Forget the credentials and what needs them; say whether there were any."""
        had_login, self._status = self._status == "AUTHENTICATED", "UNAUTHENTICATED"
        self._items.pop("DROPCOPY", None)
        return had_login

    def push(self, channel: str, update: str, data: bytes, count: int = 1) -> None:
        """Send data, the last of ``count`` changes."""
        if update == "UPDATE":
            self._numbers[channel] += count - 1
        number = self._numbers[channel]
        head = f'{{"seqnum":"{number}","channel":"{channel}","update":"{update}","status":"{self._status}"'
        self._outbox.put(head.encode() + b',"data":' + data + b"}")
        if update == "UPDATE":
            self._numbers[channel] += 1

    def skip(self, channel: str) -> None:
        """Count a change without sending it."""
        self._numbers[channel] += 1

    def _read(self, fields: Fields, now_ms: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return what a frame asks to begin and to end."""
        kind, channels, items = fields.text("type"), fields.texts("channels"), fields.texts("item_names")
        stamp = fields.text("timestamp")
        if kind not in TYPES or not channels or not items or not set(channels) <= set(CHANNELS):
            raise _Refused("INVALID")
        key: Key | None = None
        if kind.endswith("_NO_AUTH"):
            if any(name in fields.members for name in CREDENTIALS):
                raise _Refused("ERROR")
            require_fresh_frame(stamp, now_ms)
            if "DROPCOPY" in channels:
                raise _Refused("UNAUTHORIZED")
        else:
            key = self._authenticator.admit_frame(fields, now_ms)
        wanted = [(channel, item) for channel in channels for item in items]
        if kind.startswith("UNSUBSCRIBE"):
            self._believe(key)
            return [], wanted
        for channel, item in wanted:
            if channel != "DROPCOPY" and item not in self._core.instruments:
                raise _Refused("INVALID")
            if channel == "DROPCOPY" and (key is None or item not in key.clients):
                raise _Refused("UNAUTHORIZED")
        self._believe(key)
        return [pair for pair in wanted if not self.wants(*pair)], []

    def _believe(self, key: Key | None) -> None:
        """Treat the connection as authenticated from the first frame with credentials on."""
        if key is not None:
            self._status = "AUTHENTICATED"
            self._feeds.hasten(self)

    def _begin(self, channel: str, item: str) -> None:
        """Send what there is, and that it is complete."""
        if channel == "DROPCOPY":
            for ticket in tuple(self._core.open_tickets.get(item, {}).values()):
                self.push(channel, "SNAPSHOT", to_json(shapes.report(ticket)))
        else:
            self._feeds.pace_of(self).welcome(self, channel, item)
        self._send({"channel": channel, "update": "SNAPSHOT_COMPLETE", "item": item})

    def _confirm(self, now_ms: int, status: str) -> None:
        self._send(
            {
                "channel": "WEBSOCKET",
                "update": "UPDATE" if self._has_confirmed else "SNAPSHOT",
                "timestamp": str(now_ms // 1000),
                "status": status,
                "subscriptions": [
                    {"channel": channel, "item_names": names}
                    for channel in dict.fromkeys((*self._items, *self._silent))
                    if (names := [*self._items.get(channel, ()), *self._silent.get(channel, ())])
                ],
            }
        )
        self._has_confirmed = True

    def _send(self, message: dict[str, Any]) -> None:
        self._outbox.put(to_json(message))
