"""CoinEx v2 spot, as docs.coinex.com/api/v2 described it on 2026-11-20."""
