"""The REST session against a scripted venue: no socket, no sleep, a clock that is turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import pytest

from tradewire.errors import (
    BadRequest,
    ConfigError,
    FrameError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    RemoteProtocolError,
    RequestError,
    TimestampRejected,
    VenueUnavailable,
)
from tradewire.protocol.endpoint import Access, Api, Effect, Endpoint, Params
from tradewire.protocol.limits import Limiter
from tradewire.protocol.pace import PaceHeaders
from tradewire.session.pacing import MAX_IN_FLIGHT
from tradewire.session.rest import RestSession
from tradewire.session.rest_dialect import Attempt, DefaultRestDialect
from tradewire.transport.mock import MockHttp
from tradewire.transport.seam import ConnectFailed, ConnectionLost, HttpReply, HttpRequest

MS = 1_000_000
START_NS = 1_763_640_000_000 * MS

Answer = HttpReply | Exception


def decode(body: bytes) -> str:
    if body.startswith(b"<"):
        raise FrameError("no JSON", kind="invalid_json", offset=0, excerpt=body[:200])
    return body.decode()


def row(
    effect: Effect, *, path: str = "/thing", group: str = "put", is_cancel: bool = False
) -> Endpoint[None, str]:
    return Endpoint(
        method="GET" if effect is Effect.READ else "POST",
        path=path,
        access=Access.SIGNED,
        effect=effect,
        rate_group=group,
        encode=lambda _: Params(),
        decode=decode,
        source="",
        read_on="",
        lookup="" if effect is Effect.READ else "Venue.thing()",
        is_cancel=is_cancel,
    )


READ, REPEATABLE, ONCE = row(Effect.READ), row(Effect.REPEATABLE), row(Effect.ONCE)

TIME: Endpoint[None, int] = Endpoint(
    method="GET",
    path="/time",
    access=Access.PUBLIC,
    effect=Effect.READ,
    rate_group="put",
    encode=lambda _: Params(),
    decode=int,
    source="",
    read_on="",
)

COMPLAINTS: dict[bytes, Callable[[], RequestError]] = {
    b"!bad": lambda: BadRequest("bad"),
    b"!stale": lambda: TimestampRejected("expired"),
    b"!busy": lambda: VenueUnavailable("busy"),
    b"!much": lambda: RateLimited("too many", retry_after_s=2.0),
    b"!late": lambda: OutcomeUnknown("timed out inside", code="4002", http_status=200),
}


class Words(DefaultRestDialect):
    """The least a venue must say."""

    name = "venue"
    api = Api("https://docs.example.com", "2026-11-20", public_group="fast")
    time = TIME
    pace = PaceHeaders(remaining="remaining", long_periods=("hours", "day"))

    def __init__(self) -> None:
        self.stamps_ms: list[int] = []

    def headers(self, attempt: Attempt) -> Mapping[str, str]:
        if attempt.endpoint.access is not Access.PUBLIC:
            self.stamps_ms.append(attempt.timestamp_ms)
        return {}

    def error_from_reply(self, attempt: Attempt, reply: HttpReply) -> RequestError | None:
        complaint = COMPLAINTS.get(reply.body)
        return complaint() if complaint else None


class Rig:
    """A session, what it sent and how long it slept; sleeping turns the clock."""

    def __init__(self, *answers: Answer | str, rate: float = 1_000, max_wait_s: float = 5.0) -> None:
        self.answers = [HttpReply(200, {}, a.encode()) if isinstance(a, str) else a for a in answers]
        self.slept_s: list[float] = []
        self.now_ns = START_NS
        self.step_ns = 0
        self.sleep: Callable[[float], Awaitable[None]] = self.turn_the_clock
        self.words = Words()
        self.http = MockHttp(self._answer)
        self.session = RestSession(
            self.words,
            "https://venue.example",
            self.http,
            Limiter({"put": rate, "other": 1_000}, cancel_share=0, long_period_groups=("put",)),
            max_wait_s=max_wait_s,
            wall_ns=lambda: self.now_ns + self.step_ns,
            monotonic_ns=lambda: self.now_ns,
            sleep=lambda seconds: self.sleep(seconds),
            jitter=lambda: 1.0,
        )

    @property
    def sent(self) -> list[str]:
        return [
            f"{request.method} {request.url.removeprefix('https://venue.example')}"
            for request in self.http.requests
        ]

    def _answer(self, request: HttpRequest) -> HttpReply:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send_by(self, send: Callable[[HttpRequest], Awaitable[HttpReply]]) -> None:
        """Let every request take the way of those for which no connection is ready."""
        self.http.start = lambda request: None  # type: ignore[method-assign]
        self.http.send = send  # type: ignore[method-assign, assignment]

    async def turn_the_clock(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_ns += round(seconds * 1e9) + 1
        await asyncio.sleep(0)


async def settled() -> None:
    """Let every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_reply_is_decoded() -> None:
    rig = Rig("hello")
    assert await rig.session.call(ONCE, None) == "hello"
    assert rig.sent == ["POST /thing"]


@pytest.mark.parametrize(
    "failure", [ConnectFailed("x"), ConnectionLost("x"), "!busy", "!late", "<html>"], ids=str
)
async def test_read_is_tried_again_with_longer_pauses(failure: Answer | str) -> None:
    rig = Rig(failure, failure, "hello")
    assert await rig.session.call(READ, None) == "hello"
    assert rig.slept_s == [0.2, 0.4]


async def test_read_is_tried_three_times_at_most() -> None:
    rig = Rig(*[ConnectionLost("gone")] * 4)
    with pytest.raises(OutcomeUnknown):
        await rig.session.call(READ, None)
    assert len(rig.sent) == 3


async def test_read_the_venue_refuses_for_good_is_not_repeated() -> None:
    rig = Rig("!bad", "hello")
    with pytest.raises(BadRequest):
        await rig.session.call(READ, None)
    assert len(rig.sent) == 1


@pytest.mark.parametrize("effect", [REPEATABLE, ONCE], ids=["repeatable", "once"])
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (ConnectFailed("refused"), NotSent),
        (ConnectionLost("reset"), OutcomeUnknown),
        ("!busy", VenueUnavailable),
        ("!much", RateLimited),
        ("!late", OutcomeUnknown),
        ("<html>", OutcomeUnknown),
    ],
    ids=str,
)
async def test_write_is_never_repeated(
    effect: Endpoint[None, str], failure: Answer | str, error: type[RequestError]
) -> None:
    rig = Rig(failure, "hello")
    with pytest.raises(error) as caught:
        await rig.session.call(effect, None)
    assert type(caught.value) is error
    assert len(rig.sent) == 1
    if isinstance(caught.value, OutcomeUnknown):
        assert caught.value.lookup == "Venue.thing()"
        assert "Venue.thing()" in str(caught.value)


async def test_unknown_outcome_keeps_the_code_of_the_venue() -> None:
    rig = Rig("!late")
    with pytest.raises(OutcomeUnknown) as caught:
        await rig.session.call(ONCE, None)
    assert (caught.value.code, caught.value.http_status) == ("4002", 200)


async def test_unknown_outcome_of_a_read_is_an_unavailable_venue() -> None:
    rig = Rig(*["!late"] * 3)
    with pytest.raises(VenueUnavailable) as caught:
        await rig.session.call(READ, None)
    assert caught.value.code == "4002"


async def test_unreadable_reply_carries_its_cause() -> None:
    rig = Rig("<html>")
    with pytest.raises(OutcomeUnknown) as caught:
        await rig.session.call(ONCE, None)
    assert isinstance(caught.value.__cause__, FrameError)
    assert caught.value.http_status == 200


async def test_lost_connection_is_the_cause_that_is_kept() -> None:
    lost = ConnectionLost("reset by peer")
    rig = Rig(lost)
    with pytest.raises(OutcomeUnknown, match="reset by peer") as caught:
        await rig.session.call(ONCE, None)
    assert caught.value.__cause__ is lost
    assert (caught.value.venue, caught.value.endpoint) == ("venue", "POST /thing")


@pytest.mark.parametrize("effect", [READ, REPEATABLE], ids=["read", "repeatable"])
async def test_refused_timestamp_estimates_the_clock_and_repeats(effect: Endpoint[None, str]) -> None:
    ahead = str(START_NS + 60_000 * MS)
    rig = Rig("!stale", ahead, "hello")
    assert await rig.session.call(effect, None) == "hello"
    assert rig.sent[1] == "GET /time"
    assert [stamp - START_NS // MS for stamp in rig.words.stamps_ms] == [0, 60_000]


async def test_refused_timestamp_is_repeated_once_only() -> None:
    now = str(START_NS)
    rig = Rig("!stale", now, "!stale", now, "hello")
    with pytest.raises(TimestampRejected):
        await rig.session.call(READ, None)
    assert len(rig.sent) == 4


async def test_order_with_a_refused_timestamp_is_not_repeated_but_the_clock_is_right_after() -> None:
    rig = Rig("!stale", str(START_NS - 7_000 * MS), "hello")
    with pytest.raises(TimestampRejected, match="-7000 ms ahead"):
        await rig.session.call(ONCE, None)
    assert await rig.session.call(ONCE, None) == "hello"
    assert rig.words.stamps_ms[-1] == START_NS // MS - 7_000


async def test_refused_timestamp_says_when_the_clock_cannot_be_asked() -> None:
    rig = Rig("!stale", ConnectionLost("gone"))
    with pytest.raises(TimestampRejected, match="could not be asked"):
        await rig.session.call(ONCE, None)


async def test_asking_the_time_teaches_the_clock() -> None:
    rig = Rig(str(START_NS + 250 * MS))
    await rig.session.call(TIME, None)
    assert rig.session.clock.offset_ns == 250 * MS
    assert rig.session.venue_now_ms == START_NS // MS + 250


async def test_full_rate_group_makes_requests_wait_in_turn() -> None:
    rig = Rig(*["x"] * 6, rate=2)
    await asyncio.gather(*(rig.session.call(row(Effect.ONCE, path=f"/{n}"), None) for n in range(6)))
    assert rig.sent == [f"POST /{n}" for n in range(6)]
    assert rig.now_ns - START_NS == pytest.approx(2_000 * MS, abs=1 * MS)


async def test_tokens_count_from_when_a_request_leaves_not_from_when_it_may() -> None:
    """The first two open connections for half a second: what follows may not refill their tokens meanwhile."""
    rig = Rig(*["x"] * 4, rate=2)
    left_ns: list[int] = []
    opened = asyncio.Event()

    async def send(request: HttpRequest) -> HttpReply:
        if len(rig.sent) < 2:
            rig.http.requests.append(request)
            await opened.wait()
        assert request.on_sent is not None
        request.on_sent()
        left_ns.append(rig.now_ns - START_NS)
        return rig._answer(request)

    rig.send_by(send)
    calls = [asyncio.ensure_future(rig.session.call(ONCE, None)) for _ in range(3)]
    await settled()
    opened.set()
    await asyncio.gather(*calls)
    assert left_ns[0] >= 500 * MS
    assert left_ns[2] - left_ns[1] >= 500 * MS


async def test_request_that_never_leaves_holds_no_token_back() -> None:
    rig = Rig(ConnectFailed("no route"), "a", rate=1)
    with pytest.raises(NotSent, match="no route"):
        await rig.session.call(ONCE, None)
    assert await rig.session.call(ONCE, None) == "a"
    assert rig.slept_s == [1.0]


async def test_request_that_would_wait_too_long_is_not_sent() -> None:
    rig = Rig("a", rate=1, max_wait_s=0.5)
    await rig.session.call(ONCE, None)
    with pytest.raises(NotSent, match="rate group put") as caught:
        await rig.session.call(READ, None)
    assert "1.0 s" in str(caught.value)
    assert rig.slept_s == []
    assert len(rig.sent) == 1


async def test_cancelled_waiter_leaves_the_line() -> None:
    rig = Rig("a", "b", rate=1)
    await rig.session.call(ONCE, None)
    blocked = asyncio.Event()

    async def forever(_seconds: float) -> None:
        blocked.set()
        await asyncio.Event().wait()

    rig.sleep = forever
    waiter = asyncio.ensure_future(rig.session.call(ONCE, None))
    await blocked.wait()
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    rig.sleep = rig.turn_the_clock
    assert await rig.session.call(ONCE, None) == "b"
    assert rig.slept_s == [1.0]


async def test_cancelled_call_says_nothing_else() -> None:
    rig = Rig()
    sending = asyncio.Event()

    async def never(_request: HttpRequest) -> HttpReply:
        sending.set()
        await asyncio.Event().wait()
        raise AssertionError

    rig.send_by(never)
    call = asyncio.ensure_future(rig.session.call(ONCE, None))
    await sending.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_tokens_left_by_the_venue_are_believed() -> None:
    rig = Rig(HttpReply(200, {"remaining": "0"}, b"a"), "b", rate=10)
    await rig.session.call(ONCE, None)
    await rig.session.call(ONCE, None)
    assert rig.slept_s == [pytest.approx(0.1)]


async def test_refusal_for_the_rate_empties_the_group_and_waits_as_told() -> None:
    rig = Rig("!much", "a", rate=10)
    assert await rig.session.call(READ, None) == "a"
    assert rig.slept_s == [3.0]


async def test_read_does_not_wait_longer_than_it_may() -> None:
    rig = Rig("!much", "a", max_wait_s=2.9)
    with pytest.raises(RateLimited) as caught:
        await rig.session.call(READ, None)
    assert caught.value.retry_after_s == 2.0
    assert rig.slept_s == []


async def test_request_that_makes_no_sense_is_not_sent() -> None:
    def refuse(_: None) -> Params:
        raise ConfigError("no")

    senseless: Endpoint[None, str] = Endpoint(
        "GET", "/", Access.PUBLIC, Effect.READ, "put", refuse, decode, "", ""
    )
    rig = Rig()
    with pytest.raises(ConfigError):
        await rig.session.call(senseless, None)
    assert rig.sent == []


def limited(status: int = 429, **headers: str) -> HttpReply:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpReply(status, names, b"!much" if status != 503 else b"!late")


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry_after": "30"}, 30.0),
        ({"retry_after": "Sat, 28 Nov 2026 23:00:30 GMT", "date": "Sat, 28 Nov 2026 23:00:00 GMT"}, 30.0),
        ({"retry_after": "Thu, 20 Nov 2025 12:00:30 GMT"}, 30.0),
        ({"retry_after": "soon"}, 2.0),
    ],
    ids=["seconds", "date by the venue's date", "date by our estimate", "unreadable"],
)
async def test_penalty_closes_the_group_and_not_one_call(headers: dict[str, str], wait_s: float) -> None:
    rig = Rig(limited(429, **headers), "a", "b", max_wait_s=0.5)
    with pytest.raises(RateLimited) as refused:
        await rig.session.call(ONCE, None)
    assert refused.value.retry_after_s == pytest.approx(wait_s)
    for row_of_the_group in (ONCE, READ, row(Effect.REPEATABLE, is_cancel=True)):
        with pytest.raises(NotSent, match="the venue closed rate group put") as closed:
            await rig.session.call(row_of_the_group, None)
        assert closed.value.retry_after_s == pytest.approx(wait_s)
    assert await rig.session.call(row(Effect.ONCE, group="other"), None) == "a"
    assert len(rig.sent) == 2
    rig.now_ns += round(wait_s * 1e9)
    assert await rig.session.call(ONCE, None) == "b"


async def test_ban_closes_every_group_for_a_minute_if_it_does_not_say_how_long() -> None:
    rig = Rig(limited(418), max_wait_s=0.5)
    with pytest.raises(RateLimited) as refused:
        await rig.session.call(ONCE, None)
    assert refused.value.is_global
    with pytest.raises(NotSent, match=r"closed rate group other for another 60\.0 s"):
        await rig.session.call(row(Effect.READ, group="other"), None)
    assert len(rig.sent) == 1


async def test_maintenance_that_says_how_long_closes_the_group() -> None:
    rig = Rig(limited(503, retry_after="7"), max_wait_s=0.5)
    with pytest.raises(OutcomeUnknown):
        await rig.session.call(ONCE, None)
    with pytest.raises(NotSent, match=r"7\.0 s"):
        await rig.session.call(ONCE, None)


async def test_short_penalty_is_waited_out_by_whoever_comes() -> None:
    rig = Rig(limited(retry_after="3"), "a")
    with pytest.raises(RateLimited):
        await rig.session.call(ONCE, None)
    assert await rig.session.call(ONCE, None) == "a"
    assert rig.slept_s == [pytest.approx(3.0)]


async def test_penalty_learned_in_line_is_not_waited_for_without_bound() -> None:
    rig = Rig("x", limited(retry_after="60"), "y", rate=1)
    await rig.session.call(ONCE, None)
    results = await asyncio.gather(*(rig.session.call(ONCE, None) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [RateLimited, NotSent, NotSent]
    assert len(rig.sent) == 2


async def test_penalty_told_on_a_stream_closes_the_group_of_rest() -> None:
    rig = Rig("a", max_wait_s=0.5)
    rig.session.close_limits(RateLimited("too frequent", retry_after_s=9.0), "put")
    with pytest.raises(NotSent, match=r"9\.0 s"):
        await rig.session.call(READ, None)
    assert rig.sent == []


async def test_used_up_quota_of_hours_is_obeyed() -> None:
    rig = Rig(HttpReply(200, {"hours": "0", "day": "7"}, b"a"), "b", "c")
    for _ in range(3):
        await rig.session.call(ONCE, None)
    assert rig.slept_s == [pytest.approx(1.0)]


async def test_request_is_stamped_when_it_leaves_and_not_when_it_waits() -> None:
    rig = Rig("a", "b", "c", rate=1)
    await asyncio.gather(*(rig.session.call(ONCE, None) for _ in range(3)))
    assert [stamp - START_NS // MS for stamp in rig.words.stamps_ms] == [0, 1_000, 2_000]


async def test_every_try_is_stamped_anew() -> None:
    rig = Rig("!busy", "!busy", "a")
    await rig.session.call(READ, None)
    assert [stamp - START_NS // MS for stamp in rig.words.stamps_ms] == [0, 200, 600]


async def test_request_beyond_those_under_way_is_not_signed_before_one_of_them_ends() -> None:
    rig = Rig()
    under_way: list[asyncio.Future[HttpReply]] = []

    async def hold(_request: HttpRequest) -> HttpReply:
        under_way.append(asyncio.get_running_loop().create_future())
        return await under_way[-1]

    rig.send_by(hold)
    calls = [asyncio.ensure_future(rig.session.call(ONCE, None)) for _ in range(MAX_IN_FLIGHT + 1)]
    await settled()
    assert len(rig.words.stamps_ms) == len(under_way) == MAX_IN_FLIGHT
    cancel = asyncio.ensure_future(rig.session.call(row(Effect.REPEATABLE, is_cancel=True), None))
    await settled()
    assert len(under_way) == MAX_IN_FLIGHT + 1
    rig.now_ns += 700 * MS
    under_way[0].set_result(HttpReply(200, {}, b"a"))
    await settled()
    assert len(under_way) == MAX_IN_FLIGHT + 2
    assert rig.words.stamps_ms[-1] - START_NS // MS == 700
    for future in under_way[1:]:
        future.set_result(HttpReply(200, {}, b"a"))
    assert await asyncio.gather(*calls, cancel) == ["a"] * (MAX_IN_FLIGHT + 2)


async def test_request_that_a_transport_will_not_take_keeps_no_place_from_those_that_follow() -> None:
    rig = Rig("a")

    def refuse(request: HttpRequest) -> None:
        raise ConfigError("a client must be called in its event loop")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig.http, "start", refuse)
        for _ in range(MAX_IN_FLIGHT):
            with pytest.raises(ConfigError):
                await rig.session.call(ONCE, None)
    assert await rig.session.call(ONCE, None) == "a"


async def test_unbelievable_time_is_refused_and_the_estimate_kept() -> None:
    rig = Rig(str(START_NS + 250 * MS), "1763640000")
    await rig.session.ask_time()
    with pytest.raises(VenueUnavailable, match="not believable"):
        await rig.session.ask_time()
    assert rig.session.venue_now_ms == START_NS // MS + 250


async def test_many_that_ask_the_time_at_once_share_one_request() -> None:
    rig, sent = Rig(), []

    async def answer_later(request: HttpRequest) -> HttpReply:
        sent.append(request)
        await asyncio.sleep(0)
        return HttpReply(200, {}, str(START_NS).encode())

    rig.send_by(answer_later)
    await asyncio.gather(*(rig.session.ask_time() for _ in range(10)))
    assert len(sent) == 1


@pytest.mark.parametrize("step_ms", [3_600_000, -3_600_000, 180_000])
async def test_step_of_our_own_clock_costs_no_order(step_ms: int) -> None:
    """The first signed request afterwards asks for the time; its stamp is the venue's."""
    rig = Rig("a", str(START_NS), "b", "c")
    await rig.session.call(ONCE, None)
    rig.step_ns = step_ms * MS
    await rig.session.call(ONCE, None)
    await rig.session.call(ONCE, None)
    assert rig.sent == ["POST /thing", "GET /time", "POST /thing", "POST /thing"]
    assert [stamp - START_NS // MS for stamp in rig.words.stamps_ms] == [0, 0, 0]


async def test_step_of_our_own_clock_while_the_venue_does_not_tell_the_time() -> None:
    rig = Rig(str(START_NS + 250 * MS), ConnectionLost("gone"), "b")
    await rig.session.ask_time()
    rig.step_ns = 60_000 * MS
    assert await rig.session.call(ONCE, None) == "b"
    assert rig.words.stamps_ms == [START_NS // MS + 250]


@pytest.mark.parametrize("effect", [Effect.ONCE, Effect.REPEATABLE])
async def test_reply_to_another_request_proves_nothing(effect: Effect) -> None:
    fitting = msgspec.structs.replace(
        row(effect), mismatch=lambda _, reply: "" if reply == "mine" else f"id {reply}"
    )
    rig = Rig("other", "mine")
    with pytest.raises(OutcomeUnknown, match="belongs to another request: id other") as caught:
        await rig.session.call(fitting, None)
    assert isinstance(caught.value.__cause__, RemoteProtocolError)
    assert caught.value.lookup == "Venue.thing()"
    assert await rig.session.call(fitting, None) == "mine"


async def test_read_whose_reply_belongs_to_another_request_is_tried_again() -> None:
    fitting = msgspec.structs.replace(
        READ, mismatch=lambda _, reply: "" if reply == "mine" else f"id {reply}"
    )
    rig = Rig("other", "mine")
    assert await rig.session.call(fitting, None) == "mine"


async def test_refusal_inside_a_body_is_told_with_its_endpoint() -> None:
    def refuse(_: bytes) -> str:
        raise BadRequest("no", code="7")

    rig = Rig("{}")
    with pytest.raises(BadRequest) as caught:
        await rig.session.call(msgspec.structs.replace(ONCE, decode=refuse), None)
    assert (caught.value.venue, caught.value.endpoint, caught.value.code) == ("venue", "POST /thing", "7")


async def test_closing_ends_waits_in_line_as_not_sent_and_takes_nobodys_cancellation() -> None:
    rig = Rig(limited(retry_after="3"), "a", max_wait_s=5.0)
    with pytest.raises(RateLimited):
        await rig.session.call(ONCE, None)
    gate = asyncio.Event()

    async def never(_: float) -> None:
        await gate.wait()

    rig.sleep = never
    waiting = [asyncio.ensure_future(rig.session.call(ONCE, None)) for _ in range(3)]
    await settled()
    waiting[2].cancel()
    rig.session.close()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [NotSent, NotSent, asyncio.CancelledError]
    assert "closed" in str(results[0])
    with pytest.raises(NotSent, match="closed"):
        await rig.session.call(ONCE, None)


async def test_withdrawn_request_is_not_sent_and_one_under_way_goes_on() -> None:
    rig = Rig("a", "b", rate=1)
    sending, answered = asyncio.Event(), asyncio.Event()

    async def slow(request: HttpRequest) -> HttpReply:
        rig.http.requests.append(request)
        sending.set()
        await answered.wait()
        return HttpReply(200, {}, b"late")

    rig.send_by(slow)
    first = asyncio.ensure_future(rig.session.call(ONCE, None))
    await sending.wait()
    rig.sleep = lambda _: asyncio.Event().wait()  # type: ignore[assignment, return-value]
    second = asyncio.ensure_future(rig.session.call(ONCE, None))
    await settled()
    rig.session.line.withdraw(first)
    rig.session.line.withdraw(second)
    with pytest.raises(NotSent, match="given up before it was sent"):
        await second
    answered.set()
    assert await first == "late"
    assert len(rig.sent) == 1
