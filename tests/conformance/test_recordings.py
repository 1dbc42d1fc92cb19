"""A recording holds what passed, byte for byte, and no secret, on every venue."""

from __future__ import annotations

import base64
import contextlib
import gzip
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.crash_report import CANARY
from support.desk import Desk
from tradewire import Recorder, Recording
from tradewire.errors import ConfigError, TradewireError
from tradewire.protocol.confidential import Confidential
from tradewire.recording.format import Kind, Record
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import WsConnection, WsListener
from tradewire.transport.ws import PicowsTransport


class Witness:
    """Opens WebSockets and keeps what it delivers and sends."""

    def __init__(self) -> None:
        self.inner = PicowsTransport()
        self.received: list[bytes] = []
        self.sent: list[bytes] = []

    async def connect(
        self,
        url: str,
        listener: WsListener,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        max_frame_bytes: int,
    ) -> WsConnection:
        witness = self

        class Listening:
            def on_frame(self, data: bytes, received_at_ns: int) -> None:
                witness.received.append(data)
                listener.on_frame(data, received_at_ns)

            def on_closed(self, code: int, reason: str) -> None:
                listener.on_closed(code, reason)

        connection = await self.inner.connect(
            url, Listening(), headers=headers, timeout_s=timeout_s, max_frame_bytes=max_frame_bytes
        )

        class Sending:
            def send_text(self, data: bytes) -> None:
                witness.sent.append(data)
                connection.send_text(data)

            async def close(self, code: int = 1000, reason: str = "") -> None:
                await connection.close(code, reason)

        return Sending()


async def use(desk: Desk, client: Any) -> None:
    """Do everything that a client shows its key with: streams, orders by both ways, reads."""
    with contextlib.suppress(TradewireError):
        await client.watch_orders().ready()
    with contextlib.suppress(TradewireError):
        await client.watch_book(desk.symbol).ready()
    for _ in range(2):
        with contextlib.suppress(TradewireError):
            await client.send_order(desk.symbol, "buy", desk.size, desk.low)
        with contextlib.suppress(TradewireError):
            await client.open_orders()
    with contextlib.suppress(TradewireError):
        await client.request("GET", f"/nothing/{CANARY}?token={CANARY}")


def records_of(path: Path, kind: Kind) -> list[Record]:
    return [record for record in Recording(path).records() if record.kind == kind]


def everything(path: Path) -> str:
    """Return all that is in a recording, gzip unpacked, in lower case."""
    data = [record.data for record in Recording(path).records()]
    plain = [gzip.decompress(one) if one[:2] == b"\x1f\x8b" else one for one in data]
    return b"\n".join(plain).decode("latin-1").lower()


def spellings(secret: str) -> list[str]:
    plain = secret.encode()
    packed = base64.b64encode(plain).decode().lower()
    return [
        secret.lower(),
        plain.hex(),
        packed.rstrip("=")[:-1],
        base64.b64encode(b"user:" + plain).decode().lower()[8:-4],
    ]


def secrets_of(server: Any) -> list[str]:
    return [
        getattr(server, name)
        for name in ("secret", "access_id", "api_key", "key_id")
        if hasattr(server, name)
    ]


async def test_messages_and_exchanges_are_recorded_byte_for_byte(desk: Desk, tmp_path: Path) -> None:
    witness = Witness()
    requests: list[bytes] = []
    http = Http1Transport(on_sent=requests.append)
    client: Any = desk.product.client_class.for_sandbox(desk.box, ws=witness, http=http)
    path = tmp_path / "a.twrec"
    async with client, Recorder(client, path) as recorder:
        await use(desk, client)
    assert [record.data for record in records_of(path, Kind.RECEIVED)] == witness.received
    public = [frame for frame in witness.sent if not isinstance(frame, Confidential)]
    shown = [record.data for record in records_of(path, Kind.SENT)]
    assert len(shown) == len(witness.sent)
    assert [one for one in shown if b"[withheld]" not in one] == public
    told = records_of(path, Kind.REQUEST)
    assert [record.data.partition(b"\n")[2] for record in told] == [
        request.partition(b"\r\n\r\n")[2] for request in requests
    ]
    replies = {record.source: record for record in records_of(path, Kind.REPLY)}
    assert replies.keys() == {record.source for record in told}
    for record in Recording(path).records():
        assert record.wall_ns > 0
        assert record.monotonic_ns > 0
    assert Recording(path).about.product == desk.product.name
    assert recorder.lost == 0


async def test_right_secrets_are_not_recorded(desk: Desk, tmp_path: Path) -> None:
    client: Any = desk.product.client_class.for_sandbox(desk.box)
    async with client, Recorder(client, tmp_path / "a.twrec"):
        await use(desk, client)
    recorded = everything(tmp_path / "a.twrec")
    assert "[withheld]" in recorded
    assert [one for secret in secrets_of(desk.server) for one in spellings(secret) if one in recorded] == []


async def test_marked_secrets_are_not_recorded(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a key is shown to the venue, and whatever the venue repeats of it."""
    for name in ("secret", "access_id", "api_key", "key_id"):
        if hasattr(desk.server, name):
            monkeypatch.setattr(type(desk.server), name, CANARY)
    client: Any = desk.product.client_class.for_sandbox(desk.box, allow_any_key=True)
    async with client, Recorder(client, tmp_path / "a.twrec"):
        await use(desk, client)
    recorded = everything(tmp_path / "a.twrec")
    assert "[withheld]" in recorded
    assert [one for one in spellings(CANARY) if one in recorded] == []


@pytest.mark.parametrize("desk", ["coinex"], indirect=True)
async def test_a_key_that_the_venue_made_is_not_recorded(desk: Desk, tmp_path: Path) -> None:
    client: Any = desk.product.client_class.for_sandbox(desk.box)
    async with client, Recorder(client, tmp_path / "a.twrec"):
        await client.create_sub("desk1")
        key = await client.create_sub_key("desk1")
    recorded = everything(tmp_path / "a.twrec")
    secrets = [key.access_id, key.credentials().reveal()]
    assert [one for secret in secrets for one in spellings(secret) if one in recorded] == []


@pytest.mark.parametrize("desk", ["truex"], indirect=True)
async def test_a_client_is_recorded_from_its_beginning_or_not_at_all(desk: Desk, tmp_path: Path) -> None:
    async with desk.product.client_class.for_sandbox(desk.box) as client:
        recorder = Recorder(client, tmp_path / "a.twrec")
        with pytest.raises(ConfigError, match="recorded already"):
            Recorder(client, tmp_path / "b.twrec")
        await recorder.close()
    await desk.client.watch_book(desk.symbol).ready()
    with pytest.raises(ConfigError, match="before it watches anything"):
        Recorder(desk.client, tmp_path / "b.twrec")
    with pytest.raises(ConfigError, match="must be a client of tradewire, got str"):
        Recorder("coinex", tmp_path / "b.twrec")  # type: ignore[arg-type]  # what a user may write
    assert not (tmp_path / "b.twrec").exists()
    with pytest.raises(ConfigError, match="not copied or pickled"):
        pickle.dumps(recorder)


async def test_what_fails_is_recorded_too(desk: Desk, tmp_path: Path) -> None:
    client: Any = desk.product.client_class.for_sandbox(desk.box)
    await desk.box.close()
    async with client, Recorder(client, tmp_path / "a.twrec"):
        with pytest.raises(TradewireError):
            await client.markets()
    assert records_of(tmp_path / "a.twrec", Kind.FAILED)
