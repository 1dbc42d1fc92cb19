"""The README's table of speeds is the newest recorded run's, to the letter."""

import json

import pytest
import report

README = report.README.read_text()


def test_readme_shows_the_newest_run() -> None:
    assert report.with_table(README, report.newest_run()) == README


def test_readme_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="bench:start"):
        report.with_table(README.replace(report.START, ""), report.newest_run())


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
