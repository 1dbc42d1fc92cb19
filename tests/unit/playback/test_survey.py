"""What is told of a recording: losses, faults of books, parts, and venues that cannot be followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.recorded import record
from tradewire import Sandbox
from tradewire.playback.survey import survey
from tradewire.recording.format import About, Kind, Record, header_of, pack


@pytest.mark.parametrize(
    ("product", "fault", "reason"),
    [
        ("coinex", "corrupt_checksum", "checksum_mismatch"),
        ("truex", "skip_difference", "sequence_gap"),
        ("exchange", "skip_difference", "sequence_gap"),
    ],
)
def test_gaps_and_checksum_failures_are_counted(
    tmp_path: Path, product: str, fault: str, reason: str
) -> None:
    async def break_book(box: Sandbox, client: Any) -> None:
        getattr(box.venue(product).faults, fault)(count=1)

    found = survey(record(product, tmp_path / "a.twrec", seconds=6.0, meanwhile=break_book).path)
    [book] = found.books
    assert book.unsynced.get(reason, 0) >= 1
    assert found.checksum_failures + found.gaps >= 1
    assert found.losses == 0
    assert found.is_sound
    assert book.samples


def test_losses_are_counted(tmp_path: Path) -> None:
    async def cut(box: Sandbox, client: Any) -> None:
        box.venue("coinex").faults.drop_socket()

    found = survey(record("coinex", tmp_path / "a.twrec", seconds=6.0, meanwhile=cut).path)
    assert found.losses == 1
    assert found.connections == 2
    assert found.longest_silence_ns > 0


def test_a_venue_that_is_not_installed_is_counted_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.twrec"
    records = [
        Record(Kind.OPENED, 1, 10**18, 5, b"wss://host/"),
        Record(Kind.RECEIVED, 1, 10**18 + 7, 10, b"{}"),
        Record(Kind.LOST, 0, 10**18 + 8, 12, b"3"),
        Record(99, 0, 10**18 + 9, 15, b"of a later version"),
    ]
    path.write_bytes(header_of(About(product="mtgox", tradewire="0", id="x")) + pack(records))
    found = survey(path)
    assert found.records == {"opened": 1, "received": 1, "lost": 1, "99": 1}
    assert found.lost_records == 3
    assert not found.is_sound
    assert found.duration_ns == 10
    assert "venue must be one of" in found.note
