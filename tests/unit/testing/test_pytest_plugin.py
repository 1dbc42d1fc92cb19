"""The plugin as a user's project has it: a folder with a test, whatever other plugins are there."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import tradewire

pytest_plugins = ["pytester"]
PLUGIN = "tradewire.testing.pytest_plugin"
TESTS = """
from tradewire.testing import chaos

@chaos(seeds=2, invariants=[], faults=["busy"])
async def test_bot(run):
    print("ran", run.venue, run.seed, [event.fault for event in run.schedule][:1])

def test_venue(venue):
    print("has", venue.name, venue.market)
"""


# pytester forgets what an inner run has imported, and modules of a package would be there twice.
for _module in pkgutil.walk_packages(tradewire.__path__, "tradewire."):
    if not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)


def run(pytester: pytest.Pytester, *arguments: str, without: str = "asyncio") -> pytest.RunResult:
    # Installed or not: by the entry point it would be there twice.
    options = ("-p", "no:tradewire", "-p", PLUGIN, "-p", f"no:{without}", "-s")
    return pytester.runpytest_inprocess(*options, *arguments)


def said(result: pytest.RunResult, word: str) -> list[str]:
    return [
        line.lstrip(".").partition(f"{word} ")[2]
        for line in result.outlines
        if f"{word} " in line.lstrip(".")
    ]


def test_a_test_runs_on_every_venue_that_the_project_takes(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ntradewire_venues = coinex-futures truex\naddopts = --strict-markers")
    pytester.makepyfile(TESTS)
    result = run(pytester, "-v")
    result.assert_outcomes(passed=4)
    assert said(result, "has") == ["coinex-futures BTCUSDT", "truex BTC-PYUSD"]
    assert said(result, "ran") == [
        "coinex-futures 1 ['busy']", "coinex-futures 2 ['busy']", "truex 1 ['busy']", "truex 2 ['busy']",
    ]  # fmt: skip
    result.stdout.fnmatch_lines(["*test_bot[[]coinex-futures[]]*"])


def test_a_mark_names_venues_and_without_any_all_are_taken(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        TESTS.replace("def test_venue", "import pytest\n@pytest.mark.venues('exchange')\ndef test_venue"),
    )
    result = run(pytester, "--strict-markers", "-k", "venue", "--chaos-seeds", "1")
    assert said(result, "has") == ["exchange ABC-USD"]
    names = ["test_bot[coinex]", "test_bot[coinex-futures]", "test_bot[exchange]", "test_bot[truex]"]
    result = run(pytester, "--collect-only", "-q", "-k", "test_bot")
    assert [line.partition("::")[2] for line in result.outlines if "::" in line] == names


def test_the_command_line_goes_before_what_a_test_says(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    script = pytester.path / "faults.toml"
    script.write_text("[[faults]]\nat_s = 1\nfault = 'ws.reset'")
    one = ["-k", "test_bot and truex"]
    result = run(pytester, *one, "--chaos-seed", "7", "--chaos-seed", "9", "--chaos-faults", "faults.toml")
    assert said(result, "ran") == ["truex 7 ['ws.reset']", "truex 9 ['ws.reset']"]
    assert len(said(run(pytester, *one, "--chaos-seeds", "3"), "ran")) == 3
    assert len(said(run(pytester, *one), "ran")) == 2


@pytest.mark.parametrize(
    ("arguments", "ini", "message"),
    [
        (["--chaos-seeds", "0"], "", "must be a whole number of at least 1, got '0'"),
        (["--chaos-seeds", "some"], "", "must be a whole number of at least 1, got 'some'"),
        (["--chaos-faults", "no.toml"], "", "faults must be a script that can be read, got *no.toml"),
        (
            [],
            "tradewire_venues = nyse",
            "tradewire_venues and venues must name some of coinex, *, got 'nyse'",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    pytester: pytest.Pytester, arguments: list[str], ini: str, message: str
) -> None:
    pytester.makeini(f"[pytest]\n{ini}")
    pytester.makepyfile(TESTS)
    result = run(pytester, *arguments)
    assert result.ret != 0
    lines = [*result.outlines, *result.errlines]
    pytest.LineMatcher(lines).fnmatch_lines([f"*{message}*"])


def test_a_failing_seed_is_told_with_its_replay_and_the_line_that_failed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import asyncio
        from tradewire.testing import BotRun, chaos, strike

        @chaos(seeds=[5], venues=["coinex"], faults=[strike(0.2, "lost_reply"), strike(0.3, "ws.late")], seconds=1)
        async def test_bot(run: BotRun) -> None:
            await asyncio.sleep(0.5)
            try:
                await run.client.place_order(run.market, "buy", run.size, 100)
            except Exception:
                pass
            await run.settle()
            assert len(run.client.live_orders) == 0
        """
    )
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*assert len(run.client.live_orders) == 0*",
            "*coinex, seed 5: broken, after 0 seeds that held*",
            "*none: it breaks without any*",
            '*again: pytest "test_it.py::test_bot[[]coinex[]]" --chaos-seed 5*',
        ]
    )


def test_a_projects_own_fixtures_of_these_names_stay_its_own(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def venue(): return "mine"

        @pytest.fixture
        def box(venue): return venue

        @pytest.fixture
        def chaos(box): return box
        """
    )
    pytester.makepyfile("def test_it(venue, box, chaos): assert chaos == 'mine'")
    run(pytester).assert_outcomes(passed=1)


BOX = """
import asyncio
import tradewire

def test_without_async(box, venue):
    async def main():
        async with venue.client(box, timeout_s=1) as client:
            box.coinex.faults.lost_reply(requests="place")
            order = client.send_order(venue.market, "buy", venue.size, 100)
            try:
                await order
            except tradewire.OutcomeUnknown:
                pass
            async with asyncio.timeout(30):
                while not order.order_id:
                    await asyncio.sleep(0.01)
        return order
    order = asyncio.run(main())
    assert [row["status"] for row in box.coinex.account()["orders"]] == ["open"]
    assert box.coinex.faults.triggered["lost_reply"] == 1
    assert "lost_ack" not in dir(box.coinex.faults)
"""


def test_the_box_needs_no_plugin_for_async_tests(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ntradewire_venues = coinex")
    pytester.makepyfile(BOX)
    run(pytester).assert_outcomes(passed=1)


def test_the_box_and_a_decorated_test_live_beside_a_plugin_for_async_tests(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        "[pytest]\ntradewire_venues = coinex\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function"
    )
    pytester.makepyfile(
        TESTS
        + """
async def test_async(box, venue):
    async with venue.client(box) as client:
        order = await client.place_order(venue.market, "buy", venue.size, 100)
        box.coinex.traffic.paused = True
        assert order.order_id in str(box.coinex.account())
        try:
            box.coinex.faults.late_reply(-1)
        except ValueError as error:
            print("refused", error)
        else:
            raise AssertionError

def test_runner(chaos):
    async def bot(run):
        pass
    print("runner", len(chaos.results(bot, seeds=2, invariants=[])))
"""
    )
    result = run(pytester, without="anyio")
    result.assert_outcomes(passed=4)
    assert said(result, "refused") == ["delay_ms must be at least 0, got -1"]
    assert said(result, "runner") == ["2"]


def test_it_costs_other_projects_nothing_but_the_package_itself() -> None:
    program = (
        f"import pytest, sys; before = set(sys.modules); import {PLUGIN}; print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {
        "tradewire", "tradewire._native", "tradewire.errors", "tradewire.registry", "tradewire.testing", PLUGIN,
    }  # fmt: skip


def test_it_is_named_where_pytest_looks() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"tradewire": PLUGIN}
