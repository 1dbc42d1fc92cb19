"""What a wheel must do the moment it is installed: import, sign, read a frame."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import sys
import zlib
from decimal import Decimal
from importlib.metadata import entry_points, files
from pathlib import Path


def main() -> None:
    import tradewire
    from tradewire._native import CoinexFeed, CoinexSigner

    assert "site-packages" in str(Path(tradewire.__file__)), tradewire.__file__
    [plugin] = entry_points(group="pytest11", name="tradewire")
    assert plugin.value == "tradewire.testing.pytest_plugin"

    text = b"GET/v2/time1763640000000"
    signature = CoinexSigner("id", "secret").sign("GET", "/v2/time", "", 1763640000000)
    assert signature == hmac.new(b"secret", text, hashlib.sha256).hexdigest()

    push = {
        "method": "depth.update",
        "data": {
            "market": "BTCUSDT",
            "is_full": True,
            "depth": {
                "bids": [["30000.50", "0.4"]],
                "asks": [["30001.00", "0.7"]],
                "last": "30000.50",
                "updated_at": 1763640000000,
                "checksum": zlib.crc32(b"30000.50:0.4:30001.00:0.7"),
            },
        },
        "id": None,
    }
    feed = CoinexFeed()
    book = feed.add_book("BTCUSDT", 5)
    feed.on_frame(gzip.compress(json.dumps(push).encode()), 1)
    assert book.best_bid() == (Decimal("30000.50"), Decimal("0.4")), book.status
    crates = _listed_crates()
    assert {"pyo3", "sha2", "tradewire-core"} <= crates, crates
    print(
        f"tradewire {tradewire.__version__} on Python {sys.version.split()[0]}: imports, signs, keeps a book, "
        f"lists its {len(crates)} crates"
    )


def _listed_crates() -> set[str]:
    """Return the crates that the wheel says it is made of: a CycloneDX document where PEP 770 wants it."""
    [place] = [file for file in files("tradewire") or [] if file.match("*.dist-info/sboms/*.cyclonedx.json")]
    document = json.loads(place.read_text())
    assert document["bomFormat"] == "CycloneDX", document["bomFormat"]
    assert all(part["licenses"] for part in document["components"])
    return {part["name"] for part in document["components"]}


if __name__ == "__main__":
    main()
