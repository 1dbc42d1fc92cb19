"""Client rows and sandbox routes are those of the venue's pages, and nothing else.

The vectors are the published endpoints as the fact sheets list them; ``client`` and ``sandbox`` mark the endpoints
that each side has. Neither side knows of the other: they meet here only.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tradewire.protocol.endpoint import Access, Endpoint
from tradewire.registry import BUILT_IN
from tradewire.sandbox.routing import Handlers, Route

VECTORS = Path(__file__).parents[1] / "vectors"
VENUES = tuple(BUILT_IN)
NOT_ON_THE_WIRE = {
    "POST /v2/spot/order": {"post_only", "time_in_force"},
    "POST /v2/futures/stop-order": {"size_asset"},
    "POST /v2/futures/order": {"post_only", "time_in_force", "size_asset"},
    "GET /v1/cefi/markets/quote": {"size"},
    "POST /v1/cefi/orders": {"market", "size_asset"},
}
"""What a row names and never sends under that name."""
Described: TypeAlias = dict[str, Any]


def vector(venue: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((VECTORS / f"{venue}_endpoints.json").read_text(encoding="utf-8"))
    return document


def published(venue: str) -> dict[str, Described]:
    rest: dict[str, Described] = vector(venue)["rest"]
    return rest


def marked(venue: str, side: str) -> dict[str, Described]:
    return {name: described for name, described in published(venue).items() if described[side]}


def client_rows(venue: str) -> dict[str, Endpoint[Any, Any]]:
    """Return every row that the venue's modules make, wherever it stands."""
    package = importlib.import_module(f"tradewire.venues.{venue}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    return {row.name: row for row in importlib.import_module(f"{package.__name__}.api").api.rows}


def subjects(venue: str) -> tuple[type[Handlers], ...]:
    found: tuple[type[Handlers], ...] = importlib.import_module(
        f"tradewire.sandbox.venues.{venue}.rest"
    ).SUBJECTS
    return found


def sandbox_routes(venue: str) -> list[Route]:
    return [route for subject in subjects(venue) for route in subject.declared()]


@pytest.mark.parametrize("venue", VENUES)
def test_client_has_the_endpoints_that_are_marked_and_no_other(venue: str) -> None:
    assert set(client_rows(venue)) == set(marked(venue, "client"))


@pytest.mark.parametrize("venue", VENUES)
def test_client_rows_have_the_published_group_and_access(venue: str) -> None:
    rows = published(venue)
    for name, row in client_rows(venue).items():
        described = rows[name]
        assert (name, row.rate_group) == (name, described["rate_group"])
        assert (name, row.access is not Access.PUBLIC) == (name, described["signed"])


def leaves(params: list[str]) -> dict[str, bool]:
    """Return published names without the objects around them, and whether they are required."""
    inside = {name.rpartition(".")[0] for name in params}
    return {
        name.rpartition(".")[2].rstrip("?"): not name.endswith("?") for name in params if name not in inside
    }


@pytest.mark.parametrize("venue", VENUES)
def test_client_rows_carry_published_parameters_and_every_required_one(venue: str) -> None:
    rows = published(venue)
    for name, row in client_rows(venue).items():
        known = leaves(rows[name]["params"])
        if not row.parameters:
            # An encoder by hand does not say what it writes.
            continue
        assert (name, set(row.parameters) - set(known) - NOT_ON_THE_WIRE.get(name, set())) == (name, set())
        required = {one for one, is_required in known.items() if is_required}
        assert (name, required - set(row.parameters)) == (name, set())


@pytest.mark.parametrize("venue", VENUES)
def test_sandbox_has_the_endpoints_that_are_marked_and_no_other(venue: str) -> None:
    names = [f"{route.method} {route.path}" for route in sandbox_routes(venue)]
    assert len(names) == len(set(names))
    assert set(names) == set(marked(venue, "sandbox"))


@pytest.mark.parametrize("venue", VENUES)
def test_sandbox_routes_have_the_published_group_and_parameters(venue: str) -> None:
    rows = published(venue)
    for route in sandbox_routes(venue):
        name = f"{route.method} {route.path}"
        described = rows[name]
        assert (name, route.group or vector(venue)["public_group"]) == (name, described["rate_group"])
        assert (name, route.is_signed) == (name, described["signed"])
        read = sorted(part for parameter in route.parameters for part in parameter.names)
        assert (name, read) == (name, sorted(described["params"]))


@pytest.mark.parametrize("venue", VENUES)
def test_every_class_of_endpoints_is_listed(venue: str) -> None:
    package = importlib.import_module(f"tradewire.sandbox.venues.{venue}.rest")
    there = set()
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Handlers) and value.__module__ == module.name:
                there.add(value)
    assert there == set(subjects(venue))


@pytest.mark.parametrize("venue", [venue for venue in VENUES if "rates_per_s" in vector(venue)])
def test_both_sides_have_the_published_rates(venue: str) -> None:
    rates = vector(venue)["rates_per_s"]
    assert {row["rate_group"] for row in published(venue).values()} == set(rates)
    sandbox = importlib.import_module(f"tradewire.sandbox.venues.{venue}.rates")
    assert rates == {"ip": sandbox.IP_RATE_PER_S, **sandbox.GROUP_RATES_PER_S}
    client = importlib.import_module(f"tradewire.venues.{venue}.hosts").RATES_PER_S
    assert client.items() <= rates.items()
