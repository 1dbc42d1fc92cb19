"""Faults on demand: what the venue does wrong next, how often, and to which market.

Knows kinds and counts. Does nothing itself: the code where a fault happens asks ``take`` and acts.
Reached from Python (``box.coinex.faults.drop_socket()``) and over HTTP (``POST /sandbox/faults``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["FaultKind", "Faults"]


class FaultKind(StrEnum):
    """What can go wrong."""

    DROP_SOCKET = "drop_socket"
    CORRUPT_CHECKSUM = "corrupt_checksum"
    SKIP_DIFFERENCE = "skip_difference"
    STALE_TIMESTAMP = "stale_timestamp"
    CLOCK_SKEW = "clock_skew"
    GATEWAY_HTML = "gateway_html"
    BUSY = "busy"
    RATE_LIMITED = "rate_limited"
    GATEWAY_AFTER = "gateway_after"
    LAG = "lag"
    USER_LAG = "user_lag"
    OUT_OF_ORDER = "out_of_order"
    STALE_EVENT = "stale_event"
    EARLY_EFFECTS = "early_effects"
    LOST_ACK = "lost_ack"
    LOST_REPLY = "lost_reply"
    TIMED_OUT = "timed_out"
    INTERNAL_ERROR = "internal_error"
    MUTE_SOCKET = "mute_socket"


ANY_VENUE = frozenset({FaultKind.DROP_SOCKET, FaultKind.MUTE_SOCKET, FaultKind.CLOCK_SKEW})


@dataclass(slots=True)
class _Armed:
    kind: FaultKind
    market: str | None
    left: int
    detail: int


class Faults:
    """What is armed, and how often each kind has triggered (``triggered``).

    Args:
        kinds: What the venue can do wrong besides what any can: sockets that break and clocks that are off.
    """

    def __init__(self, kinds: Collection[FaultKind] = tuple(FaultKind)) -> None:
        self.kinds = frozenset(kinds) | ANY_VENUE
        self.triggered: dict[FaultKind, int] = dict.fromkeys(FaultKind, 0)
        self.skew_ms = 0
        self._armed: list[_Armed] = []
        self._droppers: list[Callable[[str | None], int]] = []
        self._muters: list[Callable[[str | None], int]] = []

    def on_drop(self, drop: Callable[[str | None], int]) -> None:
        """Register who can drop sockets; it returns how many it dropped."""
        self._droppers.append(drop)

    def on_mute(self, mute: Callable[[str | None], int]) -> None:
        """Register who can mute sockets; it returns how many it muted."""
        self._muters.append(mute)

    def mute_socket(self, market: str | None = None) -> int:
        """Leave every stream open, or those subscribed to ``market``, and say nothing more: not even a pong.

        Returns:
            How many were muted.
        """
        muted = sum(mute(market) for mute in self._muters)
        self.triggered[FaultKind.MUTE_SOCKET] += muted
        return muted

    def drop_socket(self, market: str | None = None) -> int:
        """Cut every stream at once without a closing handshake, or those subscribed to ``market``.

        Returns:
            How many were cut.
        """
        dropped = sum(drop(market) for drop in self._droppers)
        self.triggered[FaultKind.DROP_SOCKET] += dropped
        return dropped

    def corrupt_checksum(self, market: str | None = None, count: int = 1) -> None:
        """Send a wrong checksum with the next ``count`` pushed states of a book."""
        self._arm(FaultKind.CORRUPT_CHECKSUM, market, count)

    def skip_difference(self, market: str | None = None, count: int = 1) -> None:
        """Do not send the next ``count`` differences of a book, as if they had been lost."""
        self._arm(FaultKind.SKIP_DIFFERENCE, market, count)

    def stale_timestamp(self, count: int = 1, code: int = 0) -> None:
        """Refuse the next ``count`` signed requests as expired; ``code`` picks the venue's code for it."""
        self._arm(FaultKind.STALE_TIMESTAMP, None, count, code)

    def clock_skew(self, skew_ms: int) -> None:
        """Let the venue's clock run ``skew_ms`` ahead (negative: behind) in what it says and checks."""
        self.skew_ms = skew_ms
        self.triggered[FaultKind.CLOCK_SKEW] += 1

    def gateway_html(self, count: int = 1, status: int = 502) -> None:
        """Answer the next ``count`` requests as a gateway in front of the venue does: ``status`` and HTML."""
        self._arm(FaultKind.GATEWAY_HTML, None, count, status)

    def busy(self, market: str | None = None, count: int = 1) -> None:
        """Refuse the next ``count`` new orders because the service is busy."""
        self._arm(FaultKind.BUSY, market, count)

    def rate_limited(self, count: int = 1) -> None:
        """Refuse the next ``count`` signed requests as too frequent."""
        self._arm(FaultKind.RATE_LIMITED, None, count)

    def gateway_after(self, count: int = 1, status: int = 502) -> None:
        """Execute the next ``count`` commands and lose their answers to a gateway's ``status`` and HTML."""
        self._arm(FaultKind.GATEWAY_AFTER, None, count, status)

    def lag(self, market: str | None = None, count: int = 1, lost: int = 1) -> None:
        """Skip a change of a book for those who follow it and send them word that ``lost`` were skipped."""
        self._arm(FaultKind.LAG, market, count, lost)

    def user_lag(self, count: int = 1, lost: int = 1) -> None:
        """Skip an event of a user's orders and report that ``lost`` were skipped; numbered channels only jump."""
        self._arm(FaultKind.USER_LAG, None, count, lost)

    def out_of_order(self, market: str | None = None, count: int = 1) -> None:
        """Broadcast two changes of a book in the wrong order, as two orders at once may."""
        self._arm(FaultKind.OUT_OF_ORDER, market, count)

    def stale_event(self, market: str | None = None, count: int = 1) -> None:
        """Call for a resync right after a snapshot because of an event older than it."""
        self._arm(FaultKind.STALE_EVENT, market, count)

    def early_effects(self, market: str | None = None, count: int = 1) -> None:
        """Send a snapshot that already holds what the next changes say."""
        self._arm(FaultKind.EARLY_EFFECTS, market, count)

    def lost_ack(self, count: int = 1) -> None:
        """Execute the next ``count`` commands over WebSocket and never acknowledge them."""
        self._arm(FaultKind.LOST_ACK, None, count)

    def lost_reply(self, count: int = 1) -> None:
        """Execute the next ``count`` commands and cut the connection instead of answering."""
        self._arm(FaultKind.LOST_REPLY, None, count)

    def timed_out(self, count: int = 1, *, executed: bool = True) -> None:
        """Say of the next ``count`` commands that they took too long, whether they were ``executed`` or not."""
        self._arm(FaultKind.TIMED_OUT, None, count, int(executed))

    def internal_error(self, count: int = 1) -> None:
        """Answer the next ``count`` requests with the venue's own internal error."""
        self._arm(FaultKind.INTERNAL_ERROR, None, count)

    def request(
        self, kind: str, *, market: str | None = None, count: int = 1, detail: int | None = None
    ) -> dict[str, int]:
        """Do or arm one kind by name, as the control surface asks; say what came of it.

        ``detail`` is the code of ``stale_timestamp``, the status of ``gateway_html``, the milliseconds of
        ``clock_skew`` and 1 for a ``timed_out`` command that is executed, 0 for one that is not.

        Raises:
            ValueError: There is no such kind, the venue cannot do it, or ``count`` is not positive.
        """
        if kind not in {one.value for one in self.kinds}:
            raise ValueError(f"this venue has no fault {kind!r}; it has {', '.join(sorted(self.kinds))}")
        wanted = FaultKind(kind)
        if wanted is FaultKind.DROP_SOCKET:
            return {"dropped": self.drop_socket(market)}
        if wanted is FaultKind.MUTE_SOCKET:
            return {"muted": self.mute_socket(market)}
        if wanted is FaultKind.CLOCK_SKEW:
            self.clock_skew(detail or 0)
            return {"skew_ms": self.skew_ms}
        if wanted in {FaultKind.GATEWAY_HTML, FaultKind.GATEWAY_AFTER} and detail is None:
            detail = 502
        if wanted is FaultKind.TIMED_OUT and detail is None:
            detail = 1
        self._arm(wanted, market, count, detail or 0)
        return {"armed": count}

    def take(self, kind: FaultKind, market: str | None = None) -> int | None:
        """Use up one armed ``kind`` that fits ``market`` and return its detail; ``None`` if none is."""
        for armed in self._armed:
            if armed.kind is kind and armed.market in {None, market}:
                armed.left -= 1
                if not armed.left:
                    self._armed.remove(armed)
                self.triggered[kind] += 1
                return armed.detail
        return None

    def _arm(self, kind: FaultKind, market: str | None, count: int, detail: int = 0) -> None:
        if count < 1:
            raise ValueError(f"count must be at least 1, not {count}")
        if kind not in self.kinds:
            raise ValueError(f"this venue has no {kind}; it has {', '.join(sorted(self.kinds))}")
        self._armed.append(_Armed(kind, market, count, detail))
