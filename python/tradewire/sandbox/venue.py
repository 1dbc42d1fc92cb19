"""What a venue of the sandbox is to what is around it: its listener, its control surface and the box.

Knows no protocol of any venue; each implements this in ``venues/<venue>/venue.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.faults.points import FaultPoints
from tradewire.sandbox.outbox import Outbox
from tradewire.sandbox.routing import Api
from tradewire.sandbox.traffic import Traffic

__all__ = ["SANDBOX_MARK", "Answer", "ControlHandler", "Conversation", "Venue", "VenueClass"]

SANDBOX_MARK = "5a4db0c5"
"""What tells a key of the sandbox from a live one: hexadecimal, so that keys keep the venue's form. Clients look for
it, in either case, and refuse to show such a key to another machine."""
Answer: TypeAlias = tuple[int, dict[str, Any]]
"""HTTP status and document of the control surface."""
ControlHandler: TypeAlias = Callable[[Mapping[str, Any]], Answer]
"""Answers one control request, given its query (``GET``) or its document (``POST``)."""


class Conversation(Protocol):
    """One client over WebSocket, as a venue sees it."""

    def receive(self, text: str, now_ms: int) -> None:
        """Take one text message."""

    def follows(self, market: str) -> bool:
        """Say whether it gets anything about ``market``."""

    def answer_instead(self, text: str, fault: FaultKind) -> None:
        """Answer a message as ``fault`` says, and do nothing of what it asks."""

    def expire_login(self) -> bool:
        """End the login without a word; say whether there was one."""


class Venue(Protocol):
    """A venue."""

    name: str
    now_ms: Callable[[], int]
    traffic: Traffic
    frames_are_text: bool
    """Frames go out as text; else as binary."""
    refuses_binary: bool
    """A binary frame ends the connection; else it is ignored."""
    max_body_bytes: int
    max_message_bytes: int
    idle_s: float | None
    """Seconds after which a silent WebSocket client is cut off; ``None`` to leave it alone."""
    idle_cut_is_abrupt: bool
    """It is cut off without a close frame."""

    @property
    def faults(self) -> Faults:
        """What it does wrong on demand."""

    @property
    def api(self) -> Api[Any]:
        """Its REST API."""

    @property
    def fault_points(self) -> FaultPoints:
        """Where faults are injected."""

    def has_stream(self, path: str) -> bool:
        """Say whether WebSockets may be opened at ``path``."""

    def outbox(self) -> Outbox:
        """Return what keeps frames for one client until they are sent."""

    def connect(self, outbox: Outbox, path: str) -> Conversation:
        """Begin a conversation at ``path`` whose frames go to ``outbox``."""

    def disconnect(self, conversation: Any) -> None:
        """End it."""

    def listening(self, host: str, port: int) -> None:
        """Take note of where the venue can be reached."""

    async def run(self) -> None:
        """Do what happens by itself (traffic, heartbeats, pushes) until cancelled."""

    def keys(self) -> dict[str, Any]:
        """Return what a client needs to begin: addresses, credentials, markets."""

    def account(self) -> dict[str, Any]:
        """Return the default trader's account in words that all venues share; numbers are text.

        ``orders`` has ``order_id``, ``status`` (``open``, ``filled``, ``cancelled``, ``rejected``) and ``filled_size``;
        ``fills`` has ``order_id``, ``trade_id``, ``price``, ``size`` and, where the venue tells them, ``fee`` and
        ``liquidity``. What is held is ``balances`` (by asset: ``available``, ``locked``) or ``positions`` (by market:
        ``size``, ``average_price``, ``realized_pnl``, ``mark``, ``unrealized_pnl``).
        """

    def sent_book(self, market: str, marks: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the book that was sent with these marks, ``None`` if none is remembered.

        Args:
            market: Which.
            marks: What a client knows of its book: ``checksum`` (CRC-32 over its text), ``limit``, ``time_ms`` and
                ``sequence``, as far as the venue sends them.

        Returns:
            ``bids`` and ``asks``, best first, who trades first before who trades later: price, size and, where the
            venue tells it, the number of orders; or id, price and size of single orders.
        """

    def assert_adds_up(self) -> None:
        """Prove that nothing appeared or vanished.

        Raises:
            DoesNotAddUp: It did.
        """

    def control_routes(self) -> Mapping[tuple[str, str], ControlHandler]:
        """Return the venue's own control requests by method and name, for instance ``("GET", "book")``.

        A handler may raise ``KeyError``, ``TypeError`` or ``ValueError`` for a request it cannot answer.
        """


class VenueClass(Protocol):
    """The class of a venue."""

    faults_class: type[Faults]
    """What it can do wrong."""

    def __call__(
        self, *, seed: int, rate_per_s: float, faults: Any, now_ms: Callable[[], int], options: Any
    ) -> Venue:
        """Return a venue that does not listen yet.

        Raises:
            ValueError: It cannot serve these options.
        """
        ...
