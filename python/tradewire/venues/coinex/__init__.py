"""CoinEx v2: the rooms of one venue."""
