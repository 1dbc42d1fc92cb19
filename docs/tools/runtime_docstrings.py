"""A griffe extension: shows what exists at run time only.

Rows of endpoints add verb, path, rate group and source to a method's docstring when it is made, and a product's class
has the facts of its own row; what ``tradewire`` loads on first use stands in a table. The source alone shows neither.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

import griffe

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))


class RuntimeDocstrings(griffe.Extension):
    """Gives ``tradewire`` its lazy names, and each client class its inherited methods as ``help()`` shows them."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Complete ``pkg`` if it is ours."""
        if pkg.name != "tradewire":
            return
        tradewire = importlib.import_module("tradewire")
        for name in tradewire.__all__:
            value = getattr(tradewire, name)
            if name not in pkg.members and isinstance(value, type):
                pkg.set_member(name, griffe.Alias(name, f"{value.__module__}.{value.__qualname__}"))
        for client in _clients():
            self._own(pkg, client)

    def _own(self, pkg: griffe.Module, live: type) -> None:
        cls = pkg[f"{live.__module__}.{live.__qualname__}".removeprefix("tradewire.")]
        for name, member in {**cls.inherited_members, **cls.members}.items():
            target = member.final_target if isinstance(member, griffe.Alias) else member
            text = inspect.getdoc(getattr(live, name, None))
            if name.startswith("_") or not isinstance(target, griffe.Function) or text is None:
                continue
            method = griffe.Function(
                name,
                parameters=target.parameters,
                returns=target.returns,
                lineno=target.lineno,
                endlineno=target.endlineno,
            )
            method.labels = target.labels
            method.docstring = griffe.Docstring(text, parent=method)
            cls.set_member(name, method)


def _clients() -> set[type]:
    registry = importlib.import_module("tradewire.registry")
    return {
        client for venue in registry.venue_names() for client in registry.find_venue(venue).client_classes
    }
