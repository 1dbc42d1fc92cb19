"""Writing recordings: records go in from the event loop, a thread packs, redacts and writes them.

What the thread has written survives ``kill -9``; it writes every ``FLUSH_S``, so that at most that is lost. Nothing is
synced to the disk: a power cut may take what the system had not written yet.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from tradewire.errors import ConfigError, RecordingError
from tradewire.recording.format import About, Kind, Record, header_of, in_blocks, pack
from tradewire.recording.reader import part_path

__all__ = ["FLUSH_S", "Entry", "Writer"]

FLUSH_S: Final = 0.5
MAX_WAITING_BYTES: Final = 256 << 20
"""What may wait for the disk; beyond that records are left out and counted."""
NS_PER_S: Final = 1_000_000_000

Entry = tuple[int, int, int, int, object]
"""Kind, source, wall and monotonic clock, and what the writer's thread makes the data of."""


class Writer:
    """Appends records to a file and the parts that follow it.

    Args:
        path: The first file; there must be none yet.
        about: What the files say of themselves.
        data_of: Called in the thread; returns what is written for each entry, secrets taken out.
        part_bytes: A new file is begun once one is larger; 0 for never.
        part_s: A new file is begun after so many seconds; 0 for never.

    Raises:
        ConfigError: There is such a file already, or a limit is negative.
        RecordingError: It cannot be made.
    """

    def __init__(
        self,
        path: Path,
        about: About,
        data_of: Callable[[Sequence[Entry]], Sequence[bytes]],
        *,
        part_bytes: int = 0,
        part_s: float = 0.0,
    ) -> None:
        for name, value in (("part_bytes", part_bytes), ("part_s", part_s)):
            if value < 0:
                raise ConfigError(f"{name} must be 0 for never, or more, got {value}")
        self._path = path
        self._about = replace(about, id=uuid.uuid4().hex, part=0)
        self._data_of = data_of
        self._part_bytes = part_bytes
        self._part_s = part_s
        self._waiting: deque[Entry] = deque()
        self._taken_bytes = 0
        self._given_bytes = 0
        self._lost = 0
        self._open: dict[int, str] = {}
        self._fd = -1
        self._size = 0
        self._ends_s = 0.0
        self.failure = ""
        """Why nothing is written any more; empty while all is well."""
        self.records = 0
        """Written so far, in all parts."""
        self.lost = 0
        """Left out because the disk could not keep up, or failed."""
        self.paths: list[Path] = []
        self._next_part()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"tradewire record {path.name}", daemon=True)
        self._thread.start()

    def put(self, entry: Entry, size: int) -> None:
        """Queue an entry of about ``size`` bytes; never waits. From one thread only."""
        if self._given_bytes - self._taken_bytes > MAX_WAITING_BYTES or self.failure:
            self._lost += 1
            return
        self._given_bytes += size
        self._waiting.append(entry)

    def close(self) -> None:
        """Write what waits and close the file; waits for the disk. Safe to call twice.

        Raises:
            RecordingError: Something could not be written, now or before.
        """
        self._closing.set()
        self._thread.join()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self.failure:
            raise RecordingError(self.failure)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._closing.wait(FLUSH_S)
            try:
                self._write_waiting()
            except Exception as error:
                # Whatever it is: the event loop must not wait for a thread that died, and the user must learn of it.
                self.lost += len(self._waiting)
                self._waiting.clear()
                reason = getattr(error, "strerror", None) or repr(error)
                self.failure = f"{self.paths[-1]}: writing failed: {reason}"
                return

    def _write_waiting(self) -> None:
        waiting = self._waiting
        lost = self._lost - self.lost
        entries = [waiting.popleft() for _ in range(len(waiting))]
        records = [
            Record(*entry[:4], data) for entry, data in zip(entries, self._data_of(entries), strict=True)
        ]
        if lost:
            self.lost += lost
            records.append(Record(Kind.LOST, 0, time.time_ns(), time.monotonic_ns(), str(lost).encode()))
        for block in in_blocks(records):
            self._append(pack(block))
            self._note_open(block)
            self.records += len(block)
            if (self._part_bytes and self._size >= self._part_bytes) or time.monotonic() >= self._ends_s:
                self._next_part()
        self._taken_bytes = self._given_bytes if not waiting else self._taken_bytes + _size_of(records)

    def _note_open(self, records: list[Record]) -> None:
        """Remember which connections are open: a part that follows names them."""
        for record in records:
            if record.kind == Kind.OPENED:
                self._open[record.source] = record.data.decode()
            elif record.kind == Kind.CLOSED:
                self._open.pop(record.source, None)

    def _next_part(self) -> None:
        """Begin the next file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self._about = replace(
            self._about, part=self._about.part + 1, created_ns=time.time_ns(), open=dict(self._open)
        )
        path = part_path(self._path, self._about.part)
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise ConfigError(f"{path} exists already: move it away or record into another file") from None
        except OSError as error:
            raise RecordingError(f"{path} cannot be made: {error.strerror}") from error
        self.paths.append(path)
        self._size = 0
        self._ends_s = time.monotonic() + self._part_s if self._part_s else float("inf")
        self._append(header_of(self._about))

    def _append(self, data: bytes) -> None:
        written = os.write(self._fd, data)
        if written != len(data):
            raise OSError(0, f"{written} of {len(data)} bytes were written; is the disk full?")
        self._size += written


def _size_of(records: list[Record]) -> int:
    return sum(len(record.data) for record in records)
