"""The venue of the benches as a process of its own: ``benches/rust/peer``, which polls on the first core.

What it answers, and its commands, stand at the head of ``benches/rust/peer/src/main.rs``.
"""

import atexit
import ipaddress
import json
import os
import signal
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bench import machine

SECRET = "exch_0123456789abcdef0123456789abcdef"
"""CoinEx's secret and Exchange's key."""
SNAPSHOT, PUSH, UNANSWERED, NUMBERED = range(4)
PEER = machine.ROOT / "benches" / "rust" / "peer"
Record = tuple[int, bytes]
"""What kind of frame, and the frame."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the peer is; ``cafile`` is the certificate to trust, empty without TLS."""

    port: int
    cafile: str

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def http(self) -> str:
        return f"http{'s' if self.cafile else ''}://{self.authority}"

    @property
    def ws(self) -> str:
        return f"ws{'s' if self.cafile else ''}://{self.authority}/ws"

    @property
    def tls(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self.cafile) if self.cafile else None


class Peer:
    """One process of the peer, for one bot or one set of clients.

    Args:
        venue: ``coinex`` or ``exchange``.
        records: The frames that it pushes.
        is_tls: Over TLS, with a certificate for loopback.
    """

    def __init__(self, venue: str, records: tuple[Record, ...] = (), *, is_tls: bool = False) -> None:
        certificate = [str(path) for path in _certificate()] if is_tls else []
        frames = _frames(records)
        self._process = subprocess.Popen(
            [str(_program()), venue, str(frames), SECRET, *certificate],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
            # The one who is measured sits on the last core.
            os.sched_setaffinity(self._process.pid, {0})
        assert self._process.stdout is not None
        self.place = Place(int(self._process.stdout.readline()), certificate[0] if is_tls else "")

    def tell(self, command: str) -> None:
        """Give a command that has no answer, or whose answer is read later."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for the answer to a command."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the peer is gone"}
        return answer

    def signal(self, number: signal.Signals) -> None:
        """Stop or continue the process."""
        if self._process.poll() is None:
            self._process.send_signal(number)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def _frames(records: tuple[Record, ...]) -> Path:
    path = _folder() / f"{len(list(_folder().iterdir()))}.frames"
    path.write_bytes(b"".join(bytes([kind]) + len(data).to_bytes(4) + data for kind, data in records))
    return path


@cache
def _program() -> Path:
    """Build the peer, unless it is there, and return its path."""
    target = machine.ROOT / "target" / "peer"
    subprocess.run(
        ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", str(target)],
        check=True,
        cwd=PEER,
    )
    return target / "release" / "tick-peer"


@cache
def _certificate() -> tuple[Path, Path]:
    """Make a certificate for loopback and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tradewire bench")])
    now, day = datetime.now(UTC), timedelta(days=1)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - day, now + day
        )
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = _folder() / "cert.pem", _folder() / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths
