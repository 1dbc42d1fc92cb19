"""D2: what does a full push of a 50-level CoinEx book cost, from the socket's bytes to the best levels?"""

from bench.contenders.ccxt_bot import CCXT
from bench.row import Target
from bench.rows.depth_push import DICT, HANDMADE, TAPE, row

ROWS = (
    row(
        "D2",
        "gzip full depth push, 50 levels: inflate, decode, replace, verify the CRC-32, read the best",
        TAPE.fulls[1:],
        (Target(HANDMADE, 2.9, 1.55), Target(DICT, 6.0, 3.9), Target(CCXT, 12.0, 10.5)),
    ),
)
