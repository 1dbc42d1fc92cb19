"""Linear perpetuals of the CoinEx sandbox, on the same matching and ledger as its spot markets.

Simple where nothing depends on it, and stated in each module: one position a market, mark price from the sandbox's own
spot market, no auto-deleveraging (what the insurance account takes over it keeps), no inverse contracts.
"""
