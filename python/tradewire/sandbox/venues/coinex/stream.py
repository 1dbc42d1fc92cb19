"""One client's conversation over WebSocket: what it asks, whether it may, and what it is subscribed to.

Knows no socket: text comes in, frames go out through ``send``. Names outside this table of topics get 20002.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, NoReturn

from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.limits import TokenBucket
from tradewire.sandbox.venues.coinex.auth import Keyring
from tradewire.sandbox.venues.coinex.codes import WsCode, WsRefusal
from tradewire.sandbox.venues.coinex.depth import DepthKey, DepthPublisher
from tradewire.sandbox.venues.coinex.feeds import MAINTENANCE_CHANNEL, Feeds
from tradewire.sandbox.venues.coinex.framing import frame
from tradewire.sandbox.venues.coinex.market_data import DEPTH_INTERVALS, DEPTH_LIMITS

__all__ = ["SPOT_TOPICS", "Stream", "Topics"]

REQUESTS_PER_S = 100
"""The venue does not publish how often a connection may ask."""

MAX_REQUEST_ID = 2**63 - 1
NO_MARKET = ""
NOTICES = str(MAINTENANCE_CHANNEL)


@dataclass(frozen=True, slots=True)
class Topics:
    """What may be subscribed besides depth; own topics need a login."""

    public: frozenset[str]
    own: frozenset[str]


SPOT_TOPICS = Topics(
    frozenset({"state", "deals", "bbo", "index"}),
    frozenset({"order", "stop", "user_deals", "balance", "notice"}),
)


class Stream:
    """One connection.

    Args:
        send: Takes a frame for the client.
        keyring: Who may sign in.
        feeds: Where news comes from.
        depth: Where books come from.
        markets: Every market name.
        now_ms: The time.
        takes_unknown: Subscriptions to unknown markets are answered with OK.
        topics: What there is.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        *,
        keyring: Keyring,
        feeds: Feeds,
        depth: DepthPublisher,
        markets: Collection[str],
        now_ms: int,
        takes_unknown: bool = False,
        topics: Topics = SPOT_TOPICS,
    ) -> None:
        self.account = ""
        self.send = send
        self._keyring = keyring
        self._feeds = feeds
        self._depth = depth
        self._markets = markets
        self._takes_unknown = takes_unknown
        self._topics = topics
        self._bucket = TokenBucket(REQUESTS_PER_S, now_ms)
        # Per topic the names subscribed; None stands for all of them.
        self._wanted: dict[str, set[str] | None] = {}
        self._depth_markets: set[str] = set()

    def wants(self, topic: str, name: str) -> bool:
        """Say whether ``topic`` is subscribed for ``name``."""
        if topic not in self._wanted:
            return False
        names = self._wanted[topic]
        return names is None or name in names

    def follows(self, market: str) -> bool:
        """Say whether anything about ``market`` is subscribed."""
        return market in self._depth_markets or any(self.wants(topic, market) for topic in self._wanted)

    def receive(self, text: str, now_ms: int) -> None:
        """Answer one request; whatever is wrong with it, the connection stays."""
        request_id: int | None = None
        welcome: Callable[[], None] | None = None
        reply: dict[str, Any]
        try:
            request = _request(text)
            request_id = _request_id(request)
            if not self._bucket.take(1, now_ms):
                raise WsRefusal(WsCode.TOO_FREQUENT, "requests too frequent")
            data, welcome = self._answer(request, now_ms)
            reply = {"id": request_id, "code": 0, "message": "OK"}
            if data is not None:
                reply = {"id": request_id, "code": 0, "data": data, "message": "OK"}
        except WsRefusal as refusal:
            reply = {"id": request_id, "code": int(refusal.code), "message": refusal.message}
        self.send(frame(reply))
        if welcome is not None:
            welcome()

    def answer_instead(self, text: str, fault: FaultKind) -> None:
        """Answer a request as ``fault`` says, and do nothing of what it asks."""
        request_id = _request(text).get("id")
        if fault is FaultKind.SILENT_SUBSCRIPTION:
            self.send(frame({"id": request_id, "code": 0, "message": "OK"}))
            return
        code, message = WsCode.TEMPORARILY_UNAVAILABLE, "service temporarily unavailable"
        if fault is FaultKind.LOGIN_REFUSED:
            code, message = WsCode.BAD_SIGNATURE, "signature incorrect"
        self.send(frame({"id": request_id, "code": int(code), "message": message}))

    def expire_login(self) -> bool:
        """Forget who signed in and what needs that; say whether anybody had."""
        had_login, self.account = bool(self.account), ""
        for topic in self._topics.own:
            self._wanted.pop(topic, None)
        return had_login

    def closed(self) -> None:
        """Forget every subscription."""
        self._wanted.clear()
        self._depth.unsubscribe(self)

    def _answer(
        self, request: dict[str, Any], now_ms: int
    ) -> tuple[dict[str, Any] | None, Callable[[], None] | None]:
        method, params = request.get("method"), request.get("params", {})
        if not isinstance(method, str) or not isinstance(params, dict):
            _refuse("method is a string and params an object")
        topic, _, verb = method.partition(".")
        if method == "server.ping":
            return {"result": "pong"}, None
        if method == "server.time":
            return {"timestamp": now_ms}, None
        if method == "server.sign":
            self.account = self._keyring.verify_sign_in(params, now_ms).name
            return None, None
        if verb == "subscribe" and topic == "depth":
            return None, self._subscribe_depth(params, now_ms)
        if verb == "unsubscribe" and topic == "depth":
            self._unsubscribe_depth(params)
            return None, None
        if topic in self._topics.public | self._topics.own and verb in {"subscribe", "unsubscribe"}:
            if topic in self._topics.own and not self.account:
                raise WsRefusal(WsCode.NOT_SIGNED, "require auth")
            names = self._names(topic, params)
            if verb == "unsubscribe":
                self._unsubscribe(topic, names)
                return None, None
            # There is one channel: all of them, which an empty list stands for, would include every market.
            self._subscribe(topic, names or ([NOTICES] if topic == "notice" else []))
            fresh = [name for name in names if name != NO_MARKET] if names else list(self._markets)
            return None, lambda: self._feeds.welcome(
                self, topic, now_ms, fresh if topic in self._topics.public else ()
            )
        raise WsRefusal(WsCode.NO_SUCH_METHOD, f"method {method[:40]} is not available")

    def _names(self, topic: str, params: dict[str, Any]) -> list[str]:
        if topic == "notice":
            return _channels(params)
        field = "ccy_list" if topic == "balance" else "market_list"
        names = params.get(field)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            _refuse(f"{field} is a list of names")
        if topic == "balance" or not (unknown := [name for name in names if name not in self._markets]):
            return names
        if not self._takes_unknown:
            _refuse(f"market {unknown[0][:32]} not found")
        # No market has this name: an empty list would stand for all of them.
        return [name for name in names if name in self._markets] or [NO_MARKET]

    def _subscribe(self, topic: str, names: list[str]) -> None:
        if not names:
            self._wanted[topic] = None
            return
        wanted = self._wanted.setdefault(topic, set())
        if wanted is not None:
            wanted.update(names)

    def _unsubscribe(self, topic: str, names: list[str]) -> None:
        if not names or topic not in self._wanted:
            self._wanted.pop(topic, None)
            return
        wanted = self._wanted[topic]
        left = (set(self._markets) if wanted is None else wanted) - set(names)
        if left:
            self._wanted[topic] = left
        else:
            del self._wanted[topic]

    def _subscribe_depth(self, params: dict[str, Any], now_ms: int) -> Callable[[], None]:
        wanted = params.get("market_list")
        if not isinstance(wanted, list) or not wanted:
            _refuse("market_list is a list of [market, limit, interval, if_full]")
        keys = [key for entry in wanted if (key := self._depth_key(entry)) is not None]

        def welcome() -> None:
            for key, if_full in keys:
                self._depth_markets.add(key.market)
                self._depth.subscribe(self, key, if_full=if_full, now_ms=now_ms)

        return welcome

    def _depth_key(self, entry: Any) -> tuple[DepthKey, bool] | None:
        if not isinstance(entry, list) or len(entry) != 4:
            _refuse("each entry is [market, limit, interval, if_full]")
        market, limit, interval, if_full = entry
        is_known = market in self._markets if isinstance(market, str) else False
        if self._takes_unknown and not (is_known and limit in DEPTH_LIMITS):
            return None
        if not is_known:
            _refuse(f"market {str(market)[:32]} not found")
        if not isinstance(limit, int) or limit not in DEPTH_LIMITS:
            _refuse("limit is 5, 10, 20 or 50")
        if not isinstance(interval, str) or interval not in DEPTH_INTERVALS:
            _refuse("interval is not one of the venue's")
        if not isinstance(if_full, bool):
            _refuse("if_full is true or false")
        return DepthKey(market, limit, interval), if_full

    def _unsubscribe_depth(self, params: dict[str, Any]) -> None:
        names = self._names("depth", params)
        for market in names or list(self._depth_markets):
            self._depth_markets.discard(market)
            self._depth.unsubscribe(self, market)


def _request(text: str) -> dict[str, Any]:
    try:
        request = json.loads(text)
    except (ValueError, RecursionError):
        _refuse("not JSON")
    if not isinstance(request, dict):
        _refuse("a request is an object")
    return request


def _request_id(request: dict[str, Any]) -> int:
    request_id = request.get("id")
    if (
        isinstance(request_id, bool)
        or not isinstance(request_id, int)
        or not 0 < request_id <= MAX_REQUEST_ID
    ):
        _refuse("id is a positive integer")
    return request_id


def _channels(params: dict[str, Any]) -> list[str]:
    channels = params.get("channels")
    if not isinstance(channels, list) or any(one != MAINTENANCE_CHANNEL for one in channels):
        _refuse(f"channels is a list of channels, of which there is {NOTICES}")
    return [NOTICES] if channels else []


def _refuse(what: str) -> NoReturn:
    raise WsRefusal(WsCode.INVALID_ARGUMENT, f"invalid argument: {what}")
