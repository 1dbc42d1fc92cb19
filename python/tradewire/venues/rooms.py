"""The contract of a venue: which rooms it has, and what the command line and the tests may ask of it.

Each venue is a package with the same small rooms; some have one or two of their own beside them. All but ``client``
and ``connection`` are sans-IO.

    hosts       where it is, and its rate groups
    auth        how a request says who sends it
    shapes      the wire's spelling, nothing else
    model       the words only this venue has
    requests    what the methods ask, checked, and how it is encoded
    endpoints   one typed row per REST endpoint
    parse       shapes -> model
    errors      codes and words -> errors
    rest        what ``session.rest`` must know of the venue
    dialect     WebSocket frames out, topics, codes
    pushes      WebSocket frames in -> model (Exchange: ``user_state``)
    queries     the questions that settle an order's fate
    connection  its streams and everything that lives on them
    client      the class a bot uses; its methods call one row or watch one topic each, and are in
                ``market_data``, ``account``, ``trading`` and ``streams``
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from tradewire.protocol.endpoint import Endpoint

__all__ = ["VENUES", "Capabilities", "calls", "classes", "coverage", "endpoint_of"]

VENUES = ("coinex", "exchange", "truex")

MethodT = TypeVar("MethodT", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a venue can do, known before anything is asked."""

    amend: bool
    """An order's price or size can be changed in place."""
    client_order_ids: bool
    post_only: bool
    market_orders: bool
    order_entry: frozenset[str]
    """Lanes orders can take: ``rest``, ``ws``."""
    book: str
    """``level2`` or ``level3``."""


def calls(endpoint: Endpoint[Any, Any]) -> Callable[[MethodT], MethodT]:
    """Mark a client's method as the one that calls ``endpoint``."""

    def mark(method: MethodT) -> MethodT:
        method.__endpoint__ = endpoint  # type: ignore[attr-defined]  # read back by endpoint_of
        return method

    return mark


def endpoint_of(method: object) -> Endpoint[Any, Any] | None:
    """Return the row a client's method calls, if it is one that does."""
    return getattr(method, "__endpoint__", None)


def classes(venue: str) -> tuple[type, ...]:
    """Return the client classes of ``venue``: the traders', and the operator's where there is one."""
    client = importlib.import_module(f"tradewire.venues.{venue}.client")
    return (client.CLIENT, client.ADMIN) if hasattr(client, "ADMIN") else (client.CLIENT,)


def coverage(venue: str) -> list[dict[str, object]]:
    """Return every REST endpoint and stream message the clients of ``venue`` cover, with its Python name."""
    dialect = importlib.import_module(f"tradewire.venues.{venue}.dialect")
    rows: list[dict[str, object]] = []
    for owner in classes(venue):
        for name in dir(owner):
            row = endpoint_of(getattr(owner, name))
            if row is not None:
                python = f"{owner.__name__}.{name}"
                entry: dict[str, object] = {"ws": False, "method": row.method, "path": row.path}
                if row.spellings:
                    entry["spellings"] = list(row.spellings)
                rows.append({**entry, "python": python})
    upgrades = getattr(dialect, "UPGRADES", {})
    rows.extend(
        {"ws": False, "method": "GET", "path": path, "python": python} for path, python in upgrades.items()
    )
    rows.sort(key=lambda row: (str(row["path"]), str(row["method"])))
    rows.extend({"ws": True, "name": name, "python": python} for name, python in dialect.messages())
    return rows
