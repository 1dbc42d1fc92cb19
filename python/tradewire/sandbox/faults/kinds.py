"""The names of the faults, and the words their parameters take."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

__all__ = ["FRAME_FAULTS", "LASTING", "Defect", "FaultKind", "Place", "PushTopic", "Requests", "RowTopic"]

Requests: TypeAlias = Literal["commands", "place", "amend", "cancel", "queries", "any"]
"""Which requests: those that change orders, one kind of those, an account's reads, or every one."""
PushTopic: TypeAlias = Literal[
    "book", "trades", "ticker", "orders", "stop_orders", "fills", "balances", "positions"
]
RowTopic: TypeAlias = Literal["orders", "stop_orders", "fills", "balances", "positions", "markets"]
Place: TypeAlias = Literal["any", "rest", "push"]
Defect: TypeAlias = Literal[
    "null_field", "missing_field", "wrong_type", "not_a_number", "unknown_word", "null_row", "empty_row"
]


class FaultKind(StrEnum):
    """What can go wrong; each is a method of the same name where a venue has it."""

    LOST_REQUEST = "lost_request"
    GATEWAY_HTML = "gateway_html"
    INTERNAL_ERROR = "internal_error"
    BUSY = "busy"
    RATE_LIMITED = "rate_limited"
    STALE_TIMESTAMP = "stale_timestamp"
    LOST_REPLY = "lost_reply"
    NO_REPLY = "no_reply"
    LATE_REPLY = "late_reply"
    SECOND_REPLY = "second_reply"
    BROKEN_REPLY = "broken_reply"
    GATEWAY_AFTER = "gateway_after"
    ERROR_AFTER = "error_after"
    TIMED_OUT = "timed_out"
    REMAINING_HEADERS = "remaining_headers"
    REST_LATENCY = "rest_latency"
    PUSH_LATENCY = "push_latency"
    READ_LAG = "read_lag"
    CLOCK_SKEW = "clock_skew"
    CLOCK_STEP = "clock_step"
    DROP_SOCKET = "drop_socket"
    MUTE_SOCKET = "mute_socket"
    NO_PONG = "no_pong"
    UPGRADE_REFUSED = "upgrade_refused"
    SILENT_SUBSCRIPTION = "silent_subscription"
    SUBSCRIPTION_PUT_OFF = "subscription_put_off"
    UNSUBSCRIPTION_PUT_OFF = "unsubscription_put_off"
    LOGIN_REFUSED = "login_refused"
    LOGIN_EXPIRED = "login_expired"
    DROP_PUSH = "drop_push"
    DUPLICATE_PUSH = "duplicate_push"
    REORDER_PUSH = "reorder_push"
    SKIP_DIFFERENCE = "skip_difference"
    CORRUPT_CHECKSUM = "corrupt_checksum"
    SEQUENCE_RESET = "sequence_reset"
    MISSING_SEQUENCE = "missing_sequence"
    STALE_SNAPSHOT = "stale_snapshot"
    BAD_ROW = "bad_row"
    LAG = "lag"
    USER_LAG = "user_lag"
    OUT_OF_ORDER = "out_of_order"
    STALE_EVENT = "stale_event"
    EARLY_EFFECTS = "early_effects"
    LOST_ACK = "lost_ack"
    MARGIN_EVENTS = "margin_events"


LASTING = frozenset(
    {
        FaultKind.REST_LATENCY,
        FaultKind.PUSH_LATENCY,
        FaultKind.READ_LAG,
        FaultKind.CLOCK_SKEW,
        FaultKind.NO_PONG,
    }
)
"""What goes on from when it is asked for until it is ended; the rest happens so many times, or at once."""

FRAME_FAULTS = frozenset(
    {
        FaultKind.DROP_PUSH,
        FaultKind.DUPLICATE_PUSH,
        FaultKind.REORDER_PUSH,
        FaultKind.SEQUENCE_RESET,
        FaultKind.MISSING_SEQUENCE,
        FaultKind.BAD_ROW,
    }
)
"""What is done to frames on their way out; only while one is armed are frames looked at."""
