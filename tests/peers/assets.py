"""Wallets: transfers, deposits, withdrawals, loans."""

from __future__ import annotations

from typing import Any

from peers.checks import Checks
from peers.oracle import number, same
from peers.strangers import Session

__all__ = ["GROUPS"]

SYMBOL, MARKET = "BTC/USDT", "BTCUSDT"
checks = Checks("Wallets")
GROUPS = (checks,)


def held(session: Session, wallet: str, asset: str = "USDT") -> Any:
    """Return what a wallet has available, as the venue has it."""
    return number(session.oracle.wallets().get(wallet, {}).get(asset, {}).get("available", "0"))


@checks.check("transfer: spot and swap, spot and margin; fetch_transfers")
async def transfers(session: Session) -> None:
    for other, wallet, options in (
        ("swap", "futures", {}),
        ("margin", f"margin/{MARKET}", {"symbol": SYMBOL}),
    ):
        before = held(session, "spot"), held(session, wallet)
        await session.do("transfer", "USDT", 100.5, "spot", other, options)
        same(held(session, "spot"), before[0] - number("100.5"), "spot")
        same(held(session, wallet), before[1] + number("100.5"), wallet)
        await session.do("transfer", "USDT", 50.25, other, "spot", options)
        same(held(session, wallet), before[1] + number("50.25"), wallet)
        asked = {} if other == "swap" else {"marginMode": "isolated"}
        newest = (await session.do("fetch_transfers", "USDT", params=asked))[-2:]
        same([one["amount"] for one in newest], [100.5, 50.25], "amounts")
        same([one["fromAccount"] for one in newest], ["spot", other], "from")
        same([one["status"] for one in newest], ["ok", "ok"], "status")
    await session.refused("InsufficientFunds", "transfer", "USDT", 10**9, "spot", "swap")


@checks.check("fetch_balance: margin")
async def margin_balance(session: Session) -> None:
    await session.do("transfer", "BTC", 0.5, "spot", "margin", {"symbol": SYMBOL})
    balance = await session.do("fetch_balance", {"type": "margin"})
    same(balance["BTC"]["free"], held(session, f"margin/{MARKET}", "BTC"), "BTC")


@checks.check("borrow_isolated_margin, repay_isolated_margin, fetch_borrow_interest, _rate, fetch_leverage")
async def loans(session: Session) -> None:
    wallet = f"margin/{MARKET}"
    rate = await session.do("fetch_isolated_borrow_rate", SYMBOL, {"code": "USDT"})
    assert rate["quoteRate"] or rate["baseRate"], rate
    leverage = await session.do("fetch_leverage", SYMBOL, {"code": "USDT"})
    same(leverage["longLeverage"], int(leverage["info"]["leverage"]), "leverage")
    before = held(session, wallet)
    loan = await session.do("borrow_isolated_margin", SYMBOL, "USDT", 100)
    same(held(session, wallet), before + 100, wallet)
    found = await session.do("fetch_borrow_interest", "USDT", SYMBOL)
    assert loan["id"] in {str(one["info"]["borrow_id"]) for one in found}, found
    # More than an hour's interest is due at once.
    await session.do("repay_isolated_margin", SYMBOL, "USDT", 100)
    same(held(session, wallet), before, wallet)


@checks.check("fetch_deposit_address, create_deposit_address")
async def addresses(session: Session) -> None:
    first = await session.do("fetch_deposit_address", "USDT", {"network": "TRC20"})
    assert first["address"], first
    same(await session.do("fetch_deposit_address", "USDT", {"network": "TRC20"}), first, "address")
    again = await session.do("create_deposit_address", "USDT", {"network": "TRC20"})
    assert again["address"], again


@checks.check("fetch_deposits")
async def deposits(session: Session) -> None:
    arrived = session.oracle.act("deposit", trader="trader", ccy="USDT", chain="TRC20", amount="12.5")
    session.oracle.act("deposit", deposit_id=arrived["deposit_id"], status="finished")
    found = {one["id"]: one for one in await session.do("fetch_deposits", "USDT")}
    deposit = found[str(arrived["deposit_id"])]
    same((deposit["amount"], deposit["currency"], deposit["type"]), (12.5, "USDT", "deposit"), "deposit")


@checks.check("withdraw, fetch_withdrawals")
async def withdrawals(session: Session) -> None:
    before = held(session, "spot")
    made = await session.do(
        "withdraw", "USDT", 50, "T-an-address-of-mine-000000000000", None, {"network": "TRC20"}
    )
    assert held(session, "spot") <= before - 50, "nothing left the wallet"
    [found] = [one for one in await session.do("fetch_withdrawals", "USDT") if one["id"] == made["id"]]
    same((found["currency"], found["type"]), ("USDT", "withdrawal"), "withdrawal")
    same(found["address"], "T-an-address-of-mine-000000000000", "address")


@checks.check("fetch_deposit_withdraw_fee, fetch_deposit_withdraw_fees")
async def fees(session: Session) -> None:
    rows = session.oracle.public("assets/all-deposit-withdraw-config")
    every = await session.do("fetch_deposit_withdraw_fees")
    same(sorted(every), sorted(row["asset"]["ccy"] for row in rows), "currencies")
    one = await session.do("fetch_deposit_withdraw_fee", "USDT")
    [own] = [row for row in rows if row["asset"]["ccy"] == "USDT"]
    for chain in own["chains"]:
        for found in (one, every["USDT"]):
            networks = {key: value["withdraw"]["fee"] for key, value in found["networks"].items()}
            assert number(chain["withdrawal_fee"]) in {number(fee) for fee in networks.values()}, networks
