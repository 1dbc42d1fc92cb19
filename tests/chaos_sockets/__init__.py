"""Acceptance: real sockets between client and venue, faulty proxies on them, and the venue's own ledger as judge."""
