"""Faults on one WebSocket connection: what a client asks is kept from the venue, what the venue sends is altered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tradewire.sandbox.faults.kinds import FaultKind
from tradewire.sandbox.faults.points import FaultPoints, Push
from tradewire.sandbox.faults.rows import spoil_first
from tradewire.sandbox.faults.store import Armed, FaultStore

__all__ = ["FaultyConversation", "StreamInjector"]


class FaultyConversation(Protocol):
    """A connection as the venue sees it, which can also answer wrongly."""

    def answer_instead(self, text: str, fault: FaultKind) -> None:
        """Answer a message as ``fault`` says, and do nothing of what it asks."""


class StreamInjector:
    """Injects what is armed.

    Args:
        faults: What is armed.
        points: What the venue says of itself.
        conversation: Who answers.
    """

    def __init__(self, faults: FaultStore, points: FaultPoints, conversation: FaultyConversation) -> None:
        self._faults = faults
        self._points = points
        self._conversation = conversation
        self._behind: dict[str, int] = {}
        self._held: dict[str, bytes] = {}

    def passes(self, text: str) -> bool:
        """Say whether the venue gets a client's message; if not, it has been answered, or never will be."""
        if not self._faults.is_armed and self._faults.answers_pings and not self._behind:
            return True
        asked = self._points.asked(text)
        if asked.kind == "ping":
            return self._faults.answers_pings
        if asked.is_login and self._faults.take(FaultKind.LOGIN_REFUSED) is not None:
            self._conversation.answer_instead(text, FaultKind.LOGIN_REFUSED)
            return False
        kinds = {
            "subscribe": (FaultKind.SUBSCRIPTION_PUT_OFF, FaultKind.SILENT_SUBSCRIPTION),
            "unsubscribe": (FaultKind.UNSUBSCRIPTION_PUT_OFF,),
        }.get(asked.kind, ())
        for kind in kinds:
            if self._take_of_any(kind, asked.markets) is not None:
                self._conversation.answer_instead(text, kind)
                return False
        if asked.kind == "subscribe":
            self._behind.clear()
        return True

    def frames(self, frame: bytes) -> list[bytes]:
        """Return what is sent instead of ``frame``: itself, another, several, or nothing."""
        if not (self._faults.touches_frames or self._behind or self._held):
            return [frame]
        message = self._points.decode(frame)
        push = self._points.push(message)
        if push is None:
            return [frame]
        if self._take(FaultKind.DROP_PUSH, push) is not None:
            return []
        if self._spoil(message, push):
            frame = self._points.encode(message)
        if push.topic not in self._held and self._take(FaultKind.REORDER_PUSH, push) is not None:
            self._held[push.topic] = frame
            return []
        frames = [frame, frame] if self._take(FaultKind.DUPLICATE_PUSH, push) is not None else [frame]
        held = self._held.pop(push.topic, None)
        return frames if held is None else [*frames, held]

    def _spoil(self, message: dict[str, Any], push: Push) -> bool:
        """Change a message in place; say whether it was."""
        is_changed = False
        number = self._points.number(message) if push.topic == "book" else None
        if number is not None:
            if self._faults.take(FaultKind.SEQUENCE_RESET, push.market) is not None:
                self._behind[push.series] = self._points.sequence_back or number - 1
            if (behind := self._behind.get(push.series)) is not None:
                self._points.renumber(message, number - behind)
                is_changed = True
            if self._faults.take(FaultKind.MISSING_SEQUENCE, push.market) is not None:
                self._points.renumber(message, None)
                is_changed = True
        return self._spoil_row(message, push) or is_changed

    def _spoil_row(self, message: dict[str, Any], push: Push) -> bool:
        def fits(values: Mapping[str, Any]) -> bool:
            return values["topic"] == push.topic and values["where"] in {"any", "push"}

        armed = self._faults.take(FaultKind.BAD_ROW, push.market, fits)
        if armed is None:
            return False
        slots = self._points.rows_of_push(push.topic, message)
        fields = self._points.fields[push.topic]
        return spoil_first(slots, fields, armed.values["defect"], armed.values["field"])

    def _take(self, kind: FaultKind, push: Push) -> Armed | None:
        return self._faults.take(kind, push.market, lambda values: values["topic"] in {None, push.topic})

    def _take_of_any(self, kind: FaultKind, markets: tuple[str, ...]) -> Armed | None:
        for market in markets or (None,):
            if (armed := self._faults.take(kind, market)) is not None:
                return armed
        return None
