"""One package per venue, each with the rooms that ``rooms`` names. Venues do not know each other."""
