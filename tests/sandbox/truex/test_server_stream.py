"""The TrueX sandbox over WebSocket: credentials per frame, confirmations, refusals."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from support.plain_truex import PlainStream, PlainTrueX, sign, stamp
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue

SYMBOL = "BTC-PYUSD"
OTHER = "ETH-PYUSD"
NOW_MS = 1_770_000_000_000
QUICK = TrueXOptions(instruments=(SYMBOL, OTHER), coalesce_ms=20)


@pytest.fixture
def options() -> TrueXOptions:
    return QUICK


async def test_welcome_counts_connections(client: PlainTrueX, venue: TrueXVenue, stream: PlainStream) -> None:
    assert await stream.next() == {
        "channel": "WEBSOCKET",
        "update": "WELCOME",
        "connections": "1",
        "message": "Welcome",
        "version": "1.0.5",
        "datetime": "2026-02-02 02:40:00",
    }
    async with client.session.ws_connect(venue.ws_url) as socket:
        assert json.loads((await socket.receive()).data)["connections"] == "2"


@pytest.mark.parametrize(
    ("skew_s", "status"),
    [
        (-16, "UNAUTHORIZED"),
        (-15, "AUTHENTICATED"),
        (0, "AUTHENTICATED"),
        (1, "UNAUTHORIZED"),
        (2, "UNAUTHORIZED"),
    ],
)
async def test_clock_window_has_no_future(stream: PlainStream, skew_s: int, status: str) -> None:
    await stream.send("SUBSCRIBE", ["EBBO"], [SYMBOL], skew_s=skew_s)
    assert (await stream.confirmed())["status"] == status


async def test_vector_with_path_and_without_it_behind_a_switch(session: aiohttp.ClientSession) -> None:
    key_id, secret = "6398805c-0000-4000-8000-94ce683056e4", "tmk-example-secret-0123456789abcdef"
    signatures = {
        "4ygSNC4tP2pik4idBVRAtaZVAx4KC+0eusnFFABDUzo=": ("AUTHENTICATED", "AUTHENTICATED"),
        "on9J0KdXfUR7xe3j/3s9vJIxMVZ0bLHgRF+uFG99iFI=": ("UNAUTHORIZED", "AUTHENTICATED"),
        "AAAASNC4tP2pik4idBVRAtaZVAx4KC+0eusnFFABDUzo=": ("UNAUTHORIZED", "UNAUTHORIZED"),
    }
    for place, is_lenient in enumerate((False, True)):
        options = TrueXOptions(instruments=(SYMBOL,), accept_signature_without_path=is_lenient)
        async with Sandbox(["truex"], rate=0, now_ms=lambda: NOW_MS, truex=options) as box:
            _, key = box.truex.add_client("vectors", key_id=key_id, secret=secret)
            for signature, statuses in signatures.items():
                frame = {
                    "type": "SUBSCRIBE",
                    "channels": ["EBBO"],
                    "item_names": [SYMBOL],
                    "timestamp": "1770000000",
                }
                frame |= {"organization_id": key.organization_id, "key": key_id, "signature": signature}
                async with session.ws_connect(box.truex.ws_url) as socket:
                    await socket.send_json(frame)
                    await socket.receive()
                    assert json.loads((await socket.receive()).data)["status"] == statuses[place]


async def test_query_or_host_signed_and_decoded_secret_are_refused(
    client: PlainTrueX, stream: PlainStream
) -> None:
    at = stamp(NOW_MS)
    decoded = bytes.fromhex(client.secret).decode("latin-1")
    for signature in (
        sign(client.secret, f"{at}TRUEXWS{client.key_id}/api/v1?x=1"),
        sign(client.secret, f"{at}TRUEXWS{client.key_id}/v1/cefi"),
        sign(decoded, f"{at}TRUEXWS{client.key_id}/api/v1"),
    ):
        await stream.socket.send_json(
            client.frame("SUBSCRIBE", ["EBBO"], [SYMBOL]) | {"signature": signature}
        )
        assert (await stream.confirmed())["status"] == "UNAUTHORIZED"
    wrong = client.frame("SUBSCRIBE", ["EBBO"], [SYMBOL]) | {"organization_id": client.key_id}
    await stream.socket.send_json(wrong)
    assert (await stream.confirmed())["status"] == "UNAUTHORIZED"


async def test_every_confirmation_carries_the_whole_list(stream: PlainStream) -> None:
    await stream.send("SUBSCRIBE_NO_AUTH", ["EBBO", "TRADE"], [SYMBOL, OTHER])
    first = await stream.confirmed()
    assert (first["update"], first["status"], first["timestamp"]) == (
        "SNAPSHOT",
        "UNAUTHENTICATED",
        "1770000000",
    )
    both = [SYMBOL, OTHER]
    assert first["subscriptions"] == [
        {"channel": "EBBO", "item_names": both},
        {"channel": "TRADE", "item_names": both},
    ]
    await stream.send("UNSUBSCRIBE_NO_AUTH", ["EBBO"], both)
    second = await stream.confirmed()
    assert (second["update"], second["subscriptions"]) == (
        "UPDATE",
        [{"channel": "TRADE", "item_names": both}],
    )
    await stream.send("SUBSCRIBE", ["DEPTH"], [OTHER])
    third = await stream.confirmed()
    assert third["status"] == "AUTHENTICATED"
    assert third["subscriptions"][-1] == {"channel": "DEPTH", "item_names": [OTHER]}
    await stream.send("UNSUBSCRIBE", ["TRADE", "DEPTH"], both)
    assert (await stream.confirmed())["subscriptions"] == []


BAD_FRAMES: list[tuple[Any, str]] = [
    ("", "ERROR"),
    ("[]", "ERROR"),
    ("{", "ERROR"),
    ("[" * 50_000, "ERROR"),
    ({"type": None}, "ERROR"),
    ({"type": "SUBSCRIBE_ALL"}, "INVALID"),
    ({"channels": ["CANDLES"]}, "INVALID"),
    ({"channels": []}, "INVALID"),
    ({"item_names": []}, "INVALID"),
    ({"channels": "DEPTH"}, "ERROR"),
    ({"channels": [1]}, "ERROR"),
    ({"item_names": [SYMBOL, 1.5]}, "ERROR"),
    ({"item_names": ["btc-pyusd"]}, "INVALID"),
    ({"timestamp": 1770000000}, "ERROR"),
    ({"timestamp": "soon"}, "UNAUTHORIZED"),
    ({"timestamp": "1770000001"}, "UNAUTHORIZED"),
    ({"key": "x"}, "ERROR"),
    ({"channels": ["DROPCOPY"], "item_names": ["78932725357888855"]}, "UNAUTHORIZED"),
    ({"type": "SUBSCRIBE"}, "ERROR"),
]


@pytest.mark.parametrize(("change", "status"), BAD_FRAMES, ids=lambda value: str(value)[:30])
async def test_refusals_by_status_leave_everything_as_it_was(
    stream: PlainStream, change: Any, status: str
) -> None:
    await stream.send("SUBSCRIBE_NO_AUTH", ["EBBO"], [SYMBOL])
    before = await stream.confirmed()
    good = {
        "type": "SUBSCRIBE_NO_AUTH",
        "channels": ["DEPTH"],
        "item_names": [SYMBOL],
        "timestamp": "1770000000",
    }
    await stream.socket.send_str(change if isinstance(change, str) else json.dumps({**good, **change}))
    refusal = await stream.confirmed()
    assert (refusal["status"], refusal["subscriptions"]) == (status, before["subscriptions"])


async def test_pings_are_answered_and_binary_is_not_taken(client: PlainTrueX, venue: TrueXVenue) -> None:
    async with client.session.ws_connect(venue.ws_url, autoping=False) as socket:
        await socket.receive()
        await socket.ping(b"are you there")
        message = await socket.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"are you there")
        await socket.send_bytes(b"{}")
        message = await socket.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.UNSUPPORTED_DATA)
