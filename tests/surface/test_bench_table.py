"""The speeds that README and documentation show are the newest recorded run's, to the letter."""

import json
from collections.abc import Callable
from pathlib import Path

import plots
import pytest
import report


@pytest.mark.parametrize(("page", "block"), [(report.PAGE, report.whole), (report.README, report.plain)])
def test_page_shows_the_newest_run(page: Path, block: Callable[[Path], str]) -> None:
    text = page.read_text()
    assert report.with_block(text, block(report.newest_run())) == text


def test_pictures_of_the_site_are_the_newest_run() -> None:
    for name in ("ratios", "latency", "growth"):
        assert (plots.PICTURES / f"{name}.png").read_bytes() == (
            report.newest_run() / f"{name}.png"
        ).read_bytes()


def test_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="bench:start"):
        report.with_block("nothing", "block")


def test_run_is_whole_right_and_from_an_optimised_interpreter() -> None:
    run = report.newest_run()
    rows = json.loads((run / "raw.json").read_text())["rows"]
    measured = {row["id"].partition("/")[0] for row in rows}
    assert measured >= {"S1", "B2", "D1", "J1", "G1", "M2", "R1", "T1", "T2"}
    assert all(all(row["correct"].values()) for row in rows)
    assert json.loads((run / "machine.json").read_text())["interpreter"] != "plain"
    assert all((run / f"{name}.png").is_file() for name in ("ratios", "latency", "growth"))
    assert "\n## Conclusion\n" in (run / "summary.md").read_text()
    assert "\nRefuted by: " in (run / "summary.md").read_text()
