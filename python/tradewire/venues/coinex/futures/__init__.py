"""CoinEx futures: what spot does not have; what both have is beside this folder."""
