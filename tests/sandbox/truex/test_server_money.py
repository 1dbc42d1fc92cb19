"""Money on the TrueX sandbox: transfers through their life cycle, quotes to the increment, and that it adds up."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from support.plain_truex import BTC, CURRENT, OLDER, Clock, PlainTrueX, best
from tradewire.sandbox import Sandbox
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.sandbox.venues.truex.venue import TrueXVenue

SYMBOL = "BTC-PYUSD"
PYUSD = "78873627519877133"
BITCOIN = "78873627519877134"


@pytest.fixture
def options() -> TrueXOptions:
    """Transfers wait for the control surface."""
    return TrueXOptions(instruments=(SYMBOL,), transfer_step_ms=None, settle_ms=3_600_000)


async def transfer(client: PlainTrueX, kind: str, value: str, **more: Any) -> Any:
    request = {
        "amount": value,
        "asset_id": PYUSD,
        "client_id": client.client_id,
        "type": kind,
        "platform": "CRYPTO",
    }
    return await client.ask("POST", "/transfers", {"request": {**request, **more}})


async def push(client: PlainTrueX, transfer_id: str, status: str) -> int:
    url = f"{client.root}/sandbox/truex/transfer"
    async with client.session.post(url, json={"id": transfer_id, "status": status}) as reply:
        return reply.status


async def pyusd(client: PlainTrueX) -> tuple[str, str]:
    """Return balance and transfer hold."""
    found = next(held for held in (await client.holdings())["balances"] if held["asset_id"] == PYUSD)
    return found["balance"], found["transfer_hold"]


async def test_a_withdrawal_is_held_at_once_and_leaves_at_the_end(
    client: PlainTrueX, venue: TrueXVenue
) -> None:
    begun = (await transfer(client, "WITHDRAW", "250.75")).data
    assert (begun["status"], begun["request"]["amount"]) == ("INITIALIZED", "250.75")
    assert await pyusd(client) == ("1000000", "250.75")
    venue.assert_adds_up()
    assert [one["id"] for one in (await client.ask("GET", "/transfers/active")).data] == [begun["id"]]
    assert await push(client, begun["id"], "PENDING") == 200
    assert await pyusd(client) == ("1000000", "250.75")
    assert await push(client, begun["id"], "COMPLETED") == 200
    assert await pyusd(client) == ("999749.25", "0")
    assert (await client.ask("GET", "/transfers/active")).data == []
    history = (await client.ask("GET", "/transfers?timestamp=1770000000000000000")).data
    assert [(one["id"], one["status"]) for one in history] == [(begun["id"], "COMPLETED")]
    assert await push(client, begun["id"], "FAILED") == 400
    assert await push(client, "4711", "FAILED") == 400


async def test_a_failed_withdrawal_comes_back_and_an_uncovered_one_is_rejected(client: PlainTrueX) -> None:
    begun = (await transfer(client, "WITHDRAW", "100")).data
    assert await push(client, begun["id"], "FAILED") == 200
    assert await pyusd(client) == ("1000000", "0")
    too_much = (await transfer(client, "WITHDRAW", "1000000.000000000000000001")).data
    assert too_much["status"] == "REJECTED"
    assert await pyusd(client) == ("1000000", "0")
    # What is held for a transfer cannot be traded with.
    assert (await transfer(client, "WITHDRAW", "999999")).data["status"] == "INITIALIZED"
    assert (await client.place("BUY", "63500.0", "0.0100"))["status"] == "REJECTED"


async def test_a_deposit_arrives_when_it_is_completed(client: PlainTrueX) -> None:
    instructions = {"transfer_id": "custodian-1"}
    begun = (await transfer(client, "DEPOSIT", "0.5", platform="INTERNAL", instructions=instructions)).data
    assert begun["request"]["instructions"] == instructions
    assert await pyusd(client) == ("1000000", "0")
    assert await push(client, begun["id"], "COMPLETED") == 200
    assert await pyusd(client) == ("1000000.5", "0")


async def test_transfers_move_by_themselves(session: aiohttp.ClientSession, clock: Clock) -> None:
    options = TrueXOptions(instruments=(SYMBOL,), transfer_step_ms=1000)
    async with Sandbox(["truex"], rate=0, now_ms=clock, truex=options) as box:
        client = PlainTrueX.of(session, box.truex, now_ms=clock)
        begun = (await transfer(client, "DEPOSIT", "7", platform="FIAT")).data
        seen = []
        for _ in range(3):
            box.truex.transfers.advance()
            seen.append(box.truex.transfers.all[int(begun["id"])].status)
            clock.ms += 1000
        assert seen == ["INITIALIZED", "PENDING", "COMPLETED"]
        assert await pyusd(client) == ("1000007", "0")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"amount": "0"}, 400),
        ({"amount": 1.5}, 400),
        ({"amount": "1e3"}, 400),
        ({"type": "MOVE"}, 400),
        ({"platform": "POST"}, 400),
        ({"instructions": "none"}, 400),
        ({"platform": "INTERNAL"}, 400),
        ({"asset_id": "4711"}, 404),
        ({"client_id": "4711"}, 403),
    ],
    ids=str,
)
async def test_transfers_refused(client: PlainTrueX, change: dict[str, Any], status: int) -> None:
    assert (await transfer(client, "DEPOSIT", "1", **change)).status == status
    assert (await client.ask("GET", "/transfers/active")).data == []


async def test_balances_by_client_and_asset(client: PlainTrueX) -> None:
    everything = (await client.ask("GET", "/balances")).data
    assert (everything[0]["id"], len(everything)) == (client.client_id, 2)
    for query in (f"asset_id={BITCOIN}", "asset_name=BTC"):
        found = (await client.ask("GET", f"/balances?{query}")).data
        assert [[held["asset_id"] for held in element["balances"]] for element in found] == [
            [BITCOIN],
            [BITCOIN],
        ]
    assert (await client.ask("GET", "/balances?asset_id=BTC")).status == 400


async def test_settlement_clears_what_waits(client: PlainTrueX, venue: TrueXVenue) -> None:
    price, _ = best(venue, "asks")
    await client.place("BUY", str(price), "0.0010", tif="IOC")
    waiting = await client.holdings()
    by_asset = {held["asset_id"]: held["unsettled"] for held in waiting["balances"]}
    assert (by_asset[BITCOIN], Decimal(by_asset[PYUSD])) == ("0.001", -price * Decimal("0.001"))
    venue.core.settlement.settle()
    settled = await client.holdings()
    assert settled["unsettled_fees"] == "0"
    assert {held["unsettled"] for held in settled["balances"]} == {"0"}
    assert [held["balance"] for held in settled["balances"]] == [
        held["balance"] for held in waiting["balances"]
    ]


async def ask_quote(client: PlainTrueX, path: str = "/markets/quote", **body: str) -> Any:
    return await client.ask("POST", path, {"instrument_id": BTC, **body}, signed=False)


async def test_quotes_walk_the_book(client: PlainTrueX, venue: TrueXVenue) -> None:
    book = venue.book(SYMBOL)
    assert book is not None
    levels = [(Decimal(price), Decimal(qty)) for price, qty, _ in book["asks"]]
    (first, size), (second, _) = levels[0], levels[1]
    client.version = CURRENT
    wanted = size + Decimal("0.0010")
    notional = first * size + second * Decimal("0.0010")
    answer = (await ask_quote(client, side="BUY", qty=str(wanted), qty_unit="BASE")).data
    assert Decimal(answer["qty"]) == wanted
    assert Decimal(answer["notional"]) == notional
    assert answer["notional_residual"] == "0"
    assert abs(Decimal(answer["price"]) - notional / wanted) < Decimal("1e-15")
    # For a quote amount: whole increments of 0.0001 at the last price, and what is left over.
    amount = first * size + second * Decimal("0.00105")
    answer = (await ask_quote(client, side="BUY", qty=str(amount), qty_unit="QUOTE")).data
    assert Decimal(answer["qty"]) == size + Decimal("0.0010")
    assert Decimal(answer["notional_residual"]) == second * Decimal("0.00005")
    client.version = OLDER
    answer = (await ask_quote(client, side="SELL", qty="0.0010", qty_unit="BASE")).data
    assert answer == {"qty": "0.001", "price": f"{best(venue, 'bids')[0].normalize():f}"}
    # The oldest body buys for a quote amount; only its own path knows it.
    client.prefix = "/api/v1"
    answer = (await ask_quote(client, "/market/quote", qty="10")).data
    assert answer.keys() == {"quote", "buy_amount"}
    assert Decimal(answer["buy_amount"]) == 10 // (first * Decimal("0.0001")) * Decimal("0.0001")
    assert (await ask_quote(client, qty="10")).status == 400
    assert (await ask_quote(client, "/market/quote", side="BUY", qty="1", qty_unit="QUOTE")).status == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"side": "BUY", "qty": "5000", "qty_unit": "BASE"}, 400),
        ({"side": "SELL", "qty": "100000000", "qty_unit": "QUOTE"}, 400),
        ({"side": "BUY", "qty": "1"}, 400),
        ({"side": "BUY", "qty": "1", "qty_unit": "COINS"}, 400),
        ({"side": "BUY", "qty": 1, "qty_unit": "BASE"}, 400),
        ({"instrument_id": "4711", "side": "BUY", "qty": "1", "qty_unit": "BASE"}, 404),
    ],
    ids=str,
)
async def test_quotes_refused(client: PlainTrueX, body: dict[str, Any], status: int) -> None:
    assert (await ask_quote(client, **body)).status == status


async def test_everything_adds_up_after_a_random_run(
    client: PlainTrueX, venue: TrueXVenue, clock: Clock, session: aiohttp.ClientSession
) -> None:
    """Over HTTP and against the venue's own proof: balances, holds, fees and transfers, per asset, to the digit."""
    dice = random.Random(20261121)
    desks = list(venue.core.directory.clients)[:2]
    deposits = {PYUSD: Decimal(2_000_000), BITCOIN: Decimal(40)}
    open_ids: list[str] = []
    for turn in range(250):
        clock.ms += 1000
        venue.traffic.step(3)
        side = dice.choice(("BUY", "SELL"))
        mid = best(venue, "bids")[0]
        roll = dice.random()
        trader = dice.choice(desks)
        if roll < 0.6:
            price = mid + Decimal(dice.randrange(-200, 200)) / 10
            order = await client.place(
                side, None if roll < 0.1 else str(price), str(Decimal(dice.randrange(1, 3000)) / 10_000),
                tif=dice.choice(("GTC", "IOC")), client_id=trader, stp=dice.choice(("NONE", "CANCEL_BOTH")),
                hold_fee_rate=dice.choice(("0", "0.003", "0.000333333333333333")),
            )  # fmt: skip
            if order["status"] == "ACTIVE":
                open_ids.append(order["id"])
        elif roll < 0.8 and open_ids:
            order_id = dice.choice(open_ids)
            quantity, price = Decimal(dice.randrange(1, 3000)) / 10_000, mid + dice.randrange(-9, 9)
            new = {"new_qty": str(quantity), "new_price": str(price)}
            for owner in desks:
                await client.ask("PATCH", "/orders", {"id": order_id, "info": {"client_id": owner, **new}})
        elif roll < 0.9 and open_ids:
            await client.ask("DELETE", f"/orders/{open_ids.pop(dice.randrange(len(open_ids)))}")
        else:
            kind = dice.choice(("DEPOSIT", "WITHDRAW"))
            begun = (await transfer(client, kind, f"{dice.random() * 100:.18f}", client_id=trader)).data
            if begun["status"] != "REJECTED" and dice.random() < 0.7:
                end = dice.choice(("COMPLETED", "FAILED"))
                assert await push(client, begun["id"], end) == 200
                if end == "COMPLETED":
                    sign = 1 if kind == "DEPOSIT" else -1
                    deposits[PYUSD] += sign * Decimal(begun["request"]["amount"])
        if turn % 10 == 0:
            venue.assert_adds_up()
    venue.assert_adds_up()
    # What both desks have, as balances say it, is what they put in, moved by their trades and fees.
    elements = (await client.ask("GET", "/balances")).data
    have = {asset: Decimal(0) for asset in deposits}
    for element in elements:
        for held in element["balances"]:
            if held["asset_id"] in have:
                have[held["asset_id"]] += Decimal(held["balance"])
    moved = dict.fromkeys(deposits, Decimal(0))
    fills = 0
    skip = 0
    while page := (
        await client.ask("GET", f"/orders/trades?timestamp={clock.ms}000000&size=100&skip={skip}")
    ).data:
        skip += len(page)
        for trade in page:
            ticket = venue.core.tickets[int(trade["order_id"])]
            sign = 1 if ticket.info["side"] == "BUY" else -1
            quantity, price = Decimal(trade["trade_qty"]), Decimal(trade["trade_price"])
            moved[BITCOIN] += sign * quantity
            moved[PYUSD] -= sign * quantity * price + quantity * price * Decimal(trade["trade_fee_rate"])
            fills += 1
    assert fills > 50
    for asset, amount in deposits.items():
        assert have[asset] == amount + moved[asset], asset
    assert venue.core.ledger.fees["PYUSD"] == sum(Decimal(element["unsettled_fees"]) for element in elements)
