"""The requests that S1 and S2 sign: one cancel and one batch of cancels, 100 and 323 bytes of text."""

from typing import NamedTuple

SECRET = "SANDBOX_SECRET_0123456789ABCDEF0123456789ABCDEF"
ACCESS_ID = "SANDBOX_ACCESS_ID_0123456789ABCD"
SIGNATURES = 500
"""Signatures a lap: the timestamp moves on by one each, so no two texts are alike."""
_TIMESTAMP_MS = 1_763_640_000_123
_ORDER_IDS = [*range(13_579_246_801, 13_579_246_804), *range(1_357_924_600, 1_357_924_619)]


class Request(NamedTuple):
    """The pieces of one signature."""

    method: str
    path: str
    body: str
    timestamp_ms: int


def _requests(path: str, body: str) -> list[Request]:
    return [Request("POST", path, body, _TIMESTAMP_MS + number) for number in range(SIGNATURES)]


def size_bytes(requests: list[Request]) -> int:
    """Tell the length of the text that is signed."""
    return len("".join(map(str, requests[0])))


SHORT = _requests("/v2/spot/cancel-order", '{"market":"BTCUSDT","order_id":135792468,"market_type":"SPOT"}')
LONG = _requests(
    "/v2/spot/cancel-batch-order",
    '{"market":"BTCUSDT","order_ids":[' + ",".join(map(str, _ORDER_IDS)) + "]}",
)
