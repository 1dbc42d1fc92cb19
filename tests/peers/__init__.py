"""Clients of other people, unmodified but for their URLs, run against the sandbox and compared with its oracle.

``make test-peers`` runs this package in an environment of its own; pytest does not collect it.
"""
