"""An append-only file of lines, each with its checksum: what is whole is kept, a torn end is cut off.

One line is ``<crc32 of the rest, 8 hex digits> <JSON>``. A line is appended with one write, so that a process that is
killed leaves whole lines and at most one torn one, the last. What the system has taken survives ``kill -9``; what must
survive a power cut has to be synced, see ``append``.
"""

from __future__ import annotations

import fcntl
import os
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from tradewire.errors import JournalFailed

__all__ = ["MAX_LINE_BYTES", "LineFile", "read_lines"]

MAX_LINE_BYTES = 64 * 1024
"""Longest line, far beyond any order: what is longer was not written by us."""
CHECKSUM_DIGITS = 8
LOCK_RETRY_S = 0.02


class LineFile:
    """Lines appended to one file by one process. ``open`` makes it; ``close`` gives it up.

    Attributes:
        path: Where it is.
        torn_bytes: Length of the torn end that was cut off at the opening.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd = fd
        self._end = 0
        self._failure = ""
        self.torn_bytes = 0

    @classmethod
    def open(cls, path: Path, wait_s: float = 0.0) -> tuple[Self, list[bytes]]:
        """Open or make a file, lock it, and return it with the lines it has.

        Args:
            path: Where it is.
            wait_s: How long another process that has it is waited for; blocks the thread.

        Raises:
            JournalFailed: It cannot be opened, another process has it, or it is damaged before its end.
        """
        until_s = time.monotonic() + wait_s
        while True:
            try:
                fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise JournalFailed(f"{path} must be a file that can be written: {error.strerror}") from error
            file = cls(path, fd)
            try:
                file._lock(until_s)
                # Compacted by who had it meanwhile, it is another file now.
                if os.fstat(fd).st_ino == path.stat().st_ino:
                    return file, file._recover()
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)

    def append(self, line: bytes, *, is_synced: bool = False) -> None:
        """Append one line; ``is_synced`` waits until the disk has it.

        Raises:
            JournalFailed: It was not appended, or not synced. Nothing is appended any more: what a file has lost
                once cannot be told from what it will lose.
        """
        if self._failure:
            raise JournalFailed(self._failure)
        framed = b"%08x %s\n" % (zlib.crc32(line), line)
        try:
            written = os.write(self._fd, framed)
            if written != len(framed):
                raise OSError(0, f"{written} of {len(framed)} bytes were written; is the disk full?")
            self._end += written
            if is_synced:
                os.fdatasync(self._fd)
        except OSError as error:
            self._fail(error)
            raise JournalFailed(self._failure) from error

    def sync(self) -> None:
        """Wait until the disk has everything. Raises ``JournalFailed``."""
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            self._fail(error)
            raise JournalFailed(self._failure) from error

    def replace(self, lines: Iterable[bytes]) -> None:
        """Put ``lines`` in the place of everything: whoever is killed meanwhile finds the one or the other whole.

        Raises:
            JournalFailed: It could not be done; the file is as it was.
        """
        fresh = self.path.with_name(self.path.name + ".new")
        try:
            fd = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                end = 0
                for line in lines:
                    end += _write_all(fd, b"%08x %s\n" % (zlib.crc32(line), line))
                os.fsync(fd)
                fresh.replace(self.path)
                _sync_folder(self.path.parent)
            except BaseException:
                os.close(fd)
                raise
        except OSError as error:
            raise JournalFailed(f"{self.path} could not be compacted: {error.strerror or error}") from error
        os.close(self._fd)
        self._fd, self._end = fd, end

    @property
    def size_bytes(self) -> int:
        """Length of the file."""
        return self._end

    def close(self) -> None:
        """Give the file up. Safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self._failure = f"{self.path} is closed"

    def _lock(self, until_s: float) -> None:
        while True:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if time.monotonic() < until_s:
                    time.sleep(LOCK_RETRY_S)
                    continue
                raise JournalFailed(
                    f"{self.path} is in use already; a journal has one writer, so close it first, or give each bot its "
                    "own; if a guard still cancels what a bot before this one left, Journal(wait_s=) waits for it"
                ) from error
            return

    def _recover(self) -> list[bytes]:
        with open(self._fd, "rb", closefd=False) as stream:
            stream.seek(0)
            lines, self._end, size = _scan(self.path, stream.read())
        self.torn_bytes = size - self._end
        if self.torn_bytes:
            os.ftruncate(self._fd, self._end)
        return lines

    def _fail(self, error: OSError) -> None:
        self._failure = f"{self.path} cannot be written: {error.strerror or error}"
        try:
            os.ftruncate(self._fd, self._end)
        except OSError:
            # The torn end is cut off at the next opening.
            return


def read_lines(path: Path) -> list[bytes]:
    """Return the whole lines of a file that another process may be writing; a torn end is passed over.

    Raises:
        JournalFailed: It cannot be read, or is damaged before its end.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise JournalFailed(f"{path} must be a journal that can be read: {error.strerror}") from error
    return _scan(path, data)[0]


def _scan(path: Path, data: bytes) -> tuple[list[bytes], int, int]:
    """Return the whole lines, where they end, and how long the data is."""
    lines: list[bytes] = []
    at = 0
    for number, (line, end) in enumerate(_split(data), 1):
        body = _checked(line)
        if body is None:
            if data.find(b"\n", end) >= 0:
                raise JournalFailed(
                    f"{path} is damaged in line {number} of more; keep it, and start with another journal: "
                    "what is open is then asked of the venue"
                )
            break
        lines.append(body)
        at = end
    return lines, at, len(data)


def _split(data: bytes) -> Iterator[tuple[bytes, int]]:
    at = 0
    while at < len(data):
        newline = data.find(b"\n", at)
        if newline < 0:
            return
        yield data[at:newline], newline + 1
        at = newline + 1


def _checked(line: bytes) -> bytes | None:
    """Return what a line holds if its checksum is right."""
    if len(line) > MAX_LINE_BYTES or line[CHECKSUM_DIGITS : CHECKSUM_DIGITS + 1] != b" ":
        return None
    body = line[CHECKSUM_DIGITS + 1 :]
    return body if line[:CHECKSUM_DIGITS] == b"%08x" % zlib.crc32(body) else None


def _write_all(fd: int, data: bytes) -> int:
    written = 0
    while written < len(data):
        written += os.write(fd, data[written:])
    return written


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
