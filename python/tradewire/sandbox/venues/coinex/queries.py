"""The routes that read: public market data, an account's orders, deals, balances and fees."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any

from tradewire.sandbox.checksum import checksum_of
from tradewire.sandbox.exact import plain
from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.order import Order, Side, Trade
from tradewire.sandbox.venues.coinex import shapes
from tradewire.sandbox.venues.coinex.codes import Code, Refusal, invalid, unreadable
from tradewire.sandbox.venues.coinex.core import FEE_RATES, ExchangeCore, OwnRecords
from tradewire.sandbox.venues.coinex.fields import Fields
from tradewire.sandbox.venues.coinex.markets import MarketRules
from tradewire.sandbox.venues.coinex.rest import Call, Paged
from tradewire.sandbox.venues.coinex.trading import MAX_BATCH, known_market, spot_only

__all__ = ["DEPTH_INTERVALS", "DEPTH_LIMITS", "Queries"]

DEPTH_LIMITS = (5, 10, 20, 50)
DEPTH_INTERVALS = ("0", *(f"{Decimal(1).scaleb(-places):f}" for places in range(12, -4, -1)))
MAX_LISTED_MARKETS = 10
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
PERIODS_MS = {
    "1min": MINUTE_MS,
    "3min": 3 * MINUTE_MS,
    "5min": 5 * MINUTE_MS,
    "15min": 15 * MINUTE_MS,
    "30min": 30 * MINUTE_MS,
    "1hour": HOUR_MS,
    "2hour": 2 * HOUR_MS,
    "4hour": 4 * HOUR_MS,
    "6hour": 6 * HOUR_MS,
    "12hour": 12 * HOUR_MS,
    "1day": DAY_MS,
    "3day": 3 * DAY_MS,
    "1week": 7 * DAY_MS,
}
MONDAY_OFFSET_MS = 4 * DAY_MS
"""1970-01-01 was a Thursday; weeks begin on Monday."""


class Queries:
    """The handlers; each returns the ``data`` of the envelope or raises its refusal."""

    def __init__(self, core: ExchangeCore, reads: LaggingReads[OwnRecords]) -> None:
        self._core = core
        self._reads = reads

    def ping(self, _: Call) -> Any:
        """GET /v2/ping."""
        return {"result": "pong"}

    def time(self, call: Call) -> Any:
        """GET /v2/time."""
        return {"timestamp": call.now_ms}

    def maintenance(self, _: Call) -> Any:
        """GET /v2/maintain/info: never any."""
        return []

    def markets(self, call: Call) -> Any:
        """GET /v2/spot/market."""
        return [shapes.market_of(rules, FEE_RATES) for rules in self._listed(call.fields)]

    def tickers(self, call: Call) -> Any:
        """GET /v2/spot/ticker."""
        return [
            shapes.ticker_of(rules.name, self._core.candles[rules.name].day(call.now_ms))
            for rules in self._listed(call.fields)
        ]

    def depth(self, call: Call) -> Any:
        """GET /v2/spot/depth."""
        rules = known_market(self._core, call.fields)
        limit = call.fields.integer("limit")
        if limit not in DEPTH_LIMITS:
            raise invalid("limit must be 5, 10, 20 or 50")
        interval = Decimal(call.fields.choice("interval", DEPTH_INTERVALS))
        engine = self._core.spots[rules.name].engine
        bids, asks = (
            shapes.depth_side(engine.depth(side, limit, interval)) for side in (Side.BUY, Side.SELL)
        )
        depth = {
            "asks": asks,
            "bids": bids,
            "last": plain(self._core.last_price(rules.name)),
            "updated_at": self._core.changed_ms[rules.name] or call.now_ms,
            "checksum": checksum_of(bids, asks),
        }
        return {"market": rules.name, "is_full": True, "depth": depth}

    def deals(self, call: Call) -> Any:
        """GET /v2/spot/deals: newest first; ``last_id`` goes on below an id, 0 starts at the newest."""
        rules = known_market(self._core, call.fields)
        limit = call.fields.limit(100, 1000)
        below = call.fields.integer("last_id", 0)
        newest_first = reversed(self._core.deals[rules.name])
        wanted = (trade for trade in newest_first if not below or trade.trade_id < below)
        return [shapes.deal_of(trade) for trade in islice(wanted, limit)]

    def candles(self, call: Call) -> Any:
        """GET /v2/spot/kline: oldest first."""
        rules = known_market(self._core, call.fields)
        period = call.fields.choice("period", PERIODS_MS)
        if call.fields.has("price_type"):
            call.fields.choice("price_type", ("latest_price", "index_price"))
        limit = call.fields.limit(100, 1000)
        start_ms, end_ms = _span(call.fields)
        offset_ms = MONDAY_OFFSET_MS if period == "1week" else 0
        candles = self._core.candles[rules.name].of_period(PERIODS_MS[period], offset_ms=offset_ms)
        within = [candle for candle in candles if start_ms <= candle.opened_ms <= end_ms]
        return [shapes.candle_of(rules.name, candle) for candle in within[-limit:]]

    def index(self, call: Call) -> Any:
        """GET /v2/spot/index: the sandbox's only source is its own last price."""
        return [
            {
                "market": rules.name,
                "created_at": call.now_ms,
                "price": plain(self._core.last_price(rules.name)),
                "sources": [
                    {
                        "exchange": "Sandbox",
                        "created_at": call.now_ms,
                        "index_weight": "1",
                        "index_price": plain(self._core.last_price(rules.name)),
                    }
                ],
            }
            for rules in self._listed(call.fields)
        ]

    def futures_markets(self, call: Call) -> Any:
        """GET /v2/futures/market: this sandbox has none; a name is refused as the live venue does."""
        if call.fields.has("market"):
            raise unreadable("invalid argument")
        return []

    def deposit_config(self, call: Call) -> Any:
        """GET /v2/assets/deposit-withdraw-config."""
        asset = call.fields.text("ccy")
        if asset not in self._assets():
            raise invalid(f"ccy {asset[:32]} not found")
        return shapes.deposit_config_of(asset)

    def deposit_configs(self, _: Call) -> Any:
        """GET /v2/assets/all-deposit-withdraw-config: one entry for each asset of the markets."""
        return [shapes.deposit_config_of(asset) for asset in self._assets()]

    def order_status(self, call: Call) -> Any:
        """GET /v2/spot/order-status."""
        rules = known_market(self._core, call.fields)
        return self._status(call.account, rules, call.fields.integer("order_id"))

    def order_statuses(self, call: Call) -> Any:
        """GET /v2/spot/batch-order-status."""
        rules = known_market(self._core, call.fields)
        ids = call.fields.text("order_ids").split(",")
        if len(ids) > MAX_BATCH:
            raise invalid(f"order_ids takes at most {MAX_BATCH} ids")
        return [self._status_item(call.account, rules, order_id) for order_id in ids]

    def pending_orders(self, call: Call) -> Any:
        """GET /v2/spot/pending-order: newest first, with the total."""
        live = self._reads.view().live.get(call.account, {})
        orders = self._chosen(call, live.values())
        data, has_next = _page(call.fields, [self._shown(order) for order in orders])
        return Paged(data, has_next, total=len(orders))

    def finished_orders(self, call: Call) -> Any:
        """GET /v2/spot/finished-order: newest first; filled and part_canceled ones only."""
        shown = [
            self._shown(order)
            for order in self._chosen(call, self._reads.view().finished.get(call.account, {}).values())
        ]
        for order in shown:
            del order["last_filled_amount"], order["last_filled_price"]
        return Paged(*_page(call.fields, shown))

    def user_deals(self, call: Call) -> Any:
        """GET /v2/spot/user-deals: newest first."""
        fields = call.fields
        rules = known_market(self._core, fields)
        spot_only(fields)
        side = fields.choice("side", tuple(Side)) if fields.has("side") else None
        start_ms, end_ms = _span(fields)
        return self._paged_deals(
            fields,
            rules,
            (
                (trade, order)
                for trade, order in reversed(self._reads.view().user_deals.get(call.account, ()))
                if trade.market == rules.name
                and side in {None, order.side.value}
                and start_ms <= trade.at_ms <= end_ms
            ),
        )

    def order_deals(self, call: Call) -> Any:
        """GET /v2/spot/order-deals: newest first."""
        fields = call.fields
        rules = known_market(self._core, fields)
        spot_only(fields)
        order_id = fields.integer("order_id")
        return self._paged_deals(
            fields,
            rules,
            (
                (trade, order)
                for trade, order in reversed(self._reads.view().user_deals.get(call.account, ()))
                if order.order_id == order_id and trade.market == rules.name
            ),
        )

    def balances(self, call: Call) -> Any:
        """GET /v2/assets/spot/balance: what the account has or had."""
        return [
            shapes.balance_of(asset, balance)
            for asset, balance in sorted(self._core.ledger.accounts.get(call.account, {}).items())
        ]

    def fee_rate(self, call: Call) -> Any:
        """GET /v2/account/trade-fee-rate."""
        rules = known_market(self._core, call.fields)
        spot_only(call.fields)
        return {
            "market": rules.name,
            "maker_rate": plain(FEE_RATES.maker),
            "taker_rate": plain(FEE_RATES.taker),
        }

    def _assets(self) -> list[str]:
        return sorted({name for rules in self._core.rules.values() for name in (rules.base, rules.quote)})

    def _listed(self, fields: Fields) -> list[MarketRules]:
        if not fields.has("market"):
            return list(self._core.rules.values())
        names = fields.text("market").split(",")
        if len(names) > MAX_LISTED_MARKETS:
            raise invalid(f"market takes at most {MAX_LISTED_MARKETS} names")
        return [known_market(self._core, Fields({"market": name}, from_query=True)) for name in names]

    def _shown(self, order: Order) -> dict[str, Any]:
        return shapes.order_of(order, self._core.rules[order.market])

    def _chosen(self, call: Call, orders: Iterable[Order]) -> list[Order]:
        fields = call.fields
        spot_only(fields)
        market = known_market(self._core, fields).name if fields.has("market") else None
        side = fields.choice("side", tuple(Side)) if fields.has("side") else None
        client_id = fields.client_id()
        return [
            order
            for order in sorted(orders, key=lambda order: -order.order_id)
            if market in {None, order.market}
            and side in {None, order.side.value}
            and client_id in {"", order.client_id}
        ]

    def _status(self, account: str, rules: MarketRules, order_id: int) -> Any:
        records = self._reads.view()
        live = records.live.get(account, {}).get(order_id)
        order = live or records.finished.get(account, {}).get(order_id)
        if order is None or order.market != rules.name:
            raise Refusal(Code.ORDER_NOT_FOUND, "Order not found")
        return {**self._shown(order), "status": shapes.status_of(order, live=live is not None)}

    def _status_item(self, account: str, rules: MarketRules, order_id: str) -> Any:
        try:
            wanted = Fields({"order_id": order_id}, from_query=True).integer("order_id")
            return {"code": 0, "data": self._status(account, rules, wanted), "message": ""}
        except Refusal as refusal:
            return {"code": int(refusal.code), "data": None, "message": refusal.message}

    def _paged_deals(self, fields: Fields, rules: MarketRules, deals: Iterable[tuple[Trade, Order]]) -> Paged:
        return Paged(*_page(fields, [shapes.user_deal_of(trade, order, rules) for trade, order in deals]))


def _span(fields: Fields) -> tuple[int, int]:
    return fields.integer("start_time", 0), fields.integer("end_time", 0) or 2**63


def _page(fields: Fields, rows: list[Any]) -> tuple[list[Any], bool]:
    page, size = fields.page()
    start = (page - 1) * size
    return rows[start : start + size], len(rows) > start + size
