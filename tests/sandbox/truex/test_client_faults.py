"""What goes wrong between the TrueX client and its venue, on real sockets: each fault has its own error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.oracle import hmac_base64
from support.truex_trader import MARKET, SIZE, bid, client_of, orders_of
from support.witness import PATIENCE_S
from tradewire import Credentials, TrueX
from tradewire.errors import (
    AuthRejected,
    BadRequest,
    MarketUnavailable,
    NotSent,
    OrderNotFound,
    Outcome,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    RequestError,
    TimestampRejected,
    VenueUnavailable,
)
from tradewire.model import OrderStatus
from tradewire.sandbox import Sandbox
from tradewire.sandbox.faults import FaultKind
from tradewire.sandbox.venues.truex.options import TrueXOptions
from tradewire.transport.http1 import Http1Transport
from tradewire.transport.seam import HttpReply, HttpRequest
from tradewire.venues.truex.hosts import local

VERSIONS = ["v2024_01_01", "v2026_01_23"]
pytestmark = pytest.mark.filterwarnings("ignore::tradewire.errors.VenueDeprecationWarning")


class Altered:
    """A transport that alters requests on their way, and keeps what it was given and what came back."""

    def __init__(self, alter: Callable[[HttpRequest], HttpRequest] = lambda request: request) -> None:
        self.requests: list[HttpRequest] = []
        self.statuses: list[int] = []
        self._alter = alter
        self._http = Http1Transport()

    async def send(self, request: HttpRequest) -> HttpReply:
        self.requests.append(request)
        reply = await self._http.send(self._alter(request))
        self.statuses.append(reply.status)
        return reply

    async def close(self) -> None:
        await self._http.close()


def with_headers(request: HttpRequest, **headers: str) -> HttpRequest:
    renamed = {name.replace("_", "-"): value for name, value in headers.items()}
    return request._replace(headers=dict(request.headers) | renamed)


async def place(client: TrueX, box: Sandbox, **more: Any) -> Any:
    return await client.place_order(MARKET, "buy", SIZE, bid(box), **more)


@pytest.mark.parametrize("version", VERSIONS)
async def test_signing_another_path_is_refused_and_says_what_was_signed(
    truex_box: Sandbox, version: str
) -> None:
    http = Altered(lambda request: request._replace(url=request.url.replace("/v1/cefi/", "/api/v1/")))
    async with client_of(truex_box, http=http, version=version) as client:
        with pytest.raises(AuthRejected) as caught:
            await client.clients()
    stamp = http.requests[-1].headers["x-truex-auth-timestamp"]
    assert caught.value.http_status == 401
    assert f"signed was '{stamp}GET/v1/cefi/clients'" in str(caught.value)
    assert truex_box.truex.secret not in str(caught.value)


async def test_signing_the_query_is_refused(truex_box: Sandbox) -> None:
    def sign_all(request: HttpRequest) -> HttpRequest:
        url = urlsplit(request.url)
        text = f"{request.headers.get('x-truex-auth-timestamp')}{request.method}{url.path}?{url.query}"
        signature = hmac_base64(truex_box.truex.secret.encode(), text.encode())
        return with_headers(request, x_truex_auth_signature=signature)

    async with client_of(truex_box, http=Altered(sign_all)) as client:
        with pytest.raises(AuthRejected) as caught:
            await client.clients(mnemonic="trader")
    assert "GET/v1/cefi/clients'" in str(caught.value)


async def test_decoding_the_secret_is_refused(truex_box: Sandbox) -> None:
    secret = truex_box.truex.secret

    def sign_decoded(request: HttpRequest) -> HttpRequest:
        url = urlsplit(request.url)
        text = f"{request.headers.get('x-truex-auth-timestamp')}{request.method}{url.path}"
        return with_headers(request, x_truex_auth_signature=hmac_base64(bytes.fromhex(secret), text.encode()))

    async with client_of(truex_box, http=Altered(sign_decoded)) as client:
        with pytest.raises(AuthRejected, match="signed was"):
            await client.clients()


@pytest.mark.parametrize(
    "credentials", [("6398805c-0000-4000-8000-94ce683056e4", "0" * 64), (None, "0" * 64)], ids=["key", "secret"]
)  # fmt: skip
async def test_wrong_credentials(truex_box: Sandbox, credentials: tuple[str | None, str]) -> None:
    key_id, secret = credentials
    async with client_of(
        truex_box, credentials=Credentials(key_id or truex_box.truex.key_id, secret)
    ) as client:
        with pytest.raises(AuthRejected, match="signed was") as caught:
            await place(client, truex_box)
        assert secret not in str(caught.value)
        assert await client.instruments()
    assert orders_of(truex_box) == []


@pytest.mark.parametrize(("skew_s", "is_refused"), [(-16, True), (2, True), (1, False), (0, False)])
async def test_our_clock_is_off_by(truex_box: Sandbox, skew_s: int, is_refused: bool) -> None:
    truex_box.truex.faults.clock_skew(-1000 * skew_s)
    http = Altered()
    async with client_of(truex_box, http=http) as client:
        assert await client.clients()
        assert http.statuses == ([401, 200, 200] if is_refused else [200])
    async with client_of(truex_box, http=Altered()) as client:
        await client.load_markets()
        if is_refused:
            with pytest.raises(TimestampRejected, match=rf"our clock is \{skew_s:+d} s.*estimated again"):
                await place(client, truex_box)
            assert orders_of(truex_box) == []
        assert (await place(client, truex_box)).status is OrderStatus.OPEN
    assert len(orders_of(truex_box)) == 1


async def test_clock_that_changes_under_way_is_followed(truex_box: Sandbox, truex: TrueX) -> None:
    for skew_s in (0, 60, -60, 3600):
        truex_box.truex.faults.clock_skew(1000 * skew_s)
        assert await truex.clients()


async def test_refused_as_expired_for_no_reason_is_no_clocks_fault(truex_box: Sandbox, truex: TrueX) -> None:
    truex_box.truex.faults.stale_timestamp()
    with pytest.raises(AuthRejected, match="outside the window") as caught:
        await truex.clients()
    assert not isinstance(caught.value, TimestampRejected)


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_documented_status(truex_box: Sandbox, version: str) -> None:
    """400, 401, 403, 404, 408, 415, 429, 500, 503 as the client tells them, under both versions."""
    faults = truex_box.truex.faults
    plain_text = Altered(
        lambda request: with_headers(request, Content_Type="text/plain") if request.body else request
    )
    seen: dict[int, RequestError] = {}

    async def provoke(status: int, ask: Callable[[], Any]) -> None:
        with pytest.raises(RequestError) as caught:
            await ask()
        seen[status] = caught.value

    async with client_of(truex_box, version=version) as client:
        async with client_of(truex_box, version=version) as other:
            await place(other, truex_box, client_order_id=f"twice-{version[-2:]}")
        await provoke(400, lambda: place(client, truex_box, client_order_id=f"twice-{version[-2:]}"))
        await provoke(404, lambda: client.order_status("1"))
    for status, inject in (
        (408, faults.timed_out),
        (429, faults.rate_limited),
        (500, faults.internal_error),
        (503, faults.busy),
    ):
        # A client of its own each: what asks after an order of unknown fate would meet the next fault.
        async with client_of(truex_box, version=version) as client:
            await client.load_markets()
            inject()
            await provoke(status, lambda: place(client, truex_box))
    async with client_of(truex_box, version=version, account_id="7") as client:
        await provoke(403, lambda: place(client, truex_box))
    async with client_of(truex_box, version=version, http=plain_text) as client:
        await provoke(415, lambda: place(client, truex_box))
    stranger = Credentials("6398805c-0000-4000-8000-94ce683056e4", "x")
    async with client_of(truex_box, version=version, credentials=stranger) as client:
        await provoke(401, lambda: place(client, truex_box))

    expected: dict[int, tuple[type[RequestError], Outcome, str]] = {
        400: (BadRequest, Outcome.REJECTED, "Duplicate ClOrdID"),
        401: (AuthRejected, Outcome.REJECTED, "Authentication failed"),
        403: (PermissionDenied, Outcome.REJECTED, "Invalid client"),
        404: (OrderNotFound, Outcome.REJECTED, "Order 1 is unknown"),
        408: (OutcomeUnknown, Outcome.UNKNOWN, "did not answer in time"),
        415: (BadRequest, Outcome.REJECTED, ""),
        429: (RateLimited, Outcome.REJECTED, "Too many requests"),
        500: (OutcomeUnknown, Outcome.UNKNOWN, "Internal error"),
        503: (OutcomeUnknown, Outcome.UNKNOWN, "Service unavailable"),
    }
    assert {status: (type(error), error.outcome) for status, error in seen.items()} == {
        status: (kind, outcome) for status, (kind, outcome, _) in expected.items()
    }
    for status, error in seen.items():
        assert vars(error)["http_status"] == status
        assert f"HTTP {status}: " in str(error)
        assert expected[status][2] in str(error)
        assert error.venue == "truex"
    for status in (408, 500, 503):
        assert "ask TrueX.order_status(client_order_id='" in str(seen[status])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("status", "error"), [(410, BadRequest), (404, BadRequest)])
async def test_venue_after_the_announced_sunset(version: str, status: int, error: type[RequestError]) -> None:
    options = TrueXOptions(instruments=(MARKET,), sunset_status=status)
    async with Sandbox(["truex"], rate=0, truex=options) as box:
        async with client_of(box, version=version, prefix="/api/v1") as client:
            with pytest.raises(error, match="This path is gone") as caught:
                await client.instruments()
            assert vars(caught.value)["http_status"] == status
        async with client_of(box, version=version) as client:
            assert await client.instruments()


async def test_venue_without_the_operation(truex_box: Sandbox) -> None:
    http = Altered(lambda request: request._replace(method="PUT"))
    async with client_of(truex_box, http=http) as client:
        with pytest.raises(BadRequest, match="HTTP 405"):
            await client.instruments()


async def test_reads_are_tried_again_and_writes_never(truex_box: Sandbox, truex: TrueX) -> None:
    faults = truex_box.truex.faults
    faults.gateway_html(count=2, status=503)
    assert await truex.clients()
    faults.internal_error(count=3)
    with pytest.raises(VenueUnavailable, match="HTTP 500"):
        await truex.clients()
    await truex.load_markets()
    faults.gateway_html(status=502)
    with pytest.raises(OutcomeUnknown, match="HTTP 502: <html>"):
        await place(truex, truex_box)
    assert faults.triggered[FaultKind.GATEWAY_HTML] == 3
    assert orders_of(truex_box) == []


@pytest.mark.parametrize("faults", ["timed_out", "gateway_after", "lost_reply", "internal_error"])
async def test_amendment_and_cancel_whose_answer_is_lost(
    truex_box: Sandbox, truex: TrueX, faults: str
) -> None:
    order = await place(truex, truex_box)
    getattr(truex_box.truex.faults, faults)()
    with pytest.raises(OutcomeUnknown, match=rf"ask TrueX\.order_status\('{order.order_id}'\)"):
        await truex.amend_order(MARKET, order.order_id, size="0.0200", price=order.price)
    was_done = faults != "internal_error"
    assert (await truex.order(MARKET, order.order_id)).size == Decimal("0.02" if was_done else "0.01")
    getattr(truex_box.truex.faults, faults)()
    with pytest.raises(OutcomeUnknown):
        await truex.cancel_order(MARKET, order.order_id)
    assert (await truex.order(MARKET, order.order_id)).status.is_final is was_done


async def test_order_timed_out_after_acceptance_is_found_and_never_sent_twice(
    truex_box: Sandbox, truex: TrueX
) -> None:
    await truex.load_markets()
    truex_box.truex.faults.timed_out()
    order = truex.send_order(MARKET, "buy", SIZE, bid(truex_box))
    with pytest.raises(OutcomeUnknown, match="HTTP 408"):
        await order
    settled = asyncio.Event()
    order.on_change = lambda _: settled.set()
    async with asyncio.timeout(PATIENCE_S):
        await settled.wait()
    [truth] = orders_of(truex_box)
    assert (order.order_id, order.status, order.outcome) == (truth["id"], OrderStatus.OPEN, None)


@pytest.mark.usefixtures("no_request_window")
async def test_order_timed_out_before_acceptance_is_known_to_be_none(
    truex_box: Sandbox, truex: TrueX
) -> None:
    await truex.load_markets()
    truex_box.truex.faults.timed_out(executed=False)
    order = truex.send_order(MARKET, "buy", SIZE, bid(truex_box))
    with pytest.raises(OutcomeUnknown):
        await order
    async with asyncio.timeout(PATIENCE_S):
        await order.finished()
    assert (order.status, order.filled_size) == (OrderStatus.NOT_FOUND, 0)
    assert order.reason
    assert orders_of(truex_box) == []


async def test_unknown_market_and_nobody_listening(truex: TrueX) -> None:
    with pytest.raises(MarketUnavailable, match="no instrument XRP-PYUSD"):
        await truex.place_order("XRP-PYUSD", "buy", "1", "2")
    order = truex.send_order("XRP-PYUSD", "buy", "1", "2")
    with pytest.raises(MarketUnavailable):
        await order
    environment = local("http://127.0.0.1:1", "ws://127.0.0.1:1/api/v1")
    async with TrueX(Credentials("key", "secret"), environment=environment) as nowhere:
        with pytest.raises(NotSent, match="no connection"):
            await nowhere.place_order(MARKET, "buy", SIZE, "64000.0")
