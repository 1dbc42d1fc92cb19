"""S1: what does it cost to sign the pieces of a CoinEx request to lower hex?"""

from collections.abc import Callable

from bench import truth
from bench.contenders import signing
from bench.row import BEST, OURS, Contender, Lap, Row, Target
from bench.rows.requests import LONG, SECRET, SHORT, Request, size_bytes

HMAC_NEW = "hmac.new"


def _lap(make: Callable[[str], signing.Sign], requests: list[Request]) -> Lap:
    sign = make(SECRET)

    def run() -> None:
        for method, path, body, timestamp_ms in requests:
            sign(method, path, body, timestamp_ms)

    return Lap(run, lambda: [sign(*request) for request in requests])


def _row(requests: list[Request], targets: tuple[Target, ...]) -> Row:
    def contender(name: str, make: Callable[[str], signing.Sign], *packages: str) -> Contender:
        return Contender(name, lambda: _lap(make, requests), packages)

    contenders = (
        contender(OURS, signing.ours),
        contender(HMAC_NEW, signing.hmac_new),
        contender("hmac.digest", signing.hmac_digest),
        contender("hmac copied", signing.hmac_copied),
        contender("hand-made", signing.handmade),
        contender("cryptography", signing.cryptography, "cryptography"),
        contender("nautilus", signing.nautilus, "nautilus_trader"),
    )
    size = size_bytes(requests)
    return Row(
        f"S1/{size}B",
        f"sign method, path, body and timestamp to hex, {size} bytes together",
        len(requests),
        contenders,
        targets,
        lambda: [truth.signature(SECRET, *request) for request in requests],
    )


ROWS = (
    _row(SHORT, (Target(HMAC_NEW, 7.0, required=5.0), Target(BEST, 3.0))),
    # The design asks 4.5x here: hashing five more blocks costs everyone the same.
    _row(LONG, (Target(HMAC_NEW, 4.5), Target(BEST, 2.2))),
)
