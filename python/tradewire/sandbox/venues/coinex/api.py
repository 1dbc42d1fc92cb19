"""From a request to its reply: key, signature, rate, envelope. Routes are in ``rest``.

Knows no socket. Everything the API itself says has status 200; only what stands in front of it (a gateway, an
oversized body) answers otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from tradewire.sandbox.documents import to_json
from tradewire.sandbox.reply import Reply
from tradewire.sandbox.routing import Api, Matched, Request, Route, Source
from tradewire.sandbox.venues.coinex.auth import Keyring
from tradewire.sandbox.venues.coinex.codes import Code, Refusal, unreadable
from tradewire.sandbox.venues.coinex.fields import Fields, Paged, json_object, query_of
from tradewire.sandbox.venues.coinex.habits import Habits
from tradewire.sandbox.venues.coinex.handlers import Call, ProductHandlers
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.rates import RateLimits
from tradewire.sandbox.venues.coinex.treasury.subs import SubAccounts

__all__ = ["RestApi", "refused"]

TOO_LARGE = b"<html><body><h1>413 Request Entity Too Large</h1></body></html>"


class RestApi(Api[Call]):
    """The venue's REST API.

    Args:
        subjects: Every endpoint.
        rules: The markets of each product.
        keyring: Who may sign.
        limits: Who may ask how often.
        habits: What it does otherwise than its pages say.
        subs: Who is a sub-account, and what it may do.
        use: Told of the product of each request that is about to be answered.
    """

    def __init__(
        self,
        subjects: Iterable[ProductHandlers],
        rules: Mapping[str, Mapping[str, MarketRules]],
        keyring: Keyring,
        limits: RateLimits,
        habits: Habits,
        subs: SubAccounts,
        use: Callable[[str], object],
    ) -> None:
        super().__init__(subjects)
        self._subs = subs
        self._use = use
        self._habits = habits
        self._rules = rules
        self._keyring = keyring
        self._limits = limits

    def answer(self, request: Request) -> Reply:
        """Return the reply to one request."""
        try:
            self._limits.charge_peer(request.peer, request.now_ms)
            return self.serve(request)
        except Refusal as refusal:
            return refused(*self._habits.refusal(refusal), request.reply_headers)

    def oversized(self) -> Reply:
        """Return what the gateway in front of the venue says."""
        return Reply(TOO_LARGE, 413, "text/html")

    def unknown_path(self, request: Request) -> NoReturn:
        """Refuse a path that is not there."""
        raise unreadable(f"there is no {request.method} {request.path}")

    def wrong_method(self, request: Request, routes: Mapping[str, Route]) -> NoReturn:  # noqa: ARG002 - the contract
        """Refuse another verb."""
        raise Refusal(Code.WRONG_METHOD, f"Wrong request method: use {' or '.join(routes)}")

    def admit(self, matched: Matched) -> Call:
        """Check the signature, or only the time where none is needed, and the rate of the account."""
        request, route = matched.request, matched.route
        if not route.is_signed:
            self._keyring.verify_window(request.headers, request.now_ms)
            return Call("", request.now_ms)
        trader = self._keyring.verify(request)
        if self._subs.is_restricted(trader):
            self._subs.require(trader, request.method, route.path, _asked(request))
        items = _values(request, "body").get(route.cost) if route.cost else None
        cost = max(1, len(items)) if isinstance(items, list) else 1
        family = self._subs.parent_of(trader.name)
        left = self._limits.charge(trader.name, route.group, cost, request.now_ms, family=family)
        request.reply_headers.update(left)
        return Call(trader.name, request.now_ms)

    def fields(self, matched: Matched, source: Source) -> Fields:
        """Return what came in query or body."""
        rules = self._rules[matched.route.product]
        return Fields(
            self._habits.asked(_values(matched.request, source)), rules, from_query=source == "query"
        )

    def run(self, matched: Matched, arguments: Mapping[str, Any]) -> Any:
        """Return what the handler does."""
        self._use(matched.route.product)
        try:
            return super().run(matched, arguments)
        except Refusal as refusal:
            if self._habits.is_null(matched.route, refusal):
                return None
            raise

    def envelope(self, matched: Matched, result: Any) -> Reply:
        """Wrap the data of a reply."""
        document: dict[str, Any] = {"code": 0, "data": result, "message": "OK"}
        if isinstance(result, Paged):
            document["data"] = result.data
            document["pagination"] = {"has_next": result.has_next}
            if result.total is not None:
                document["pagination"] = {"total": result.total, "has_next": result.has_next}
        document = self._habits.envelope(matched.route, document)
        return Reply(to_json(document), headers=matched.request.reply_headers)


def refused(code: Code, message: str, headers: dict[str, str] | None = None) -> Reply:
    """Return what the venue says when it does not do what was matched."""
    return Reply(to_json({"code": int(code), "data": {}, "message": message}), headers=headers or {})


def _asked(request: Request) -> dict[str, Any]:
    """Return the members of a request; none of one that cannot be read, which is refused later."""
    try:
        return _values(request, "query" if request.method == "GET" else "body")
    except Refusal:
        return {}


def _values(request: Request, source: Source) -> dict[str, Any]:
    if source == "query":
        return query_of(request.query)
    return json_object(request.headers.get("Content-Type", ""), request.body)
