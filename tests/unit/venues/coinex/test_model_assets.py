"""What requests about money carry, what they refuse before anything is sent, and what irregular replies are read as."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tradewire.errors import ConfigError, InsufficientFunds
from tradewire.model import AccountKind
from tradewire.venues.coinex.model_chains import WithdrawalMethod
from tradewire.venues.coinex.rest import amm, balance, deposits, loans, transfers, withdrawals

SPOT, MARGIN, FUTURES = AccountKind.SPOT, AccountKind.MARGIN, AccountKind.FUTURES


def make_withdrawal(**changes: Any) -> withdrawals.Withdraw:
    values: dict[str, Any] = {
        "asset": "BTC", "amount": "1", "to_address": "bc1q", "method": WithdrawalMethod.ON_CHAIN, "chain": "BTC",
        "memo": None, "fee_asset": None, "extra": None, "remark": None,
    }  # fmt: skip
    return withdrawals.Withdraw(**(values | changes))


def test_transfer_is_the_documented_body() -> None:
    params = transfers.TRANSFER.encode(transfers.MakeTransfer(SPOT, MARGIN, "USDT", "10.50", "BTCUSDT"))
    assert json.loads(params.body) == {
        "from_account_type": "SPOT",
        "to_account_type": "MARGIN",
        "ccy": "USDT",
        "amount": "10.50",
        "market": "BTCUSDT",
    }


def test_withdrawal_carries_what_was_given_and_nothing_else() -> None:
    params = withdrawals.WITHDRAW.encode(make_withdrawal(extra={"chain_id": "1"}))
    assert json.loads(params.body) == {
        "ccy": "BTC",
        "amount": "1",
        "to_address": "bc1q",
        "withdraw_method": "on_chain",
        "chain": "BTC",
        "extra": {"chain_id": "1"},
    }


def test_ids_travel_as_numbers() -> None:
    assert json.loads(withdrawals.CANCEL_WITHDRAWAL.encode(withdrawals.WithdrawalRef("7")).body) == {
        "withdraw_id": 7
    }


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "from spot to spot": (lambda: transfers.MakeTransfer(SPOT, SPOT, "USDT", 1, None), "must be spot"),
    "neither is spot": (lambda: transfers.MakeTransfer(MARGIN, FUTURES, "USDT", 1, "X"), "must be spot"),
    "margin without a market": (lambda: transfers.MakeTransfer(SPOT, MARGIN, "USDT", 1, None), "market"),
    "futures with a market": (lambda: transfers.MakeTransfer(SPOT, FUTURES, "USDT", 1, "BTCUSDT"), "market"),
    "amount of nothing": (
        lambda: transfers.TRANSFER.encode(transfers.MakeTransfer(SPOT, FUTURES, "USDT", 0, None)),
        "amount",
    ),
    "amount as a float": (
        lambda: amm.ADD_LIQUIDITY.encode(amm.AddLiquidity("BTCUSDT", 0.1, 1)),  # type: ignore[arg-type]
        "base_amount",
    ),
    "history of spot": (lambda: transfers.TransfersQuery("USDT", SPOT), "account"),
    "chain missing": (lambda: make_withdrawal(chain=None), "chain"),
    "chain between users": (lambda: make_withdrawal(method=WithdrawalMethod.INTER_USER), "chain"),
    "address with a blank": (
        lambda: withdrawals.WITHDRAW.encode(make_withdrawal(to_address="a b")),
        "to_address",
    ),
    "id that is none": (
        lambda: withdrawals.CANCEL_WITHDRAWAL.encode(withdrawals.WithdrawalRef("x")),
        "numbers",
    ),
    "status that is none": (
        lambda: loans.LOANS.encode(loans.LoansQuery(None, "lost")),
        "status must be one of",
    ),
    "kind that is none": (lambda: balance.TRANSACTIONS.encode(balance.TransactionsQuery("gift")), "kind"),
    "page of too many": (
        lambda: deposits.DEPOSITS.encode(deposits.DepositsQuery(None, None, None, 1, 101)),
        "limit must be a whole number from 1 to 100",
    ),
    "flag that is none": (
        lambda: loans.BORROW.encode(loans.Borrow("BTCUSDT", "BTC", 1, 1)),  # type: ignore[arg-type]
        "renews",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_before_anything_is_sent(what: str) -> None:
    attempt, words = REFUSED[what]
    with pytest.raises(ConfigError, match=words):
        attempt()


def reply(data: object, **more: object) -> bytes:
    return json.dumps({"code": 0, "data": data, "message": "OK", **more}).encode()


def test_deposits_are_read_in_the_live_spelling() -> None:
    row = {
        "deposit_id": 5, "created_at": 1763640000000, "tx_id": "t", "ccy": "USDT", "chain": "TRC20",
        "deposit_method": "ON_CHAIN", "amount": "10", "actual_amount": "", "to_address": "a", "confirmations": None,
        "status": "FINISHED",
    }  # fmt: skip
    page = deposits.DEPOSITS.decode(reply([row], paginatation={"has_next": True, "total": 12}))
    [one] = page
    assert (page.has_next, page.total) == (True, 12)
    assert (one.method, one.status, one.credited, one.confirmations) == ("on_chain", "finished", None, 0)
    assert one.created_at_ns == 1763640000000 * 1_000_000


@pytest.mark.parametrize("names", [("tx_fee", "fee_ccy"), ("fee_amount", "fee_asset")])
def test_fee_of_a_withdrawal_is_read_in_both_spellings(names: tuple[str, str]) -> None:
    row = {"withdraw_id": 5, "created_at": "1763640000000", "ccy": "BTC", "amount": "1", "status": "new_word"}
    one = withdrawals.WITHDRAW.decode(reply(row | dict(zip(names, ("0.1", "BTC"), strict=True))))
    assert (one.fee, one.fee_asset, one.status) == (Decimal("0.1"), "BTC", "new_word")


@pytest.mark.parametrize("name", ["to_repaied_amount", "to_repaid_amount"])
def test_debt_of_a_loan_is_read_in_both_spellings(name: str) -> None:
    row = {
        "borrow_id": 1, "created_at": 1, "market": "BTCUSDT", "ccy": "BTC", "daily_interest_rate": "0.001",
        "expired_at": 2, "borrow_amount": "1", name: "1.001", "is_auto_renew": True, "status": "loan",
    }  # fmt: skip
    assert loans.BORROW.decode(reply(row)).owed == Decimal("1.001")


@pytest.mark.parametrize("data", [None, {}, []])
def test_no_balances_are_an_empty_list(data: object) -> None:
    assert balance.MARGIN_BALANCES.decode(reply(data)) == ()


def test_odd_row_does_not_hide_its_neighbours() -> None:
    good = {"market": "BTCUSDT", "base_ccy_amount": "1", "quote_ccy_amount": "2", "liquidity_proportion": "0"}
    found = balance.AMM_STAKES.decode(reply([{"market": 1}, good]))
    assert [stake.market for stake in found] == ["BTCUSDT"]
    assert len(found.unreadable) == 1


def test_unpublished_reply_is_passed_on_exactly() -> None:
    found = amm.POOLS.decode(
        b'{"code":0,"data":{"x":0.10},"message":"","pagination":{"has_next":true,"total":3}}'
    )
    assert (found.data, found.has_next, found.total) == ({"x": Decimal("0.10")}, True, 3)
    with pytest.raises(InsufficientFunds):
        amm.POOLS.decode(b'{"code":3109,"data":{},"message":"no"}')
