"""Subjects of a client that are loaded when first used look as if they had been there from the start."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any
from unittest import mock

import pytest

import tradewire
from tradewire.protocol.endpoint import endpoint_of
from tradewire.session.later import Later, later
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.futures.client import CoinExFutures
from tradewire.venues.coinex.products import FUTURES
from tradewire.venues.coinex.rest import subjects
from tradewire.venues.coinex.rest.batches import ORDERS
from tradewire.venues.coinex.rest.loans import Loans

PACKAGE = "tradewire.venues.coinex.rest"


def fresh() -> Any:
    """Return a class of which nothing is loaded yet."""
    put_off = later(PACKAGE, {"loans.Loans": "borrow repay loans all_loans borrow_limit"})
    return type("Client", (put_off,), {})


def is_loaded(client: Any, name: str) -> bool:
    return isinstance(inspect.getattr_static(client, name), FunctionType)


def placeholders() -> list[tuple[str, str, str]]:
    """Return module, class and name of every method that is put off, as the source says it."""
    tree = ast.parse(Path(subjects.__file__).read_text(encoding="utf-8"))
    tables = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    return [
        (*str(subject).split("."), name)
        for table in tables
        for subject, names in ast.literal_eval(table).items()
        for name in names.split()
    ]


def test_the_names_put_off_are_those_of_the_classes() -> None:
    said = placeholders()
    classes = {(module, kind) for module, kind, _ in said}
    assert len(classes) == 20
    found = []
    for module, kind in classes:
        spec = find_spec(f"{PACKAGE}.{module}")
        assert spec is not None
        assert spec.origin is not None
        tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        [body] = [node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind]
        found += [
            (module, kind, node.name)
            for node in body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
    assert sorted(found) == sorted(said)


def test_looking_at_one_method_loads_all_of_its_subject() -> None:
    client = fresh()
    assert not is_loaded(client, "borrow")
    assert client.repay is Loans.repay
    assert is_loaded(client, "borrow")
    assert is_loaded(client, "repay")


def test_a_method_of_an_object_is_bound_to_it() -> None:
    one = fresh()()
    assert one.loans.__self__ is one
    assert one.loans.__func__ is Loans.loans


def test_a_class_that_overrides_a_method_can_call_it() -> None:
    class Mine(fresh()):  # type: ignore[misc]  # made by a function
        def loans(self) -> Any:
            return super().loans

    assert Mine().loans().__func__ is Loans.loans


def test_a_method_can_be_replaced_and_put_back_before_it_is_loaded() -> None:
    client = fresh()
    with mock.patch.object(client, "loans", "mine"):
        assert client.loans == "mine"
    assert client.loans is Loans.loans


def test_help_signature_and_names_are_those_of_the_method() -> None:
    assert {"borrow", "repay"} <= set(dir(CoinEx))
    assert inspect.iscoroutinefunction(CoinEx.borrow)
    assert inspect.signature(CoinEx.borrow) == inspect.signature(Loans.borrow)
    assert "POST /v2/assets/margin/borrow" in (inspect.getdoc(CoinEx.borrow) or "")


def test_each_product_has_its_own_row_of_a_method_loaded_later() -> None:
    spot, futures = endpoint_of(CoinEx.orders), endpoint_of(CoinExFutures.orders)
    assert futures is ORDERS[FUTURES]
    assert spot is not None
    assert spot.path.startswith("/v2/spot/")


SENDING = [
    "send_order",
    "place_order",
    "prepare_order",
    "cancel_order",
    "amend_order",
    "cancel_all",
    "watch_book",
]


@pytest.mark.parametrize("name", SENDING)
def test_what_sends_orders_and_reads_books_is_there_from_the_start(name: str) -> None:
    program = (
        "import inspect, sys, tradewire\n"
        "from types import FunctionType\n"
        f"kind = type(inspect.getattr_static(tradewire.CoinEx, {name!r}))\n"
        "sys.exit(kind is not FunctionType)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


async def test_a_client_that_is_open_has_all_that_sends_orders() -> None:
    async with tradewire.CoinEx() as client:
        assert is_loaded(type(client), "send_orders")
        assert is_loaded(type(client), "place_stop_order")


def test_a_client_stands_in_for_nothing_once_its_names_were_looked_at() -> None:
    for client in (CoinEx, CoinExFutures):
        for name in dir(client):
            getattr(client, name)
        assert not [name for name in dir(client) if isinstance(inspect.getattr_static(client, name), Later)]
