"""Exchange (jamxu88), generation P of its protocol."""
