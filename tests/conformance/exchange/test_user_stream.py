"""The user's connection of Exchange by script, with the native feed: login, pushes, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from support.exchange_script import AT, KEY, MARKET, ORDERS, A, Conversation
from tradewire._native import FeedEvent
from tradewire.errors import AuthRejected, FrameError, LocalProtocolError
from tradewire.model import Side
from tradewire.protocol import events
from tradewire.protocol.states import State
from tradewire.venues.exchange.dialect import (
    Item,
    UserDialect,
    change_frame,
    read_message,
    rejection,
    submit_frame,
)
from tradewire.venues.exchange.shapes import nanoseconds
from tradewire.venues.exchange.user_values import Attributes, Change


def nothing(_: FeedEvent) -> Iterable[Item]:
    return ()


def of_the_user(api_key: str = KEY) -> Conversation:
    talk = Conversation(UserDialect(lambda: api_key, nothing))
    assert talk.start(ORDERS) == [{"op": "authenticate", "api_key": api_key}]
    return talk


def test_a_login_is_the_users_whole_subscription() -> None:
    talk = of_the_user()
    talk.hear({"type": "heartbeat"}, {"type": "authenticated", "trader_id": A, "username": "desk-7"})
    assert talk.told() == [events.Authenticated(), events.AccountSubscribed(), events.Live()]
    assert talk.protocol.is_confirmed(ORDERS)
    assert talk.sent() == []


def test_the_latest_generations_login_has_a_team() -> None:
    talk = of_the_user("ABC1234")
    talk.hear({"type": "authenticated", "trader_id": A, "team_number": "17"})
    assert talk.protocol.state is State.LIVE
    assert talk.feed.generation == "L"


def test_a_refused_key_is_told_and_not_tried_again() -> None:
    talk = of_the_user()
    talk.hear({"type": "error", "code": "invalid_api_key", "message": "invalid websocket api key"})
    refused = events.SubscriptionRefused(ORDERS, "invalid_api_key", "invalid websocket api key")
    assert talk.told() == [
        events.LoginRefused("invalid_api_key", "invalid websocket api key"),
        refused,
    ]
    error = talk.dialect.refusal(refused.channel, refused.code, refused.message)
    assert isinstance(error, AuthRejected)
    assert talk.after(60) == []


def test_the_users_pushes_reach_their_readers_and_others_are_refused() -> None:
    seen: list[str | None] = []

    def read(news: FeedEvent) -> Iterable[Item]:
        seen.append(news.request_id)
        return ()

    dialect = UserDialect(lambda: KEY, read)
    talk = Conversation(dialect)
    talk.start(ORDERS)
    talk.hear({"type": "authenticated", "trader_id": A, "username": "desk-7"})
    news = talk.hear({"type": "ack", "op": "submit_order", "request_id": "r9"})
    assert news is not None
    assert list(dialect.decode(news)) == []
    assert seen == ["r9"]
    beat = talk.hear({"type": "heartbeat"})
    assert beat is not None
    assert list(dialect.decode(beat)) == []
    news = talk.hear({"type": "error", "code": "invalid_message", "message": "invalid websocket message"})
    assert news is not None
    with pytest.raises(FrameError, match="invalid_message"):
        list(dialect.decode(news))


def test_an_operators_message_is_read_or_refused() -> None:
    message = {
        "message_id": A,
        "target_username": None,
        "target_trader_id": None,
        "market": MARKET,
        "level": "info",
        "title": "Abc settled",
        "body": "Market Abc settled at 104 USD per ABC.",
        "created_at": AT,
    }
    talk = of_the_user()
    news = talk.hear({"type": "admin_message", "message": message})
    assert news is not None
    told = read_message(news)
    assert (told.market, told.body) == (MARKET, message["body"])
    assert told.created_at_ns == nanoseconds(AT)
    for worse in ({"level": "loud"}, {"message_id": None}, {"created_at": "soon"}):
        news = talk.hear({"type": "admin_message", "message": message | worse})
        assert news is not None
        with pytest.raises(FrameError):
            read_message(news)


def test_a_trading_request_and_its_rejection() -> None:
    members = {"market": MARKET, "side": "SELL", "price": 5, "quantity": 2}
    frame = submit_frame('"r1"', Attributes(MARKET, Side.SELL, 5, 2))
    assert json.loads(frame) == {"op": "submit_order", "request_id": '"r1"', **members}
    for remaining, op in ((None, {"op": "cancel_order"}), (3, {"op": "amend_order", "remaining": 3})):
        assert json.loads(change_frame("c", Change("o", remaining))) == {
            **op,
            "request_id": "c",
            "order_id": "o",
        }
    talk = of_the_user()
    reject = {
        "type": "reject",
        "op": "amend_order",
        "request_id": None,
        "code": "invalid_amend",
        "message": "no",
    }
    news = talk.hear(reject)
    assert news is not None
    error = rejection(news)
    assert (type(error).__name__, error.endpoint) == ("OrderRejected", "WS amend_order")
    assert news.request_id is None


def test_a_public_client_cannot_log_in() -> None:
    dialect = UserDialect(None, nothing)
    assert not dialect.can_login
    with pytest.raises(LocalProtocolError):
        dialect.login(1)
