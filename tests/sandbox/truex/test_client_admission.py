"""Who may stream what: clocks, keys, accounts, markets; what is refused says why and takes nothing else with it."""

from __future__ import annotations

import pytest

from support.truex_trader import (
    BRISK,
    ETH,
    MARKET,
    anonymous,
    client_of,
    running,
    was_told,
)
from support.witness import Witness, ready
from tradewire import Credentials, TrueX
from tradewire.errors import AuthRejected, BadRequest, ConfigError
from tradewire.protocol import events
from tradewire.sandbox import Sandbox
from tradewire.sandbox.faults import FaultKind


@pytest.mark.parametrize("skew_s", [-16, 2, 1, 0])
@pytest.mark.parametrize("has_key", [True, False])
async def test_our_clock_is_off_by(truex_box: Sandbox, skew_s: int, has_key: bool) -> None:
    """Streams refuse what is ahead of them by any amount, so the client asks for the time before it opens one."""
    truex_box.truex.faults.clock_skew(-1000 * skew_s)
    async with client_of(truex_box) if has_key else anonymous(truex_box) as client:
        book = client.watch_book(MARKET)
        await ready(book)
        assert was_told(truex_box, book.book)
        if has_key:
            await ready(client.watch_orders())


async def test_clock_that_jumps_under_way_is_asked_for_and_nothing_is_refused(truex_box: Sandbox) -> None:
    async with client_of(truex_box, timing=BRISK) as client:
        witness = Witness(client)
        await ready(client.watch_book(MARKET))
        for skew_s in (-5, 20):
            truex_box.truex.faults.clock_skew(1000 * skew_s)
            witness.seen.clear()
            async with client.watch_book(ETH) as book:
                await ready(book)
            await witness.until_told(events.LoginRetried)


async def test_venue_that_cannot_tell_its_time_is_streamed_from_all_the_same(
    truex_box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client_of(truex_box) as client:
        await client.load_markets()
        monkeypatch.setattr("tradewire.venues.truex.client.CLOCK_PATIENCE_S", 0.05)
        truex_box.truex.faults.gateway_html(count=1, status=503)
        await ready(client.watch_book(MARKET))


async def test_time_that_was_told_once_serves_a_new_connection_to_which_it_is_not_told(
    truex_box: Sandbox,
) -> None:
    truex_box.truex.faults.clock_skew(-20_000)
    async with client_of(truex_box, timing=BRISK) as client:
        witness = Witness(client)
        book = client.watch_book(MARKET)
        await ready(book)
        truex_box.truex.faults.gateway_html(count=1, status=503)
        truex_box.truex.faults.drop_socket()
        await witness.until_told(events.Reconnected)
        await ready(book)
        assert truex_box.truex.faults.triggered[FaultKind.GATEWAY_HTML] == 1


async def test_stream_with_a_wrong_secret(truex_box: Sandbox) -> None:
    credentials = Credentials(truex_box.truex.key_id, "0" * 64)
    organization_id = truex_box.truex.organization_id
    async with client_of(truex_box, credentials=credentials, organization_id=organization_id) as client:
        with pytest.raises(AuthRejected, match=f"TRUEXWS{truex_box.truex.key_id}/api/v1") as caught:
            await ready(client.watch_book(MARKET))
    assert "0" * 64 not in str(caught.value)


async def test_stream_whose_account_is_refused_over_rest_says_why(truex_box: Sandbox) -> None:
    async with client_of(truex_box, credentials=Credentials(truex_box.truex.key_id, "0" * 64)) as client:
        with pytest.raises(AuthRejected, match=r"signed was '[0-9]+GET/v1/cefi/clients'"):
            await ready(client.watch_book(MARKET))


async def test_several_accounts_are_named_to_who_asks_for_orders(truex_box: Sandbox) -> None:
    async with client_of(truex_box, account_id="") as client:
        book = client.watch_book(MARKET)
        await ready(book)
        with pytest.raises(ConfigError, match=r"account_id=.*\(trader\).*\(second-desk\)"):
            await ready(client.watch_orders())
        assert was_told(truex_box, book.book)


async def test_account_that_cannot_be_asked_for_now_is_asked_for_again(truex_box: Sandbox) -> None:
    async with client_of(truex_box, account_id=truex_box.truex.client_id, timing=BRISK) as client:
        witness = Witness(client)
        await client.load_markets()
        truex_box.truex.faults.gateway_html(count=3, status=503)
        book = client.watch_book(MARKET)
        await witness.until_told(events.Disconnected)
        await ready(book)


@pytest.mark.parametrize("is_accepted", [False, True])
async def test_stream_signature_without_the_path(is_accepted: bool) -> None:
    async with (
        running(0, accept_signature_without_path=is_accepted) as box,
        client_of(box, sign_stream_path=False) as client,
    ):
        if is_accepted:
            await ready(client.watch_orders())
        else:
            with pytest.raises(AuthRejected, match=rf"TRUEXWS{box.truex.key_id}'"):
                await ready(client.watch_orders())


async def test_account_of_somebody_else(truex_box: Sandbox) -> None:
    stranger, _ = truex_box.truex.add_client("stranger")
    organization_id = truex_box.truex.organization_id
    async with client_of(truex_box, account_id=stranger.client_id, organization_id=organization_id) as client:
        with pytest.raises(AuthRejected, match="account"):
            await ready(client.watch_orders())
        await ready(client.watch_book(MARKET))


async def test_market_that_is_none_takes_no_other_with_it(truex_box: Sandbox) -> None:
    async with client_of(truex_box) as client:
        good, bad = client.watch_book(MARKET), client.watch_book("XRP-PYUSD")
        await ready(good)
        with pytest.raises(BadRequest, match=r"XRP-PYUSD.*TrueX\.markets\(\)"):
            await ready(bad)
        assert was_told(truex_box, good.book)


async def test_streams_refuse_what_makes_no_sense(truex: TrueX) -> None:
    with pytest.raises(ConfigError, match="watch_trades needs a market"):
        truex.watch_trades()
    for watch in (truex.watch_bbo, truex.watch_orders, truex.watch_fills, truex.watch_book):
        with pytest.raises(ConfigError, match="market must be visible ASCII"):
            watch("BTC PYUSD")
    await truex.close()
    with pytest.raises(ConfigError, match="closed"):
        truex.watch_book(MARKET)
