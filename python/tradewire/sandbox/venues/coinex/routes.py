"""Every REST route of the CoinEx sandbox, one row each."""

from __future__ import annotations

from tradewire.sandbox.venues.coinex.queries import Queries
from tradewire.sandbox.venues.coinex.rest import Row
from tradewire.sandbox.venues.coinex.trading import Trading, batch_size

__all__ = ["rows"]


def rows(trading: Trading, queries: Queries) -> tuple[Row, ...]:
    """Return the table: method, path, signed, rate group, handler, cost."""
    return (
        Row("GET", "/v2/ping", False, "ip", queries.ping),
        Row("GET", "/v2/time", False, "ip", queries.time),
        Row("GET", "/v2/maintain/info", False, "ip", queries.maintenance),
        Row("GET", "/v2/spot/market", False, "ip", queries.markets),
        Row("GET", "/v2/spot/ticker", False, "ip", queries.tickers),
        Row("GET", "/v2/spot/depth", False, "ip", queries.depth),
        Row("GET", "/v2/spot/deals", False, "ip", queries.deals),
        Row("GET", "/v2/spot/kline", False, "ip", queries.candles),
        Row("GET", "/v2/spot/index", False, "ip", queries.index),
        Row("GET", "/v2/futures/market", False, "ip", queries.futures_markets),
        Row("GET", "/v2/assets/deposit-withdraw-config", False, "ip", queries.deposit_config),
        Row("GET", "/v2/assets/all-deposit-withdraw-config", False, "ip", queries.deposit_configs),
        Row("POST", "/v2/spot/order", True, "S-put", trading.place),
        Row("POST", "/v2/spot/batch-order", True, "S-put", trading.place_batch, batch_size("orders")),
        Row("POST", "/v2/spot/modify-order", True, "S-put", trading.modify),
        Row("POST", "/v2/spot/cancel-order", True, "S-cancel", trading.cancel),
        Row("POST", "/v2/spot/cancel-all-order", True, "S-cancel-batch", trading.cancel_all),
        Row(
            "POST", "/v2/spot/cancel-order-by-client-id", True, "S-cancel-batch", trading.cancel_by_client_id
        ),
        Row(
            "POST",
            "/v2/spot/cancel-batch-order",
            True,
            "S-cancel-batch",
            trading.cancel_batch,
            batch_size("order_ids"),
        ),
        Row("GET", "/v2/spot/order-status", True, "S-query", queries.order_status),
        Row("GET", "/v2/spot/batch-order-status", True, "S-query", queries.order_statuses),
        Row("GET", "/v2/spot/pending-order", True, "S-query", queries.pending_orders),
        Row("GET", "/v2/spot/finished-order", True, "S-history", queries.finished_orders),
        Row("GET", "/v2/spot/user-deals", True, "S-history", queries.user_deals),
        Row("GET", "/v2/spot/order-deals", True, "S-history", queries.order_deals),
        Row("GET", "/v2/assets/spot/balance", True, "A-query", queries.balances),
        Row("GET", "/v2/account/trade-fee-rate", True, "A-query", queries.fee_rate),
    )
