"""The rows of the table, in its order. A new row is a file here and a name in ``ROWS``."""

from bench.row import Row
from bench.rows import b1, b3, d1, d2, d3, d4, g1, j1, o1, r1, s1, s2, s3, t1

ROWS: tuple[Row, ...] = (
    *s1.ROWS,
    *s2.ROWS,
    *s3.ROWS,
    *j1.ROWS,
    *b1.ROWS,
    *b3.ROWS,
    *d1.ROWS,
    *d2.ROWS,
    *d3.ROWS,
    *d4.ROWS,
    *g1.ROWS,
    *o1.ROWS,
    *r1.ROWS,
    *t1.ROWS,
)
"""All rows of ratios. What has a bound of its own stands in ``bench.startup``, ``bench.memory`` and ``bench.batch``."""
