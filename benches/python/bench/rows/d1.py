"""D1: what does one difference of a 50-level CoinEx book cost, from the socket's bytes to the best levels?"""

from bench.contenders.ccxt_bot import CCXT
from bench.row import Target
from bench.rows.depth_push import DICT, HANDMADE, TAPE, row

ROWS = (
    row(
        "D1",
        "gzip depth difference, 50 levels: inflate, decode, apply, verify the CRC-32, read the best",
        TAPE.deltas,
        (Target(HANDMADE, 2.5, 2.35), Target(DICT, 7.0, 6.5), Target(CCXT, 10.0, 9.0)),
    ),
)
