"""Row, method and docstring of every REST endpoint say the same."""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.util
import inspect
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tradewire.cli.coverage import coverage
from tradewire.interface import Capabilities
from tradewire.protocol.endpoint import Access, Effect, Endpoint, endpoint_of
from tradewire.registry import BUILT_IN, find_venue

DOCS_HOST = {"coinex": "docs.coinex.com", "exchange": "www.mintlify.com", "truex": "docs.truemarkets.co"}
FOUNDED = dt.date(2026, 11, 1)


def rows_of(venue: str) -> dict[str, Endpoint[Any, Any]]:
    assert find_venue(venue).client_classes
    return {row.name: row for row in importlib.import_module(f"tradewire.venues.{venue}.api").api.rows}


def methods_of(venue: str) -> dict[str, tuple[Any, Endpoint[Any, Any]]]:
    """Return every method that calls a row, by class and name."""
    found = {}
    for owner in find_venue(venue).client_classes:
        for name, method in inspect.getmembers(owner, inspect.isfunction):
            row = endpoint_of(method)
            if row is not None:
                found[f"{owner.__name__}.{name}"] = (method, row)
    return found


ROWS = [(venue, name, row) for venue in BUILT_IN for name, row in rows_of(venue).items()]
METHODS = [(venue, name, *found) for venue in BUILT_IN for name, found in methods_of(venue).items()]


@pytest.mark.parametrize(("venue", "name", "row"), ROWS)
def test_row_is_called_by_exactly_one_method(venue: str, name: str, row: Endpoint[Any, Any]) -> None:
    callers = [method.split(".") for method, (_, called) in methods_of(venue).items() if called is row]
    # Clients of several products have what is the venue's, for instance its time, under one name.
    assert len({name for _, name in callers}) == 1, name
    assert len({owner for owner, _ in callers}) == len(callers), name


@pytest.mark.parametrize("venue", BUILT_IN)
def test_no_two_rows_are_the_same_endpoint(venue: str) -> None:
    names = [row.name for row in rows_of(venue).values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("venue", "name", "method", "row"), METHODS)
def test_method_calls_the_row_it_is_marked_with_and_no_other(
    venue: str, name: str, method: Any, row: Endpoint[Any, Any]
) -> None:
    owner = next(
        owner for owner in find_venue(venue).client_classes if owner.__name__ == name.partition(".")[0]
    )
    product: Any = getattr(owner, "product", None)
    source = inspect.getsource(method)
    names = set(re.findall(r"\b(?:rows\.)?([A-Z_]{4,})\b", source))
    module = {**vars(importlib.import_module(method.__module__))}
    module |= vars(module["rows"]) if "rows" in module else {}
    found: list[Any] = [module.get(name) for name in names]
    # Rows that several products have stand under one name.
    rows = [
        one[product] if product and hasattr(one, "documents") and not isinstance(one, Endpoint) else one
        for one in found
    ]
    used = {id(one): one for one in rows if isinstance(one, Endpoint)}
    # One that reads by another way is marked for its documentation only.
    assert [*used.values()] == [row]


@pytest.mark.parametrize(("venue", "name", "method", "row"), METHODS)
def test_docstring_names_verb_path_group_access_and_effect(
    venue: str, name: str, method: Any, row: Endpoint[Any, Any]
) -> None:
    doc = inspect.getdoc(method) or ""
    assert f"``{row.name}``, rate group {row.rate_group}, {row.access}, {row.effect}." in doc
    assert f"{row.source}, read {row.read_on}." in " ".join(doc.split())
    assert "Shape:" in doc


@pytest.mark.parametrize(("venue", "name", "method", "row"), METHODS)
def test_docstring_explains_every_argument(
    venue: str, name: str, method: Any, row: Endpoint[Any, Any]
) -> None:
    doc = inspect.getdoc(method) or ""
    parameters = [parameter for parameter in inspect.signature(method).parameters if parameter != "self"]
    missing = [parameter for parameter in parameters if f"\n    {parameter}: " not in doc]
    assert missing == []


@pytest.mark.parametrize(("venue", "name", "row"), ROWS)
def test_row_says_where_and_when_it_was_read(venue: str, name: str, row: Endpoint[Any, Any]) -> None:
    source = urlsplit(row.source)
    assert (source.scheme, source.hostname) == ("https", DOCS_HOST[venue])
    assert dt.date.fromisoformat(row.read_on) >= FOUNDED


@pytest.mark.parametrize(("venue", "name", "row"), ROWS)
def test_write_names_methods_that_tell_its_fate(venue: str, name: str, row: Endpoint[Any, Any]) -> None:
    asked = re.findall(r"(\w+\.\w+)\(", row.lookup)
    assert bool(asked) is (row.effect is not Effect.READ)
    reads = {method for method, (_, called) in methods_of(venue).items() if called.effect is Effect.READ}
    assert set(asked) <= reads


@pytest.mark.parametrize(("venue", "name", "row"), ROWS)
def test_row_draws_from_a_bucket_the_venue_has(venue: str, name: str, row: Endpoint[Any, Any]) -> None:
    hosts = importlib.import_module(f"tradewire.venues.{venue}.hosts")
    assert row.rate_group in hosts.RATES_PER_S
    assert row.weight >= 1


@pytest.mark.parametrize(("venue", "name", "row"), ROWS)
def test_only_reads_are_public_and_only_cancels_use_the_reserve(
    venue: str, name: str, row: Endpoint[Any, Any]
) -> None:
    if row.access is Access.PUBLIC:
        assert row.effect is Effect.READ
    is_cancel = "cancel" in row.path or (row.method == "DELETE" and "orders" in row.path)
    assert row.is_cancel is is_cancel


@pytest.mark.parametrize("venue", BUILT_IN)
def test_coverage_lists_every_row_and_every_python_name_exists(venue: str) -> None:
    listed = coverage(find_venue(venue))
    rest = {(entry["method"], entry["path"]) for entry in listed if not entry["ws"]}
    dialect = importlib.import_module(f"tradewire.venues.{venue}.dialect")
    upgrades = {("GET", path) for path in getattr(dialect, "UPGRADES", ())}
    assert rest == upgrades | {(row.method, row.path) for row in rows_of(venue).values()}
    owners = {owner.__name__: owner for owner in find_venue(venue).client_classes}
    for entry in listed:
        owner, _, method = str(entry["python"]).partition(".")
        client = owners[owner.split()[0]]
        assert not method or callable(getattr(client, method))


@pytest.mark.parametrize("venue", BUILT_IN)
def test_client_docstring_and_capabilities_are_there_before_anything_is_asked(venue: str) -> None:
    client = find_venue(venue).client_class
    assert inspect.getdoc(client)
    assert isinstance(client.capabilities, Capabilities)
