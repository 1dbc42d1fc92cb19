"""The REST session against a scripted venue: no socket, no sleep, a clock that is turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tradewire.errors import (
    BadRequest,
    ConfigError,
    FrameError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    RequestError,
    TimestampRejected,
    VenueUnavailable,
)
from tradewire.protocol.endpoint import Access, Effect, Endpoint, Params
from tradewire.protocol.limits import Limiter
from tradewire.protocol.rest import Target
from tradewire.session.rest import AsItIs, RestSession
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


class Words(AsItIs):
    """The least a venue must say."""

    name = "venue"
    time = TIME

    def __init__(self) -> None:
        self.stamps_ms: list[int] = []

    def headers(self, access: Access, method: str, target: Target, timestamp_ms: int) -> Mapping[str, str]:
        if access is not Access.PUBLIC:
            self.stamps_ms.append(timestamp_ms)
        return {}

    def judge(self, endpoint: str, reply: HttpReply) -> RequestError | None:
        complaint = COMPLAINTS.get(reply.body)
        return complaint() if complaint else None

    def remaining(self, reply: HttpReply) -> float | None:
        text = reply.headers.get("remaining")
        return None if text is None else float(text)


class Rig:
    """A session, what it sent and how long it slept; sleeping turns the clock."""

    def __init__(self, *answers: Answer | str, rate: float = 1_000, max_wait_s: float = 5.0) -> None:
        self.answers = [HttpReply(200, {}, a.encode()) if isinstance(a, str) else a for a in answers]
        self.slept_s: list[float] = []
        self.now_ns = START_NS
        self.words = Words()
        self.http = MockHttp(self._answer)
        self.session = RestSession(
            self.words,
            "https://venue.example",
            self.http,
            Limiter({"put": rate}, cancel_share=0),
            max_wait_s=max_wait_s,
            wall_ns=lambda: self.now_ns,
            monotonic_ns=lambda: self.now_ns,
            sleep=self._sleep,
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

    async def _sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_ns += round(seconds * 1e9) + 1
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

    rig.session._sleep = forever
    waiter = asyncio.ensure_future(rig.session.call(ONCE, None))
    await blocked.wait()
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    rig.session._sleep = rig._sleep
    assert await rig.session.call(ONCE, None) == "b"
    assert rig.slept_s == [1.0]


async def test_cancelled_call_says_nothing_else() -> None:
    rig = Rig()
    sending = asyncio.Event()

    async def never(_request: HttpRequest) -> HttpReply:
        sending.set()
        await asyncio.Event().wait()
        raise AssertionError

    rig.http.send = never  # type: ignore[method-assign, assignment]
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
