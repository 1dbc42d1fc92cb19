"""A venue's options as text, as the command line gives them: what there is, and making them."""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
import types
from collections.abc import Collection, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["Setting", "make_options", "parse_setting", "profiles_of", "settings_of"]

OptionsT = TypeVar("OptionsT")
WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", Path: "a path"}


class Setting(NamedTuple):
    """An option of a venue."""

    name: str
    takes: str
    what: str


def settings_of(options_class: type) -> list[Setting]:
    """Return the options of a venue: name, what each takes, and what its docstring says."""
    docs = _docs(options_class)
    return [Setting(name, _shown(hint), docs.get(name, "")) for name, hint in _hints(options_class).items()]


def profiles_of(options_class: type) -> Mapping[str, Mapping[str, Any]]:
    """Return what a venue can be told to be like, and the options that each of these names sets together."""
    profiles: Mapping[str, Mapping[str, Any]] = getattr(options_class, "profiles", {})
    return profiles


def parse_setting(text: str) -> tuple[str | None, str, str]:
    """Return venue, or ``None`` for all that have it, name and value of ``[VENUE.]NAME=VALUE``.

    Raises:
        ValueError: It is not of that form.
    """
    head, equals, value = text.partition("=")
    venue, _, name = head.strip().rpartition(".")
    if not equals or not name:
        raise ValueError(f"a setting must be NAME=VALUE or VENUE.NAME=VALUE, got {text!r}")
    return venue or None, name.replace("-", "_"), value.strip()


def make_options(
    options_class: type[OptionsT], settings: Mapping[str, str], base: Mapping[str, Any] | None = None
) -> OptionsT:
    """Return the options that these texts say; they go before those of ``base``.

    Raises:
        ValueError: There is no such option, or it does not take that value.
    """
    hints = _hints(options_class)
    values = dict(base or {})
    for name, text in settings.items():
        if name not in hints:
            raise ValueError(f"there is no setting {name}; there is {', '.join(hints)}")
        try:
            values[name] = _read(hints[name], text)
        except ValueError:
            raise ValueError(f"{name} must be {_shown(hints[name])}, got {text!r}") from None
    return options_class(**values)


def _hints(options_class: type) -> dict[str, Any]:
    """Return the types of the fields; what belongs to the class is none of them."""
    hints = get_type_hints(options_class)
    return {name: hint for name, hint in hints.items() if get_origin(hint) is not ClassVar}


def _read(hint: Any, text: str) -> Any:
    """Return ``text`` as the first of the types of ``hint`` that can be read from it."""
    for one in _choices(hint):
        if one is type(None):
            if text.lower() == "none":
                return None
        elif get_origin(one) is Literal:
            if text in get_args(one):
                return text
        elif get_origin(one) is Collection:
            if text.lower() != "none":
                return tuple(filter(None, (part.strip() for part in text.split(","))))
        elif one is bool:
            if text.lower() in {"true", "false"}:
                return text.lower() == "true"
        else:
            value = one(text)
            if one is not float or math.isfinite(value):
                return value
    raise ValueError(text)


def _choices(hint: Any) -> tuple[Any, ...]:
    """Return the types of a union, ``None`` first: its word is no path and no name."""
    if get_origin(hint) not in {Union, types.UnionType}:
        return (hint,)
    return tuple(sorted(get_args(hint), key=lambda one: one is not type(None)))


def _shown(hint: Any) -> str:
    shown = []
    for one in reversed(_choices(hint)):
        if one is type(None):
            shown.append("none")
        elif get_origin(one) is Literal:
            shown.append("one of " + ", ".join(get_args(one)))
        else:
            shown.append("names, separated by commas" if get_origin(one) is Collection else WORDS[one])
    return " or ".join(shown)


def _docs(options_class: type) -> dict[str, str]:
    """Return the docstring of each field: the text that stands below it in the source."""
    [body] = [node.body for node in ast.parse(textwrap.dedent(inspect.getsource(options_class))).body
              if isinstance(node, ast.ClassDef)]  # fmt: skip
    docs = {}
    for field, below in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
        ):
            docs[field.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return docs
