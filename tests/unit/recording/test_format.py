"""The file format: written, cut at every byte, flipped at every byte, and read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tradewire.errors import RecordingError
from tradewire.recording.format import (
    About,
    BlockHead,
    Record,
    header_of,
    in_blocks,
    pack,
    read_header,
    unpack,
)
from tradewire.recording.reader import Recording

ABOUT = About(product="coinex", tradewire="0", id="x")
I64 = st.integers(-(2**63), 2**63 - 1)
RECORDS = st.lists(
    st.builds(Record, st.integers(0, 255), st.integers(0, 2**32 - 1), I64, I64, st.binary(max_size=300)),
    min_size=1,
    max_size=20,
)


def blocks_of(file: bytes) -> list[int]:
    """Return where the blocks of a whole file begin, and its end."""
    _, place = read_header(file)
    places = [place]
    while place < len(file):
        place += BlockHead.BYTES + BlockHead.read(file[place : place + BlockHead.BYTES]).packed
        places.append(place)
    return places


@settings(deadline=None, max_examples=60)
@given(RECORDS)
def test_what_is_packed_is_unpacked(records: list[Record]) -> None:
    block = pack(records)
    assert list(unpack(BlockHead.read(block), block[BlockHead.BYTES :])) == records


@settings(deadline=None, max_examples=30)
@given(RECORDS, st.integers(1, 400))
def test_blocks_hold_all_records_in_order(records: list[Record], most_bytes: int) -> None:
    blocks = list(in_blocks(records, most_bytes))
    assert [record for block in blocks for record in block] == records
    assert all(len(block) == 1 or sum(len(one.data) for one in block) <= most_bytes for block in blocks)


@pytest.fixture(scope="module")
def records() -> list[list[Record]]:
    return [[Record(2, 1, 10**18 + n, n, b"frame %d" % n)] * 3 for n in range(3)]


@pytest.fixture(scope="module")
def file(records: list[list[Record]]) -> bytes:
    return header_of(ABOUT) + b"".join(map(pack, records))


def test_cut_at_every_byte(tmp_path: Path, file: bytes, records: list[list[Record]]) -> None:
    """Whole blocks before the cut are read, whatever a kill left behind them."""
    path = tmp_path / "cut.twrec"
    places = blocks_of(file)
    for end in range(len(file) + 1):
        path.write_bytes(file[:end])
        if end < places[0]:
            with pytest.raises(RecordingError):
                Recording(path)
            continue
        recording = Recording(path)
        whole = sum(place <= end for place in places) - 1
        assert list(recording.records()) == [one for block in records[:whole] for one in block]
        assert recording.torn_bytes == end - places[whole]


def test_a_flipped_bit_at_every_byte(tmp_path: Path, file: bytes, records: list[list[Record]]) -> None:
    """No flipped bit is read as anything else, and what lies beside it is not lost."""
    path = tmp_path / "flipped.twrec"
    places = blocks_of(file)
    for place in range(len(file)):
        path.write_bytes(file[:place] + bytes([file[place] ^ 1 << place % 8]) + file[place + 1 :])
        if place < places[0]:
            with pytest.raises(RecordingError):
                Recording(path)
            continue
        hit = sum(start <= place for start in places) - 1
        others = [one for number, block in enumerate(records) for one in block if number != hit]
        forgiving = Recording(path, damaged_ok=True)
        assert list(forgiving.records()) == others
        is_torn = forgiving.torn_bytes > 0
        assert is_torn != bool(forgiving.damage)
        if not is_torn:
            with pytest.raises(RecordingError, match=f"byte {places[hit]} is damaged"):
                list(Recording(path).records())


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "must be a recording"),
        (b"PK\x03\x04 some archive", "must be a recording"),
        (header_of(ABOUT).replace(b"\r\n", b"\n", 1), "must be a recording"),
        (header_of(ABOUT)[:8] + b"\x02\x00" + header_of(ABOUT)[10:], "got format 2 with codec 1"),
        (header_of(ABOUT)[:10] + b"\x07\x00" + header_of(ABOUT)[12:], "got format 1 with codec 7"),
        (header_of(ABOUT)[:-1], "cut off"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_name(tmp_path: Path, file: bytes, message: str) -> None:
    path = tmp_path / "foreign.twrec"
    path.write_bytes(file)
    with pytest.raises(RecordingError, match=message) as caught:
        Recording(path)
    assert "foreign.twrec" in str(caught.value)


def test_a_block_that_inflates_to_more_than_it_says_is_refused() -> None:
    bomb = pack([Record(2, 1, 0, 0, b"\0" * 10_000_000)])
    head = BlockHead.read(bomb)
    with pytest.raises(RecordingError, match="must inflate to 100 bytes"):
        list(
            unpack(
                replace(head, size=100, checksum=_crc(replace(head, size=100), bomb)), bomb[BlockHead.BYTES :]
            )
        )


def _crc(head: BlockHead, block: bytes) -> int:
    import zlib

    return zlib.crc32(block[BlockHead.BYTES :], zlib.crc32(head.fields))


def test_a_part_of_another_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.twrec").write_bytes(header_of(ABOUT))
    (tmp_path / "a-part2.twrec").write_bytes(
        header_of(About(product="coinex", tradewire="0", id="y", part=2))
    )
    with pytest.raises(RecordingError, match="must be part 2 of"):
        list(Recording(tmp_path / "a.twrec").records())


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        Recording(tmp_path / "nothing.twrec")
