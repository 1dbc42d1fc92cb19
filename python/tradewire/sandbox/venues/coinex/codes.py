"""The venue's codes, and the exception that carries one to the envelope.

Source: the error pages of docs.coinex.com/api/v2, read 2026-11-20. Where they leave a choice this sandbox
answers 4004 to a request it cannot read (no JSON object, wrong content type, a required field missing, a path
it does not have) and 3639 to a field it read and does not accept.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Code", "Refusal", "UnknownMarket", "WsCode", "WsRefusal", "invalid", "unreadable"]


class Code(IntEnum):
    """Codes of REST replies."""

    OK = 0
    BUSY = 3008
    BALANCE_NOT_ENOUGH = 3109
    BELOW_MINIMUM = 3127
    ORDER_NOT_FOUND = 3600
    NO_DEPTH = 3620
    CANNOT_FILL = 3621
    WOULD_TAKE = 3622
    INVALID_PARAMETER = 3639
    TIMED_OUT = 4002
    INTERNAL_ERROR = 4003
    PARAMETER_ERROR = 4004
    BAD_ACCESS_ID = 4005
    BAD_SIGNATURE = 4006
    ADDRESS_NOT_ALLOWED = 4007
    MALFORMED_SIGNATURE = 4008
    WRONG_METHOD = 4009
    EXPIRED = 4010
    USER_BARRED = 4011
    SIGNATURE_EXPIRED = 4017
    MARKET_CLOSED = 4117
    TOO_MANY_REQUESTS = 4213
    NO_PERMISSION = 4512


class WsCode(IntEnum):
    """Codes of WebSocket replies."""

    OK = 0
    INVALID_ARGUMENT = 20001
    NO_SUCH_METHOD = 20002
    NOT_SIGNED = 21001
    BAD_SIGNATURE = 21002
    TOO_FREQUENT = 23002
    TEMPORARILY_UNAVAILABLE = 24002


class Refusal(Exception):
    """The venue says no, with a code."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class UnknownMarket(Refusal):
    """There is no such market; habits differ in the code."""

    def __init__(self, name: str) -> None:
        super().__init__(Code.INVALID_PARAMETER, f"Invalid Parameter: market {name[:32]} not found")


class WsRefusal(Exception):
    """The venue says no over WebSocket."""

    def __init__(self, code: WsCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> Refusal:
    """Return the refusal of a field that was read and is not acceptable."""
    return Refusal(Code.INVALID_PARAMETER, f"Invalid Parameter: {message}")


def unreadable(message: str) -> Refusal:
    """Return the refusal of a request that cannot be read."""
    return Refusal(Code.PARAMETER_ERROR, f"Parameter error: {message}")
