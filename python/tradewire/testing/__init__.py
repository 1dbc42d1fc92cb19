"""Client, venue and network as one world in memory: virtual time, and everything that is chance from one seed."""
