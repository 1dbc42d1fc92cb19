"""Random sessions of everything the CoinEx sandbox does with money: it adds up at any time, and histories say why.

The venue is asked by its own handlers, without sockets and signatures, at times that the session decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from tradewire.sandbox.exact import exactly
from tradewire.sandbox.routing import invoke
from tradewire.sandbox.venues.coinex.codes import Refusal
from tradewire.sandbox.venues.coinex.fields import Fields, Paged
from tradewire.sandbox.venues.coinex.futures.desk import DEFAULT_FUNDS
from tradewire.sandbox.venues.coinex.futures.margins import INSURANCE
from tradewire.sandbox.venues.coinex.handlers import Call
from tradewire.sandbox.venues.coinex.house import INTERNAL_DEPOSIT
from tradewire.sandbox.venues.coinex.options import CoinExOptions
from tradewire.sandbox.venues.coinex.treasury import HOUSE_DEPOSIT
from tradewire.sandbox.venues.coinex.treasury.books import LENDING
from tradewire.sandbox.venues.coinex.venue import CoinExVenue

BEGIN_MS = 1_763_640_000_000
HOUR_MS = 3_600_000
WAITS_MS = (900, HOUR_MS, 30 * HOUR_MS, 260 * HOUR_MS)
MARKETS = ("BTCUSDT", "ETHUSDT")
ASSETS = ("BTC", "ETH", "USDT")
MAIN, OTHER, SUB = "trader", "bob", "alpha"
ACCOUNTS = (MAIN, OTHER, SUB)
MARGIN_MARKET = "BTCUSDT"
OUTSIDE = "bc1qsomewhere"
Step: TypeAlias = tuple[str, str, dict[str, Any]]
"""Who asks, what, with which members; the path of the control surface or the clock's step for the last ones."""
Totals: TypeAlias = defaultdict[tuple[str, str], Decimal]

accounts = st.sampled_from(ACCOUNTS)
amounts = st.sampled_from(["0.001", "0.02", "0.5", "3", "60"])
MONEY = [
    {"ccy": asset, "amount": amount}
    for asset, some in (("USDT", ("12.5", "900", "20000")), ("BTC", ("0.02", "0.5")), ("ETH", ("0.1", "6")))
    for amount in some
]
PAIRS = [
    *({"from_account_type": "SPOT", "to_account_type": to} for to in ("FUTURES", "MARGIN")),
    *({"from_account_type": source, "to_account_type": "SPOT"} for source in ("FUTURES", "MARGIN")),
]
TRANSFERS = [
    pair | money | ({"market": MARGIN_MARKET} if "MARGIN" in pair.values() else {})
    for pair in PAIRS
    for money in MONEY
]
SUB_TRANSFERS = [
    {"from_account_type": "SPOT", "to_account_type": kind, **ends, **money}
    for kind in ("SPOT", "FUTURES")
    for ends in ({"to_user_name": SUB}, {"from_user_name": SUB})
    for money in MONEY
]
PRICES = {"BTCUSDT": ("59000", "61000", "63000"), "ETHUSDT": ("3000", "3150", "3300")}
ORDERS = [
    {"market": market, "market_type": kind, "side": side, **terms}
    for market, prices in PRICES.items()
    for kind in ("SPOT", "MARGIN")
    for side in ("buy", "sell")
    for terms in (
        *({"type": "limit", "price": price} for price in prices),
        {"type": "market", "ccy": market.removesuffix("USDT")},
    )
]


FUTURES: dict[str, Any] = {"market_type": "FUTURES"}
FUTURES_ORDERS = [
    FUTURES | {"market": market, "side": side, **terms}
    for market, prices in PRICES.items()
    for side in ("buy", "sell")
    for terms in ({"type": "market"}, *({"type": "limit", "price": price} for price in prices))
]
LEVERAGES = [
    FUTURES | {"margin_mode": mode, "leverage": leverage}
    for mode in ("cross", "isolated")
    for leverage in (1, 10, 50)
]
INDEXES = {"BTCUSDT": ("48000", "61000", "76000", None), "ETHUSDT": ("2500", "3150", "3800", None)}
FORCED = [{"market": market, "index": index} for market, some in INDEXES.items() for index in some]


def asked(
    path: str, *choices: Sequence[dict[str, Any]], **members: st.SearchStrategy[Any]
) -> st.SearchStrategy[Step]:
    """Return a request of anybody, with the members of one of each of ``choices`` and one value of each other."""

    def joined(parts: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        return {name: value for part in parts for name, value in part.items()}

    drawn = st.tuples(st.fixed_dictionaries(members), *map(st.sampled_from, choices)).map(joined)
    return st.tuples(accounts, st.just(path), drawn)


MARKET = st.just(MARGIN_MARKET)
BORROWED = [{"ccy": money["ccy"], "borrow_amount": money["amount"]} for money in MONEY]
WITHDRAWN = [
    {"ccy": "BTC", "chain": "BTC", "to_address": OUTSIDE, "withdraw_method": "on_chain"},
    *({"ccy": "BTC", "to_address": name, "withdraw_method": "inter_user"} for name in (MAIN, OTHER)),
]
STEPS = st.one_of(
    asked("assets/transfer", TRANSFERS),
    asked("assets/margin/borrow", BORROWED, market=MARKET, is_auto_renew=st.booleans()),
    asked("assets/margin/repay", MONEY, market=MARKET),
    asked("assets/withdraw", WITHDRAWN, amount=amounts),
    asked("assets/cancel-withdraw", withdraw_id=st.integers(1, 2)),
    asked(
        "assets/amm/add-liquidity", market=MARKET, base_ccy_amount=amounts,
        quote_ccy_amount=st.sampled_from(["61", "5000", "700000"]),
    ),
    asked("assets/amm/remove-liquidity", market=MARKET),
    st.tuples(st.just(MAIN), st.just("account/subs/transfer"), st.sampled_from(SUB_TRANSFERS)),
    asked("spot/order", [order for order in ORDERS if order["market_type"] == "SPOT"], amount=amounts),
    asked("spot/order", [order for order in ORDERS if order["market_type"] == "MARGIN"], amount=amounts),
    asked("spot/order", [order for order in ORDERS if order["type"] == "market"], amount=amounts),
    asked("spot/cancel-all-order", market=st.sampled_from(MARKETS), market_type=st.just("SPOT")),
    asked("futures/order", FUTURES_ORDERS, amount=amounts),
    asked("futures/order", FUTURES_ORDERS, amount=amounts),
    asked("futures/close-position", [FUTURES | {"type": "market"}], market=st.sampled_from(MARKETS)),
    asked("futures/adjust-position-leverage", LEVERAGES, market=st.sampled_from(MARKETS)),
    asked(
        "futures/adjust-position-margin", [FUTURES], market=st.sampled_from(MARKETS),
        amount=st.sampled_from(["500", "-90.5"]),
    ),
    asked("futures/cancel-all-order", [FUTURES], market=st.sampled_from(MARKETS)),
    st.tuples(st.just(""), st.just("futures"), st.sampled_from([*FORCED, {"settle_funding": True}])),
    st.tuples(accounts, st.just("deposit"), st.fixed_dictionaries({"amount": amounts})),
    st.tuples(st.just(""), st.just("wait"), st.fixed_dictionaries({"ms": st.sampled_from(WAITS_MS)})),
)  # fmt: skip


BEGINNING: list[Step] = [
    *((MAIN, "account/subs/transfer", ends) for ends in SUB_TRANSFERS if ends.get("to_user_name")),
    *(
        (account, "assets/transfer", {**PAIRS[1], "ccy": "USDT", "amount": "700", "market": MARGIN_MARKET})
        for account in ACCOUNTS
    ),
]


class World:
    """A venue whose clock is ours."""

    def __init__(self) -> None:
        self.now_ms = BEGIN_MS
        self.venue = CoinExVenue(
            seed=7,
            rate_per_s=0,
            faults=CoinExVenue.faults_class(),
            now_ms=lambda: self.now_ms,
            options=CoinExOptions(markets=MARKETS),
        )
        self.ledger = self.venue.core.ledger
        self.venue.add_trader(OTHER, referrer=MAIN)
        self._routes = {(route.method, route.path): route for route in self.venue.api.routes}
        self.ask(MAIN, "POST", "account/subs", {"sub_user_name": SUB})
        self.pooled: Totals = defaultdict(Decimal)
        for account, path, members in BEGINNING:
            self.ask(account, "POST", path, members)

    def ask(self, account: str, method: str, path: str, members: dict[str, Any]) -> Any:
        """Return what the venue answers; raise its refusal."""
        route = self._routes[method, f"/v2/{path}"]
        core = self.venue.futures.core if "futures/" in path else self.venue.core
        fields = Fields(members, core.rules, from_query=method == "GET")
        return invoke(route.handler, Call(account, self.now_ms), fields)

    def pages(self, account: str, path: str, **members: str) -> Iterator[dict[str, Any]]:
        """Yield all rows of a list."""
        number, more = 1, True
        while more:
            page: Paged = self.ask(account, "GET", path, {**members, "page": str(number), "limit": "100"})
            yield from page.data
            number, more = number + 1, page.has_next

    def step(self, account: str, path: str, members: dict[str, Any]) -> None:
        if path == "wait":
            self.now_ms += members["ms"]
            self.venue.core.treasury.advance(self.now_ms)
            return
        if path == "futures":
            self.venue.control_routes()["POST", "futures"](members)
            return
        if path == "deposit":
            amount = Decimal(members["amount"])
            self.venue.core.treasury.deposits.arrive(account, "BTC", "BTC", amount, self.now_ms)
            return
        before = self.pool()
        try:
            self.ask(account, "POST", path, members)
        except Refusal:
            return
        if "/amm/" in path:
            for asset, amount in self.pool().items():
                self.pooled[account, asset] += amount - before[asset]

    def pool(self) -> dict[str, Decimal]:
        # What the days brought is paid first, or it would pass for somebody's.
        self.venue.core.treasury.advance(self.now_ms)
        return {asset: self.total(f"amm/{MARGIN_MARKET}", asset) for asset in ("BTC", "USDT")}

    def total(self, wallet: str, asset: str) -> Decimal:
        held = self.ledger.balance(wallet, asset)
        return held.available + held.frozen

    def traded_wealth(self, account: str) -> Decimal:
        """Return what is in a futures wallet and in isolated margins."""
        isolated = sum(self.total(f"{account}/futures/{market}", "USDT") for market in MARKETS)
        return self.total(f"{account}/futures", "USDT") + isolated

    def won(self, account: str) -> Decimal:
        """Return what positions have brought, as the venue lists them."""
        rows = (
            row
            for name in ("pending-position", "finished-position")
            for row in self.pages(account, f"futures/{name}", market_type="FUTURES")
        )
        return sum((Decimal(row["realized_pnl"]) for row in rows), Decimal(0))


def histories(world: World) -> tuple[Totals, Totals]:
    """Return what the venue's lists say every spot and futures wallet has, by account and asset."""
    spot: Totals = defaultdict(Decimal)
    futures: Totals = defaultdict(Decimal)
    for account in ACCOUNTS:
        for kind in ("deposit", "withdraw", "trade", "maker_cash_back"):
            for row in world.pages(account, "assets/spot/transcation-history", type=kind):
                spot[account, row["ccy"]] += Decimal(row["change"])
        for asset in ASSETS:
            for kind in ("MARGIN", "FUTURES"):
                for row in world.pages(account, "assets/transfer-history", ccy=asset, transfer_type=kind):
                    amount = Decimal(row["amount"]) * (1 if row["to_account_type"] == "SPOT" else -1)
                    spot[account, asset] += amount
                    if kind == "FUTURES":
                        futures[account, asset] -= amount
            spot[account, asset] -= world.pooled[account, asset]
    for row in world.pages(MAIN, "account/subs/transfer-history"):
        for end, sign in (("from", -1), ("to", 1)):
            wallets = spot if row[f"{end}_account_type"] == "SPOT" else futures
            wallets[row[f"{end}_user_name"] or MAIN, row["ccy"]] += sign * Decimal(row["amount"])
    for row in world.pages(MAIN, "refer/referee-rebate/record"):
        spot[MAIN, "USDT"] += Decimal(row["total_deal_rebate_usdt"])
    return spot, futures


@settings(max_examples=25)
@given(st.lists(STEPS, min_size=30, max_size=60))
@exactly
def test_money_adds_up_at_any_time_and_histories_sum_to_balances(steps: list[Step]) -> None:
    world = World()
    # What a sub-account has for futures was transferred; the others were given something when they came.
    begun = {MAIN: DEFAULT_FUNDS, OTHER: DEFAULT_FUNDS, SUB: Decimal(0)}
    for account, path, members in steps:
        world.step(account, path, members)
        world.ledger.assert_adds_up()
    spot, futures = histories(world)
    for account in ACCOUNTS:
        for asset in ASSETS:
            assert world.total(account, asset) == spot[account, asset]
            if asset != "USDT":
                assert world.total(f"{account}/futures", asset) == futures[account, asset]
    # What accounts have for futures besides what they brought and won, the insurance account gave, less what it got.
    extra = sum(
        world.traded_wealth(account) - begun[account] - futures[account, "USDT"] - world.won(account)
        for account in ACCOUNTS
    )
    assert extra == INTERNAL_DEPOSIT + world.won(INSURANCE) - world.traded_wealth(INSURANCE)
    lent: Totals = defaultdict(Decimal)
    for account in ACCOUNTS:
        for loan in world.venue.core.treasury.loans.of(account):
            lent["", loan.asset] += loan.principal
    for asset in ASSETS:
        assert world.total(LENDING, asset) == HOUSE_DEPOSIT - lent["", asset]
    pool = world.venue.core.treasury.pools.pools[MARGIN_MARKET]
    stakes = [world.venue.core.treasury.pools.stake(owner, MARGIN_MARKET) for owner in pool.shares]
    for got, has in zip(
        (sum(stake.base for stake in stakes if stake), sum(stake.quote for stake in stakes if stake)),
        world.venue.core.treasury.pools.amounts(pool),
        strict=True,
    ):
        assert got <= has
