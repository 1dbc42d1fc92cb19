"""Lines between a bot and its guard, whole, in slices, and malformed."""

from __future__ import annotations

import pytest

from tradewire.errors import GuardFailed
from tradewire.protocol import guard_lines as lines

SAID: list[lines.FromBot] = [
    lines.Hello(1, "/bot.journal", 7, 5.0, "leave", ""),
    lines.Join("spot", {"credentials": {"kind": "credentials", "key": "k", "secret": "s"}}),
    lines.Leave("spot", "ValueError: x\ny"),
    lines.Resume(),
    lines.Dismiss(),
]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_what_is_said_arrives_in_whatever_slices(size: int) -> None:
    data = b"".join(bytes(lines.line_of(one)) + lines.BEAT for one in SAID)
    reader = lines.LineReader()
    found = [line for at in range(0, len(data), size) for line in reader.feed(data[at : at + size])]
    assert [lines.from_bot(line) for line in found if line] == SAID
    assert found.count(b"") == len(SAID)


def test_what_is_not_understood_is_refused_and_keys_are_not_shown() -> None:
    with pytest.raises(GuardFailed) as refused:
        lines.from_bot(b'{"type":"Join","product":1,"made_with":{"secret":"hidden"}}')
    assert "hidden" not in str(refused.value)
    assert refused.value.__cause__ is None
    with pytest.raises(GuardFailed, match="does not understand"):
        lines.from_guard(b"{}")


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(GuardFailed, match="at most"):
        list(lines.LineReader().feed(b"x" * (lines.MAX_LINE_BYTES + 1)))
