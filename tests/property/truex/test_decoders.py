"""Whatever a venue or a gateway sends as TrueX: rows and pushes read it or raise FrameError, faults always judge."""

from __future__ import annotations

import json
import warnings
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tradewire._native import TruexFeed
from tradewire.errors import FrameError, OrderNotFound, VenueDeprecationWarning
from tradewire.protocol.endpoint import Endpoint
from tradewire.protocol.rest import Target
from tradewire.session.rest_dialect import Attempt
from tradewire.signing import Credentials
from tradewire.transport.seam import HttpReply
from tradewire.venues.truex import parse, pushes, shapes
from tradewire.venues.truex.api import api
from tradewire.venues.truex.auth import Auth
from tradewire.venues.truex.directory import Directory
from tradewire.venues.truex.hosts import Prefix, Spelling
from tradewire.venues.truex.rest.order_queries import ORDER_STATUS, ORDERS
from tradewire.venues.truex.rest_rules import RestRules

NAMES = ["id", "status", "data", "error", "info", "order_info", "side", "price", "qty", "timestamp", "pagination",
         "next_cursor", "request", "balances", "match_id", "versions", "executed_qty", "symbol", "detail"]  # fmt: skip
TEXTS = [
    "",
    "0",
    "1.5",
    "-1",
    "1e5",
    "NaN",
    "BUY",
    "ACTIVE",
    "FILLED",
    "LIMIT",
    "9" * 60,
    "2026-01-01 00:00:00",
]

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(TEXTS)
    | st.text()
)
documents = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=6)
    ),
    max_leaves=8,
)
bodies = st.binary(max_size=200) | documents.map(lambda document: json.dumps(document).encode())


def read(row: Endpoint[Any, Any], body: bytes) -> Any:
    """Return what a row makes of a body, or the fault it found."""
    try:
        return row.decode(body)
    except (FrameError, OrderNotFound) as error:
        return error


@given(body=bodies)
def test_rows_read_or_raise_frame_error(body: bytes) -> None:
    for row in api.rows:
        found = read(row, body)
        if isinstance(found, FrameError):
            assert found.kind
            assert len(str(found)) < 1000


@given(body=bodies)
def test_orders_that_were_read_can_be_told(body: bytes) -> None:
    found = read(ORDERS, body)
    for row in [] if isinstance(found, FrameError) else found:
        assert isinstance(row, shapes.OrderRow)
        try:
            order = parse.order(row, Directory())
        except FrameError:
            continue
        assert order.filled_size >= 0 or row.executed < 0


@given(channel=st.sampled_from(["EBBO", "TRADE", "INSTRUMENT", "DROPCOPY"]), data=documents)
def test_pushes_are_read_or_raise_frame_error(channel: str, data: Any) -> None:
    frame = {"seqnum": "0", "channel": channel, "update": "UPDATE", "status": "AUTHENTICATED", "data": data}
    read_push = pushes.reader(Directory(), lambda *_: None)
    try:
        list(read_push(TruexFeed().on_frame(json.dumps(frame).encode(), 1)))
    except FrameError:
        return


@given(
    status=st.integers(100, 599),
    body=bodies,
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "deprecation", "sunset", "date"]),
        st.text(max_size=60) | st.sampled_from(TEXTS),
    ),
    stamp_ms=st.integers(0, 4_000_000_000_000),
)
def test_every_reply_is_read_or_an_error(
    status: int, body: bytes, headers: dict[str, str], stamp_ms: int
) -> None:
    auth = Auth(Credentials("key", "the-secret"), None, user_id="", organization_id="", version="")
    rules = RestRules(auth, Prefix.CEFI, Spelling.PLURAL)
    reply = HttpReply(status, headers, body)
    sent = Attempt(ORDER_STATUS, Target("/v1/cefi/orders/status/7", b""), stamp_ms)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VenueDeprecationWarning)
        error = rules.error_from_reply(sent, reply)
    assert (error is None) is (200 <= status < 300)
    assert error is None or len(str(error)) < 1000
