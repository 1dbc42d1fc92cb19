"""Faults by name, as the control surface and the command line ask: what there is, and doing one.

Built from the methods of the venue's faults: a name, its parameters and the first line of its docstring.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from tradewire.sandbox.faults.store import FaultStore

__all__ = ["catalogue", "first_line", "inject", "parse_option"]

CLEAR = "clear"
ANY = frozenset({"?", "help"})


def catalogue(faults: FaultStore) -> list[dict[str, Any]]:
    """Return name, parameters with their defaults, and one line of each fault the venue has."""
    return [
        {
            "kind": name,
            "parameters": _parameters(getattr(faults, name)),
            "what": first_line(getattr(faults, name)),
        }
        for name in (*sorted(kind.value for kind in faults.kinds), CLEAR)
    ]


def inject(faults: FaultStore, document: Mapping[str, Any]) -> dict[str, Any]:
    """Do or arm ``document["kind"]`` with the other members as parameters, and say what came of it.

    Raises:
        KeyError: ``kind`` is missing.
        ValueError: There is no such fault or parameter, or it does not take that value.
    """
    given = dict(document)
    kind = given.pop("kind")
    if kind in ANY:
        return {"faults": catalogue(faults)}
    known = {one.value for one in faults.kinds} | {CLEAR}
    if kind not in known:
        raise ValueError(f"this venue has no fault {kind!r}; it has {', '.join(sorted(known))}")
    work = getattr(faults, kind)
    signature = inspect.signature(work)
    if unknown := given.keys() - signature.parameters.keys():
        takes = ", ".join(signature.parameters) or "nothing"
        raise ValueError(f"{kind} takes {takes}, not {', '.join(sorted(map(str, unknown)))}")
    hints = get_type_hints(work)
    for name, value in given.items():
        if not _fits(value, hints[name]):
            raise ValueError(f"{name} of {kind} must be {_shown(hints[name])}, got {value!r}")
    if missing := [
        name
        for name, parameter in signature.parameters.items()
        if parameter.default is parameter.empty and name not in given
    ]:
        raise ValueError(f"{kind} needs {', '.join(missing)}")
    done = work(**given)
    return {"done": done} if isinstance(done, int) else {"armed": given.get("count", 1)}


def parse_option(text: str) -> tuple[str | None, dict[str, Any]]:
    """Return venue, or ``None`` for all, and document of ``[VENUE.]NAME[:parameter=value,...]``.

    Raises:
        ValueError: It is not of that form.
    """
    head, _, tail = text.partition(":")
    venue, _, name = head.rpartition(".")
    document: dict[str, Any] = {"kind": name}
    for part in filter(None, tail.split(",")):
        parameter, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"a fault is NAME or NAME:parameter=value,..., got {text!r}")
        document[parameter.strip()] = _value(value.strip())
    return venue or None, document


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None, "null": None}
    if text.lower() in words:
        return words[text.lower()]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _parameters(work: Callable[..., object]) -> dict[str, str]:
    hints = get_type_hints(work)
    shown = {}
    for parameter in inspect.signature(work).parameters.values():
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        shown[parameter.name] = _shown(hints[parameter.name]) + default
    return shown


def first_line(work: Callable[..., object]) -> str:
    """Return what a fault does, in one line."""
    return (inspect.getdoc(work) or "").partition("\n")[0]


def _choices(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)


def _fits(value: Any, hint: Any) -> bool:
    for one in _choices(hint):
        if get_origin(one) is Literal:
            if value in get_args(one):
                return True
        elif one is float:
            if isinstance(value, int | float) and not isinstance(value, bool):
                return True
        elif isinstance(value, one) and (one is bool or not isinstance(value, bool)):
            return True
    return False


def _shown(hint: Any) -> str:
    names = {
        int: "a whole number",
        float: "a number",
        str: "a text",
        bool: "true or false",
        type(None): "null",
    }
    return " or ".join(
        "one of " + ", ".join(get_args(one)) if get_origin(one) is Literal else names[one]
        for one in _choices(hint)
    )
