"""Fault injection: what a venue does wrong on demand, described once and the same on every venue.

``kinds`` names the faults, ``api`` and ``own`` offer each as a method (Python), ``catalogue`` by name (HTTP and command
line), ``store`` keeps what is armed. ``rest`` and ``stream`` inject them between a venue and its sockets, ``rows``
spoils rows, ``reads`` lets queries lag. ``points`` is what a venue must say of itself for that.
"""

from __future__ import annotations

from tradewire.sandbox.faults.api import Faults
from tradewire.sandbox.faults.kinds import FaultKind
from tradewire.sandbox.faults.store import Armed

__all__ = ["Armed", "FaultKind", "Faults"]
