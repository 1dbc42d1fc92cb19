"""What a row of the table is: a question, contenders who answer it, and ratios to reach.

Knows nothing of clocks. A new row is one file in ``bench/rows`` and one entry in its ``ROWS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util

OURS = "tradewire"
BEST = "best"
"""As ``Target.against``: whichever correct contender is fastest in the run."""


class WrongAnswerError(Exception):
    """A contender's answer differs from the oracle's; it gets no number and the run fails."""


@dataclass(frozen=True, slots=True)
class Lap:
    """Fresh state for one lap over the row's inputs.

    ``run`` does the timed work, ``answer`` does the same work untimed and tells all that came out.
    Either may be called once. A lap that waits for a peer measures itself: ``took_ns`` then gives what the
    last ``run`` took, and the processor's time is not asked. ``singles_ns`` gives every single figure behind that
    one, whose percentiles the record keeps.
    """

    run: Callable[[], object]
    answer: Callable[[], object]
    took_ns: Callable[[], int] | None = None
    singles_ns: Callable[[], list[int]] | None = None


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the row's work.

    Args:
        name: As it stands in the table.
        prepare: Make a fresh lap; not timed.
        packages: Distributions it needs, named with their version in the record. A contender whose
            packages are not installed is left out, and the table says so.
        note: What it does more or less than we do.
    """

    name: str
    prepare: Callable[[], Lap]
    packages: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_installed(self) -> bool:
        """Tell whether everything it needs is there."""
        return all(util.find_spec(package) is not None for package in self.packages)

    def versions(self) -> dict[str, str]:
        """Tell the installed version of each package it needs."""
        return {package: metadata.version(package) for package in self.packages}


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio to reach: the peer's median over ours.

    Args:
        against: Name of the contender, or ``BEST``.
        design: The ratio of the design's budget.
        required: The ratio below which the run fails today; None if the row is only reported.
    """

    against: str
    design: float
    required: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of work, measured for all contenders in the same run.

    Args:
        id: Budget and variant, ``S1/100B``.
        question: What the row asks, with the sizes of its inputs; absolute cost from Python.
        operations: How many operations a lap does.
        contenders: Ours first.
        targets: Ratios to reach.
        expected: The answer by an independent oracle.
        is_long: Measured by ``make bench`` only.
        floor: Name of the contender that does as little as can be done; the table shows it as the limit.
        ours: Name of our contender.
    """

    id: str
    question: str
    operations: int
    contenders: tuple[Contender, ...]
    targets: tuple[Target, ...]
    expected: Callable[[], object]
    is_long: bool = False
    floor: str = ""
    ours: str = OURS

    def present(self) -> tuple[Contender, ...]:
        """Give the contenders that are installed here."""
        return tuple(contender for contender in self.contenders if contender.is_installed)

    def absent(self) -> tuple[Contender, ...]:
        """Give the contenders that are not."""
        return tuple(contender for contender in self.contenders if not contender.is_installed)

    def check(self, contender: Contender) -> None:
        """Compare a contender's answer with the oracle's.

        Raises:
            WrongAnswerError: They differ; the message shows where.
        """
        answer, expected = contender.prepare().answer(), self.expected()
        if answer != expected:
            raise WrongAnswerError(
                f"{self.id}: {contender.name} answers {_first_difference(answer, expected)}"
            )


def _first_difference(answer: object, expected: object) -> str:
    if isinstance(answer, list) and isinstance(expected, list):
        if len(answer) != len(expected):
            return f"{len(answer)} items, the oracle {len(expected)}"
        pairs = zip(answer, expected, strict=True)
        number, (got, want) = next((n, pair) for n, pair in enumerate(pairs) if pair[0] != pair[1])
        return f"{got!r:.200} at item {number}, the oracle {want!r:.200}"
    return f"{answer!r:.200}, the oracle {expected!r:.200}"
