"""Orders that the core writes are those of the general way, byte for byte, and so is what is refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import oracle
from support.order_lanes import ROOT, Asked, Cold, Doorless, General, Lane, changes, head_of, outcomes
from tradewire import CoinEx, CoinExFutures, Credentials, Exchange, Token, TrueX
from tradewire.errors import OutcomeUnknown
from tradewire.model import Order
from tradewire.transport.seam import HttpReply
from tradewire.venues.coinex import hosts as coinex_hosts
from tradewire.venues.exchange import hosts as exchange_hosts
from tradewire.venues.truex import hosts as truex_hosts

SECRET = "SANDBOX_SECRET"


@dataclass(frozen=True)
class Venue:
    """A venue whose requests are signed."""

    market: str
    client: Callable[[General], Any]
    answers: dict[str, object]
    unsigned: Callable[[bytes], bytes]
    """Returns a request without its time and signature, after a look at both."""


def coinex_unsigned(data: bytes) -> bytes:
    method, path, fields, body = head_of(data)
    timestamp_ms = int(fields["X-COINEX-TIMESTAMP"])
    assert fields["X-COINEX-SIGN"] == oracle.coinex_signature(SECRET, method, path, body, timestamp_ms)
    return re.sub(rb"(X-COINEX-(?:SIGN|TIMESTAMP)): \w+", rb"\1", data)


def truex_unsigned(data: bytes) -> bytes:
    method, path, fields, body = head_of(data)
    text = f"{fields['x-truex-auth-timestamp']}{method}{path.partition('?')[0]}{body}"
    assert fields["x-truex-auth-signature"] == oracle.hmac_base64(SECRET.encode(), text.encode())
    return re.sub(rb"(x-truex-auth-(?:signature|timestamp)): \S+", rb"\1", data)


MARKET_OF_COINEX = {
    "market": "BTCUSDT", "base_ccy": "BTC", "quote_ccy": "USDT", "base_ccy_precision": 8, "quote_ccy_precision": 2,
    "min_amount": "0.0001", "maker_fee_rate": "0.001", "taker_fee_rate": "0.001", "is_amm_available": True,
    "is_margin_available": True, "is_pre_trading_available": True, "is_api_trading_available": True,
}  # fmt: skip


def of_coinex(client: Callable[..., Any], product: str, rules: dict[str, object]) -> Venue:
    return Venue(
        "BTCUSDT",
        lambda http: client(
            Credentials("SANDBOX_ID", SECRET),
            environment=coinex_hosts.local(f"{ROOT}/v2", "ws://127.0.0.1:9/v2/spot"),
            http=http,
            on_error=lambda _: None,
        ),
        {f"/v2/{product}/market": {"code": 0, "message": "OK", "data": [rules]}},
        coinex_unsigned,
    )


VENUES = {
    "coinex": of_coinex(CoinEx, "spot", MARKET_OF_COINEX),
    # A step of prices that is no power of ten, as only futures may have.
    "coinex-futures": of_coinex(CoinExFutures, "futures", MARKET_OF_COINEX | {"tick_size": "0.05"}),
    "truex": Venue(
        "BTC-PYUSD",
        lambda http: TrueX(
            Credentials("key", SECRET),
            account_id="78932725357888855",
            environment=truex_hosts.local(ROOT, "ws://127.0.0.1:9/"),
            http=http,
            rates_per_s={"orders": 1000.0},
            on_error=lambda _: None,
        ),
        {
            "/v1/cefi/assets": {"data": [{"id": "71", "name": "BTC"}, {"id": "72", "name": "PYUSD"}]},
            "/v1/cefi/instruments": {
                "data": [
                    {
                        "id": "78901949723181070",
                        "status": "ACTIVE",
                        "info": {
                            "symbol": "BTC-PYUSD", "reference_price": "64000", "base_asset_id": "71",
                            "quote_asset_id": "72",
                        },
                    },
                ],
            },
        },
        truex_unsigned,
    ),
}  # fmt: skip

CHANGED = {
    **VENUES,
    "exchange": Venue(
        "ABC-USD",
        lambda http: Exchange(
            Token("exch_key"),
            environment=exchange_hosts.local(ROOT, "ws://127.0.0.1:9/"),
            http=http,
            on_error=lambda _: None,
        ),
        {},
        lambda data: data,
    ),
}
NEW_ID = re.compile(rb'(?<="external_id":")[0-9a-f-]+')


async def sent(
    venue: Venue, http: General, orders: list[Asked], *, knows: bool
) -> list[tuple[str | Order, list[bytes]]]:
    client = venue.client(http)
    if knows:
        await client.load_markets()
    found = await outcomes(client, http, orders)
    return [
        (said, [venue.unsigned(data) for data in written if data.startswith(b"POST")])
        for said, written in found
    ]


TEXTS = st.one_of(
    st.decimals("0.00000001", "1e12", places=8).map(lambda number: f"{number.normalize():f}"),
    st.sampled_from(["0.0001", "0.00009", "1", "100.00", "007", "1.", ".5", "+1", "1e3", "0", "-1", "NaN"]),
    st.sampled_from(["١", " 1", "\ud800"]),
)  # fmt: skip
NUMBERS = st.one_of(
    TEXTS,
    st.decimals("0.0001", "1000000", places=2),
    st.decimals("0.00000001", "10", places=8),
    st.decimals(),
    st.integers(-1, 10**20),
    st.sampled_from(
        [Decimal("1E+3"), Decimal("1E-9"), Decimal(10) ** 37, Decimal("0.10"), True, None, 0.5, [], b"1"]
    ),
)
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["limit", "market", "stop", []]),
    "time_in_force": st.sampled_from(["gtc", "ioc", "fok", "day"]),
    "post_only": st.sampled_from([True, False, 1, 0, None]),
    "stp": st.sampled_from([None, "cancel_taker", "cancel_both", "maybe"]),
    "client_order_id": st.sampled_from(["mine", "x" * 32, "x" * 33, "", 7, 'a"b', "ü", "\ud800", []]),
}


def orders_of(market: str) -> st.SearchStrategy[list[Asked]]:
    # The fourth looks like what a session puts where a size will stand.
    markets = st.sampled_from([market, "ETHUSDT", "B\n", "0.9007199254740993", []])
    order = st.tuples(markets, st.sampled_from(["buy", "sell", "up"]), NUMBERS, NUMBERS)
    return st.lists(st.tuples(order, st.fixed_dictionaries({}, optional=OPTIONS)), max_size=6)


@pytest.mark.parametrize("name", VENUES)
@given(data=st.data(), knows=st.booleans())
def test_lane_writes_and_refuses_what_the_general_way_does(
    name: str, data: st.DataObject, knows: bool
) -> None:
    venue = VENUES[name]
    orders = data.draw(orders_of(venue.market))
    wanted = asyncio.run(sent(venue, General(venue.answers), orders, knows=knows))
    assert asyncio.run(sent(venue, Lane(venue.answers), orders, knows=knows)) == wanted
    assert asyncio.run(sent(venue, Doorless(venue.answers), orders, knows=knows)) == wanted
    assert asyncio.run(sent(venue, Cold(venue.answers), orders, knows=knows)) == wanted


@pytest.mark.parametrize("name", VENUES)
@given(
    st.lists(
        st.tuples(st.integers(1, 300), st.sampled_from([-6, -4, -2]), st.integers(0, 300)),
        min_size=10,
        max_size=25,
    )
)
def test_rules_are_the_same_near_the_least_and_the_grids(
    name: str, numbers: list[tuple[int, int, int]]
) -> None:
    venue = VENUES[name]
    orders: list[Asked] = [
        ((venue.market, "buy", Decimal(lots).scaleb(scale), 60_000 + Decimal(ticks).scaleb(-3)), {})
        for lots, scale, ticks in numbers
    ]
    wanted = asyncio.run(sent(venue, General(venue.answers), orders, knows=True))
    assert asyncio.run(sent(venue, Lane(venue.answers), orders, knows=True)) == wanted


@pytest.mark.parametrize("name", VENUES)
def test_what_is_equal_to_an_argument_is_not_taken_for_it(name: str) -> None:
    """A kind of order is remembered by its arguments, and ``1 == True``."""
    venue = VENUES[name]
    plain = (venue.market, "buy", Decimal("0.5"), Decimal("60000.5"))
    orders: list[Asked] = [(plain, {"post_only": flag}) for flag in (True, 1, False, 0)]
    found = asyncio.run(sent(venue, Lane(venue.answers), orders, knows=True))
    assert [isinstance(said, Order) for said, _ in found] == [True, False, True, False]


@pytest.mark.parametrize("name", VENUES)
def test_number_of_thousands_of_digits_is_refused_in_words(name: str) -> None:
    venue = VENUES[name]
    orders: list[Asked] = [
        ((venue.market, "buy", *numbers), {}) for numbers in ((10**5000, 1), (1, 10**5000))
    ]
    for said, written in asyncio.run(sent(venue, Lane(venue.answers), orders, knows=True)):
        assert "must have at most 40 digits" in str(said)
        assert written == []


@pytest.mark.parametrize("name", VENUES)
@given(size=st.integers(1, 10**6), price=st.integers(10_000 * 10, 99_999 * 10), is_text=st.booleans())
def test_usual_orders_take_the_lane(name: str, size: int, price: int, is_text: bool) -> None:
    venue = VENUES[name]
    lane = Lane(venue.answers)
    numbers: Any = Decimal(size) / 100, Decimal(price) / 10
    order = (str(numbers[0]), str(numbers[1])) if is_text else numbers
    [(said, written)] = asyncio.run(sent(venue, lane, [((venue.market, "sell", *order), {})], knows=True))
    assert isinstance(said, Order)
    assert (said.size, said.price, len(written), lane.lanes) == (*numbers, 1, 1)


UUID = "01234567-89ab-4def-8123-456789abcdef"
IDS: st.SearchStrategy[Any] = st.sampled_from(
    [
        "17", "0", "017", "x", "", "9" * 19, "9" * 20, " 1", "١", 17, 10**18, -1, True, None, [], 1.5, 2**63,
        UUID, UUID.upper(), UUID[:-1], UUID.replace("-", "0"), f"{UUID}/", "..", "a.b~c_d-e", "a%2Fb", "a/b",
    ]
)  # fmt: skip
CHANGES = st.tuples(
    st.sampled_from(["cancel_order", "amend_order"]),
    st.tuples(st.sampled_from([None, "ETHUSDT", "B\n", 7, []]), IDS),
    st.fixed_dictionaries({}, optional={"price": NUMBERS, "size": NUMBERS}),
)


@pytest.mark.parametrize("name", CHANGED)
@given(drawn=st.lists(CHANGES, max_size=8))
def test_cancels_and_amendments_are_those_of_the_general_way(
    name: str, drawn: list[tuple[str, tuple[Any, Any], dict[str, Any]]]
) -> None:
    venue = CHANGED[name]
    calls: list[tuple[str, Asked]] = []
    for method, (market, order_id), options in drawn:
        changed = options if method == "amend_order" else {}
        if name == "exchange" and "size" in changed:
            # The venue takes what is to be left, and what is filled would be asked for.
            changed = {"remaining": changed["size"]}
        calls.append((method, ((venue.market if market is None else market, order_id), changed)))

    async def found(http: General) -> list[tuple[str, list[bytes]]]:
        said = await changes(venue.client(http), http, calls)
        return [
            (why, [NEW_ID.sub(b"", venue.unsigned(data)) for data in written if data[:4] != b"GET "])
            for why, written in said
        ]

    wanted = asyncio.run(found(General(venue.answers)))
    assert asyncio.run(found(Lane(venue.answers))) == wanted
    assert asyncio.run(found(Cold(venue.answers))) == wanted


USUAL: dict[str, tuple[str, dict[str, Any], int]] = {
    "coinex": ("17", {"price": Decimal("5.50"), "size": Decimal(2)}, 2),
    "coinex-futures": ("17", {"price": Decimal("5.50"), "size": Decimal(2)}, 2),
    "truex": ("17", {"price": Decimal("60000.5"), "size": Decimal(2)}, 2),
    "exchange": (UUID, {"remaining": 2}, 2),
}


@pytest.mark.parametrize("name", CHANGED)
def test_usual_cancels_and_amendments_take_the_lane(name: str) -> None:
    venue, (order_id, options, lanes) = CHANGED[name], USUAL[name]
    lane = Lane(venue.answers)
    calls: list[tuple[str, Asked]] = [
        ("cancel_order", ((venue.market, order_id), {})),
        ("amend_order", ((venue.market, order_id), options)),
    ]
    found = asyncio.run(changes(venue.client(lane), lane, calls))
    assert [why for why, _ in found] == ["", ""]
    assert lane.lanes == lanes


async def test_order_over_rest_takes_the_lane_on_exchange() -> None:
    sent = []
    for http in (Lane({}), General({})):
        venue = CHANGED["exchange"].client(http)
        order = venue.send_order("ABC-USD", "buy", 3, 100, order_entry="rest")
        for _ in range(4):
            await asyncio.sleep(0)
        assert order.status == "pending"
        sent.append([data for data in http.requests if data.startswith(b"POST")])
        await venue.close()
    assert sent[0] == sent[1]
    assert head_of(sent[0][0])[3] == '{"market":"ABC-USD","side":"BUY","price":100,"quantity":3}'


@pytest.mark.parametrize("name", VENUES)
async def test_orders_of_a_lane_that_breaks_down_are_followed(name: str) -> None:
    venue = VENUES[name]

    class Broken(Lane):
        def write(self, request: bytes, timeout_s: float) -> asyncio.Future[HttpReply]:
            super().write(request, timeout_s)
            raise RuntimeError("the transport broke down")

    lane = Broken(venue.answers)
    client = venue.client(lane)
    await client.load_markets()
    for _ in range(10):
        order = client.send_order(venue.market, "buy", Decimal("0.5"), Decimal("60000.5"))
        assert order.client_order_id.encode() in lane.requests[-1]
        with pytest.raises(OutcomeUnknown, match="the transport broke down"):
            await order
    assert lane.lanes == 10
    await client.close()
