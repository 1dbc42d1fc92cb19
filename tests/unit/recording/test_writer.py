"""What the writer's thread does: parts, bounds, failures, and what survives a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from support.witness import PATIENCE_S
from tradewire.errors import ConfigError, RecordingError
from tradewire.recording import writer as module
from tradewire.recording.format import About, Kind
from tradewire.recording.reader import Recording
from tradewire.recording.writer import Entry, Writer

ABOUT = About(product="coinex", tradewire="0", id="")


def plain(entries: Sequence[Entry]) -> list[bytes]:
    return [entry[4] for entry in entries if isinstance(entry[4], bytes)]


def filled(writer: Writer, count: int, size: int = 100) -> None:
    for number in range(count):
        writer.put((Kind.RECEIVED, 1, number, number, os.urandom(size)), size)


def has_written(writer: Writer, count: int) -> bool:
    return writer.records >= count


def wait_until(is_so: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < ends_s
        time.sleep(0.01)


def test_parts_follow_by_size_and_each_names_what_is_open(tmp_path: Path) -> None:
    path = tmp_path / "a.twrec"
    writer = Writer(path, ABOUT, plain, part_bytes=1000)
    writer.put((Kind.OPENED, 1, 0, 0, b"ws://host/ws"), 12)
    for _ in range(2):
        wanted = writer.records + 20
        filled(writer, 20)
        wait_until(partial(has_written, writer, wanted))
    writer.close()
    assert [one.name for one in writer.paths] == ["a.twrec", "a-part2.twrec", "a-part3.twrec"]
    recording = Recording(path)
    assert len(list(recording.records())) == 41
    assert Recording(tmp_path / "a-part3.twrec").about.open == {1: "ws://host/ws"}


def test_parts_follow_by_time(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a.twrec", ABOUT, plain, part_s=1e-9)
    filled(writer, 1)
    wait_until(lambda: len(writer.paths) == 2)
    writer.close()


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.twrec").write_bytes(b"mine")
    with pytest.raises(ConfigError, match="exists already"):
        Writer(tmp_path / "a.twrec", ABOUT, plain)
    assert (tmp_path / "a.twrec").read_bytes() == b"mine"
    with pytest.raises(RecordingError, match="cannot be made"):
        Writer(tmp_path / "nowhere" / "a.twrec", ABOUT, plain)
    with pytest.raises(ConfigError, match="part_s must be 0 for never"):
        Writer(tmp_path / "b.twrec", ABOUT, plain, part_s=-1)


def test_what_cannot_wait_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING_BYTES", 1000)
    writer = Writer(tmp_path / "a.twrec", ABOUT, plain)
    filled(writer, 50)
    writer.close()
    records = list(Recording(tmp_path / "a.twrec").records())
    lost = [int(record.data) for record in records if record.kind == Kind.LOST]
    assert sum(lost) == writer.lost > 0
    assert len(records) - len(lost) + writer.lost == 50


def test_a_failure_is_said_at_the_close(tmp_path: Path) -> None:
    def broken(entries: Sequence[Entry]) -> list[bytes]:
        raise OSError(28, "No space left on device")

    writer = Writer(tmp_path / "a.twrec", ABOUT, broken)
    filled(writer, 3)
    with pytest.raises(RecordingError, match="No space left on device"):
        writer.close()
    filled(writer, 1)


BOT = """
import os, sys, time
from pathlib import Path
from tradewire.recording.format import About, Kind
from tradewire.recording.writer import Writer
about = About(product="coinex", tradewire="0", id="")
writer = Writer(Path(sys.argv[1]), about, lambda entries: [entry[4] for entry in entries])
number = 0
while True:
    writer.put((Kind.RECEIVED, 1, time.monotonic_ns(), number, b"%d" % number), 8)
    number += 1
    print(number, writer.records, time.monotonic_ns(), flush=True)
    time.sleep(0.001)
"""


def test_a_kill_takes_no_more_than_what_was_not_written_yet(tmp_path: Path) -> None:
    path = tmp_path / "a.twrec"
    with subprocess.Popen([sys.executable, "-c", BOT, str(path)], stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout is not None
        for line in bot.stdout:
            if int(line.split()[1]) > 100:
                break
        bot.send_signal(signal.SIGKILL)
        *_, last = [line, *bot.stdout]
    _, written, _ = last.split() if len(last.split()) == 3 else line.split()
    numbers = [record.monotonic_ns for record in Recording(path).records()]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= int(written)
