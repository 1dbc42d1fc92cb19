"""``import tradewire`` loads nothing heavy. How long it takes is measured by bench M1; what it loads is known here."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tradewire.registry import BUILT_IN

LISTING = """
import asyncio, sys
before = set(sys.modules)
{program}
print(" ".join(set(sys.modules) - before))
"""
HEAVY = {"aiohttp", "picows", "msgspec", "orjson", "numpy", "uvloop", "decimal", "yarl", "typer", "rich"}


def loaded_by(program: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LISTING.format(program=program)], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def test_import_loads_the_core_the_errors_and_the_list_of_venues_only() -> None:
    assert loaded_by("import tradewire") - {"__future__"} == {
        "tradewire",
        "tradewire._native",
        "tradewire.errors",
        "tradewire.registry",
    }


def test_naming_the_client_loads_no_transport() -> None:
    venue, [name, *_] = next(iter(BUILT_IN.items()))
    loaded = loaded_by(f"import tradewire; tradewire.{name}")
    assert f"tradewire.venues.{venue}.client" in loaded
    assert not loaded & {"aiohttp", "picows", "numpy", "uvloop", "yarl", "tradewire.sandbox"}


@pytest.mark.parametrize("client", [names[0] for names in BUILT_IN.values()])
def test_making_a_client_loads_no_aiohttp(client: str) -> None:
    loaded = loaded_by(f"import tradewire; tradewire.{client}()")
    assert "tradewire.transport.http1.transport" in loaded
    assert not loaded & {"aiohttp", "picows", "yarl", "ssl", "aiofastnet"}


@pytest.mark.parametrize("name", ["Credentials", "ConfigError", "Level2Book"])
def test_small_names_stay_small(name: str) -> None:
    assert not loaded_by(f"import tradewire; tradewire.{name}") & HEAVY


def test_importing_switches_no_event_loop() -> None:
    loaded_by(
        "import tradewire, asyncio; tradewire.VenueClient; "
        "assert 'uvloop' not in str(asyncio.get_event_loop_policy())"
    )
