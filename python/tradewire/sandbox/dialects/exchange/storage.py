"""The venue's state in a file: one SQLite transaction per accepted command, before it is acknowledged.

WAL with ``synchronous=NORMAL``: a process killed at any moment loses nothing it acknowledged, because every
commit has reached the operating system; a power cut may lose the last commits, never half of one. ``FULL``
would add an fsync to every order for a danger a local test venue does not have.

A commit that fails is kept and tried again with the next; until then the venue's health says ``retrying``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["Storage"]

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS rows (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID"
)
PUT = "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body"
DROP = "DELETE FROM rows WHERE kind = ? AND id = ?"


class Storage:
    """Rows of JSON by kind and id. Without a file it keeps nothing and costs nothing.

    Args:
        path: The file, made if it is not there.

    Raises:
        ValueError: The file is no such database.
    """

    def __init__(self, path: Path | None) -> None:
        self._waiting: dict[tuple[str, str], str | None] = {}
        self._database: sqlite3.Connection | None = None
        self.last_error: str | None = None
        self.commits = 0
        self.failures = 0
        self.last_batch = 0
        if path is None:
            return
        try:
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute(SCHEMA)
        except sqlite3.Error as error:
            raise ValueError(f"{path} cannot keep the venue's state: {error}") from error

    @property
    def is_kept(self) -> bool:
        """There is a file."""
        return self._database is not None

    def put(self, kind: str, row_id: str, row: dict[str, Any]) -> None:
        """Note a row to be written with the next commit."""
        if self._database is not None:
            self._waiting[kind, row_id] = json.dumps(row, separators=(",", ":"))

    def drop(self, kind: str, row_id: str) -> None:
        """Note a row to be deleted with the next commit."""
        if self._database is not None:
            self._waiting[kind, row_id] = None

    def rows(self, kind: str) -> Iterator[dict[str, Any]]:
        """Return the rows of a kind as they were committed."""
        if self._database is not None:
            for (body,) in self._database.execute("SELECT body FROM rows WHERE kind = ?", (kind,)):
                yield json.loads(body)

    def commit(self) -> None:
        """Write everything noted in one transaction.

        Raises:
            sqlite3.Error: It could not be written; it is kept for the next try.
        """
        if self._database is None or not self._waiting:
            return
        try:
            self._database.execute("BEGIN IMMEDIATE")
            for (kind, row_id), body in self._waiting.items():
                if body is None:
                    self._database.execute(DROP, (kind, row_id))
                else:
                    self._database.execute(PUT, (kind, row_id, body))
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self.failures += 1
            self.last_error = str(error)
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        self.commits += 1
        self.last_batch = len(self._waiting)
        self.last_error = None
        self._waiting.clear()

    def health(self) -> dict[str, Any]:
        """Return the ``persistence`` part of the venue's health. A file counts as the server's database."""
        mode = "disabled" if self._database is None else "retrying" if self.last_error else "ok"
        return {
            "backend": "in_memory" if self._database is None else "postgres",
            "mode": mode,
            "queue_capacity": 0,
            "backpressure_threshold": 0,
            "queue_depth": len(self._waiting),
            "in_flight_ops": 0,
            "backlog_depth": len(self._waiting),
            "high_water_mark": 0,
            "total_enqueued": 0,
            "total_flushes": self.commits,
            "total_flushed_ops": 0,
            "total_blocked_enqueues": 0,
            "total_enqueue_block_time_ms": 0,
            "total_flush_failures": self.failures,
            "total_retries": self.failures,
            "last_batch_size": self.last_batch,
            "last_flush_latency_ms": 0,
            "max_flush_latency_ms": 0,
            "last_error": self.last_error,
        }

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None
