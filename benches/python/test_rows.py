"""Every contender of every row: right first, then timed by pytest-benchmark.

Absolute cost. With ``--benchmark-disable``, as in ``make test``, each runs once, for correctness.
pytest-benchmark times one contender after the other; the table of ratios comes from ``quick.py``,
which interleaves them.
"""

import zlib
from collections.abc import Callable

import pytest
from bench import memory, startup, tape, verdict
from bench.row import BEST, OURS, Contender, Lap, Row, Target, WrongAnswerError
from bench.rows import ROWS
from bench.tape import Tape
from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 30

CASES = [
    pytest.param(row, contender, id=f"{row.id}-{contender.name.replace(' ', '_')}")
    for row in ROWS
    if not row.is_long
    for contender in row.contenders
]


@pytest.mark.parametrize(("row", "contender"), CASES)
def test_row(benchmark: BenchmarkFixture, row: Row, contender: Contender) -> None:
    if not contender.is_installed:
        pytest.skip(f"{contender.name} is not installed; make bench installs it")
    row.check(contender)
    benchmark.group = f"{row.id}: {row.question}, {row.operations} times"
    benchmark.extra_info["correct"] = True
    benchmark.extra_info["versions"] = contender.versions()

    def fresh() -> tuple[tuple[Callable[[], object]], dict[str, object]]:
        return (contender.prepare().run,), {}

    benchmark.pedantic(_call, setup=fresh, rounds=ROUNDS, warmup_rounds=3)  # type: ignore[no-untyped-call]


def _call(run: Callable[[], object]) -> None:
    run()


def test_import_puts_off_what_it_promises() -> None:
    ours = startup.probe(OURS)
    assert ours is not None
    startup.check(ours)


def test_import_that_loads_aiohttp_is_refused() -> None:
    loaded = startup.Startup(1.0, 1.0, frozenset({"tradewire", "aiohttp"}))
    with pytest.raises(WrongAnswerError, match="aiohttp"):
        startup.check(loaded)


def test_wrong_contender_is_refused() -> None:
    row = ROWS[0]
    lap = row.contenders[0].prepare()
    liar = Contender("liar", lambda: type(lap)(lap.run, lambda: ["deadbeef"] * row.operations))
    with pytest.raises(WrongAnswerError, match="liar answers 'deadbeef' at item 0"):
        row.check(liar)


def test_ratio_is_held_against_what_is_required_and_the_floor_is_no_peer() -> None:
    def nothing() -> Lap:
        raise NotImplementedError

    contenders = tuple(Contender(name, nothing) for name in (OURS, "slow", "quick", "floor"))
    targets = (Target("slow", 4.0, required=3.0), Target(BEST, 1.0, required=2.0), Target("absent", 1.0))
    row = Row("X", "", 1, contenders, targets, nothing, floor="floor")
    figures = {
        name: {"p50_ns": ns}
        for name, ns in ((OURS, 100.0), ("slow", 350.0), ("quick", 150.0), ("floor", 80.0))
    }
    lines = verdict.judge(row, figures)
    assert [(line["ratio"], line["met"], line["limit"]) for line in lines] == [
        ("3.50x", "below design", "80 ns"),
        ("1.50x", "NO", "80 ns"),
    ]
    assert lines[1]["peer"] == "quick 150 ns, best"


def test_slope_of_memory_is_in_kibibytes_for_a_million_frames() -> None:
    steps = range(20)
    assert memory.slope_kib([50 << 20] * len(steps)) == 0
    assert memory.slope_kib([(50 << 20) + memory.EVERY * step for step in steps]) == pytest.approx(1e6 / 1024)


def test_tape_is_what_its_seed_gives() -> None:
    kept = [zlib.decompress(frame, 31) for frame in tape.members(tape.TAPE.read_bytes())]
    assert kept == list(tape.pushes())


def test_tape_has_the_sizes_of_the_venue() -> None:
    kept: Tape = tape.load()
    assert (len(kept.deltas), len(kept.fulls)) == (tape.DELTAS, tape.FULLS + 1)
    assert kept.sizes(kept.deltas) == "289 B -> 502 B"
    assert kept.sizes(kept.fulls) == "987 B -> 2773 B"
