"""What is armed and by which name, without a socket: the store, the methods, the catalogue, rows, lagging reads."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, ClassVar

import pytest

from tradewire.registry import BUILT_IN, find_venue
from tradewire.sandbox.faults import FaultKind, Faults
from tradewire.sandbox.faults.catalogue import catalogue, inject, parse_option
from tradewire.sandbox.faults.own import AllFaults
from tradewire.sandbox.faults.points import RequestKind, RowFields
from tradewire.sandbox.faults.reads import LaggingReads
from tradewire.sandbox.faults.rows import UNKNOWN_WORD, spoil_first

BTC = "BTCUSDT"
FIELDS = RowFields(number="price", word="status")


def test_every_kind_is_a_method_with_a_line_that_says_what_it_does() -> None:
    for kind in FaultKind:
        method = getattr(AllFaults, kind.value)
        assert inspect.getdoc(method), kind
        assert "count" in inspect.signature(method).parameters or kind in {
            FaultKind.REST_LATENCY, FaultKind.PUSH_LATENCY, FaultKind.READ_LAG, FaultKind.CLOCK_SKEW,
            FaultKind.CLOCK_STEP, FaultKind.DROP_SOCKET, FaultKind.MUTE_SOCKET, FaultKind.NO_PONG,
            FaultKind.LOGIN_EXPIRED,
        }  # fmt: skip


def test_faults_are_used_up_per_market() -> None:
    faults = AllFaults()
    faults.corrupt_checksum(BTC, count=2)
    assert faults.take(FaultKind.CORRUPT_CHECKSUM, "ETHUSDT") is None
    assert [faults.take(FaultKind.CORRUPT_CHECKSUM, BTC) is not None for _ in range(3)] == [True, True, False]
    assert faults.triggered[FaultKind.CORRUPT_CHECKSUM] == 2


def test_a_fault_without_a_market_triggers_in_any() -> None:
    faults = Faults()
    faults.skip_difference()
    assert faults.take(FaultKind.SKIP_DIFFERENCE, "ETHUSDT") is not None
    assert faults.take(FaultKind.SKIP_DIFFERENCE) is None


def test_a_fault_takes_only_what_fits_its_parameters() -> None:
    faults = AllFaults()
    faults.stale_timestamp(code=4017)
    assert faults.take(FaultKind.STALE_TIMESTAMP, fits=lambda values: values["code"] == 4010) is None
    armed = faults.take(FaultKind.STALE_TIMESTAMP)
    assert armed is not None
    assert armed.values == {"code": 4017}


def test_what_is_done_at_once_says_how_often() -> None:
    faults = Faults()
    faults.on(FaultKind.MUTE_SOCKET, lambda market: 2 if market is None else 1)
    assert faults.mute_socket() == 2
    assert inject(faults, {"kind": "mute_socket", "market": BTC}) == {"done": 1}
    assert faults.triggered[FaultKind.MUTE_SOCKET] == 3


def test_clear_ends_every_fault() -> None:
    faults = Faults()
    faults.bad_row("null_row", "orders")
    faults.rest_latency(50)
    faults.push_latency(50, 10)
    faults.clock_step(2000)
    faults.clock_step(500)
    faults.no_pong()
    assert (faults.skew_ms, faults.touches_frames, faults.answers_pings) == (2500, True, False)
    faults.clear()
    assert (faults.skew_ms, faults.touches_frames, faults.answers_pings) == (0, False, True)
    assert faults.delay_s(faults.rest_delay) == faults.delay_s(faults.push_delay) == 0
    assert faults.take(FaultKind.BAD_ROW) is None


def test_latency_stays_within_its_jitter() -> None:
    faults = Faults()
    faults.rest_latency(20, jitter_ms=10)
    delays = [faults.delay_s(faults.rest_delay) for _ in range(100)]
    assert 0.020 <= min(delays) < max(delays) <= 0.030


class _Few(Faults):
    kinds: ClassVar[frozenset[FaultKind]] = frozenset({FaultKind.BUSY, FaultKind.NO_REPLY})


def test_a_fault_the_venue_does_not_have_is_refused_with_what_it_has() -> None:
    faults = _Few()
    faults.busy()
    with pytest.raises(ValueError, match="no fault 'skip_difference'; it has busy, no_reply"):
        faults.skip_difference()
    with pytest.raises(ValueError, match="no fault 'clock_skew'"):
        faults.clock_skew(5)
    assert faults.skew_ms == 0


@pytest.mark.parametrize("venue", BUILT_IN)
def test_a_venue_offers_what_it_can_do_and_nothing_else(venue: str) -> None:
    faults = find_venue(venue).sandbox_class.faults_class()
    offered = set(dir(faults)) & set(FaultKind)
    assert offered == faults.kinds >= Faults.kinds
    assert offered == {kind for kind in FaultKind if hasattr(faults, kind)}
    assert {entry["kind"] for entry in catalogue(faults)} == offered | {"clear"}


def test_what_a_class_inherits_and_its_venue_cannot_do_is_not_offered() -> None:
    assert set(dir(_Few())) & set(FaultKind) == _Few.kinds


def test_what_only_one_venue_can_do_no_other_has() -> None:
    has = {
        kind: {venue for venue in BUILT_IN if kind in find_venue(venue).sandbox_class.faults_class.kinds}
        for kind in FaultKind
    }
    assert {kind.value: sorted(venues) for kind, venues in has.items() if venues != set(BUILT_IN)} == {
        "stale_timestamp": ["coinex", "truex"],
        "corrupt_checksum": ["coinex"],
        "margin_events": ["coinex"],
        "user_lag": ["exchange", "truex"],
        "lag": ["exchange"],
        "out_of_order": ["exchange"],
        "stale_event": ["exchange"],
        "early_effects": ["exchange"],
        "lost_ack": ["exchange"],
    }


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"kind": "earthquake"}, "no fault 'earthquake'; it has"),
        ({"kind": "busy", "count": 0}, "count must be at least 1, got 0"),
        ({"kind": "busy", "count": "two"}, "count of busy must be a whole number, got 'two'"),
        ({"kind": "busy", "count": True}, "count of busy must be a whole number, got True"),
        ({"kind": "busy", "detail": 1}, "busy takes market, count, not detail"),
        ({"kind": "late_reply"}, "late_reply needs delay_ms"),
        ({"kind": "late_reply", "delay_ms": -1}, "delay_ms must be at least 0, got -1"),
        ({"kind": "late_reply", "delay_ms": float("nan")}, "delay_ms must be at least 0, got nan"),
        (
            {"kind": "late_reply", "delay_ms": 1, "requests": "all"},
            "requests of late_reply must be one of commands",
        ),
        ({"kind": "gateway_html", "status": 200}, "status must be 400 to 599, got 200"),
        (
            {"kind": "bad_row", "defect": "odd", "topic": "orders"},
            "defect of bad_row must be one of null_field",
        ),
        ({"kind": "drop_push", "topic": "weather"}, "topic of drop_push must be one of book"),
        ({"kind": "clear", "market": BTC}, "clear takes nothing, not market"),
    ],
)
def test_a_fault_by_name_is_refused_with_a_reason(document: dict[str, Any], message: str) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=message):
        inject(faults, document)
    assert not any(faults.triggered.values())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda faults: faults.lost_reply(requests="all"), "requests must be one of commands, place"),
        (lambda faults: faults.bad_row("odd", "orders"), "defect must be one of null_field"),
        (
            lambda faults: faults.bad_row("null_row", "orders", where="here"),
            "where must be one of any, rest, push",
        ),
        (lambda faults: faults.drop_push("weather"), "topic must be one of book"),
        (lambda faults: faults.stale_timestamp(code=5), "code must be one of 0, 4010, 4017, got 5"),
        (lambda faults: faults.upgrade_refused(status=101), "status must be 400 to 599, got 101"),
    ],
)
def test_a_method_refuses_a_value_it_does_not_know(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(AllFaults())


def test_the_catalogue_lists_name_parameters_and_one_line() -> None:
    faults = Faults()
    listed = {entry["kind"]: entry for entry in catalogue(faults)}
    assert set(listed) == {kind.value for kind in Faults.kinds} | {"clear"}
    assert listed["late_reply"]["parameters"] == {
        "delay_ms": "a number",
        "count": "a whole number = 1",
        "requests": "one of commands, place, amend, cancel, queries, any = 'commands'",
    }
    assert all(entry["what"].endswith(".") for entry in listed.values())
    assert inject(faults, {"kind": "?"}) == {"faults": catalogue(faults)}


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("drop_socket", (None, {"kind": "drop_socket"})),
        (
            "toy.late_reply:delay_ms=300,count=2",
            ("toy", {"kind": "late_reply", "delay_ms": 300, "count": 2}),
        ),
        (
            "rate_limited:retry_after_s=3,as_date=true,status=none",
            (None, {"kind": "rate_limited", "retry_after_s": 3, "as_date": True, "status": None}),
        ),
        ("drop_push:topic=orders", (None, {"kind": "drop_push", "topic": "orders"})),
        ("rest_latency:latency_ms=2.5", (None, {"kind": "rest_latency", "latency_ms": 2.5})),
    ],
)
def test_a_fault_on_the_command_line_is_a_name_and_parameters(text: str, parsed: Any) -> None:
    assert parse_option(text) == parsed


def test_a_parameter_without_a_value_is_refused_on_the_command_line() -> None:
    with pytest.raises(ValueError, match="NAME:parameter=value"):
        parse_option("busy:count")


@pytest.mark.parametrize(
    ("requests", "actions"),
    [
        ("commands", {"place", "amend", "cancel"}),
        ("place", {"place"}),
        ("cancel", {"cancel"}),
        ("queries", {"query"}),
        ("any", {"place", "amend", "cancel", "query", "public"}),
    ],
)
def test_which_requests_a_fault_concerns(requests: Any, actions: set[str]) -> None:
    every: tuple[Any, ...] = ("place", "amend", "cancel", "query", "public")
    assert {action for action in every if RequestKind(action).is_among(requests)} == actions


@pytest.mark.parametrize(
    ("defect", "field", "spoilt"),
    [
        ("null_field", None, {"price": None, "status": "open"}),
        ("missing_field", None, {"status": "open"}),
        ("wrong_type", None, {"price": 1.5, "status": "open"}),
        ("wrong_type", "status", {"price": "1.5", "status": 7}),
        ("not_a_number", None, {"price": "abc", "status": "open"}),
        ("unknown_word", None, {"price": "1.5", "status": UNKNOWN_WORD}),
        ("null_row", None, None),
        ("empty_row", None, {}),
    ],
)
def test_the_first_row_is_spoilt_and_the_others_are_not(defect: str, field: str | None, spoilt: Any) -> None:
    rows: list[Any] = [{"price": "1.5", "status": "open"} for _ in range(2)]
    assert spoil_first(((rows, place) for place in range(2)), FIELDS, defect, field)
    assert rows == [spoilt, {"price": "1.5", "status": "open"}]


def test_a_field_inside_of_an_object_is_found_and_a_number_becomes_text() -> None:
    rows = [{"id": "1", "info": {"price": 7}}]
    assert spoil_first([(rows, 0)], FIELDS, "wrong_type", None)
    assert rows == [{"id": "1", "info": {"price": "7"}}]


def test_nothing_is_spoilt_where_there_is_no_row() -> None:
    assert not spoil_first([], FIELDS, "null_row", None)
    assert not spoil_first([([None], 0)], FIELDS, "null_field", None)


async def test_reads_lag_by_what_was_asked_and_catch_up_when_it_ends() -> None:
    faults, state = Faults(), [0]
    reads = LaggingReads(faults, copy=lambda: tuple(state), now=lambda: tuple(state))
    state.append(1)
    assert reads.view() == (0, 1)
    faults.read_lag(60)
    state.append(2)
    assert reads.view() == (0, 1)
    await asyncio.sleep(0.12)
    assert reads.view() == (0, 1, 2)
    state.append(3)
    assert reads.view() == (0, 1, 2)
    faults.read_lag(0)
    assert reads.view() == (0, 1, 2, 3)
    assert faults.triggered[FaultKind.READ_LAG] >= 4
