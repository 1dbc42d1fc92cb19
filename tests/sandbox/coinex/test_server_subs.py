"""Sub-accounts, settings and rebates, asked over sockets by a client that is not ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from support.plain_coinex import PlainClient, PlainStream
from tradewire.sandbox import Sandbox

DAY_MS = 86_400_000


async def call(client: PlainClient, method: str, path: str, **members: Any) -> dict[str, Any]:
    target = f"/v2/{path}"
    if method == "GET" and members:
        target += f"?{urlencode(members)}"
    document = members if method == "POST" else None
    return await client.signed(method, target, document, stamp_ms=client.box.coinex.now_ms())


async def done(client: PlainClient, method: str, path: str, **members: Any) -> Any:
    reply = await call(client, method, path, **members)
    assert reply["code"] == 0, reply
    return reply["data"]


async def code(client: PlainClient, method: str, path: str, **members: Any) -> int:
    answer: int = (await call(client, method, path, **members))["code"]
    return answer


async def make_sub(client: PlainClient, name: str = "alpha", **more: Any) -> None:
    await done(client, "POST", "account/subs", sub_user_name=name, **more)


async def with_key(client: PlainClient, name: str = "alpha", **more: Any) -> PlainClient:
    """Return a client that has a fresh key of the sub-account."""
    terms = {"sub_user_name": name, "ip_whitelist": [], "trade_enabled": True} | more
    key = await done(client, "POST", "account/subs/api", **terms)
    other = PlainClient(client.box, client.session)
    other.access_id, other.secret = key["access_id"], key["secret_key"]
    return other


async def fund(client: PlainClient, name: str = "alpha", asset: str = "USDT", amount: str = "1000") -> None:
    await done(
        client, "POST", "account/subs/transfer", from_account_type="SPOT", to_account_type="SPOT",
        to_user_name=name, ccy=asset, amount=amount,
    )  # fmt: skip


async def test_sub_account_trades_its_own_wallet_with_its_own_key(client: PlainClient, box: Sandbox) -> None:
    await make_sub(client)
    sub = await with_key(client)
    assert await done(sub, "GET", "assets/spot/balance") == []
    await fund(client)
    assert (await sub.order(amount="0.001", price="60000", client_id="mine"))["code"] == 0
    [held] = await done(sub, "GET", "assets/spot/balance")
    assert (held["available"], held["frozen"]) == ("940", "60")
    assert await done(client, "GET", "spot/pending-order", market_type="SPOT") == []
    [row] = await done(client, "GET", "account/subs/spot-balance", sub_user_name="alpha")
    assert row == held
    box.coinex.assert_adds_up()


async def test_frozen_sub_account_is_refused_until_it_is_unfrozen(client: PlainClient) -> None:
    await make_sub(client)
    sub = await with_key(client)
    await done(client, "POST", "account/subs/frozen", sub_user_name="alpha")
    assert await code(sub, "GET", "assets/spot/balance") == 4011
    [row] = await done(client, "GET", "account/subs", is_frozen="true")
    assert (row["sub_user_name"], row["is_frozen"]) == ("alpha", True)
    await done(client, "POST", "account/subs/unfrozen", sub_user_name="alpha")
    assert await code(sub, "GET", "assets/spot/balance") == 0
    assert await done(client, "GET", "account/subs", is_frozen="true") == []


async def test_freezing_ends_what_a_stream_was_signed_in_for(
    client: PlainClient, stream: PlainStream
) -> None:
    await make_sub(client)
    sub = await with_key(client)
    await stream.sign(sub)
    assert (await stream.ask("order.subscribe", {"market_list": []}))["code"] == 0
    await done(client, "POST", "account/subs/frozen", sub_user_name="alpha")
    assert (await stream.ask("order.subscribe", {"market_list": []}))["code"] == 21001


async def test_stream_carries_the_orders_of_the_sub_account_alone(
    client: PlainClient, stream: PlainStream
) -> None:
    await make_sub(client)
    await fund(client)
    sub = await with_key(client)
    await stream.sign(sub)
    await stream.ask("order.subscribe", {"market_list": []})
    await client.order(price="60000", client_id="theirs")
    await sub.order(price="60000", client_id="mine")
    assert (await stream.push("order.update"))["order"]["client_id"] == "mine"


@pytest.mark.parametrize(
    ("permissions", "method", "path", "members", "expected"),
    [
        (
            ["API"],
            "POST",
            "assets/transfer",
            {"from_account_type": "SPOT", "to_account_type": "FUTURES"},
            4512,
        ),
        (["API"], "POST", "spot/order", {"market": "BTCUSDT", "market_type": "MARGIN"}, 4512),
        (
            ["API"],
            "POST",
            "spot/batch-order",
            {"orders": [{"market": "BTCUSDT", "market_type": "MARGIN"}]},
            4512,
        ),
        (["API"], "GET", "assets/margin/borrow-history", {}, 4512),
        (["API", "MARGIN"], "GET", "assets/margin/borrow-history", {}, 0),
        (["API"], "POST", "assets/amm/remove-liquidity", {"market": "BTCUSDT"}, 4512),
        (["API", "AMM"], "POST", "assets/amm/remove-liquidity", {"market": "BTCUSDT"}, 3639),
        (["API"], "GET", "account/subs", {}, 4512),
        (["API"], "GET", "refer/referee", {}, 4512),
        (["API"], "POST", "assets/withdraw", {"ccy": "BTC"}, 4512),
        (["API"], "GET", "assets/withdraw", {}, 0),
        (["API"], "GET", "account/subs/info", {}, 0),
    ],
)
async def test_permissions_are_enforced(
    client: PlainClient,
    permissions: list[str],
    method: str,
    path: str,
    members: dict[str, Any],
    expected: int,
) -> None:
    await make_sub(client, permissions=permissions)
    sub = await with_key(client)
    assert await code(sub, method, path, **members) == expected


async def test_sub_account_without_api_gets_no_key(client: PlainClient) -> None:
    await make_sub(client, permissions=["AMM"])
    terms: dict[str, Any] = {"sub_user_name": "alpha", "ip_whitelist": [], "trade_enabled": True}
    assert await code(client, "POST", "account/subs/api", **terms) == 4512


async def test_key_is_bound_edited_and_deleted(client: PlainClient) -> None:
    await make_sub(client)
    sub = await with_key(client, ip_whitelist=["10.0.0.1"], remark="robot")
    assert await code(sub, "GET", "assets/spot/balance") == 4007
    [key] = await done(client, "GET", "account/subs/api", sub_user_name="alpha")
    assert (key["expires_at"], key["remark"], key["withdraw_enabled"]) == (0, "robot", False)
    ref = {"sub_user_name": "alpha", "api_id": key["api_id"]}
    edited = await done(
        client, "POST", "account/subs/edit-api", **ref, ip_whitelist=["127.0.0.1"], trade_enabled=False
    )
    assert (edited["access_id"], edited["remark"]) == (key["access_id"], "robot")
    assert await code(sub, "GET", "assets/spot/balance") == 0
    assert (await sub.order())["code"] == 4512
    assert await done(client, "GET", "account/subs/api-detail", api_id=key["api_id"]) == edited
    await done(client, "POST", "account/subs/delete-api", **ref)
    assert await code(sub, "GET", "assets/spot/balance") == 4005
    assert await code(client, "GET", "account/subs/api-detail", api_id=key["api_id"]) == 3639


async def test_key_without_addresses_lives_three_months(client: PlainClient, box: Sandbox) -> None:
    await make_sub(client)
    sub = await with_key(client)
    box.coinex.faults.clock_step(91 * DAY_MS)
    assert await code(sub, "GET", "assets/spot/balance") == 4005
    [key] = await done(client, "GET", "account/subs/api", sub_user_name="alpha")
    assert key["is_expired"] is True


@pytest.mark.parametrize(
    "members",
    [
        {"sub_user_name": "al"},
        {"sub_user_name": "al/pha"},
        {"sub_user_name": "trader"},
        {"sub_user_name": "insurance"},
        {"sub_user_name": "venue"},
        {"sub_user_name": "alpha", "permissions": ["ROOT"]},
        {"sub_user_name": "alpha", "permissions": "API"},
        {"sub_user_name": "alpha", "remark": "x" * 51},
    ],
)
async def test_sub_account_is_not_made(client: PlainClient, members: dict[str, Any]) -> None:
    assert await code(client, "POST", "account/subs", **members) == 3639
    assert await done(client, "GET", "account/subs") == []


async def test_twenty_sub_accounts_are_the_most(client: PlainClient) -> None:
    box = client.box.coinex
    for number in range(20):
        box.core.treasury.subs.create("trader", f"sub-{number}", (), "", 0)
    assert await code(client, "POST", "account/subs", sub_user_name="one-more") == 3639
    page = await call(client, "GET", "account/subs", page=2, limit=15)
    assert (len(page["data"]), page["pagination"]) == (5, {"total": 20, "has_next": False})


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"to_user_name": "beta"}, 3639),
        ({}, 3639),
        ({"to_user_name": "alpha", "amount": "1000001"}, 3109),
        ({"from_user_name": "alpha"}, 3109),
        ({"from_user_name": "alpha", "to_user_name": "alpha"}, 3639),
        ({"to_user_name": "alpha", "to_account_type": "MARGIN"}, 3639),
        ({"from_user_name": "alpha", "to_user_name": "alpha", "to_account_type": "FUTURES"}, 3639),
    ],
)
async def test_transfer_between_accounts_is_refused(
    client: PlainClient, members: dict[str, Any], expected: int
) -> None:
    await make_sub(client)
    document = {
        "from_account_type": "SPOT",
        "to_account_type": "SPOT",
        "ccy": "USDT",
        "amount": "1",
    } | members
    assert await code(client, "POST", "account/subs/transfer", **document) == expected


async def test_transfers_between_accounts_are_remembered(client: PlainClient) -> None:
    await make_sub(client)
    await make_sub(client, "beta")
    await fund(client)
    between = {"from_user_name": "alpha", "to_user_name": "beta", "ccy": "USDT", "amount": "10"}
    await done(
        client, "POST", "account/subs/transfer", from_account_type="SPOT", to_account_type="SPOT", **between
    )
    await done(
        client, "POST", "account/subs/transfer", from_account_type="SPOT", to_account_type="FUTURES", ccy="USDT",
        amount="5", to_user_name="beta",
    )  # fmt: skip
    rows = await done(client, "GET", "account/subs/transfer-history", sub_user_name="beta")
    assert [(row["from_user_name"], row["to_account_type"], row["amount"]) for row in rows] == [
        ("", "FUTURES", "5"),
        ("alpha", "SPOT", "10"),
    ]
    futures = await done(client, "GET", "account/subs/balance", account_type="FUTURES", sub_user_name="beta")
    assert [(row["ccy"], row["available"]) for row in futures] == [("USDT", "5")]
    [beta] = await done(client, "GET", "account/subs", sub_user_name="beta")
    assert beta["balance_usd"] == "15"


async def test_another_main_account_sees_nothing_of_it(client: PlainClient, box: Sandbox) -> None:
    await make_sub(client)
    trader = box.coinex.add_trader("bob", {})
    bob = PlainClient(box, client.session)
    bob.access_id, bob.secret = trader.access_id, trader.secret
    assert await done(bob, "GET", "account/subs") == []
    assert await code(bob, "POST", "account/subs/frozen", sub_user_name="alpha") == 3639


async def test_fees_settings_and_who_asks(client: PlainClient) -> None:
    spot = await done(client, "GET", "account/trade-fee-rate", market="BTCUSDT", market_type="SPOT")
    futures = await done(client, "GET", "account/trade-fee-rate", market="BTCUSDT", market_type="FUTURES")
    assert (spot["maker_rate"], spot["taker_rate"]) == ("0.001", "0.002")
    assert futures["taker_rate"] == "0.0005"
    await done(client, "POST", "account/settings", cet_discount_enabled=True)
    assert (await done(client, "GET", "account/info"))["cet_discount_enabled"] is True
    assert await code(client, "POST", "account/settings", cet_discount_enabled="yes") == 3639
    kept = {"market": "BTCUSDT", "margin_mode": "isolated", "leverage": 8}
    assert await done(client, "POST", "account/futures-market-settings", **kept) == kept
    assert await done(client, "GET", "account/futures-market-settings", market="BTCUSDT") == kept
    assert await code(client, "POST", "account/futures-market-settings", market="BTCUSDT", leverage=0) == 3639
    assert (await done(client, "GET", "account/subs/info"))["sub_user_name"] is None


@pytest.mark.parametrize(("scheme", "is_agent"), [("referee", False), ("agent", True)])
async def test_fees_of_referees_bring_a_rebate_once_the_day_is_over(
    box: Sandbox, session: aiohttp.ClientSession, scheme: str, is_agent: bool
) -> None:
    client = PlainClient(box, session)
    carol = box.coinex.add_trader("carol", referrer="trader", is_agent=is_agent)
    buyer = PlainClient(box, session)
    buyer.access_id, buyer.secret = carol.access_id, carol.secret
    await buyer.order(type="market", ccy="BTC", amount="0.01", price=None)
    perpetual = {
        "market": "BTCUSDT",
        "market_type": "FUTURES",
        "side": "buy",
        "type": "market",
        "amount": "0.01",
    }
    await done(buyer, "POST", "futures/order", **perpetual)
    listed = "refer/agent-referee" if is_agent else "refer/referee"
    [row] = await done(client, "GET", listed, search="car")
    assert row["account_name"] == "carol"
    assert await done(client, "GET", f"refer/{scheme}-rebate/record") == []
    before = box.coinex.core.ledger.balance("trader", "USDT").available
    box.coinex.faults.clock_step(DAY_MS)
    [day] = await done(client, "GET", f"refer/{scheme}-rebate/record")
    [detail] = await done(client, "GET", f"refer/{scheme}-rebate/detail", search=row["uid"])
    paid = box.coinex.core.ledger.balance("trader", "USDT").available - before
    assert (day["deal_user_number"], float(day["total_deal_rebate_usdt"])) == (1, float(paid))
    assert (detail["account_name"], detail["deal_fee"]) == ("carol", day["total_deal_fee"])
    assert paid > 0
    assert min(float(day["total_spot_fee"]), float(day["total_futures_fee"])) > 0
    assert float(day["total_futures_value"]) > 500
    assert await code(client, "GET", f"refer/{scheme}-rebate/record", start_time=1, end_time=10**12) == 3639
    box.coinex.assert_adds_up()


async def test_stolen_looks_of_a_secret_show_nothing(box: Sandbox) -> None:
    subs = box.coinex.core.treasury.subs
    subs.create("trader", "alpha", ("API",), "", 0)
    key = subs.make_key("trader", "alpha", [], True, "", 0)
    assert key.secret not in repr(key)


async def test_long_windows_are_shared_with_the_main_account_and_buckets_are_not(client: PlainClient) -> None:
    await make_sub(client)
    sub = await with_key(client)
    hourly, now = "X-RateLimit-LongPeriod-1H-Remaining", "X-RateLimit-Remaining"
    before = (await call(client, "GET", "assets/spot/balance"))["_headers"]
    after = (await call(sub, "GET", "assets/spot/balance"))["_headers"]
    assert int(after[hourly]) == int(before[hourly]) - 1
    assert int(after[now]) == 9
