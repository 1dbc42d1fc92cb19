"""pytest's plugin: fixtures ``venue``, ``box`` and ``chaos``, the mark ``venues``, and options for ``@chaos``.

pytest loads it by its entry point in every project that has tradewire installed: nothing else is imported before a test
asks for it, and nothing is put in the way of a project's own fixtures of these names.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tradewire.testing.background import BackgroundSandbox
    from tradewire.testing.decorator import ChaosRunner
    from tradewire.testing.venue_under_test import VenueUnderTest

INI = "tradewire_venues"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what ``@chaos`` can be told on the command line."""
    group = parser.getgroup("tradewire", "tradewire: bots under chaos")
    group.addoption(
        "--chaos-seeds", type=_at_least_1, metavar="N", help="run every @chaos test with N seeds, from 1 on"
    )
    group.addoption(
        "--chaos-seed",
        type=int,
        action="append",
        metavar="SEED",
        help="run every @chaos test with this seed alone; may be given more than once",
    )
    group.addoption(
        "--chaos-faults",
        metavar="FILE",
        help="let the faults of this script (TOML) strike in every @chaos test, instead of its own",
    )
    parser.addini(
        INI, "venues and products that @chaos and the fixture venue take; all if left out", "args", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark and take the options."""
    config.addinivalue_line(
        "markers", "venues(*names): venues and products of tradewire that the test takes, one after the other"
    )
    seeds, seed = config.getoption("--chaos-seeds"), config.getoption("--chaos-seed")
    faults = config.getoption("--chaos-faults")
    if seeds or seed or faults:
        from tradewire.errors import ConfigError
        from tradewire.testing.bot_faults import as_faults
        from tradewire.testing.seeds import command_line

        try:
            command_line.faults = None if faults is None else as_faults(config.invocation_params.dir / faults)
        except ConfigError as error:
            raise pytest.UsageError(f"--chaos-faults: {error}") from None
        command_line.seeds, command_line.seed = seeds, seed or []


def pytest_unconfigure() -> None:
    """Forget the options."""
    import sys

    if "tradewire.testing.seeds" in sys.modules:
        from tradewire.testing.seeds import command_line

        command_line.seeds, command_line.seed, command_line.faults = None, [], None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a venue once for each."""
    # Of no interest where a project has a fixture ``venue`` of its own: then nothing asks for this one.
    if "tradewire_venue" not in metafunc.fixturenames:
        return
    from tradewire.testing.venues import SETUPS

    names = _names(metafunc.definition) or list(SETUPS)
    for name in names:
        if name not in SETUPS:
            raise pytest.UsageError(f"{INI} and venues must name some of {', '.join(SETUPS)}, got {name!r}")
    metafunc.parametrize("tradewire_venue", names, indirect=True, ids=names)


@pytest.fixture
def tradewire_venue(request: pytest.FixtureRequest) -> str:
    """Name of the venue or product, one after the other; for ``venue``, ``chaos`` and ``@chaos``."""
    name: str = request.param
    return name


@pytest.fixture
def venue(tradewire_venue: str) -> VenueUnderTest:
    """One venue or product, one after the other: its market, and ``venue.client(box)``."""
    from tradewire.testing.venue_under_test import VenueUnderTest

    return VenueUnderTest(tradewire_venue)


@pytest.fixture
def box(request: pytest.FixtureRequest) -> Iterator[BackgroundSandbox]:
    """A sandbox over real sockets, on a thread of its own: of the test's ``venue``, or of all the project takes."""
    from tradewire.testing.background import BackgroundSandbox

    if "tradewire_venue" in request.fixturenames:
        names = [request.getfixturevalue("tradewire_venue")]
    else:
        names = _names(request.node)
    venues = list(dict.fromkeys(name.partition("-")[0] for name in names))
    with BackgroundSandbox(venues or None) as opened:
        yield opened


@pytest.fixture
def chaos(tradewire_venue: str) -> ChaosRunner:
    """Runs a bot's function through seeds inside of a test: ``chaos.check(function)``, ``chaos.results(function)``."""
    from tradewire.testing.decorator import ChaosRunner

    return ChaosRunner(tradewire_venue)


def _names(item: Any) -> list[str]:
    """Return the venues that a test names, or its project; none for all."""
    named = getattr(item.obj, "tradewire_venues", None)
    mark = item.get_closest_marker("venues")
    return list(named or (mark.args if mark else item.config.getini(INI)))


def _at_least_1(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return int(text)
