"""The connection of a bot and its guard: a Unix socket, which carries lines both ways and dies with either process.

A bot finds a guard that listens beside its journal, or starts one, in a session of its own: no terminal's Ctrl-C and no
hang-up reaches it. Knows processes and sockets, and not what is said.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from tradewire.errors import GuardFailed
from tradewire.protocol.guard_lines import LineReader

__all__ = ["GuardLink", "attach", "connected", "listen", "log_path", "socket_path", "start"]

UNREAD_BYTES = 64 * 1024
"""What may wait for a reader that does not read: beyond it nothing more is sent."""
MAX_PATH_BYTES = 100
"""What the system takes for the path of a socket, less a few."""


def socket_path(journal: Path) -> Path:
    """Return where a guard of this journal listens."""
    return journal.with_name(journal.name + ".sock")


def log_path(journal: Path) -> Path:
    """Return where a guard that a bot started writes what it does."""
    return journal.with_name(journal.name + ".guard")


class GuardLink(asyncio.Protocol):
    """One end of the connection.

    Args:
        on_line: Called with each line; an empty one is a beat.
        on_lost: Called once, with the reason, when the other side is gone.
    """

    def __init__(self, on_line: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._on_lost = on_lost
        self._reader = LineReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        # uvloop's is one without being derived from it.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand on every line."""
        try:
            for line in self._reader.feed(data):
                self._on_line(line)
        except GuardFailed as error:
            self._lost(str(error))
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Say that the other side is gone."""
        self._transport = None
        self._lost("its process has ended" if error is None else f"its connection broke: {error}")

    def send(self, line: bytes | bytearray) -> None:
        """Send a line without waiting; one too many for a reader that does not read is left out."""
        if self._transport is not None and self._transport.get_write_buffer_size() < UNREAD_BYTES:
            self._transport.write(line)

    def close(self) -> None:
        """Close it; nothing is called any more. Safe to call twice."""
        self._on_lost = lambda _: None
        self._on_line = lambda _: None
        if self._transport is not None:
            self._transport.close()

    def _lost(self, reason: str) -> None:
        on_lost, self._on_lost = self._on_lost, lambda _: None
        on_lost(reason)


async def connected(sock: socket.socket, link: GuardLink) -> GuardLink:
    """Let ``link`` speak through a socket."""
    sock.setblocking(False)
    await asyncio.get_running_loop().create_unix_connection(lambda: link, sock=sock)
    return link


def attach(journal: Path) -> socket.socket | None:
    """Return a connection to the guard that listens beside a journal, ``None`` if none does."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(str(socket_path(journal)))
    except OSError:
        sock.close()
        return None
    return sock


def listen(journal: Path) -> socket.socket:
    """Return a socket on which a guard waits for the bot of a journal; nobody else's processes may connect to it.

    Raises:
        GuardFailed: Another guard listens there, or the path cannot be one of a socket.
    """
    path = socket_path(journal)
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise GuardFailed(
            f"the journal's path must be shorter for a socket beside it, got {path}; move it, or use a link"
        )
    if (other := attach(journal)) is not None:
        other.close()
        raise GuardFailed(f"another guard listens at {path}; a bot has one")
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o077)
    try:
        sock.bind(str(path))
        sock.listen(1)
    except OSError as error:
        sock.close()
        raise GuardFailed(f"{path} must be a place where a socket can be made: {error.strerror}") from error
    finally:
        os.umask(before)
    return sock


def start(journal: Path) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Start a guard in a session of its own; return the connection to it and its process. Takes milliseconds, blocking.

    It may run on any core, wherever this thread may: it must neither wait for a loop that polls nor disturb it.

    Raises:
        GuardFailed: It could not be started.
    """
    ours, theirs = socket.socketpair()
    path = os.pathsep.join(entry for entry in sys.path if entry)
    # -P: what lies in the folder the bot was started in is none of the guard's modules.
    command = [sys.executable, "-P", "-m", "tradewire.guard", str(theirs.fileno())]
    try:
        with theirs, _on_any_core(), open(log_path(journal), "ab", opener=_private) as log:
            process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
                command, pass_fds=[theirs.fileno()], start_new_session=True, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env={**os.environ, "PYTHONPATH": path},
            )  # fmt: skip
    except OSError as error:
        ours.close()
        raise GuardFailed(f"no guard could be started with {sys.executable!r}: {error.strerror}") from error
    return ours, process


@contextlib.contextmanager
def _on_any_core() -> Iterator[None]:
    """Let this thread, and so what it starts, run on every core that the system allows."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    pinned = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, pinned)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
