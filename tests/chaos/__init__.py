"""Acceptance: client, network and venue as one world in virtual time, and the venue's own ledger as judge."""
