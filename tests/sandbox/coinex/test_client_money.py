"""Money and sub-accounts through our client: what is lost is asked for and never sent twice, and no secret shows."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from support.crash_report import attributes
from tradewire.errors import InsufficientFunds, OutcomeUnknown, PermissionDenied
from tradewire.sandbox import Sandbox
from tradewire.venues.coinex import hosts
from tradewire.venues.coinex.client import CoinEx
from tradewire.venues.coinex.model_account import SubApiKey
from tradewire.venues.coinex.model_chains import WithdrawalStatus

SUB = "alpha"


def of_key(box: Sandbox, key: SubApiKey) -> CoinEx:
    venue = box.coinex
    return CoinEx(key.credentials(), environment=hosts.sandbox(venue.rest_url, venue.ws_spot_url))


@pytest.fixture
async def sub(venue: CoinEx, box: Sandbox) -> AsyncIterator[CoinEx]:
    """A client of a sub-account that has 1000 USDT."""
    await venue.create_sub(SUB)
    await venue.sub_transfer("USDT", 1000, target_name=SUB)
    async with of_key(box, await venue.create_sub_key(SUB)) as client:
        yield client


async def test_lost_transfer_is_unknown_names_its_list_and_is_not_sent_again(
    venue: CoinEx, box: Sandbox
) -> None:
    box.coinex.faults.lost_reply()
    with pytest.raises(OutcomeUnknown) as caught:
        await venue.transfer("spot", "futures", "USDT", "10")
    assert caught.value.lookup == "CoinEx.transfers('USDT', ...)"
    [made] = await venue.transfers("USDT", "futures")
    assert made.amount == 10


async def test_lost_withdrawal_is_found_by_its_lookup(venue: CoinEx, box: Sandbox) -> None:
    box.coinex.faults.lost_reply()
    with pytest.raises(OutcomeUnknown) as caught:
        await venue.withdraw("BTC", "1", "bc1qsomewhere", chain="BTC")
    assert caught.value.lookup == "CoinEx.withdrawals('BTC')"
    [found] = await venue.withdrawals("BTC")
    assert found.status == WithdrawalStatus.CREATED
    await venue.cancel_withdrawal(found.withdraw_id)
    [found] = await venue.withdrawals("BTC")
    assert found.status == WithdrawalStatus.CANCELLED


async def test_transfer_that_never_arrived_moves_nothing(venue: CoinEx, box: Sandbox) -> None:
    box.coinex.faults.lost_request()
    with pytest.raises(OutcomeUnknown):
        await venue.transfer("spot", "futures", "USDT", "10")
    assert not await venue.transfers("USDT", "futures")


async def test_all_pages_of_a_list_are_read(venue: CoinEx) -> None:
    for _ in range(3):
        await venue.transfer("spot", "futures", "USDT", "1")
    pages = [await venue.transfers("USDT", "futures", page=page, limit=2) for page in (1, 2)]
    assert [(len(page), page.has_next, page.total) for page in pages] == [(2, True, 3), (1, False, 3)]
    assert len([one async for one in venue.all_transfers("USDT", "futures")]) == 3


async def test_odd_rows_do_not_hide_their_neighbours(venue: CoinEx, box: Sandbox) -> None:
    box.coinex.faults.bad_row("missing_field", "balances", where="rest")
    found = await venue.balances()
    assert len(found.unreadable) == 1
    assert len(found) > 1


async def test_sub_account_is_a_bot_of_its_own(venue: CoinEx, sub: CoinEx) -> None:
    orders = sub.watch_orders()
    await orders.ready()
    order = await sub.place_order("BTCUSDT", "buy", "0.001", "30000")
    assert [one.order_id for one in await sub.open_orders()] == [order.order_id]
    assert not await venue.open_orders()
    [held] = await venue.sub_spot_balances(SUB)
    assert (held.available, held.locked) == (Decimal(970), Decimal(30))
    with pytest.raises(InsufficientFunds):
        await sub.place_order("BTCUSDT", "buy", "1", "30000")


async def test_frozen_sub_account_is_denied(venue: CoinEx, sub: CoinEx) -> None:
    await venue.freeze_sub(SUB)
    with pytest.raises(PermissionDenied, match="prohibited") as caught:
        await sub.balances()
    assert caught.value.code == "4011"
    await venue.unfreeze_sub(SUB)
    assert await sub.balances()


async def test_sub_account_cannot_withdraw_nor_manage_others(sub: CoinEx) -> None:
    with pytest.raises(PermissionDenied):
        await sub.withdraw("USDT", "100", "Tsomewhere", chain="TRC20")
    with pytest.raises(PermissionDenied):
        await sub.subs()


async def test_secret_of_a_new_key_shows_nowhere(
    venue: CoinEx, box: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await venue.create_sub(SUB)
    key = await venue.create_sub_key(SUB)
    page = await venue.sub_keys(SUB)
    assert key.secret is not None
    secret = key.secret.reveal()
    assert secret not in caplog.text + repr(key) + repr(page) + str(vars(venue))
    assert [
        thing for thing in attributes(venue) if isinstance(thing, str | bytes) and secret in str(thing)
    ] == []


async def test_secret_shows_nowhere_when_the_reply_is_broken(
    venue: CoinEx, box: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await venue.create_sub(SUB)
    box.coinex.faults.broken_reply()
    with pytest.raises(OutcomeUnknown) as caught:
        await venue.create_sub_key(SUB)
    [key] = await venue.sub_keys(SUB)
    assert key.secret is not None
    secret = key.secret.reveal()
    assert secret not in caplog.text + repr(caught.value) + str(vars(caught.value))
