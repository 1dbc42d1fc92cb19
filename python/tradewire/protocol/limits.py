"""Rate limits as a venue meters them: one token bucket a group, with a part kept back for cancels.

Knows counts and times, no venue and no loop: it says how long to wait. All times are of one monotonic clock. Kept by
the core, since every order asks it before it leaves.
"""

from tradewire._native import Limiter, Mark

__all__ = ["Limiter", "Mark"]
