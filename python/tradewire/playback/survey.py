"""What is in a recording: counts, gaps, checksum failures, damage, and each book over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from tradewire.errors import ConfigError, RecordingError
from tradewire.playback.tape import Source, Tape
from tradewire.recording.format import About, Kind
from tradewire.recording.reader import Damage, Recording

__all__ = ["BookSample", "BookSurvey", "Survey", "survey"]

NS_PER_S: Final = 1_000_000_000
DEPTH_LEVELS: Final = 10
MOST_SAMPLES: Final = 1000


class BookSample(Struct, frozen=True):
    """A book at one moment. Floats, for tables and pictures."""

    wall_ns: int
    mid: float
    spread: float
    bid_size: float
    """Of ten levels."""
    ask_size: float


class BookSurvey(Struct, kw_only=True):
    """One recorded book."""

    market: str
    pushes: int = 0
    snapshots: int = 0
    ignored: int = 0
    """Old ones, or before a snapshot."""
    unsynced: dict[str, int] = {}
    """Pushes after which the book was not synced, by reason: gaps and checksum failures among them."""
    samples: list[BookSample] = []


class Survey(Struct, frozen=True, kw_only=True):
    """What is in a recording.

    Attributes:
        about: What its first file says.
        paths: Its files.
        file_bytes: Their size.
        data_bytes: What passed, inflated from the file's blocks.
        began_ns: Wall clock of the first record; 0 if there is none.
        duration_ns: By the monotonic clock.
        records: Number of records by kind.
        pushes: Number of public pushes by topic and market.
        connections: How many were opened.
        losses: How many of them ended otherwise than by our own closing.
        lost_records: Left out while recording, because the disk could not keep up.
        longest_silence_ns: Longest time without a message.
        checksum_failures: Pushes whose checksum did not match their book.
        gaps: Breaks in numbered channels.
        clock_steps_ns: How far the wall clock moved against the monotonic one, at most.
        books: Each recorded book.
        damage: Places in the files that cannot be read.
        torn_bytes: Length of the torn end that a kill left.
        note: Why books could not be followed; empty if they could.
    """

    about: About
    paths: Sequence[Path]
    file_bytes: int
    data_bytes: int
    began_ns: int
    duration_ns: int
    records: Mapping[str, int]
    pushes: Mapping[str, int]
    connections: int
    losses: int
    lost_records: int
    longest_silence_ns: int
    checksum_failures: int
    gaps: int
    clock_steps_ns: int
    books: Sequence[BookSurvey]
    damage: Sequence[Damage]
    torn_bytes: int
    note: str = ""

    @property
    def is_sound(self) -> bool:
        """Nothing is damaged or was left out."""
        return not self.damage and not self.lost_records


def survey(path: Path | str) -> Survey:
    """Look through a recording; what is damaged is skipped and said.

    Raises:
        RecordingError: It is no recording, or of another version.
    """
    recording = Recording(path, damaged_ok=True)
    kinds: Counter[str] = Counter()
    data_bytes = losses = lost = silence_ns = began_ns = began_mono_ns = ended_ns = heard_ns = 0
    offsets: list[int] = []
    for record in recording.records():
        if not began_ns:
            began_ns, began_mono_ns, heard_ns = record.wall_ns, record.monotonic_ns, record.monotonic_ns
        ended_ns = max(ended_ns, record.monotonic_ns)
        kind = (
            Kind(record.kind).name.lower() if record.kind in Kind.__members__.values() else str(record.kind)
        )
        kinds[kind] += 1
        data_bytes += len(record.data)
        offset_ns = record.wall_ns - record.monotonic_ns
        offsets = [min([offset_ns, *offsets]), max([offset_ns, *offsets])]
        if record.kind == Kind.RECEIVED:
            silence_ns = max(silence_ns, record.monotonic_ns - heard_ns)
            heard_ns = record.monotonic_ns
        elif record.kind == Kind.CLOSED:
            losses += not record.data.startswith(b"1000")
        elif record.kind == Kind.LOST:
            lost += int(record.data)
    duration_ns = ended_ns - began_mono_ns if began_ns else 0
    books, pushes, failures, gaps, note = _books(recording, duration_ns)
    return Survey(
        about=recording.about,
        paths=recording.paths,
        file_bytes=sum(one.stat().st_size for one in recording.paths),
        data_bytes=data_bytes,
        began_ns=began_ns,
        duration_ns=duration_ns,
        records=dict(kinds),
        pushes=pushes,
        connections=kinds["opened"],
        losses=losses,
        lost_records=lost,
        longest_silence_ns=silence_ns,
        checksum_failures=failures,
        gaps=gaps,
        clock_steps_ns=offsets[1] - offsets[0] if offsets else 0,
        books=books,
        damage=list(recording.damage),
        torn_bytes=recording.torn_bytes,
        note=note,
    )


def _books(recording: Recording, duration_ns: int) -> tuple[list[BookSurvey], dict[str, int], int, int, str]:
    """Return each book, number of pushes, checksum failures and gaps, and why they could not be followed."""
    try:
        tape = Tape(recording)
    except (RecordingError, ConfigError) as error:
        return [], {}, 0, 0, str(error)
    found: dict[str, BookSurvey] = {}
    pushes: Counter[str] = Counter()
    sources: dict[int, Source] = {}
    every_ns, due_ns = max(1, duration_ns // MOST_SAMPLES), Counter[str]()
    for play in tape.plays():
        sources[id(play.source)] = play.source
        event = play.apply()
        if play.subject is None:
            continue
        pushes[f"{play.subject.topic} {play.subject.market}".strip()] += 1
        if not play.is_book or event is None:
            continue
        name = str(play.subject.market)
        one = found.setdefault(name, BookSurvey(market=name, unsynced={}, samples=[]))
        one.pushes += 1
        one.snapshots += event.change == "snapshot"
        one.ignored += event.change == "ignored"
        if event.reason:
            one.unsynced[event.reason] = one.unsynced.get(event.reason, 0) + 1
        book = play.source.subjects.get(play.subject)
        if book is not None and book.is_synced and play.at_ns >= due_ns[name]:
            due_ns[name] = play.at_ns + every_ns
            if (sample := _sample(book, play.wall_ns)) is not None:
                one.samples.append(sample)
    feeds = [source.feed for source in sources.values()]
    failures = sum(getattr(feed, "checksums_failed", 0) for feed in feeds)
    gaps = sum(getattr(feed, "gaps", 0) for feed in feeds)
    return list(found.values()), dict(pushes), failures, gaps, ""


def _sample(book: Any, wall_ns: int) -> BookSample | None:
    bids, asks = book.levels("buy", DEPTH_LEVELS), book.levels("sell", DEPTH_LEVELS)
    if not bids or not asks:
        return None
    bid, ask = float(bids[0][0]), float(asks[0][0])
    sizes = [sum(float(level[1]) for level in side) for side in (bids, asks)]
    return BookSample(wall_ns, (bid + ask) / 2, ask - bid, *sizes)
