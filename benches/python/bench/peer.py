"""A venue that is never late: it polls its sockets without sleeping and stamps when a request is complete.

Run as ``python -m bench.peer STAMPS``; prints its port. The stamps are a file that both sides map: a count, and
behind it the moments of the last requests on the clock of ``perf_counter_ns``, which all processes share.
Any path gets the same small reply, but ``/echo`` gets what the peer saw.
"""

import json
import mmap
import os
import select
import socket
import struct
import sys
from pathlib import Path
from time import perf_counter_ns

SLOTS = 1024
STAMPS_BYTES = 8 * (SLOTS + 1)
REPLY_BODY = json.dumps(
    {"code": 0, "data": {"order_id": 13400, "market": "BTCUSDT", "status": "open"}, "message": "OK"}
).encode()


def reply_of(body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-RateLimit-Remaining: 29\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    ) + body


REPLY = reply_of(REPLY_BODY)


def length_of(head: bytes) -> int:
    """Give the length of the body; names of fields may be in any case."""
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    return 0 if at < 0 else int(lower[at + 17 : lower.index(b"\r\n", at + 17)])


def seen(head: bytes, body: bytes) -> list[object]:
    """Give what matters of a request, in one spelling for all clients."""
    request_line, *lines = head.decode().split("\r\n")[:-2]
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.lower(): value.strip() for name, value in pairs}
    kept = {name: value for name, value in headers.items() if name.startswith(("x-coinex", "content-type"))}
    return [request_line, sorted(kept.items()), body.decode()]


def serve(stamps: mmap.mmap) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    print(listener.getsockname()[1], flush=True)
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    connections: dict[int, tuple[socket.socket, bytearray]] = {}
    count, parent, idle = 0, os.getppid(), 0
    while True:
        ready = poller.poll(0)
        now_ns = perf_counter_ns()
        if not ready:
            idle += 1
            if idle % 100_000 == 0 and os.getppid() != parent:
                return
        for fd, _ in ready:
            if fd == listener.fileno():
                accepted, _ = listener.accept()
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[accepted.fileno()] = (accepted, bytearray())
                poller.register(accepted, select.POLLIN)
                continue
            connection, buffer = connections[fd]
            try:
                data = connection.recv(1 << 16)
            except OSError:
                data = b""
            if not data:
                poller.unregister(fd)
                del connections[fd]
                connection.close()
                continue
            buffer += data
            end = buffer.find(b"\r\n\r\n") + 4
            if end < 4 or len(buffer) < end + length_of(bytes(buffer[:end])):
                continue
            struct.pack_into("=q", stamps, 8 * (1 + count % SLOTS), now_ns)
            count += 1
            struct.pack_into("=q", stamps, 0, count)
            is_echo = b" /echo" in buffer[:end]
            if is_echo:
                connection.sendall(
                    reply_of(json.dumps(seen(bytes(buffer[:end]), bytes(buffer[end:]))).encode())
                )
            else:
                connection.sendall(REPLY)
            buffer.clear()


def main() -> None:
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        # The one who measures sits on the last core.
        os.sched_setaffinity(0, {0})
    with Path(sys.argv[1]).open("r+b") as file:
        serve(mmap.mmap(file.fileno(), STAMPS_BYTES))


if __name__ == "__main__":
    main()
