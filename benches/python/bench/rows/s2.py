"""S2: what do all headers of a signed CoinEx request cost, ready to send?"""

from collections.abc import Callable

from bench import truth
from bench.contenders import signing
from bench.row import BEST, OURS, Contender, Lap, Row, Target
from bench.rows.requests import ACCESS_ID, LONG, SECRET, Request, size_bytes

Headers = Callable[[str, str, str, int], dict[str, str]]

AROUND_HMAC = "dict around hmac.new"


def _ours() -> Headers:
    from tradewire._native import CoinexSigner

    return CoinexSigner(ACCESS_ID, SECRET).headers


def _around(make: Callable[[str], signing.Sign]) -> Headers:
    sign = make(SECRET)

    def headers(method: str, path: str, body: str, timestamp_ms: int) -> dict[str, str]:
        return {
            "X-COINEX-KEY": ACCESS_ID,
            "X-COINEX-SIGN": sign(method, path, body, timestamp_ms),
            "X-COINEX-TIMESTAMP": str(timestamp_ms),
        }

    return headers


def _lap(make: Callable[[], Headers]) -> Lap:
    headers = make()

    def run() -> None:
        for method, path, body, timestamp_ms in LONG:
            headers(method, path, body, timestamp_ms)

    return Lap(run, lambda: [headers(*request) for request in LONG])


def _expected(request: Request) -> dict[str, str]:
    return {
        "X-COINEX-KEY": ACCESS_ID,
        "X-COINEX-SIGN": truth.signature(SECRET, *request),
        "X-COINEX-TIMESTAMP": str(request.timestamp_ms),
    }


def _contender(name: str, make: Callable[[], Headers], *packages: str) -> Contender:
    return Contender(name, lambda: _lap(make), packages)


ROWS = (
    Row(
        "S2",
        f"all signed headers of a request whose signed text has {size_bytes(LONG)} bytes",
        len(LONG),
        (
            _contender(OURS, _ours),
            _contender(AROUND_HMAC, lambda: _around(signing.hmac_new)),
            _contender("dict around hand-made", lambda: _around(signing.handmade)),
            _contender("dict around cryptography", lambda: _around(signing.cryptography), "cryptography"),
            _contender("dict around nautilus", lambda: _around(signing.nautilus), "nautilus_trader"),
        ),
        (Target(AROUND_HMAC, 4.5), Target(BEST, 2.4)),
        lambda: [_expected(request) for request in LONG],
    ),
)
