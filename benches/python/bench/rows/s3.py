"""S3: what does it cost to sign the pieces of a TrueX request to base64?"""

from collections.abc import Callable

from bench import truth
from bench.contenders import truex_signing as signing
from bench.row import BEST, OURS, Contender, Lap, Row, Target
from bench.rows.requests import SECRET, SHORT, Request, size_bytes

HMAC = "hmac.new + b64encode"

# TrueX counts whole seconds: three digits less.
REQUESTS = [
    request._replace(timestamp_ms=request.timestamp_ms // 1000 + at) for at, request in enumerate(SHORT)
]


def _lap(make: Callable[[str], signing.Sign]) -> Lap:
    sign = make(SECRET)

    def run() -> None:
        for method, path, body, timestamp_s in REQUESTS:
            sign(method, path, body, timestamp_s)

    return Lap(run, lambda: [sign(*request) for request in REQUESTS])


def _expected(request: Request) -> str:
    return truth.truex_signature(SECRET, *request)


def _contender(name: str, make: Callable[[str], signing.Sign], *packages: str) -> Contender:
    return Contender(name, lambda: _lap(make), packages)


SIZE_BYTES = size_bytes(REQUESTS)

ROWS = (
    Row(
        "S3",
        f"sign timestamp, method, path and body to base64, {SIZE_BYTES} bytes together",
        len(REQUESTS),
        (
            _contender(OURS, signing.ours),
            _contender(HMAC, signing.hmac_new),
            _contender("hmac.digest + b2a_base64", signing.hmac_digest),
            _contender("hand-made", signing.handmade),
        ),
        (Target(HMAC, 6.5, required=5.0), Target(BEST, 3.5)),
        lambda: [_expected(request) for request in REQUESTS],
    ),
)
