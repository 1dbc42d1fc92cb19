"""Every contender of every row: right first, then timed by pytest-benchmark.

Absolute cost. With ``--benchmark-disable``, as in ``make test``, each runs once, for correctness.
pytest-benchmark times one contender after the other; the table of ratios comes from ``quick.py``,
which interleaves them.
"""

import zlib
from collections.abc import Callable

import pytest
from bench import startup, tape
from bench.row import OURS, Contender, Row, WrongAnswerError
from bench.rows import ROWS
from bench.tape import Tape
from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 100

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


def test_tape_is_what_its_seed_gives() -> None:
    kept = [zlib.decompress(frame, 31) for frame in tape.members(tape.TAPE.read_bytes())]
    assert kept == list(tape.pushes())


def test_tape_has_the_sizes_of_the_venue() -> None:
    kept: Tape = tape.load()
    assert (len(kept.deltas), len(kept.fulls)) == (tape.DELTAS, tape.FULLS + 1)
    assert kept.sizes(kept.deltas) == "289 B -> 502 B"
    assert kept.sizes(kept.fulls) == "987 B -> 2773 B"
