"""The command: help that helps, data on stdout, refusals that say what to do."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tradewire._native import Level2Book
from tradewire.cli.ladder import draw


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tradewire", *arguments],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )


@pytest.mark.parametrize("command", ["demo", "sandbox", "book", "endpoints", "faults"])
def test_every_command_explains_itself(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert f"tradewire {command}" in done.stdout
    assert len(done.stdout.split()) > 30


def test_version_is_the_packages() -> None:
    import tradewire

    assert run("--version").stdout.strip() == f"tradewire {tradewire.__version__}"


def test_endpoints_are_json_of_the_promised_shape() -> None:
    rows: list[dict[str, Any]] = json.loads(run("endpoints", "coinex", "--json").stdout)
    assert {
        "ws": False,
        "method": "POST",
        "path": "/v2/spot/order",
        "group": "spot-put",
        "python": "CoinEx.place_order",
    } in rows
    assert {"ws": True, "name": "depth.subscribe", "python": "CoinEx.watch_book"} in rows
    for row in rows:
        assert set(row) == (
            {"ws", "name", "python"} if row["ws"] else {"ws", "method", "path", "group", "python"}
        )


def test_endpoints_as_a_table() -> None:
    shown = run("endpoints", "coinex").stdout
    assert "/v2/spot/order" in shown
    assert "CoinEx.place_order" in shown
    assert "spot-put, 30/s" in shown


def test_unknown_venue_is_refused_with_the_known_ones() -> None:
    done = run("endpoints", "nowhere")
    assert done.returncode == 2
    assert "coinex" in done.stderr


def test_unknown_market_is_refused_with_the_known_ones() -> None:
    done = run("book", "coinex", "NOPE", "--seconds", "1")
    assert done.returncode == 2
    assert "BTCUSDT" in done.stderr
    assert "Traceback" not in done.stderr


def test_book_shows_a_ladder_and_stops() -> None:
    done = run("book", "coinex", "BTCUSDT", "--seconds", "0.5", "--depth", "5")
    assert done.returncode == 0, done.stderr
    assert "coinex sandbox" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_book_joins_a_running_sandbox() -> None:
    command = [sys.executable, "-m", "tradewire", "sandbox", "coinex", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["coinex"]["rest_url"]
        done = run("book", "coinex", "BTCUSDT", "--seconds", "0.5", "--depth", "5", "--url", url)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert done.returncode == 0, done.stderr
    assert f"coinex at {url.removesuffix('/v2')}" in done.stdout


def test_ladder_draws_both_sides_best_on_top() -> None:
    book = Level2Book("BTCUSDT", limit=5)
    book.snapshot([("99.50", "2"), ("99.00", "4")], [("100.00", "1")])
    console = Console(width=100, record=True)
    console.print(draw(book, "sandbox", 5, (100, 30)))
    lines = console.export_text().splitlines()
    best = next(line for line in lines if "99.50" in line)
    assert "100.00" in best
    assert re.search(r"█+ *│? *2", best) or "█" in best
    assert any("99.00" in line and "100.00" not in line for line in lines)
    assert any("spread 0.50" in line for line in lines)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_sandbox_prints_hosts_and_keys_and_stops_on_interrupt() -> None:
    command = [sys.executable, "-m", "tradewire", "sandbox", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())["coinex"]
        assert facts["rest_url"].startswith("http://127.0.0.1:")
        assert facts["access_id"]
        assert facts["secret"]
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")


def test_sandbox_lists_the_faults_of_a_venue() -> None:
    done = run("sandbox", "coinex", "--fault", "?")
    assert done.returncode == 0, done.stderr
    assert "late_reply: Execute the next requests and answer ``delay_ms`` later." in done.stdout
    assert "delay_ms: a number" in done.stdout
    assert "truex" not in done.stdout


def test_sandbox_lists_the_settings_of_a_venue() -> None:
    done = run("sandbox", "exchange", "--set", "?")
    assert done.returncode == 0, done.stderr
    assert "  state_file: a path or none\n      Keep users, markets, orders," in done.stdout
    assert "push_ms" not in done.stdout


def test_sandbox_lists_what_each_profile_sets() -> None:
    done = run("sandbox", "--like", "?")
    assert done.returncode == 0, done.stderr
    assert "coinex --like live\n  takes_unknown_markets=true\n" in done.stdout
    assert "exchange" not in done.stdout


def test_book_refuses_more_levels_than_the_venue_sends() -> None:
    done = run("book", "truex", "BTC-PYUSD", "--depth", "30")
    assert done.returncode == 2
    assert "depth must be at most 20" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["coinex", "--fault", "earthquake"], "no open venue has a fault 'earthquake'"),
        (["coinex", "--fault", "truex.busy"], "truex is not open"),
        (["coinex", "--fault", "busy:count=none"], "count of busy must be a whole number"),
        (["coinex", "--fault", "busy:count"], "NAME:parameter=value"),
        (
            ["exchange", "--set", "accept_legacy_hash=true"],
            "no open venue has a setting 'accept_legacy_hash'",
        ),
        (["coinex", "--set", "truex.coalesce_ms=5"], "truex is not open"),
        (["coinex", "--set", "coinex.coalesce_ms=5"], "there is no setting coalesce_ms; there is push_ms"),
        (["coinex", "--set", "push_ms=soon"], "push_ms must be a whole number, got 'soon'"),
        (["coinex", "--set", "push_ms"], "NAME=VALUE"),
        (["coinex", "--like", "prod"], "--like prod: no open venue has this profile"),
        (["exchange", "--like", "live"], "--like live: no open venue has this profile"),
    ],
)
def test_sandbox_refuses_a_fault_or_setting_that_fits_no_venue(arguments: list[str], complaint: str) -> None:
    done = run("sandbox", *arguments)
    assert done.returncode == 2
    # The frame around an error may break it anywhere.
    assert complaint in re.sub(r"[\s│]+", " ", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_sandbox_begins_with_the_faults_and_settings_that_were_asked_for() -> None:
    command = [
        sys.executable, "-m", "tradewire", "sandbox", "coinex", "truex", "--json",
        "--like", "live", "--set", "coinex.push_ms=0", "--set", "truex.sunset_status=410",
        "--fault", "coinex.gateway_html:status=503",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        assert status_of(f"{facts['coinex']['rest_url']}/time") == 503
        assert status_of(f"{facts['coinex']['rest_url']}/time") == 200
        with urllib.request.urlopen(
            f"{facts['coinex']['rest_url']}/spot/ticker?market=NOPE", timeout=5
        ) as reply:
            assert json.load(reply)["code"] == 4004
        assert status_of(f"{facts['truex']['rest_url']}/v1/cefi/health") == 200
        assert status_of(f"{facts['truex']['rest_url']}/api/v1/health") == 410
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_script_of_faults_is_played_from_the_start_or_by_a_running_sandbox(tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text('[[faults]]\nat_s = 0\nfault = "gateway_html"\nstatus = 503\n')
    command = [sys.executable, "-m", "tradewire", "sandbox", "coinex", "--json", "--faults", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["coinex"]["rest_url"]
        assert [status_of(f"{url}/time") for _ in range(2)] == [503, 200]
        done = run("faults", "apply", url, str(script))
        assert done.stdout == " 0.000 s gateway_html(status=503)\n", done.stderr
        assert [status_of(f"{url}/time") for _ in range(2)] == [503, 200]
        assert run("faults", "now", url, "gateway_html:status=504").stdout.endswith('{"armed": 1}\n')
        assert "corrupt_checksum: Send a wrong checksum" in run("faults", "list", url).stdout
        assert run("faults", "clear", url).returncode == 0
        assert status_of(f"{url}/time") == 200
        script.write_text('[[faults]]\nat_s = 0\nfault = "lost_ack"\n')
        refused = run("faults", "apply", url, str(script))
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "fault 1 of the script: fault must be one of bad_row" in " ".join(refused.stderr.split())
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
