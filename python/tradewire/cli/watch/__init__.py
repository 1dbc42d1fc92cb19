"""`tradewire watch`: a market and what we have in it, in the terminal. ``desk`` knows, ``screen`` shows."""
