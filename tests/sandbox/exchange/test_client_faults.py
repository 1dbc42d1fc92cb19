"""Orders whose answers are lost on the way: unknown is said, nothing is sent twice, and what can be found is found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from support.exchange_trader import ABC, client_of, key_of, ledger_of, open_trader
from support.witness import PATIENCE_S, Witness, ready
from tradewire.errors import AuthRejected, ConfigError, NotSent, Outcome, OutcomeUnknown, VenueUnavailable
from tradewire.model import Order, OrderStatus
from tradewire.protocol import events
from tradewire.sandbox import Sandbox
from tradewire.session.live_order import LiveOrder
from tradewire.signing import Token
from tradewire.venues.exchange import queries
from tradewire.venues.exchange.admin import ExchangeAdmin
from tradewire.venues.exchange.client import Exchange

QUICK_S = 0.3


async def settled(live: LiveOrder) -> None:
    """Wait until an order of unknown fate is known."""
    changed = asyncio.Event()
    live.on_change = lambda _: changed.set()
    while live.outcome is not None:
        changed.clear()
        await changed.wait()


@pytest.fixture
async def hasty(fresh_box: Sandbox, admin: ExchangeAdmin) -> AsyncIterator[Exchange]:
    """A client that waits for answers for a third of a second."""
    async with await open_trader(
        fresh_box, admin, "desk-7", timeout_s=QUICK_S, on_error=lambda _: None
    ) as client:
        await client.account_ready()
        yield client


async def test_a_gateway_that_swallows_the_answer_leaves_the_outcome_unknown(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    fresh_box.exchange.faults.gateway_after()
    with pytest.raises(OutcomeUnknown, match=r"HTTP 502.*Exchange\.open_orders") as caught:
        await trader.place_order(ABC, "buy", 5, 100)
    assert (caught.value.outcome, caught.value.http_status) == (Outcome.UNKNOWN, 502)
    assert len(ledger_of(fresh_box)["orders"]) == 1
    assert len(await trader.open_orders()) == 1


async def test_an_order_the_gateway_swallowed_is_found_among_those_that_rest(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    await trader.account_ready()
    fresh_box.exchange.faults.gateway_after()
    live = trader.send_order(ABC, "buy", 5, 100, client_order_id="mine", order_entry="rest")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown):
            await live
        await settled(live)
    [told] = ledger_of(fresh_box)["orders"]
    assert (live.order_id, live.status, live.client_order_id) == (told["id"], OrderStatus.OPEN, "mine")


async def test_one_of_several_fill_pushes_lost_makes_no_order_end_with_less_than_was_filled(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    reports: list[Order] = []
    await ready(trader.watch_orders(on_update=reports.append))
    await trader.account_ready()
    live = trader.send_order(ABC, "sell", 5, 100)
    await live
    fresh_box.exchange.faults.drop_push("fills")
    for size in (2, 3):
        await rival.place_order(ABC, "buy", size, 100)
    async with asyncio.timeout(PATIENCE_S):
        await live.finished()
    assert (live.status, live.size, live.filled_size, live.fills_size) == (OrderStatus.FILLED, 5, 5, 5)
    ends = [(report.size, report.filled_size) for report in reports if report.status.is_final]
    assert ends == [(5, 5)]


async def test_an_order_that_takes_is_answered_with_all_of_its_fills_though_every_push_of_them_is_lost(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    await trader.account_ready()
    for price in (99, 100):
        await rival.place_order(ABC, "sell", 2, price)
    fresh_box.exchange.faults.drop_push("fills", count=2)
    async with asyncio.timeout(PATIENCE_S):
        live = await trader.send_order(ABC, "buy", 4, 100)
    assert (live.status, live.size, live.filled_size, live.filled_notional) == (OrderStatus.FILLED, 4, 4, 398)
    assert live.fills_size == 4


async def test_an_order_cancelled_after_a_fill_whose_push_was_lost_ends_with_that_fill(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    await trader.account_ready()
    live = await trader.send_order(ABC, "sell", 5, 100)
    fresh_box.exchange.faults.drop_push("fills")
    await rival.place_order(ABC, "buy", 2, 100)
    report = await trader.cancel_order(ABC, live.order_id)
    assert (report.status, report.size, report.remaining) == (OrderStatus.CANCELLED, 5, 3)
    async with asyncio.timeout(PATIENCE_S):
        await live.finished()
    assert (live.status, live.size, live.fills_size) == (OrderStatus.CANCELLED, 5, 2)


@pytest.mark.parametrize("entry", ["rest", "ws"])
async def test_an_order_we_amended_ends_without_a_question(
    trader: Exchange, rival: Exchange, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    await trader.account_ready()
    live = await trader.send_order(ABC, "sell", 5, 100)
    await trader.amend_order(ABC, live.order_id, remaining=2, order_entry=entry)
    monkeypatch.setattr(trader, "executions", None)
    await rival.place_order(ABC, "buy", 2, 100)
    async with asyncio.timeout(PATIENCE_S):
        await live.finished()
    assert (live.status, live.size, live.filled_size) == (OrderStatus.FILLED, 2, 2)


@pytest.mark.usefixtures("no_request_window")
@pytest.mark.parametrize("skew_s", [-60, 60])
async def test_an_order_the_gateway_swallowed_is_found_though_the_clocks_differ(
    trader: Exchange, fresh_box: Sandbox, monkeypatch: pytest.MonkeyPatch, skew_s: int
) -> None:
    core = fresh_box.exchange.core
    now_us = core.now_us
    monkeypatch.setattr(core, "now_us", lambda: now_us() + skew_s * 1_000_000)
    fresh_box.exchange.faults.gateway_after()
    live = trader.send_order(ABC, "sell", 5, 100, order_entry="rest")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown):
            await live
        await settled(live)
    [told] = ledger_of(fresh_box)["orders"]
    assert (live.status, live.order_id) == (OrderStatus.OPEN, told["id"])


@pytest.mark.usefixtures("no_request_window")
async def test_an_equal_order_that_was_there_before_is_not_taken_for_the_one_the_gateway_swallowed(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    """The request never arrives, and an equal order of the same trader's other program rests already."""
    async with client_of(fresh_box, Token(key_of(fresh_box, "desk-7"))) as other:
        before = await other.place_order(ABC, "sell", 5, 100)
    await trader.account_ready()
    fresh_box.exchange.faults.gateway_html()
    live = trader.send_order(ABC, "sell", 5, 100, order_entry="rest")
    async with asyncio.timeout(PATIENCE_S):
        await live.finished()
    assert (live.status, live.order_id) == (OrderStatus.NOT_FOUND, "")
    assert [order["id"] for order in ledger_of(fresh_box)["orders"]] == [before.order_id]


async def test_an_order_the_gateway_swallowed_is_found_by_its_fills(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    await trader.account_ready()
    for price in (99, 100):
        await rival.place_order(ABC, "sell", 2, price)
    fresh_box.exchange.faults.gateway_after()
    live = trader.send_order(ABC, "buy", 4, 100, order_entry="rest")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown):
            await live
        await live.finished()
    assert (live.status, live.filled_size, live.filled_notional) == (OrderStatus.FILLED, 4, 398)
    assert trader.position(ABC).size == 4
    [told] = ledger_of(fresh_box)["orders"]
    assert told["id"] == live.order_id


async def test_a_lost_order_is_found_by_its_fills_without_a_stream(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    for price in (99, 100):
        await rival.place_order(ABC, "sell", 2, price)
    fresh_box.exchange.faults.gateway_after()
    live = trader.send_order(ABC, "buy", 4, 100, order_entry="rest")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown):
            await live
        await live.finished()
    [told] = ledger_of(fresh_box)["orders"]
    assert (live.order_id, live.filled_size, live.filled_notional) == (told["id"], 4, 398)
    assert sorted(fill.price for fill in live.fills) == [99, 100]


@pytest.mark.usefixtures("no_request_window")
@pytest.mark.parametrize("is_followed", [True, False])
async def test_an_order_cut_short_while_we_were_away_ends_as_not_found_with_its_fills(
    trader: Exchange,
    rival: Exchange,
    fresh_box: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    is_followed: bool,
) -> None:
    monkeypatch.setattr(queries, "WINDOW_NS", 0)
    await rival.place_order(ABC, "sell", 2, 100)
    if is_followed:
        await trader.account_ready()
        fresh_box.exchange.faults.drop_socket()
        fresh_box.exchange.faults.upgrade_refused()
    fresh_box.exchange.faults.gateway_after()
    live = trader.send_order(ABC, "buy", 4, 100, order_entry="rest")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown):
            await live
        # Before the first question is answered, which needs the loop.
        core = fresh_box.exchange.core
        user = core.by_name["desk-7"]
        [order] = core.open_orders(user.trader_id)
        fresh_box.exchange.trading.cancel(user, order.order_id)
        await live.finished()
    assert (live.status, live.filled_size, live.size) == (OrderStatus.NOT_FOUND, 2, 4)
    assert live.order_id == order.order_id


@pytest.mark.usefixtures("no_request_window")
async def test_a_trade_with_ourselves_whose_reply_is_lost_is_told_from_a_strangers(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the position tells: the stream is away, and executions do not say which order is ours."""
    monkeypatch.setattr(queries, "WINDOW_NS", 0)
    await trader.account_ready()
    resting = trader.send_order(ABC, "buy", 9, 100)
    async with asyncio.timeout(PATIENCE_S):
        await resting
    faults = fresh_box.exchange.faults
    faults.drop_socket()
    faults.upgrade_refused(count=3)
    faults.gateway_after(requests="place")
    ours = trader.send_order(ABC, "sell", 4, 100, order_entry="rest")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown):
            await ours
        # A stranger's of equal size, which another lost order of ours must not get.
        await rival.place_order(ABC, "sell", 4, 100)
        faults.gateway_html(requests="place")
        never = trader.send_order(ABC, "sell", 4, 99, order_entry="rest")
        with pytest.raises(OutcomeUnknown):
            await never
        await asyncio.gather(ours.finished(), never.finished())
    told = {order["id"]: order["side"] for order in ledger_of(fresh_box)["orders"]}
    assert (ours.status, ours.filled_size, told[ours.order_id]) == (OrderStatus.FILLED, 4, "SELL")
    assert (never.status, never.order_id) == (OrderStatus.NOT_FOUND, "")


async def test_a_gateway_that_swallows_a_cancel_says_so_and_the_second_try_tells(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    order = await trader.place_order(ABC, "buy", 5, 100)
    fresh_box.exchange.faults.gateway_after()
    with pytest.raises(OutcomeUnknown):
        await trader.cancel_order(ABC, order.order_id)
    assert (await trader.order(ABC, order.order_id)).status is OrderStatus.NOT_FOUND


async def test_a_gateway_in_front_only_delays_reads(trader: Exchange, fresh_box: Sandbox) -> None:
    fresh_box.exchange.faults.gateway_html(count=2, status=503)
    assert await trader.positions() == ()
    fresh_box.exchange.faults.gateway_html(count=3)
    with pytest.raises(VenueUnavailable) as caught:
        await trader.positions()
    assert caught.value.http_status == 502


async def test_a_lost_ack_leaves_the_outcome_unknown_and_the_order_is_found(
    hasty: Exchange, fresh_box: Sandbox
) -> None:
    fresh_box.exchange.faults.lost_ack()
    live = hasty.send_order(ABC, "buy", 5, 100, client_order_id="lost")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown, match="no answer within") as caught:
            await live
        assert "open_orders" in caught.value.lookup
        # The next answer proves that the lost one will not come any more, and the order may be looked for.
        await hasty.place_order(ABC, "sell", 1, 200, order_entry="ws")
        await settled(live)
    assert live.status is OrderStatus.OPEN
    told = {order["id"]: order["side"] for order in ledger_of(fresh_box)["orders"]}
    assert told[live.order_id] == "BUY"
    assert len(told) == 2


async def test_an_answer_that_was_skipped_is_noticed_by_the_next_one(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    await trader.account_ready()
    fresh_box.exchange.faults.lost_ack()
    lost = trader.send_order(ABC, "buy", 5, 100, client_order_id="lost")
    other = trader.send_order(ABC, "buy", 6, 100, client_order_id="other")
    equal = trader.send_order(ABC, "buy", 5, 100, client_order_id="equal")
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(other, equal)
        with pytest.raises(OutcomeUnknown):
            await lost
        await settled(lost)
    told = {order["id"]: order["quantity"] for order in ledger_of(fresh_box)["orders"]}
    assert told == {lost.order_id: 5, other.order_id: 6, equal.order_id: 5}


async def test_a_login_that_ended_without_a_word_is_made_again_once_a_command_is_refused_for_it(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    heard = Witness(trader)
    order = await trader.place_order(ABC, "buy", 5, 100, order_entry="ws")
    fresh_box.exchange.faults.login_expired()
    with pytest.raises(AuthRejected, match="authenticate before trading"):
        await trader.cancel_order(ABC, order.order_id, order_entry="ws")
    await heard.until_told(events.Disconnected)
    async with asyncio.timeout(PATIENCE_S):
        await trader.account_ready()
    [lost] = [event for event in heard.seen if isinstance(event, events.Disconnected)]
    assert "the venue has ended the login" in lost.reason
    await trader.cancel_order(ABC, order.order_id, order_entry="ws")
    assert [one["status"] for one in ledger_of(fresh_box)["orders"]] == ["canceled"]


@pytest.mark.parametrize("op", ["cancel", "amend"])
async def test_a_lost_ack_of_a_change_is_unknown_and_may_be_repeated(
    hasty: Exchange, fresh_box: Sandbox, op: str
) -> None:
    order = await hasty.place_order(ABC, "buy", 5, 100, order_entry="ws")
    fresh_box.exchange.faults.lost_ack()
    change = (
        hasty.cancel_order(ABC, order.order_id, order_entry="ws")
        if op == "cancel"
        else hasty.amend_order(ABC, order.order_id, remaining=3, order_entry="ws")
    )
    with pytest.raises(OutcomeUnknown, match="no answer"):
        await change
    if op == "cancel":
        assert (await hasty.order(ABC, order.order_id)).status is OrderStatus.CANCELLED
    else:
        assert (await hasty.amend_order(ABC, order.order_id, remaining=3, order_entry="ws")).remaining == 3


async def test_a_connection_lost_in_mid_trade_makes_what_was_under_way_unknown_and_finds_it(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    witness = Witness(trader)
    await trader.account_ready()
    before = await trader.place_order(ABC, "buy", 1, 90, order_entry="ws")
    live = trader.send_order(ABC, "buy", 5, 100, client_order_id="under-way")
    fresh_box.exchange.faults.drop_socket()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown, match="connection was lost"):
            await live
        with pytest.raises(NotSent):
            await trader.send_order(ABC, "buy", 1, 1)
        await witness.until_told(events.Reconnected)
        await trader.account_ready()
        again = await trader.place_order(ABC, "buy", 2, 80, order_entry="ws")
    resting = {order.order_id for order in await trader.open_orders()}
    assert {before.order_id, again.order_id} <= resting
    told = {order["id"] for order in ledger_of(fresh_box)["orders"]}
    # It may have been read before the socket was cut, or not: either way we come to know.
    if len(told) == 3:
        async with asyncio.timeout(PATIENCE_S):
            await settled(live)
        assert live.order_id in told


async def test_events_missed_while_away_are_made_up_for(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    witness = Witness(trader)
    await trader.account_ready()
    lives = [trader.send_order(ABC, "sell", size, 100) for size in (5, 6, 7)]
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*lives)
    fresh_box.exchange.faults.drop_socket()
    # All of this happens before the client is back: it needs the loop for that.
    core = fresh_box.exchange.core
    other = core.by_name["desk-8"]
    trading = fresh_box.exchange.trading
    trading.submit(other, ABC, "BUY", 100, 8)
    core.events.publish()
    await witness.until_told(events.Reconnected)
    await trader.account_ready()
    assert [(live.status, live.filled_size) for live in lives] == [
        (OrderStatus.FILLED, 5),
        (OrderStatus.PARTIALLY_FILLED, 3),
        (OrderStatus.OPEN, 0),
    ]
    assert [[fill.size for fill in live.fills] for live in lives] == [[5], [3], []]
    assert trader.position(ABC).size == -8


async def test_user_events_the_venue_skipped_are_made_up_for(
    trader: Exchange, rival: Exchange, fresh_box: Sandbox
) -> None:
    witness = Witness(trader)
    await trader.account_ready()
    live = trader.send_order(ABC, "sell", 5, 100)
    async with asyncio.timeout(PATIENCE_S):
        await live
    fresh_box.exchange.faults.user_lag(count=2, lost=2)
    await rival.place_order(ABC, "buy", 3, 100)
    await witness.until_told(events.Gap)
    gap = next(event for event in witness.seen if isinstance(event, events.Gap))
    assert gap.topic == "resync_required user"
    async with asyncio.timeout(PATIENCE_S):
        await trader.account_ready()
    assert (live.status, live.filled_size) == (OrderStatus.PARTIALLY_FILLED, 3)
    assert trader.position(ABC).size == -3


async def test_an_order_whose_event_was_skipped_is_unknown_and_then_found(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    await trader.account_ready()
    fresh_box.exchange.faults.user_lag()
    live = trader.send_order(ABC, "sell", 5, 100, client_order_id="skipped")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown, match="perhaps lost"):
            await live
        await settled(live)
    [told] = ledger_of(fresh_box)["orders"]
    assert (live.order_id, live.client_order_id) == (told["id"], "skipped")


async def test_a_reset_of_all_users_is_noticed(
    trader: Exchange, rival: Exchange, admin: ExchangeAdmin
) -> None:
    witness = Witness(trader)
    await trader.account_ready()
    await rival.place_order(ABC, "buy", 3, 100)
    live = trader.send_order(ABC, "sell", 5, 100)
    async with asyncio.timeout(PATIENCE_S):
        await live
    assert trader.position(ABC).size == -3
    await admin.reset_users()
    await witness.until_told(events.Gap)
    async with asyncio.timeout(PATIENCE_S):
        await trader.account_ready()
        await live.finished()
    assert (live.status, live.filled_size) == (OrderStatus.CANCELLED, 3)
    assert trader.position(ABC).size == 0
    assert trader.exposure(ABC, "buy", 1000) is None


async def test_an_equal_order_of_another_program_leaves_ours_known(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    async with (
        client_of(fresh_box, Token(key_of(fresh_box, "desk-7"))) as other,
        asyncio.timeout(PATIENCE_S),
    ):
        await trader.account_ready()
        live = await trader.send_order(ABC, "buy", 5, 100, client_order_id="ours")
        theirs = await other.place_order(ABC, "buy", 5, 100)
        assert len(await trader.open_orders()) == 2
        assert live.order_id not in {"", theirs.order_id}
        assert (live.outcome, live.status) == (None, OrderStatus.OPEN)


async def test_nothing_is_sent_over_websocket_while_the_account_is_unknown(
    trader: Exchange, fresh_box: Sandbox
) -> None:
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(NotSent):
            await trader.send_order(ABC, "buy", 1, 1)
    with pytest.raises(ConfigError, match="account_ready"):
        trader.position(ABC)
    with pytest.raises(ConfigError, match="account_ready"):
        trader.exposure(ABC, "buy", 1)
    assert ledger_of(fresh_box)["orders"] == []


async def test_closing_while_orders_are_under_way_leaves_nobody_waiting(
    fresh_box: Sandbox, admin: ExchangeAdmin
) -> None:
    client = await open_trader(fresh_box, admin, "desk-9", on_error=lambda _: None)
    await client.account_ready()
    fresh_box.exchange.faults.lost_ack(count=2)
    placing = asyncio.create_task(client.place_order(ABC, "buy", 5, 100, order_entry="ws"))
    # Lets it begin.
    await asyncio.sleep(0)
    live = client.send_order(ABC, "buy", 6, 100)
    await client.close()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(OutcomeUnknown):
            await placing
        with pytest.raises(OutcomeUnknown):
            await live
