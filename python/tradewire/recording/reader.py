"""Reading recordings: strictly for a replay, forgivingly for whoever wants to know what is wrong with one.

A torn end is what a kill leaves, and no damage: everything before it is read. Anything else that does not add up is
damage: ``records`` refuses it by its place, ``damage`` counts it and goes on with the next whole block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from tradewire.errors import RecordingError
from tradewire.recording.format import MARK, About, BlockHead, Record, read_header, unpack

__all__ = ["Damage", "Recording", "parts_of"]

HEADER_BYTES: Final = 2 << 20
"""A header is never longer."""
LOOK_BYTES: Final = 1 << 16
PART: Final = "-part"


class Damage(NamedTuple):
    """A place in a file that cannot be read."""

    path: Path
    offset: int
    length: int
    reason: str


class Recording:
    """A recording on disk: its first file and the parts that follow it.

    Attributes:
        about: What the first file says of itself.
        paths: Its files in order.
        torn_bytes: Length of the torn end of the last file that was read to its end; 0 if it was closed.
        damage: What could not be read, where that is allowed.

    Args:
        path: The first file, or any part: reading begins there.
        damaged_ok: Skip what is damaged and note it in ``damage``; raise if left out.

    Raises:
        RecordingError: The file cannot be opened, is no recording, of another version, or its header is damaged.
    """

    def __init__(self, path: Path | str, *, damaged_ok: bool = False) -> None:
        self.paths = parts_of(Path(path))
        self.about = _about(self.paths[0])
        self.torn_bytes = 0
        self.damage: list[Damage] = []
        self._damaged_ok = damaged_ok

    def records(self) -> Iterator[Record]:
        """Yield every record, oldest first. Holds one block at a time.

        Raises:
            RecordingError: A block is damaged, or a part belongs to another recording.
        """
        self.damage.clear()
        for number, path in enumerate(self.paths):
            about = _about(path)
            if (about.id, about.part) != (self.about.id, self.about.part + number):
                raise RecordingError(f"{path} must be part {number + 1} of {self.paths[0]}; move it away")
            yield from self._records_of(path)

    def _records_of(self, path: Path) -> Iterator[Record]:
        self.torn_bytes = 0
        with path.open("rb") as file:
            _, place = read_header(file.read(HEADER_BYTES))
            size = path.stat().st_size
            while place < size:
                file.seek(place)
                reason, end = "", size
                block: list[Record] = []
                fields = file.read(BlockHead.BYTES)
                if len(fields) < BlockHead.BYTES:
                    self.torn_bytes = size - place
                    return
                try:
                    head = BlockHead.read(fields)
                    end = place + BlockHead.BYTES + head.packed
                    if end > size:
                        # Cut off by a kill, if nothing follows; else its length is damaged.
                        following = _next_block(file, place + 1, size)
                        if following == size:
                            self.torn_bytes = size - place
                            return
                        raise RecordingError("the block is longer than the file")
                    block = list(unpack(head, file.read(head.packed)))
                except RecordingError as error:
                    reason = str(error)
                if reason:
                    end = _next_block(file, place + 1, size)
                    if not self._damaged_ok:
                        raise RecordingError(
                            f"{path}: the block at byte {place} is damaged ({reason}); `tradewire inspect` tells "
                            "what is left"
                        )
                    self.damage.append(Damage(path, place, end - place, reason))
                yield from block
                place = end


def parts_of(path: Path) -> list[Path]:
    """Return the files of a recording from ``path`` on: ``a.twrec``, ``a-part2.twrec``, ``a-part3.twrec`` ..."""
    found = re.fullmatch(rf"(.*){PART}(\d+)", path.stem)
    stem, number = (found[1], int(found[2])) if found else (path.stem, 1)
    paths = [path]
    while (following := part_path(path.with_name(stem + path.suffix), number := number + 1)).exists():
        paths.append(following)
    return paths


def part_path(path: Path, part: int) -> Path:
    """Return the path of a part of the recording at ``path``."""
    return path if part == 1 else path.with_name(f"{path.stem}{PART}{part}{path.suffix}")


def _about(path: Path) -> About:
    try:
        with path.open("rb") as file:
            about, _ = read_header(file.read(HEADER_BYTES))
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}") from error
    except RecordingError as error:
        raise RecordingError(f"{path}: {error}") from error
    return about


def _next_block(file: BinaryIO, place: int, size: int) -> int:
    """Return where the next whole block begins at or after ``place``, ``size`` if there is none."""
    kept = b""
    file.seek(place)
    start = place
    while data := file.read(LOOK_BYTES):
        window = kept + data
        at = -1
        while (at := window.find(MARK, at + 1)) >= 0:
            if _is_whole(file, start - len(kept) + at, size):
                return start - len(kept) + at
        start += len(data)
        kept = window[-len(MARK) + 1 :]
        file.seek(start)
    return size


def _is_whole(file: BinaryIO, place: int, size: int) -> bool:
    file.seek(place)
    fields = file.read(BlockHead.BYTES)
    if len(fields) < BlockHead.BYTES:
        return False
    try:
        head = BlockHead.read(fields)
        if place + BlockHead.BYTES + head.packed > size:
            return False
        for _ in unpack(head, file.read(head.packed)):
            pass
    except RecordingError:
        return False
    return True
