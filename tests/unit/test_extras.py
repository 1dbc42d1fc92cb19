from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path

import pytest

from tradewire.extras import install_hint

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]


def test_hint_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [
        "msgspec>=0.22",
        "typer>=0.29 ; extra == 'cli'",
        'rich>=15; extra == "cli"',
        "uvloop>=1; extra == 'uvloop'",
    ]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: listed)
    assert install_hint("cli") == 'pip install "typer>=0.29" "rich>=15"'


def test_hint_without_an_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def requires(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    assert install_hint("cli") == 'pip install "tradewire[cli]"'


def test_all_is_every_extra() -> None:
    extras = PROJECT["optional-dependencies"]
    [everything] = extras["all"]
    assert set(everything.removeprefix("tradewire[").removesuffix("]").split(",")) == extras.keys() - {"all"}
