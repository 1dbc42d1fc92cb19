"""Exchange (jamxu88), generation P, as the sandbox speaks it."""
