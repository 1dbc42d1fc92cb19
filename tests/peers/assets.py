"""Swaps."""

GROUPS = ()
