"""The network in memory keeps what TCP promises, whatever its links are like, and breaks what it is told to break."""

from __future__ import annotations

import asyncio
import gzip
import random
from typing import Any

import pytest

from tradewire.testing.loop import VirtualLoop
from tradewire.testing.network import Network
from tradewire.testing.trace import Trace
from tradewire.transport.network import DIRECT
from tradewire.transport.seam import ConnectFailed

SENT = bytes(random.Random(1).randbytes(2000))


class Peer(asyncio.Protocol):
    """One end: keeps what it is told."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.received = b""
        self.reads = 0
        self.ends: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        self.reads += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.ends.append(type(exc).__name__)


class Server:
    """Where the other ends come from."""

    def __init__(self) -> None:
        self.peers: list[Peer] = []

    def http_protocol(self) -> Peer:
        self.peers.append(Peer())
        return self.peers[-1]


async def connected(network: Network, server: Any) -> tuple[Peer, Peer]:
    port = await network.listen(server, "127.0.0.1", 0)
    client = Peer()
    await network.dial(client, "127.0.0.1", port, DIRECT, is_tls=False)
    return client, server.peers[-1]


def network_of(seed: int) -> Network:
    return Network(VirtualLoop(seed), seed, Trace())


CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"is_sliced": True},
    {"coalesce_ms": 50},
    {"bytes_per_s": 5000},
    {"latency_ms": (1, 500)},
    {"is_sliced": True, "coalesce_ms": 20, "latency_ms": (0, 90)},
)


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_no_byte_is_lost_doubled_or_swapped(condition: dict[str, Any]) -> None:
    for seed in range(5):
        network = network_of(seed)

        async def main(network: Network = network) -> None:
            client, venue = await connected(network, Server())
            for name, value in condition.items():
                setattr(network.http, name, value)
            for start in range(0, len(SENT), 100):
                venue.transport.write(SENT[start : start + 100])
                client.transport.write(SENT[start : start + 100])
                await asyncio.sleep(0.003)
            await asyncio.sleep(30)
            assert (client.received, venue.received) == (SENT, SENT)
            assert client.reads >= (2000 if condition == {"is_sliced": True} else 1)

        network.loop.run(main())


def test_what_is_held_back_arrives_when_the_link_is_good_again() -> None:
    network = network_of(1)

    async def main() -> None:
        client, venue = await connected(network, Server())
        network.http.holds_up = network.http.holds_down = True
        client.transport.write(b"one")
        venue.transport.write(b"two")
        await asyncio.sleep(5)
        assert (client.received, venue.received) == (b"", b"")
        network.heal()
        client.transport.write(b" more")
        await asyncio.sleep(1)
        assert (client.received, venue.received) == (b"two", b"one more")

    network.loop.run(main())


def test_both_ends_learn_of_a_reset_and_nothing_arrives_after_it() -> None:
    network = network_of(1)

    async def main() -> None:
        client, venue = await connected(network, Server())
        venue.transport.write(b"lost on the way")
        assert network.reset(network.http) == 1
        await asyncio.sleep(1)
        assert client.received == b""
        assert (client.ends, venue.ends) == (["ConnectionResetError"], ["ConnectionResetError"])
        assert network.reset(network.http) == 0

    network.loop.run(main())


def test_a_close_comes_after_what_was_written() -> None:
    network = network_of(1)

    async def main() -> None:
        client, venue = await connected(network, Server())
        venue.transport.write(SENT)
        venue.transport.close()
        await asyncio.sleep(1)
        assert client.received == SENT
        assert (client.ends, venue.ends) == (["NoneType"], ["NoneType"])

    network.loop.run(main())


def test_a_reply_is_cut_after_so_many_bytes() -> None:
    network = network_of(1)

    async def main() -> None:
        client, venue = await connected(network, Server())
        network.http.cut_after_bytes = 150
        for start in range(0, 300, 100):
            venue.transport.write(SENT[start : start + 100])
            await asyncio.sleep(0.1)
        assert client.received == SENT[:150]
        assert client.ends == ["ConnectionResetError"]

    network.loop.run(main())


@pytest.mark.parametrize(
    ("change", "reason"), [({"refuses": True}, "refused"), ({"fail_next": ["dns"]}, "dns")]
)
def test_a_connection_that_is_not_made_says_why(change: dict[str, Any], reason: str) -> None:
    network = network_of(1)

    async def main() -> None:
        for name, value in change.items():
            setattr(network.http, name, value)
        with pytest.raises(ConnectFailed, match=reason):
            await connected(network, Server())

    network.loop.run(main())


def test_a_trace_tells_two_runs_apart_and_not_what_gzip_made_of_them() -> None:
    def trace_of(*events: tuple[int, str, bytes]) -> str:
        trace = Trace()
        for event in events:
            trace.add(*event)
        return trace.hexdigest()

    plain = trace_of((1, "ws1", b"{}"))
    assert (
        plain
        == trace_of((1, "ws1", gzip.compress(b"{}", 9)))
        == trace_of((1, "ws1", gzip.compress(b"{}", 1)))
    )
    assert plain != trace_of((2, "ws1", b"{}"))
    assert plain != trace_of((1, "ws2", b"{}"))
    assert trace_of((1, "a", b"bc")) != trace_of((1, "ab", b"c"))
