"""The faults that every venue has, each a method: ``box.venue(name).faults.late_reply(300)``.

What only some venues have is in ``own``. The first line of each docstring is what the catalogue shows, the signature is
what it takes by name. A value it does not take raises ``ValueError``.
"""

from __future__ import annotations

from typing import get_args

from tradewire.sandbox.faults.kinds import Defect, FaultKind, Place, PushTopic, Requests, RowTopic
from tradewire.sandbox.faults.store import FaultStore, Latency

__all__ = ["Faults"]

LOWEST_ERROR = 400
HIGHEST_ERROR = 599


class _RestFaults(FaultStore):
    """What happens to requests over HTTP. ``requests`` picks which: see ``kinds.Requests``."""

    def lost_request(self, count: int = 1, requests: Requests = "commands") -> None:
        """Reset the connection of the next requests; nothing is executed."""
        self._arm_requests(FaultKind.LOST_REQUEST, count, requests)

    def gateway_html(self, count: int = 1, status: int = 502, requests: Requests = "any") -> None:
        """Answer the next requests with a gateway's HTML page; nothing is executed."""
        self._arm_requests(FaultKind.GATEWAY_HTML, count, requests, status=_http_error(status))

    def internal_error(self, count: int = 1, requests: Requests = "any") -> None:
        """Answer the next requests with the venue's own internal error; nothing is executed."""
        self._arm_requests(FaultKind.INTERNAL_ERROR, count, requests)

    def busy(self, market: str | None = None, count: int = 1) -> None:
        """Refuse the next new orders because the service is busy."""
        self._arm(FaultKind.BUSY, count, market)

    def rate_limited(
        self,
        count: int = 1,
        status: int | None = None,
        retry_after_s: int | None = None,
        as_date: bool = False,
    ) -> None:
        """Refuse the next signed requests as too frequent, with a status and ``Retry-After`` if given."""
        self._arm(
            FaultKind.RATE_LIMITED,
            count,
            status=None if status is None else _http_error(status),
            retry_after_s=retry_after_s,
            as_date=as_date,
        )

    def lost_reply(self, count: int = 1, requests: Requests = "commands") -> None:
        """Execute the next requests and reset the connection instead of answering."""
        self._arm_requests(FaultKind.LOST_REPLY, count, requests)

    def no_reply(self, count: int = 1, requests: Requests = "commands") -> None:
        """Execute the next requests and never answer; the connection stays open."""
        self._arm_requests(FaultKind.NO_REPLY, count, requests)

    def late_reply(self, delay_ms: float, count: int = 1, requests: Requests = "commands") -> None:
        """Execute the next requests and answer ``delay_ms`` later."""
        self._arm_requests(FaultKind.LATE_REPLY, count, requests, delay_ms=_at_least_0("delay_ms", delay_ms))

    def second_reply(self, delay_ms: float = 50.0, count: int = 1, requests: Requests = "commands") -> None:
        """Answer the next requests, and send the same reply again ``delay_ms`` later on that connection."""
        self._arm_requests(
            FaultKind.SECOND_REPLY, count, requests, delay_ms=_at_least_0("delay_ms", delay_ms)
        )

    def broken_reply(self, count: int = 1, requests: Requests = "commands") -> None:
        """Execute the next requests and end the connection in the middle of the reply's body."""
        self._arm_requests(FaultKind.BROKEN_REPLY, count, requests)

    def gateway_after(self, count: int = 1, status: int = 502, requests: Requests = "commands") -> None:
        """Execute the next requests and lose their replies to a gateway's HTML page."""
        self._arm_requests(FaultKind.GATEWAY_AFTER, count, requests, status=_http_error(status))

    def error_after(self, count: int = 1, status: int = 500, requests: Requests = "commands") -> None:
        """Execute the next requests and answer with the venue's own internal error and ``status``."""
        self._arm_requests(FaultKind.ERROR_AFTER, count, requests, status=_http_error(status))

    def timed_out(self, count: int = 1, executed: bool = True) -> None:
        """Say of the next commands that they took too long, whether they were ``executed`` or not."""
        self._arm(FaultKind.TIMED_OUT, count, executed=executed)

    def remaining_headers(self, remaining: int, long_remaining: int | None = None, count: int = 1) -> None:
        """Say in the headers of the next replies to signed requests that so many requests are left."""
        self._arm(FaultKind.REMAINING_HEADERS, count, remaining=remaining, long_remaining=long_remaining)

    def rest_latency(self, latency_ms: float, jitter_ms: float = 0.0) -> None:
        """Send every reply that much later from now on, plus a random part of the jitter; 0 ends it."""
        self._last(FaultKind.REST_LATENCY)
        self.rest_delay = Latency(_at_least_0("latency_ms", latency_ms), _at_least_0("jitter_ms", jitter_ms))

    def read_lag(self, lag_ms: int) -> None:
        """Let queries of orders and fills show the state of ``lag_ms`` ago from now on; 0 ends it."""
        self._last(FaultKind.READ_LAG)
        self.read_lag_ms = int(_at_least_0("lag_ms", lag_ms))
        for action in self._actions.get(FaultKind.READ_LAG, ()):
            action(self.read_lag_ms)

    def _arm_requests(self, kind: FaultKind, count: int, requests: Requests, **values: float) -> None:
        allowed = _one_of("requests", requests, get_args(Requests))
        self._arm(kind, count, None, **{"requests": allowed, **values})


class _StreamFaults(FaultStore):
    """What happens to connections and requests over WebSocket."""

    def push_latency(self, latency_ms: float, jitter_ms: float = 0.0) -> None:
        """Send every frame that much later from now on, in order; 0 ends it."""
        self._last(FaultKind.PUSH_LATENCY)
        self.push_delay = Latency(_at_least_0("latency_ms", latency_ms), _at_least_0("jitter_ms", jitter_ms))

    def drop_socket(self, market: str | None = None) -> int:
        """Cut every stream at once without a closing handshake, or those subscribed to ``market``.

        Returns:
            How many were cut.
        """
        return self._act(FaultKind.DROP_SOCKET, market)

    def mute_socket(self, market: str | None = None) -> int:
        """Leave every stream open, or those subscribed to ``market``, and send nothing more: not even a pong.

        Returns:
            How many were muted.
        """
        return self._act(FaultKind.MUTE_SOCKET, market)

    def no_pong(self, enabled: bool = True) -> None:
        """Answer no ping from now on, of the protocol or the venue's own; pushes go on."""
        self._last(FaultKind.NO_PONG)
        self.answers_pings = not enabled

    def upgrade_refused(self, count: int = 1, status: int = 0) -> None:
        """Refuse the next WebSocket upgrades with ``status``; 0 resets the connection."""
        self._arm(FaultKind.UPGRADE_REFUSED, count, status=status and _http_error(status))

    def silent_subscription(self, market: str | None = None, count: int = 1) -> None:
        """Answer the next subscriptions with OK, to unknown markets too, and never send anything for them."""
        self._arm(FaultKind.SILENT_SUBSCRIPTION, count, market)

    def subscription_put_off(self, market: str | None = None, count: int = 1) -> None:
        """Refuse the next subscriptions with what the venue says to ask again later."""
        self._arm(FaultKind.SUBSCRIPTION_PUT_OFF, count, market)

    def unsubscription_put_off(self, market: str | None = None, count: int = 1) -> None:
        """Refuse the next requests to unsubscribe with what the venue says to ask again later."""
        self._arm(FaultKind.UNSUBSCRIPTION_PUT_OFF, count, market)

    def login_refused(self, count: int = 1) -> None:
        """Refuse the next logins over WebSocket as the venue does with a stale timestamp."""
        self._arm(FaultKind.LOGIN_REFUSED, count)

    def login_expired(self) -> int:
        """End every login over WebSocket: private pushes stop without a word.

        Returns:
            How many ended.
        """
        return self._act(FaultKind.LOGIN_EXPIRED)


class _DataFaults(FaultStore):
    """What happens to the content of pushes and replies."""

    def drop_push(self, topic: PushTopic | None = None, market: str | None = None, count: int = 1) -> None:
        """Do not send the next pushes."""
        self._arm_push(FaultKind.DROP_PUSH, topic, market, count)

    def duplicate_push(
        self, topic: PushTopic | None = None, market: str | None = None, count: int = 1
    ) -> None:
        """Send the next pushes twice."""
        self._arm_push(FaultKind.DUPLICATE_PUSH, topic, market, count)

    def reorder_push(self, topic: PushTopic | None = None, market: str | None = None, count: int = 1) -> None:
        """Send the next push after the one that follows it in its topic."""
        self._arm_push(FaultKind.REORDER_PUSH, topic, market, count)

    def skip_difference(self, market: str | None = None, count: int = 1) -> None:
        """Do not send the next differences of a book, as if they had been lost."""
        self._arm(FaultKind.SKIP_DIFFERENCE, count, market)

    def sequence_reset(self, market: str | None = None, count: int = 1) -> None:
        """Let the numbers of a book's pushes start over until the client subscribes again."""
        self._arm(FaultKind.SEQUENCE_RESET, count, market)

    def missing_sequence(self, market: str | None = None, count: int = 1) -> None:
        """Send the next pushes of a book without their number."""
        self._arm(FaultKind.MISSING_SEQUENCE, count, market)

    def stale_snapshot(self, market: str | None = None, count: int = 1) -> None:
        """Send an older book as the next whole one."""
        self._arm(FaultKind.STALE_SNAPSHOT, count, market)

    def bad_row(
        self,
        defect: Defect,
        topic: RowTopic,
        field: str | None = None,
        where: Place = "any",
        market: str | None = None,
        count: int = 1,
    ) -> None:
        """Spoil the first row of ``topic`` in the next replies or pushes; ``field`` is the venue's name."""
        self._arm(
            FaultKind.BAD_ROW,
            count,
            market,
            defect=_one_of("defect", defect, get_args(Defect)),
            topic=_one_of("topic", topic, get_args(RowTopic)),
            where=_one_of("where", where, get_args(Place)),
            field=field,
        )

    def _arm_push(self, kind: FaultKind, topic: PushTopic | None, market: str | None, count: int) -> None:
        if topic is not None:
            _one_of("topic", topic, get_args(PushTopic))
        self._arm(kind, count, market, topic=topic)


class Faults(_RestFaults, _StreamFaults, _DataFaults):
    """What any venue does wrong on demand, and how often each was triggered (``triggered``).

    A venue's own class adds what only it can do: ``box.coinex.faults`` has ``corrupt_checksum`` besides,
    ``box.exchange.faults`` has ``lost_ack``.
    """

    def clock_skew(self, skew_ms: int) -> None:
        """Let the venue's clock run ``skew_ms`` ahead (negative: behind) in what it says and checks."""
        self._last(FaultKind.CLOCK_SKEW)
        self.skew_ms = skew_ms

    def clock_step(self, step_ms: int) -> None:
        """Let the venue's clock jump by ``step_ms`` from where it is."""
        self._last(FaultKind.CLOCK_STEP)
        self.skew_ms += step_ms

    def clear(self) -> None:
        """End every fault: disarm, no delay, no lag, the true clock; muted sockets stay muted."""
        self._disarm()
        self.rest_delay = self.push_delay = Latency()
        self.skew_ms = 0
        self.answers_pings = True
        if self.read_lag_ms:
            self.read_lag(0)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return value


def _at_least_0(name: str, value: float) -> float:
    if not 0 <= value < float("inf"):
        raise ValueError(f"{name} must be at least 0, got {value!r}")
    return value


def _http_error(status: int) -> int:
    if not LOWEST_ERROR <= status <= HIGHEST_ERROR:
        raise ValueError(f"status must be {LOWEST_ERROR} to {HIGHEST_ERROR}, got {status}")
    return status
