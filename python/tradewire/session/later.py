"""Subjects of a client that are loaded when one of their methods is first used: most bots never use most of them.

    if TYPE_CHECKING:
        from tradewire.venues.coinex.rest.loans import Loans
    else:
        Loans = later(__package__, {"loans.Loans": "borrow repay loans"})

The class that ``later`` returns has the methods by name, so that ``dir`` is right and cheap; whatever looks at one of
them, on a client or on its class, gets the method itself. What sends orders is never put off like this.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

__all__ = ["Later", "later"]


class Later:
    """Stands in a class for a method until somebody looks at it: then all methods of its subject take their places.

    Args:
        module: What defines the subject.
        subject: Its class.
    """

    __slots__ = ("_holder", "_module", "_name", "_subject")

    def __init__(self, module: str, subject: str) -> None:
        self._module = module
        self._subject = subject

    def __set_name__(self, holder: type, name: str) -> None:
        """Learn where this stands; called when the class is made."""
        self._holder, self._name = holder, name

    def __get__(self, instance: object, owner: type) -> object:
        """Return the method, as if it had been there from the start."""
        self._load()
        method: object = self._holder.__dict__[self._name].__get__(instance, owner)
        return method

    def stand_in(self, holder: type) -> None:
        """Let another one stand for the same method in ``holder``, which makes methods its own: ``__own_method__``."""
        other = Later(self._module, self._subject)
        other.__set_name__(holder, self._name)
        setattr(holder, self._name, other)

    def _load(self) -> None:
        holder = self._holder
        own = getattr(holder, "__own_method__", lambda method: method)
        for name, method in vars(getattr(importlib.import_module(self._module), self._subject)).items():
            if isinstance(holder.__dict__.get(name), Later):
                setattr(holder, name, own(method))


def later(package: str, subjects: Mapping[str, str]) -> type:
    """Return a class whose methods are loaded when first used.

    Args:
        package: Where the modules are.
        subjects: By module and class, ``loans.Loans`` for instance: all names the class defines, private ones too.
    """
    methods = {}
    for subject, names in subjects.items():
        module, _, name = subject.rpartition(".")
        methods.update({method: Later(f"{package}.{module}", name) for method in names.split()})
    return type("Subjects", (), methods)
