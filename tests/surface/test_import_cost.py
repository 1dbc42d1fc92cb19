"""``import tradewire`` loads nothing heavy. How long it takes is measured by bench M1; what it loads is known here."""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import is_dataclass

import pytest

from tradewire.registry import BUILT_IN

LISTING = """
import asyncio, sys
before = set(sys.modules)
{program}
print(" ".join(set(sys.modules) - before))
"""
HEAVY = {"aiohttp", "picows", "msgspec", "orjson", "numpy", "uvloop", "decimal", "yarl", "typer", "rich"}


FIRST = next(iter(BUILT_IN.values()))[0]


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


PUT_OFF = {
    # Transports and what only they need, loaded with the first connection.
    "aiofastnet", "aiohttp", "picows", "ssl", "yarl",
    # What a venue is asked for seldom, what only a reader of the interface needs, and what costs more than it saves.
    "cryptography", "email", "hmac", "html", "http", "numpy", "rich", "secrets", "tempfile", "typer",
    "tradewire.cli", "tradewire.interface", "tradewire.sandbox", "urllib.parse", "urllib.request", "uvloop", "zoneinfo",
}  # fmt: skip


@pytest.mark.parametrize("client", [names[0] for names in BUILT_IN.values()])
def test_the_first_client_loads_nothing_that_can_wait(client: str) -> None:
    loaded = loaded_by(f"import tradewire; tradewire.{client}()")
    assert "tradewire.transport.http1.transport" in loaded
    assert not loaded & PUT_OFF


MOST_MODULES = 115
"""Modules of this package that a client may load: each costs about 0.2 ms."""


@pytest.mark.parametrize(
    "client", [name for names in BUILT_IN.values() for name in names[:2] if "Options" not in name]
)
def test_a_client_loads_few_modules(client: str) -> None:
    loaded = loaded_by(f"import tradewire; tradewire.{client}")
    assert 50 < len([name for name in loaded if name.startswith("tradewire")]) <= MOST_MODULES


def test_no_module_of_a_client_describes_by_dataclasses() -> None:
    """One costs as much time as thirty structs."""
    for client in (names[0] for names in BUILT_IN.values()):
        modules = {
            name for name in loaded_by(f"import tradewire; tradewire.{client}()") if "tradewire" in name
        }
        assert "tradewire.session.account" in modules
        own = [
            kind
            for name in modules
            for kind in vars(importlib.import_module(name)).values()
            if isinstance(kind, type) and kind.__module__ == name
        ]
        assert [kind for kind in own if is_dataclass(kind)] == []


@pytest.mark.parametrize("name", ["Credentials", "ConfigError", "Level2Book"])
def test_small_names_stay_small(name: str) -> None:
    assert not loaded_by(f"import tradewire; tradewire.{name}") & HEAVY


def test_importing_switches_no_event_loop() -> None:
    loaded_by(
        "import tradewire, asyncio; tradewire.VenueClient; "
        "assert 'uvloop' not in str(asyncio.get_event_loop_policy())"
    )


def test_a_client_leaves_garbage_collection_as_it_found_it() -> None:
    for change, is_enabled in (("gc.enable()", True), ("gc.disable()", False)):
        loaded_by(f"import gc; {change}; import tradewire; tradewire.VenueClient; tradewire.{FIRST}\n"
                  f"assert gc.isenabled() is {is_enabled}")  # fmt: skip
