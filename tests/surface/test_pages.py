"""What the documentation says is so: its programs run, its commands exist, its examples are there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

import tradewire
from support.pages import EXAMPLES, PAGES, Block, blocks
from tradewire.cli.app import app
from tradewire.sandbox import Sandbox

TEST_FILE = "test file"
"""The mark of a block that pytest runs."""
PROGRAMS = [block for block in blocks("python") if block.mark != TEST_FILE]
TEST_FILES = [block for block in blocks("python") if block.mark == TEST_FILE]
COMMANDS = [
    pytest.param(line.removeprefix("$ "), id=f"{block.name}: {line[2:]}")
    for block in blocks("console")
    for line in block.text.splitlines()
    if line.startswith("$ ")
]
MAKEFILE = (PAGES.parents[1] / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", [one for one in PROGRAMS if not one.mark], ids=lambda block: block.name)
def test_program_runs(block: Block, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(block.text, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_test_files_pass(tmp_path: Path) -> None:
    assert TEST_FILES
    for block in TEST_FILES:
        (tmp_path / f"test_{block.name.replace('-', '_')}.py").write_text(block.text, encoding="utf-8")
    # The plugin is there by its entry point where tradewire is installed, and by its name here.
    plugins = [
        "-p",
        "no:tradewire",
        "-p",
        "tradewire.testing.pytest_plugin",
        "-p",
        "no:asyncio",
        "-p",
        "no:cacheprovider",
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", str(tmp_path), *plugins]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_programs_that_need_an_account_are_not_run() -> None:
    marked = [block for block in PROGRAMS if block.mark]
    assert {block.mark for block in marked} == {"types only"}
    assert all("from_env" in block.text for block in marked)
    for block in marked:
        compile(block.text, block.name, "exec")


@pytest.mark.parametrize("venue", ["coinex", "exchange", "truex"])
def test_number_of_endpoints_is_true(venue: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tradewire", "endpoints", venue, "--json"],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    rows = json.loads(done.stdout)
    [said] = re.findall(
        r"^\| Covered .*$", (PAGES / "venues" / f"{venue}.md").read_text("utf-8"), re.MULTILINE
    )
    rest = sum(1 for row in rows if not row["ws"] and row["path"] != "/ws")
    assert f" {rest} REST endpoints" in said
    if venue == "coinex":
        streams = sum(1 for row in rows if row["ws"] and row["name"].endswith(".subscribe"))
        assert f" {streams} streams" in said


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
async def test_curl_trades_with_the_examples() -> None:
    [block] = [one for one in blocks("sh") if one.mark == "curl"]
    commands = block.text.replace("\\\n", " ").splitlines()
    assert len(commands) == 4
    answers = []
    async with Sandbox(["exchange"], rate=0) as box:
        venue = box.exchange
        for command in commands:
            running = await asyncio.create_subprocess_shell(
                f"{command} --silent --show-error --fail --noproxy '*'",
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "URL": venue.rest_url, "KEY": venue.api_key},
            )
            out, _ = await asyncio.wait_for(running.communicate(), 20)
            assert running.returncode == 0, command
            answers.append(json.loads(out))
    markets, placed, still_open, made = answers
    assert "ABC-USD" in {market["market_id"] for market in markets}
    assert placed["order"]["remaining"] == 5
    assert [order["quantity"] for order in still_open] == [5]
    assert made["profile"]["username"] == "desk-7"


@pytest.mark.parametrize("line", COMMANDS)
def test_command_exists(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, *arguments = shlex.split(line)
    monkeypatch.chdir(tmp_path)
    for name in arguments:
        if re.fullmatch(r"[a-z-]+\.[a-z]+", name):
            Path(name).touch()  # what the command reads is there
    match program:
        case "make":
            assert all(f"\n{target}:" in MAKEFILE for target in arguments if "=" not in target)
        case "python":
            assert (EXAMPLES.parent / arguments[0]).is_file()
        case "pip" | "pytest":
            pass
        case _:
            assert program == "tradewire"
            refusal = _refusal(typer.main.get_command(app), arguments)
            assert refusal == ""


def _refusal(command: Any, arguments: list[str]) -> str:
    """Return why the command line is no good, without running it."""
    if "?" in arguments or "--help" in arguments:
        return ""
    name = ""
    while hasattr(command, "commands"):
        if not arguments or arguments[0] not in command.commands:
            return f"no command {' '.join(arguments[:1])}"
        name, *arguments = arguments
        command = command.commands[name]
    try:
        command.make_context(name, arguments)
    except Exception as error:  # typer brings a click of its own
        return f"{type(error).__name__}: {error}"
    return ""


def test_a_wrong_command_is_found() -> None:
    command = typer.main.get_command(app)
    assert _refusal(command, ["book", "coinex", "BTCUSDT", "--dept", "3"])
    assert _refusal(command, ["bok", "coinex"])
    assert not _refusal(command, ["book", "coinex", "BTCUSDT", "--depth", "3"])


def test_every_example_has_a_page() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES.rglob("*.md"))
    shown = set(re.findall(r"^--8<--\n(.+)\n--8<--$", text, re.MULTILINE))
    assert shown == {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*.py")}
    assert all(path.name in text for path in EXAMPLES.rglob("*.ipynb"))


def test_every_page_is_in_the_navigation() -> None:
    listed = set(re.findall(r'"([a-z/-]+\.md)"', (PAGES.parent / "zensical.toml").read_text("utf-8")))
    assert listed == {str(page.relative_to(PAGES)) for page in PAGES.rglob("*.md")}


def test_every_public_name_is_in_the_reference() -> None:
    pages = "\n".join(page.read_text("utf-8") for page in (PAGES / "reference").glob("*.md"))
    shown = set(re.findall(r"^::: (\S+)$", pages, re.MULTILINE))
    modules = {"tradewire.errors", "tradewire.model", "tradewire.protocol.events"} & shown
    assert len(modules) == 3
    for name in set(dir(tradewire)) - {"__version__", "events"}:
        value = getattr(tradewire, name)
        assert (
            f"tradewire.{name}" in shown or getattr(value, "__module__", "") in modules or name == "Event"
        ), name


@pytest.mark.parametrize("name", [one for one in vars(tradewire.errors) if one in tradewire.errors.__all__])
def test_every_error_has_its_advice(name: str) -> None:
    family = {"TradewireError", "RequestError", "Rejected", "ProtocolError", "BookError", "Outcome"}
    never_raised = {"CrossedBook", "ChecksumMismatch"}
    assert name in family | never_raised or f"`{name}`" in (PAGES / "errors.md").read_text("utf-8")
