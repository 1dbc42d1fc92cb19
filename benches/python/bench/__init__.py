"""The harness of the Python benches: rows, contenders, timing and records."""
