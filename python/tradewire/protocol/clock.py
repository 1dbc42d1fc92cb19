"""The venue's time, estimated from replies that carry it. Kept by the core, since every order is stamped with it.

Knows times, no clock: the sample with the shortest round trip is the best, old samples leave after sixteen newer
ones, or at once when a new one contradicts them. When our own clock is set, the estimate moves with it and is in doubt.
"""

from tradewire._native import ClockEstimate

__all__ = ["ClockEstimate"]
