"""Linear perpetuals of the CoinEx sandbox, on the same matching and ledger as its spot markets.

Money, sizes and results are exact and always add up. What is simple, each stated where it is done:

- one position a market and account, margined in USDT; no inverse contracts;
- the index is the last price of the sandbox's own spot market, mark price and funding rate follow from the book;
- a whole position is liquidated at once; nobody is deleveraged, the insurance account keeps what it takes over;
- nothing is settled between opening and closing but funding: results move when a trade reduces a position;
- positions and balances are pushed when trading, funding or liquidation changes them, not with the mark price;
- reads of positions and balances do not lag (``read_lag``), those of orders and deals do.
"""
